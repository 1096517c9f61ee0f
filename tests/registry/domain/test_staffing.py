"""The verdict on a pilot's staff, the lock that follows, and leaving (R-LZ-09..12, C-14..C-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.values import AgencyId, PersonId, PilotId, SchemeId, Sealed, SiteId, TenantId, UnitCode, WorkerId
from kit.errors import NotKnownYet, TooEarly
from kit.testing import Given, Spec
from registry.domain import agency as agencies
from registry.domain import posting as postings
from registry.domain import worker as workers
from registry.domain.employment import AssignedElsewhere
from registry.domain.posting import (
    Declaration,
    Departure,
    Ending,
    LockedMinimum,
    NotAtPosting,
    OtherStaff,
    PostedWorker,
    Posting,
    PostingEnded,
    PostingLocked,
    Reason,
    StaffingRejected,
    StaffingRule,
    StaffingVerified,
    WorkerLeftPosting,
)
from registry.domain.staffing import divides, end_posting, lock_workers, lose_pilot, remove_worker, verify
from registry.domain.worker import (
    Degree,
    Employment,
    LockedWorkerMoved,
    QualificationRecorded,
    QualificationRejected,
    Qualified,
    SocialWorkerRegistered,
    Worker,
    WorkerAssigned,
    WorkerEmploymentRecorded,
    WorkerImpersonationRecorded,
    WorkerLocked,
    WorkerPlaced,
    WorkerPlacementEnded,
    WorkerReleased,
    WorkerUnassigned,
)

posting = Spec(Posting(), postings.evolve)
PILOT, OTHER_PILOT = PilotId(UUID(int=1)), PilotId(UUID(int=2))
AGENCY, SCHEME, COMMUNITY = AgencyId(UUID(int=3)), SchemeId(UUID(int=4)), UnitCode("620102001001")
FROM, TO = date(2022, 9, 27), date(2023, 9, 27)
JOINED, DAY = date(2022, 6, 1), date(2022, 8, 20)
RULE = StaffingRule(3, 2, 1, 1, True, 2, FROM, TO)
A, B, C, D = (WorkerId(UUID(int=n)) for n in (10, 11, 12, 13))
BUREAU = agencies.Registration("兰州市民政局", True, date(2015, 3, 1), "DEMO0000000000001X")
ATTESTED = tuple(agencies.Attestation(c, "演示区民政局", "演示材料") for c in agencies.Condition)
REGISTERED = agencies.AgencyRegistered(AGENCY, "演示社工服务中心甲", BUREAU, ATTESTED)
GOOD = agencies.evolve(agencies.Agency(), REGISTERED)


def person(w: WorkerId, level: Qualified | None, graduate: bool, *more: Any) -> Worker:
    sealed = Sealed(person=PersonId(UUID(int=90)), clear="演示")
    history: list[Any] = [
        SocialWorkerRegistered(w, sealed, Degree("social_work", True) if graduate else None),
        WorkerEmploymentRecorded(w, AGENCY, Employment.FULL_TIME, JOINED),
    ]
    if level:
        history.append(QualificationRecorded(w, w, level, sealed, date(2020, 1, 1), "0" * 64))
    return Spec(Worker(), workers.evolve).state(*history, *more)


MID, JUNIOR, GRADUATE = Qualified.INTERMEDIATE, Qualified.JUNIOR, None
TEAM = {A: person(A, MID, False), B: person(B, JUNIOR, False), C: person(C, GRADUATE, True)}
DECLARED = Declaration(UUID(int=5), AGENCY, SCHEME, (A, B, C), RULE)
POSTED = (
    PostedWorker(A, True, True, False),
    PostedWorker(B, True, False, False),
    PostedWorker(C, False, False, True),
)
verified = StaffingVerified(PILOT, DECLARED, POSTED, DAY)
locked = PostingLocked(PILOT, AGENCY, COMMUNITY, FROM, TO, (A, B, C))
START = {"agency_id": AGENCY, "community": COMMUNITY, "from_day": FROM, "to_day": TO, "worker_ids": (A, B, C)}


def verdict(team: dict[WorkerId, Worker], declaration: Declaration = DECLARED, *history: Any) -> Sequence[Any]:
    events, _ = verify(posting.state(*history), GOOD, team, pilot_id=PILOT, declaration=declaration, occurred_on=DAY)
    return events


def reasons(team: dict[WorkerId, Worker], declaration: Declaration = DECLARED) -> list[tuple[str, str]]:
    (event,) = verdict(team, declaration)
    return [(r.code, r.clause) for r in event.reasons] if isinstance(event, StaffingRejected) else []


def test_R_LZ_09_three_workers_of_the_agency_are_verified_and_assigned() -> None:
    events, per_worker = verify(Posting(), GOOD, TEAM, pilot_id=PILOT, declaration=DECLARED, occurred_on=DAY)
    assert events == (verified,)
    assert per_worker == {w: (WorkerAssigned(w, PILOT, FROM, TO),) for w in (A, B, C)}


def test_R_LZ_09_two_or_four_workers_are_not_three() -> None:
    four = {**TEAM, D: person(D, MID, True)}
    assert reasons(four, replace(DECLARED, worker_ids=(A, B, C, D))) == [("headcount", "R-LZ-09")]
    pair = {A: person(A, MID, False), B: person(B, JUNIOR, True)}
    assert ("headcount", "R-LZ-09") in reasons(pair, replace(DECLARED, worker_ids=(A, B)))


def test_R_LZ_09_one_worker_named_twice_is_not_two() -> None:
    twice = replace(DECLARED, worker_ids=(A, A, C))
    assert ("worker-named-twice", "R-LZ-09") in reasons({A: TEAM[A], C: TEAM[C]}, twice)


def test_R_LZ_09_a_worker_of_another_agency_is_not_posted_by_this_one() -> None:
    moved = person(B, JUNIOR, False, WorkerEmploymentRecorded(B, AgencyId(UUID(int=77)), Employment.FULL_TIME, JOINED))
    assert reasons({**TEAM, B: moved}) == [("not-employed-by-agency", "R-LZ-09")]


def test_R_LZ_09_the_numbers_come_from_the_declared_rule() -> None:
    smaller = replace(RULE, headcount=2, licensed_min=1, intermediate_min=0)
    two = replace(DECLARED, worker_ids=(B, C), rule=smaller)
    assert reasons({B: TEAM[B], C: TEAM[C]}, two) == []


def test_R_LZ_10_one_licensed_worker_is_too_few() -> None:
    assert reasons({**TEAM, B: person(B, None, False)}) == [("licensed-too-few", "R-LZ-10")]


def test_R_LZ_10_two_juniors_have_no_intermediate() -> None:
    assert reasons({**TEAM, A: person(A, JUNIOR, False)}) == [("intermediate-too-few", "R-LZ-10")]


def test_R_LZ_10_a_senior_counts_as_intermediate() -> None:
    assert reasons({**TEAM, A: person(A, Qualified.SENIOR, False)}) == []


def test_R_LZ_11_the_third_must_be_a_graduate_of_social_work() -> None:
    assert reasons({**TEAM, C: person(C, None, False)}) == [("graduates-too-few", "R-LZ-11")]
    assert reasons({**TEAM, C: person(C, JUNIOR, False)}) == [("graduates-too-few", "R-LZ-11")]


def test_R_LZ_11_the_third_may_be_licensed_as_well() -> None:
    assert reasons({**TEAM, C: person(C, JUNIOR, True)}) == []


def test_R_LZ_11_a_graduate_inside_the_only_valid_pair_does_not_count_twice() -> None:
    team = {A: person(A, MID, True), B: person(B, JUNIOR, False), C: person(C, None, False)}
    assert reasons(team) == [("no-graduate-beside-licensed", "R-LZ-11")]
    all_licensed = {A: person(A, MID, True), B: person(B, JUNIOR, False), C: person(C, JUNIOR, False)}
    assert reasons(all_licensed) == [("no-graduate-beside-licensed", "R-LZ-11")]
    three = [PostedWorker(A, True, True, True), PostedWorker(B, True, True, False), PostedWorker(C, True, False, False)]
    assert divides(three, RULE)


def test_R_LZ_12_all_three_work_full_time() -> None:
    part_time = person(C, GRADUATE, True, WorkerEmploymentRecorded(C, AGENCY, Employment.PART_TIME, JOINED))
    assert reasons({**TEAM, C: part_time}) == [("not-full-time", "R-LZ-12")]


def test_R_LZ_12_a_worker_whom_another_pilot_counts_on_is_refused_locked_or_not() -> None:
    for event in (WorkerAssigned(B, OTHER_PILOT, FROM, TO), WorkerLocked(B, OTHER_PILOT, FROM, TO)):
        assert reasons({**TEAM, B: person(B, JUNIOR, False, event)}) == [("assigned-elsewhere", "R-LZ-12")]


def test_R_LZ_08_rejected_credentials_fail_the_declaration() -> None:
    rejected = person(C, JUNIOR, True, QualificationRejected(C, C, "lent"))
    assert reasons({**TEAM, C: rejected}) == [("qualification-rejected", "R-LZ-08")]
    found = person(C, None, True, WorkerImpersonationRecorded(C, OTHER_PILOT))
    assert reasons({**TEAM, C: found}) == [("qualification-rejected", "R-LZ-08")]


def test_R_LZ_08_a_blacklisted_or_revoked_agency_posts_nobody() -> None:
    listed = agencies.evolve(GOOD, agencies.AgencyBlacklisted(AGENCY, TenantId("620100"), "impersonation", None, DAY))
    revoked = agencies.evolve(GOOD, agencies.AgencyQualificationRevoked(AGENCY, SCHEME, PILOT, UUID(int=8)))
    for agency, code in ((listed, "agency-blacklisted"), (revoked, "agency-qualification-revoked")):
        (event,), _ = verify(Posting(), agency, TEAM, pilot_id=PILOT, declaration=DECLARED, occurred_on=DAY)
        assert [(r.code, r.clause) for r in event.reasons] == [(code, "R-LZ-08")]  # type: ignore[union-attr]


def test_every_reason_is_named_at_once_and_with_its_worker() -> None:
    part_time = person(C, None, False, WorkerEmploymentRecorded(C, AGENCY, Employment.PART_TIME, JOINED))
    (event,) = verdict({A: person(A, JUNIOR, False), B: Worker(), C: part_time})
    assert isinstance(event, StaffingRejected)
    assert event.reasons == (
        Reason("worker-unknown", "R-LZ-09", B),
        Reason("not-full-time", "R-LZ-12", C),
        Reason("licensed-too-few", "R-LZ-10"),
        Reason("intermediate-too-few", "R-LZ-10"),
        Reason("graduates-too-few", "R-LZ-11"),
    )


def test_every_attempt_stays_and_a_judged_one_is_not_judged_again() -> None:
    rejected = StaffingRejected(PILOT, DECLARED, (Reason("headcount", "R-LZ-09"),))
    assert verdict(TEAM, DECLARED, rejected) == ()
    again = replace(DECLARED, declaration_id=UUID(int=6))
    assert verdict(TEAM, again, rejected) == (StaffingVerified(PILOT, again, POSTED, DAY),)


def test_declaring_others_before_the_start_frees_whom_is_no_longer_named() -> None:
    team = {**TEAM, D: person(D, GRADUATE, True)}
    other = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    _, per_worker = verify(posting.state(verified), GOOD, team, pilot_id=PILOT, declaration=other, occurred_on=DAY)
    assert per_worker == {D: (WorkerAssigned(D, PILOT, FROM, TO),), C: (WorkerUnassigned(C, PILOT),)}


def test_a_posting_that_changed_under_the_hands_is_read_again() -> None:
    with pytest.raises(NotKnownYet):
        verdict({A: TEAM[A], B: TEAM[B]}, replace(DECLARED, declaration_id=UUID(int=6)), verified)


def test_R_LZ_12_the_start_locks_and_places_all_three() -> None:
    events, per_worker = lock_workers(posting.state(verified), TEAM, **START)  # type: ignore[arg-type]
    assert events == (locked,)
    assert per_worker[C] == (WorkerLocked(C, PILOT, FROM, TO), WorkerPlaced(C, AGENCY, None, PILOT, COMMUNITY))


def test_R_LZ_12_a_start_waits_for_the_verdict_and_takes_only_verified_workers() -> None:
    posting.given().when(postings.start, **START).then_refused(NotKnownYet)
    for other in ({"worker_ids": (A, B, D)}, {"agency_id": AgencyId(UUID(int=77))}):
        posting.given(verified).when(postings.start, **{**START, **other}).then_refused(OtherStaff, "R-LZ-09")
    posting.given(verified, locked).when(postings.start, **START).then_nothing()


def test_R_LZ_12_nobody_is_locked_in_two_pilots() -> None:
    busy = {**TEAM, A: person(A, MID, False, WorkerLocked(A, OTHER_PILOT, TO, date(2024, 9, 27)))}
    Given(posting.state(verified)).when(lock_workers, busy, **START).then_refused(AssignedElsewhere, "R-LZ-12")


def left(w: WorkerId, starters: int, breach: bool, how: Departure = Departure.REQUEST) -> WorkerLeftPosting:
    return WorkerLeftPosting(PILOT, w, how, starters, True, breach)


def request(w: WorkerId, day: date, how: Departure = Departure.REQUEST) -> dict[str, Any]:
    return {"worker_id": w, "departure": how, "reason": "resigned", "occurred_on": day}


def test_R_LZ_12_the_first_of_three_may_leave() -> None:
    posting.given(verified, locked).when(remove_worker, TEAM[A], **request(C, FROM)).then(
        [left(C, 2, False)], [WorkerReleased(C, PILOT, FROM)]
    )


@pytest.mark.parametrize("day", [FROM, date(2023, 3, 1), TO])
def test_R_LZ_12_a_request_that_leaves_fewer_than_two_is_refused_on_every_day_of_the_lock(day: date) -> None:
    posting.given(verified, locked, left(C, 2, False)).when(remove_worker, TEAM[A], **request(B, day)).then_refused(
        LockedMinimum, "R-LZ-12"
    )


def test_R_LZ_12_the_day_after_the_lock_is_free() -> None:
    after = date(2023, 9, 28)
    posting.given(verified, locked, left(C, 2, False)).when(remove_worker, TEAM[A], **request(B, after)).then(
        [left(B, 1, False)], [WorkerReleased(B, PILOT, after)]
    )


def test_R_LZ_12_a_fact_of_leaving_is_a_breach_and_never_refused() -> None:
    posting.given(verified, locked, left(C, 2, False)).when(
        remove_worker, TEAM[A], **request(B, date(2023, 3, 1), Departure.FACT)
    ).then([left(B, 1, True, Departure.FACT)], [LockedWorkerMoved(B, PILOT, 1, "resigned")])


def test_R_LZ_12_before_the_start_anybody_may_be_withdrawn() -> None:
    posting.given(verified).when(remove_worker, TEAM[A], **request(A, date(2022, 9, 1))).then(
        [WorkerLeftPosting(PILOT, A, Departure.REQUEST, 0, False, False)], [WorkerUnassigned(A, PILOT)]
    )
    posting.given(verified).when(remove_worker, TEAM[A], **request(D, date(2022, 9, 1))).then_refused(NotAtPosting)


def test_R_LZ_12_a_replacement_is_verified_with_the_rest_and_locked_at_once() -> None:
    team = {A: person(A, MID, False), B: person(B, JUNIOR, False), D: person(D, GRADUATE, True)}
    again = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    history = posting.state(verified, locked, left(C, 2, False))
    events, per_worker = verify(history, GOOD, team, pilot_id=PILOT, declaration=again, occurred_on=DAY)
    assert [type(e) for e in events] == [StaffingVerified]
    assert [type(e) for e in per_worker[D]] == [WorkerAssigned, WorkerLocked, WorkerPlaced]
    assert set(per_worker) == {D}


def test_R_LZ_12_a_replacement_does_not_count_as_one_who_stayed() -> None:
    again = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    replaced = StaffingVerified(PILOT, again, POSTED, DAY)
    posting.given(verified, locked, left(C, 2, False), replaced).when(
        remove_worker, TEAM[A], **request(B, date(2023, 3, 1))
    ).then_refused(LockedMinimum)
    posting.given(verified, locked, left(C, 2, False), replaced).when(
        remove_worker, TEAM[A], **request(D, date(2023, 3, 1))
    ).then([left(D, 2, False)], [WorkerReleased(D, PILOT, date(2023, 3, 1))])


def test_R_LZ_12_a_new_declaration_cannot_drop_a_locked_worker_silently() -> None:
    team = {**TEAM, D: person(D, GRADUATE, True)}
    again = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    (event,) = verdict(team, again, verified, locked)
    assert isinstance(event, StaffingRejected)
    assert event.reasons == (Reason("locked-worker-omitted", "R-LZ-12", C),)


def test_closing_releases_only_after_the_lock_is_over() -> None:
    for day, free in ((date(2023, 9, 15), date(2023, 9, 28)), (date(2023, 9, 30), date(2023, 9, 30))):
        events, per_worker = end_posting(
            posting.state(verified, locked), TEAM, cause=Ending.PILOT_CLOSED, occurred_on=day
        )
        assert events == (PostingEnded(PILOT, Ending.PILOT_CLOSED),)
        assert per_worker[A] == (WorkerReleased(A, PILOT, free),)


def test_R_LZ_08_an_agency_that_lost_the_pilot_holds_nobody_there() -> None:
    day = date(2023, 3, 1)
    _, per_worker = end_posting(posting.state(verified, locked), TEAM, cause=Ending.AGENCY_REVOKED, occurred_on=day)
    assert per_worker == {w: (WorkerReleased(w, PILOT, day),) for w in (A, B, C)}


def test_ending_twice_is_ending_once() -> None:
    ended = PostingEnded(PILOT, Ending.PILOT_CLOSED)
    assert end_posting(posting.state(verified, ended), TEAM, cause=Ending.PILOT_CLOSED, occurred_on=TO) == ((), {})
    assert end_posting(Posting(), {}, cause=Ending.PILOT_CLOSED, occurred_on=TO) == ((), {})


def test_who_left_before_the_start_is_not_locked_and_the_others_are() -> None:
    gone = WorkerLeftPosting(PILOT, C, Departure.REQUEST, 0, False, False)
    events, per_worker = lock_workers(posting.state(verified, gone), {A: TEAM[A], B: TEAM[B]}, **START)  # type: ignore[arg-type]
    assert events == (PostingLocked(PILOT, AGENCY, COMMUNITY, FROM, TO, (A, B)),)
    assert set(per_worker) == {A, B}
    none_left = (WorkerLeftPosting(PILOT, w, Departure.REQUEST, 0, False, False) for w in (A, B, C))
    posting.given(verified, *none_left).when(postings.start, **START).then_refused(OtherStaff)


def test_a_verdict_rests_on_what_was_so_on_its_day() -> None:
    """A worker taken on later, a licence issued later, an agency registered later: none counts yet."""
    eve = date(2022, 5, 31)
    (event,), _ = verify(Posting(), GOOD, TEAM, pilot_id=PILOT, declaration=DECLARED, occurred_on=eve)
    assert isinstance(event, StaffingRejected)
    assert event.reasons == tuple(Reason("employed-later", "R-LZ-09", w) for w in (A, B, C))
    young = Licensed(date(2022, 8, 21))
    assert reasons({**TEAM, B: young.of(B)}) == [("licensed-too-few", "R-LZ-10")]
    assert reasons({**TEAM, B: Licensed(DAY).of(B)}) == []
    later = replace(REGISTERED, registration=replace(BUREAU, registered_on=date(2022, 8, 21)))
    agency = agencies.evolve(agencies.Agency(), later)
    (event,), _ = verify(Posting(), agency, TEAM, pilot_id=PILOT, declaration=DECLARED, occurred_on=DAY)
    assert isinstance(event, StaffingRejected)
    assert event.reasons == (Reason("agency-registered-later", "R-LZ-05"),)


class Licensed:
    """A junior whose licence was issued on a day."""

    def __init__(self, issued_on: date) -> None:
        self.issued_on = issued_on

    def of(self, w: WorkerId) -> Worker:
        number = Sealed(person=PersonId(UUID(int=90)), clear="演示")
        return person(w, None, False, QualificationRecorded(w, w, JUNIOR, number, self.issued_on, "0" * 64))


def test_nobody_leaves_a_posting_before_the_verdict_that_made_it() -> None:
    early = request(C, date(2022, 8, 19))
    posting.given(verified).when(remove_worker, TEAM[C], **early).then_refused(TooEarly)
    gone = WorkerLeftPosting(PILOT, C, Departure.REQUEST, 0, False, False)
    posting.given(verified).when(remove_worker, TEAM[C], **request(C, DAY)).then([gone], [WorkerUnassigned(C, PILOT)])


def test_leaving_a_pilot_ends_the_placements_at_its_sites() -> None:
    site, own = SiteId(UUID(int=70)), SiteId(UUID(int=71))
    there = person(
        C,
        GRADUATE,
        True,
        WorkerPlaced(C, AGENCY, site, PILOT, COMMUNITY),
        WorkerPlaced(C, AGENCY, own, None, COMMUNITY),
    )
    ended = WorkerPlacementEnded(C, site)
    posting.given(verified, locked).when(remove_worker, there, **request(C, FROM)).then(
        [left(C, 2, False)], [WorkerReleased(C, PILOT, FROM), ended]
    )
    posting.given(verified, locked, left(A, 2, False)).when(
        remove_worker, there, **request(C, FROM, Departure.FACT)
    ).then([left(C, 1, True, Departure.FACT)], [LockedWorkerMoved(C, PILOT, 1, "resigned"), ended])
    team = {**TEAM, C: there}
    _, per_worker = end_posting(posting.state(verified, locked), team, cause=Ending.PILOT_CLOSED, occurred_on=TO)
    assert per_worker[C] == (WorkerReleased(C, PILOT, date(2023, 9, 28)), ended)
    others = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    team[D] = person(D, GRADUATE, True)
    _, per_worker = verify(posting.state(verified), GOOD, team, pilot_id=PILOT, declaration=others, occurred_on=DAY)
    assert per_worker[C] == (WorkerUnassigned(C, PILOT), ended)


def test_R_LZ_08_a_posting_that_another_agency_holds_by_now_is_not_ended() -> None:
    other = AgencyId(UUID(int=77))
    assert lose_pilot(posting.state(verified), TEAM, agency_id=other, occurred_on=FROM) == ((), {})
    assert lose_pilot(Posting(), {}, agency_id=AGENCY, occurred_on=FROM) == ((), {})
    events, per_worker = lose_pilot(posting.state(verified), TEAM, agency_id=AGENCY, occurred_on=FROM)
    assert events == (PostingEnded(PILOT, Ending.AGENCY_REVOKED),)
    assert per_worker == {w: (WorkerUnassigned(w, PILOT),) for w in (A, B, C)}


def test_a_posting_is_complete_with_as_many_as_the_rule_asks_for() -> None:
    assert posting.state(verified).complete_since == DAY
    assert posting.state(verified, left(C, 2, False)).complete_since is None
    assert posting.state(verified, PostingEnded(PILOT, Ending.PILOT_CLOSED)).complete_since is None
    assert Posting().complete_since is None


def test_a_verdict_given_before_is_remembered_through_all_later_ones() -> None:
    rejected = StaffingRejected(PILOT, DECLARED, (Reason("headcount", "R-LZ-09"),))
    again = replace(DECLARED, declaration_id=UUID(int=6))
    third = replace(DECLARED, declaration_id=UUID(int=7))
    history = (rejected, StaffingVerified(PILOT, again, POSTED, DAY), StaffingRejected(PILOT, third, ()))
    assert verdict(TEAM, DECLARED, *history) == ()
    assert verdict(TEAM, again, *history) == ()
    assert verdict(TEAM, third, *history) == ()
