"""A referral's row, as its events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tests.casework.domain.histories import CATALOGUE, COMMUNITY, DAY, ENTRY, PROJECT, WORKER, sealed
from tests.told import meta, rows

from casework.domain.referral import AssistanceOutcomeRecorded, AssistanceReferred, ReferralKind, ReferralOutcome
from casework.projections.referral import REFERRALS, ReferralRow, evolve
from contracts.values import ReferralId

REFERRAL = ReferralId(UUID(int=20))
referred = AssistanceReferred(
    referral_id=REFERRAL,
    entry_id=ENTRY,
    place_id=PROJECT,
    project_id=PROJECT,
    community=COMMUNITY,
    catalogue_id=CATALOGUE,
    kind=ReferralKind.OTHER_DEPARTMENT,
    policy="extra_1",
    worker_id=WORKER,
    recorder=None,
    referred_on=DAY,
    reason=sealed("记录"),
)
granted = AssistanceOutcomeRecorded(ReferralOutcome.GRANTED, WORKER, None)
pending = ReferralRow(
    referral_id=REFERRAL,
    entry_id=ENTRY,
    place_id=PROJECT,
    project_id=PROJECT,
    community=COMMUNITY,
    kind=ReferralKind.OTHER_DEPARTMENT,
    policy="extra_1",
    worker_id=WORKER,
    referred_on=DAY,
)


def test_a_referral_waits_for_its_outcome() -> None:
    assert evolve(None, referred, meta(DAY)) == pending
    assert evolve(pending, granted, meta(DAY)) == replace(pending, outcome=ReferralOutcome.GRANTED)


def test_an_outcome_of_nothing_makes_no_row() -> None:
    assert evolve(None, granted, meta(DAY)) is None


def test_the_outcome_is_known_from_its_day_on() -> None:
    answered = DAY + timedelta(days=30)
    history = [(DAY, referred), (answered, granted)]
    assert rows(REFERRALS, history, answered - timedelta(days=1)) == [pending]
    assert rows(REFERRALS, history, answered) == [replace(pending, outcome=ReferralOutcome.GRANTED)]
