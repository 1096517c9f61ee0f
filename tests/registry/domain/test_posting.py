"""The lock that follows the verdict, leaving, and the end of a posting (R-LZ-12, C-16, SG-4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from tests.registry.domain.staff import (
    COMMUNITY,
    DAY,
    DECLARED,
    FROM,
    GOOD,
    GRADUATE,
    MID,
    ORGANISATION,
    OTHER_PROJECT,
    POSTED,
    PROJECT,
    START,
    TEAM,
    TO,
    A,
    B,
    C,
    D,
    left,
    locked,
    person,
    posting,
    request,
    verified,
)

from contracts.values import OrganisationId, SiteId
from kit.errors import NotKnownYet, TooEarly
from kit.testing import Given
from registry.domain import posting as postings
from registry.domain.employment import AssignedElsewhere
from registry.domain.posting import (
    Departure,
    Ending,
    LockedMinimum,
    NotAtPosting,
    OtherStaff,
    Posting,
    PostingEnded,
    PostingLocked,
    StaffingVerified,
    WorkerLeftPosting,
)
from registry.domain.staffing import end_posting, lock_workers, lose_project, remove_worker, verify
from registry.domain.worker import (
    LockedWorkerMoved,
    WorkerLocked,
    WorkerPlaced,
    WorkerPlacementEnded,
    WorkerReleased,
    WorkerUnassigned,
)


def test_R_LZ_12_the_start_locks_and_places_all_three() -> None:
    events, per_worker = lock_workers(posting.state(verified), TEAM, **START, occurred_on=FROM)  # type: ignore[arg-type]
    assert events == (locked,)
    assert per_worker[C] == (
        WorkerLocked(C, PROJECT, FROM, TO),
        WorkerPlaced(C, ORGANISATION, None, PROJECT, COMMUNITY),
    )


def test_R_LZ_12_a_start_waits_for_the_verdict_and_takes_only_verified_workers() -> None:
    posting.given().when(postings.start, **START).then_refused(NotKnownYet)
    for other in ({"worker_ids": (A, B, D)}, {"organisation_id": OrganisationId(UUID(int=77))}):
        posting.given(verified).when(postings.start, **{**START, **other}).then_refused(OtherStaff, "R-LZ-09")
    posting.given(verified, locked).when(postings.start, **START).then_nothing()


def test_R_LZ_12_nobody_is_locked_in_two_projects() -> None:
    busy = {**TEAM, A: person(A, MID, False, WorkerLocked(A, OTHER_PROJECT, TO, date(2024, 9, 27)))}
    Given(posting.state(verified)).when(lock_workers, busy, **START, occurred_on=FROM).then_refused(
        AssignedElsewhere, "R-LZ-12"
    )


def test_R_LZ_12_the_first_of_three_may_leave() -> None:
    posting.given(verified, locked).when(remove_worker, TEAM[A], **request(C, FROM)).then(
        [left(C, 2, False)], [WorkerReleased(C, PROJECT, FROM)]
    )


@pytest.mark.parametrize("day", [FROM, date(2023, 3, 1), TO])
def test_R_LZ_12_a_request_that_leaves_fewer_than_two_is_refused_on_every_day_of_the_lock(day: date) -> None:
    posting.given(verified, locked, left(C, 2, False)).when(remove_worker, TEAM[A], **request(B, day)).then_refused(
        LockedMinimum, "R-LZ-12"
    )


def test_R_LZ_12_the_day_after_the_lock_is_free() -> None:
    after = date(2023, 9, 28)
    posting.given(verified, locked, left(C, 2, False)).when(remove_worker, TEAM[A], **request(B, after)).then(
        [left(B, 1, False)], [WorkerReleased(B, PROJECT, after)]
    )


def test_R_LZ_12_a_fact_of_leaving_is_a_breach_and_never_refused() -> None:
    posting.given(verified, locked, left(C, 2, False)).when(
        remove_worker, TEAM[A], **request(B, date(2023, 3, 1), Departure.FACT)
    ).then([left(B, 1, True, Departure.FACT)], [LockedWorkerMoved(B, PROJECT, 1, "resigned")])


@pytest.mark.parametrize(
    ("day", "breach"),
    [(date(2022, 9, 26), False), (FROM, True), (TO, True), (date(2023, 9, 28), False)],
)
def test_R_LZ_12_a_fact_is_a_breach_on_the_days_of_the_lock_only(day: date, breach: bool) -> None:
    gone = posting.given(verified, locked, left(C, 2, False)).when(
        remove_worker, TEAM[A], **request(B, day, Departure.FACT)
    )
    told = LockedWorkerMoved(B, PROJECT, 1, "resigned") if breach else WorkerReleased(B, PROJECT, day)
    gone.then([left(B, 1, breach, Departure.FACT)], [told])


def test_R_LZ_12_a_request_dated_before_the_lock_does_not_get_round_it() -> None:
    early = posting.given(verified, locked, left(C, 2, False)).when(
        remove_worker, TEAM[A], **request(B, date(2022, 9, 26))
    )
    early.then_refused(LockedMinimum, "R-LZ-12")
    assert early.refused is not None
    assert early.refused.detail == (
        "试点期间（至 2023-09-27，含当日）至少 2 名专职社工不得流动，该社工退出后仅剩 1 名。"
        "请撤回申请；如人员已实际离岗，请按离岗事实登记。"
    )


def test_R_LZ_12_a_fact_of_leaving_may_be_told_late_and_a_request_may_not() -> None:
    assert left(C, 2, False, Departure.FACT).LATE
    assert not left(C, 2, False, Departure.REQUEST).LATE


def test_R_LZ_12_who_was_verified_again_left_in_fact_before_the_second_verdict() -> None:
    again = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    second = StaffingVerified(PROJECT, again, POSTED, date(2023, 3, 1))
    history = posting.given(verified, locked, left(C, 2, False), second)
    fact = {"departure": Departure.FACT}
    history.when(remove_worker, TEAM[B], **{**request(B, date(2023, 2, 1)), **fact}).then(
        [left(B, 1, True, Departure.FACT)], [LockedWorkerMoved(B, PROJECT, 1, "resigned")]
    )
    newcomer = {**request(D, date(2023, 2, 28)), **fact}
    history.when(remove_worker, TEAM[A], **newcomer).then_refused(TooEarly)


def test_R_LZ_12_before_the_start_anybody_may_be_withdrawn() -> None:
    posting.given(verified).when(remove_worker, TEAM[A], **request(A, date(2022, 9, 1))).then(
        [WorkerLeftPosting(PROJECT, A, Departure.REQUEST, 0, False, False)], [WorkerUnassigned(A, PROJECT)]
    )
    posting.given(verified).when(remove_worker, TEAM[A], **request(D, date(2022, 9, 1))).then_refused(NotAtPosting)


def test_R_LZ_12_a_replacement_does_not_count_as_one_who_stayed() -> None:
    again = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    replaced = StaffingVerified(PROJECT, again, POSTED, DAY)
    posting.given(verified, locked, left(C, 2, False), replaced).when(
        remove_worker, TEAM[A], **request(B, date(2023, 3, 1))
    ).then_refused(LockedMinimum)
    posting.given(verified, locked, left(C, 2, False), replaced).when(
        remove_worker, TEAM[A], **request(D, date(2023, 3, 1))
    ).then([left(D, 2, False)], [WorkerReleased(D, PROJECT, date(2023, 3, 1))])


def test_closing_releases_only_after_the_lock_is_over() -> None:
    for day, free in ((date(2023, 9, 15), date(2023, 9, 28)), (date(2023, 9, 30), date(2023, 9, 30))):
        events, per_worker = end_posting(
            posting.state(verified, locked), TEAM, cause=Ending.PROJECT_CLOSED, occurred_on=day
        )
        assert events == (PostingEnded(PROJECT, Ending.PROJECT_CLOSED),)
        assert per_worker[A] == (WorkerReleased(A, PROJECT, free),)


def test_R_LZ_08_an_organisation_that_lost_the_project_holds_nobody_there() -> None:
    day = date(2023, 3, 1)
    _, per_worker = end_posting(
        posting.state(verified, locked), TEAM, cause=Ending.ORGANISATION_REVOKED, occurred_on=day
    )
    assert per_worker == {w: (WorkerReleased(w, PROJECT, day),) for w in (A, B, C)}


def test_ending_twice_is_ending_once() -> None:
    ended = PostingEnded(PROJECT, Ending.PROJECT_CLOSED)
    assert end_posting(posting.state(verified, ended), TEAM, cause=Ending.PROJECT_CLOSED, occurred_on=TO) == ((), {})
    assert end_posting(Posting(), {}, cause=Ending.PROJECT_CLOSED, occurred_on=TO) == ((), {})


def test_who_left_before_the_start_is_not_locked_and_the_others_are() -> None:
    gone = WorkerLeftPosting(PROJECT, C, Departure.REQUEST, 0, False, False)
    two = {A: TEAM[A], B: TEAM[B]}
    events, per_worker = lock_workers(posting.state(verified, gone), two, **START, occurred_on=FROM)  # type: ignore[arg-type]
    assert events == (PostingLocked(PROJECT, ORGANISATION, COMMUNITY, FROM, TO, (A, B)),)
    assert set(per_worker) == {A, B}
    none_left = (WorkerLeftPosting(PROJECT, w, Departure.REQUEST, 0, False, False) for w in (A, B, C))
    posting.given(verified, *none_left).when(postings.start, **START).then_refused(OtherStaff)


def test_nobody_leaves_a_posting_before_the_verdict_that_made_it() -> None:
    early = request(C, date(2022, 8, 19))
    posting.given(verified).when(remove_worker, TEAM[C], **early).then_refused(TooEarly)
    gone = WorkerLeftPosting(PROJECT, C, Departure.REQUEST, 0, False, False)
    posting.given(verified).when(remove_worker, TEAM[C], **request(C, DAY)).then([gone], [WorkerUnassigned(C, PROJECT)])


def test_leaving_a_project_ends_the_placements_at_its_sites() -> None:
    site, own = SiteId(UUID(int=70)), SiteId(UUID(int=71))
    there = person(
        C,
        GRADUATE,
        True,
        WorkerPlaced(C, ORGANISATION, site, PROJECT, COMMUNITY),
        WorkerPlaced(C, ORGANISATION, own, None, COMMUNITY),
    )
    ended = WorkerPlacementEnded(C, site)
    posting.given(verified, locked).when(remove_worker, there, **request(C, FROM)).then(
        [left(C, 2, False)], [WorkerReleased(C, PROJECT, FROM), ended]
    )
    posting.given(verified, locked, left(A, 2, False)).when(
        remove_worker, there, **request(C, FROM, Departure.FACT)
    ).then([left(C, 1, True, Departure.FACT)], [LockedWorkerMoved(C, PROJECT, 1, "resigned"), ended])
    team = {**TEAM, C: there}
    _, per_worker = end_posting(posting.state(verified, locked), team, cause=Ending.PROJECT_CLOSED, occurred_on=TO)
    assert per_worker[C] == (WorkerReleased(C, PROJECT, date(2023, 9, 28)), ended)
    others = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    team[D] = person(D, GRADUATE, True)
    _, per_worker = verify(posting.state(verified), GOOD, team, project_id=PROJECT, declaration=others, occurred_on=DAY)
    assert per_worker[C] == (WorkerUnassigned(C, PROJECT), ended)


def test_R_LZ_08_a_posting_that_another_organisation_holds_by_now_is_not_ended() -> None:
    other = OrganisationId(UUID(int=77))
    assert lose_project(posting.state(verified), TEAM, organisation_id=other, occurred_on=FROM) == ((), {})
    assert lose_project(Posting(), {}, organisation_id=ORGANISATION, occurred_on=FROM) == ((), {})
    events, per_worker = lose_project(posting.state(verified), TEAM, organisation_id=ORGANISATION, occurred_on=FROM)
    assert events == (PostingEnded(PROJECT, Ending.ORGANISATION_REVOKED),)
    assert per_worker == {w: (WorkerUnassigned(w, PROJECT),) for w in (A, B, C)}


def test_a_posting_is_complete_with_as_many_as_the_rule_asks_for() -> None:
    assert posting.state(verified).complete_since == DAY
    assert posting.state(verified, left(C, 2, False)).complete_since is None
    assert posting.state(verified, PostingEnded(PROJECT, Ending.PROJECT_CLOSED)).complete_since is None
    assert Posting().complete_since is None
