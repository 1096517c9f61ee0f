"""The verdict on a project's staff (R-LZ-09..11, C-14, C-15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.registry.domain.staff import (
    BUREAU,
    COMMUNITY,
    DAY,
    DECLARED,
    FROM,
    GOOD,
    GRADUATE,
    JOINED,
    JUNIOR,
    MID,
    ORGANISATION,
    OTHER_PROJECT,
    POSTED,
    PROJECT,
    REGISTERED,
    RULE,
    SCHEME,
    START,
    TEAM,
    TO,
    A,
    B,
    C,
    D,
    Licensed,
    left,
    locked,
    person,
    posting,
    reasons,
    verdict,
    verified,
)

from contracts.values import OrganisationId, TenantId, WorkerId
from registry.domain import organisation as organisations
from registry.domain.employment import AssignedElsewhere
from registry.domain.posting import (
    PostedWorker,
    Posting,
    Reason,
    StaffingRejected,
    StaffingVerified,
)
from registry.domain.staffing import divides, lock_workers, verify
from registry.domain.worker import (
    Employment,
    QualificationRejected,
    Qualified,
    Worker,
    WorkerAssigned,
    WorkerEmploymentRecorded,
    WorkerImpersonationRecorded,
    WorkerLocked,
    WorkerPlaced,
    WorkerReleased,
    WorkerUnassigned,
)


def test_R_LZ_09_three_workers_of_the_organisation_are_verified_and_assigned() -> None:
    events, per_worker = verify(Posting(), GOOD, TEAM, project_id=PROJECT, declaration=DECLARED, occurred_on=DAY)
    assert events == (verified,)
    assert per_worker == {w: (WorkerAssigned(w, PROJECT, FROM, TO),) for w in (A, B, C)}


def test_R_LZ_09_two_or_four_workers_are_not_three() -> None:
    four = {**TEAM, D: person(D, MID, True)}
    assert reasons(four, replace(DECLARED, worker_ids=(A, B, C, D))) == [("headcount", "R-LZ-09")]
    pair = {A: person(A, MID, False), B: person(B, JUNIOR, True)}
    assert ("headcount", "R-LZ-09") in reasons(pair, replace(DECLARED, worker_ids=(A, B)))


def test_R_LZ_09_one_worker_named_twice_is_not_two() -> None:
    twice = replace(DECLARED, worker_ids=(A, A, C))
    assert ("worker-named-twice", "R-LZ-09") in reasons({A: TEAM[A], C: TEAM[C]}, twice)


def test_R_LZ_09_a_worker_of_another_organisation_is_not_posted_by_this_one() -> None:
    moved = person(
        B, JUNIOR, False, WorkerEmploymentRecorded(B, OrganisationId(UUID(int=77)), Employment.FULL_TIME, JOINED)
    )
    assert reasons({**TEAM, B: moved}) == [("not-employed-by-organisation", "R-LZ-09")]


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
    part_time = person(C, GRADUATE, True, WorkerEmploymentRecorded(C, ORGANISATION, Employment.PART_TIME, JOINED))
    assert reasons({**TEAM, C: part_time}) == [("not-full-time", "R-LZ-12")]


def test_R_LZ_12_a_worker_whom_another_project_counts_on_is_refused_locked_or_not() -> None:
    for event in (WorkerAssigned(B, OTHER_PROJECT, FROM, TO), WorkerLocked(B, OTHER_PROJECT, FROM, TO)):
        assert reasons({**TEAM, B: person(B, JUNIOR, False, event)}) == [("assigned-elsewhere", "R-LZ-12")]


def test_R_LZ_12_who_was_released_by_another_project_in_this_term_is_free_from_then_on() -> None:
    """Projects of one plan have one term, so that days gone by are common to all of them."""
    on = FROM + timedelta(days=90)
    locked = WorkerLocked(B, OTHER_PROJECT, FROM, TO)
    team = {**TEAM, B: person(B, JUNIOR, False, locked, WorkerReleased(B, OTHER_PROJECT, on))}
    verdicts = [
        verify(Posting(), GOOD, team, project_id=PROJECT, declaration=DECLARED, occurred_on=day)[0][0]
        for day in (on - timedelta(days=1), on)
    ]
    assert [type(verdict) for verdict in verdicts] == [StaffingRejected, StaffingVerified]
    posted = posting.state(replace(verified, verified_on=on))
    assert lock_workers(posted, team, **START, occurred_on=on)[0]  # type: ignore[arg-type]
    with pytest.raises(AssignedElsewhere):
        lock_workers(posted, team, **START, occurred_on=on - timedelta(days=1))  # type: ignore[arg-type]


def test_R_LZ_08_rejected_credentials_fail_the_declaration() -> None:
    rejected = person(C, JUNIOR, True, QualificationRejected(C, C, "lent"))
    assert reasons({**TEAM, C: rejected}) == [("qualification-rejected", "R-LZ-08")]
    found = person(C, None, True, WorkerImpersonationRecorded(C, OTHER_PROJECT))
    assert reasons({**TEAM, C: found}) == [("qualification-rejected", "R-LZ-08")]


def test_R_LZ_08_a_blacklisted_or_revoked_organisation_posts_nobody() -> None:
    listed = organisations.evolve(
        GOOD, organisations.OrganisationBlacklisted(ORGANISATION, TenantId("620100"), "impersonation", None, DAY)
    )
    revoked = organisations.evolve(
        GOOD, organisations.OrganisationQualificationRevoked(ORGANISATION, SCHEME, PROJECT, UUID(int=8))
    )
    for organisation, code in ((listed, "organisation-blacklisted"), (revoked, "organisation-qualification-revoked")):
        (event,), _ = verify(Posting(), organisation, TEAM, project_id=PROJECT, declaration=DECLARED, occurred_on=DAY)
        assert [(r.code, r.rule) for r in event.reasons] == [(code, "R-LZ-08")]  # type: ignore[union-attr]


def test_every_reason_is_named_at_once_and_with_its_worker() -> None:
    part_time = person(C, None, False, WorkerEmploymentRecorded(C, ORGANISATION, Employment.PART_TIME, JOINED))
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
    rejected = StaffingRejected(PROJECT, DECLARED, (Reason("headcount", "R-LZ-09"),))
    assert verdict(TEAM, DECLARED, rejected) == ()
    again = replace(DECLARED, declaration_id=UUID(int=6))
    assert verdict(TEAM, again, rejected) == (StaffingVerified(PROJECT, again, POSTED, DAY),)


def test_declaring_others_before_the_start_frees_whom_is_no_longer_named() -> None:
    team = {**TEAM, D: person(D, GRADUATE, True)}
    other = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    _, per_worker = verify(posting.state(verified), GOOD, team, project_id=PROJECT, declaration=other, occurred_on=DAY)
    assert per_worker == {D: (WorkerAssigned(D, PROJECT, FROM, TO),), C: (WorkerUnassigned(C, PROJECT),)}


def test_R_LZ_12_a_replacement_is_verified_with_the_rest_and_locked_at_once() -> None:
    team = {A: person(A, MID, False), B: person(B, JUNIOR, False), D: person(D, GRADUATE, True)}
    again = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    history = posting.state(verified, locked, left(C, 2, False))
    events, per_worker = verify(history, GOOD, team, project_id=PROJECT, declaration=again, occurred_on=DAY)
    posted = (*POSTED[:2], replace(POSTED[2], worker_id=D))
    assert events == (StaffingVerified(PROJECT, again, posted, DAY),)
    assert per_worker == {
        D: (
            WorkerAssigned(D, PROJECT, FROM, TO),
            WorkerLocked(D, PROJECT, FROM, TO),
            WorkerPlaced(D, ORGANISATION, None, PROJECT, COMMUNITY),
        )
    }


def test_R_LZ_12_a_new_declaration_cannot_drop_a_locked_worker_silently() -> None:
    team = {**TEAM, D: person(D, GRADUATE, True)}
    again = replace(DECLARED, declaration_id=UUID(int=6), worker_ids=(A, B, D))
    (event,) = verdict(team, again, verified, locked)
    assert isinstance(event, StaffingRejected)
    assert event.reasons == (Reason("locked-worker-omitted", "R-LZ-12", C),)


def test_a_verdict_rests_on_what_was_so_on_its_day() -> None:
    """A worker taken on later, a licence issued later, an organisation registered later: none counts yet."""
    eve = date(2022, 5, 31)
    (event,), _ = verify(Posting(), GOOD, TEAM, project_id=PROJECT, declaration=DECLARED, occurred_on=eve)
    assert isinstance(event, StaffingRejected)
    assert event.reasons == tuple(Reason("employed-later", "R-LZ-09", w) for w in (A, B, C))
    young = Licensed(date(2022, 8, 21))
    assert reasons({**TEAM, B: young.of(B)}) == [("licensed-too-few", "R-LZ-10")]
    assert reasons({**TEAM, B: Licensed(DAY).of(B)}) == []
    later = replace(REGISTERED, registration=replace(BUREAU, registered_on=date(2022, 8, 21)))
    organisation = organisations.evolve(organisations.Organisation(), later)
    (event,), _ = verify(Posting(), organisation, TEAM, project_id=PROJECT, declaration=DECLARED, occurred_on=DAY)
    assert isinstance(event, StaffingRejected)
    assert event.reasons == (Reason("organisation-registered-later", "R-LZ-05"),)


def test_a_verdict_given_before_is_remembered_through_all_later_ones() -> None:
    rejected = StaffingRejected(PROJECT, DECLARED, (Reason("headcount", "R-LZ-09"),))
    again = replace(DECLARED, declaration_id=UUID(int=6))
    third = replace(DECLARED, declaration_id=UUID(int=7))
    history = (rejected, StaffingVerified(PROJECT, again, POSTED, DAY), StaffingRejected(PROJECT, third, ()))
    assert verdict(TEAM, DECLARED, *history) == ()
    assert verdict(TEAM, again, *history) == ()
    assert verdict(TEAM, third, *history) == ()


def test_R_LZ_11_a_long_list_is_judged_as_quickly_as_a_short_one() -> None:
    """The graduates who are missed least stand beside; nobody tries every choice of them."""
    rule = replace(RULE, headcount=100, licensed_min=50, intermediate_min=20, sw_graduate_min=40)
    both = [PostedWorker(WorkerId(UUID(int=n)), True, n < 30, True) for n in range(90)]
    assert divides(both, rule)
    assert not divides(both[:89], rule)
    assert not divides(both, replace(rule, intermediate_min=31))
