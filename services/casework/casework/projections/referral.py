"""The referrals, each with its outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from casework.domain.referral import (
    AssistanceOutcomeCorrected,
    AssistanceOutcomeRecorded,
    AssistanceReferred,
    ReferralAnnulled,
    ReferralCorrected,
    ReferralEvent,
    ReferralKind,
    ReferralOutcome,
)
from contracts.values import EntryId, ProjectId, ReferralId, UnitCode, WorkerId
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class ReferralRow(
    Row,
    table="referral_list",
    key=("referral_id",),
    indexes=(
        ("tenant_id", "project_id", "referred_on"),
        ("tenant_id", "referred_on", "referral_id"),
        ("tenant_id", "place_id"),
    ),
    counted=("kind", "outcome"),
):
    referral_id: Annotated[ReferralId, titled("救助协助编号")]
    entry_id: Annotated[EntryId, titled("台账编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    kind: Annotated[ReferralKind, titled("救助类型")]
    policy: Annotated[str | None, titled("救助政策代码")]
    worker_id: Annotated[WorkerId, titled("社工编号", "登记的社工")]
    referred_on: Annotated[date, titled("救助协助登记日期")]
    outcome: Annotated[ReferralOutcome | None, titled("结果")] = None


def evolve(row: ReferralRow | None, event: ReferralEvent, meta: Meta) -> ReferralRow | None:
    match event:
        case AssistanceReferred():
            return ReferralRow(
                referral_id=event.referral_id,
                entry_id=event.entry_id,
                place_id=event.place_id,
                project_id=event.project_id,
                community=event.community,
                kind=event.kind,
                policy=event.policy,
                worker_id=event.worker_id,
                referred_on=meta.occurred_on,
            )
        case AssistanceOutcomeRecorded(outcome=outcome) | AssistanceOutcomeCorrected(now=outcome):
            return row and replace(row, outcome=outcome)
        case ReferralCorrected(now=now):
            return row and replace(row, **vars(now))
        case ReferralAnnulled():
            return None
        case _:
            assert_never(event)


REFERRALS = View("referral_list", 3, "referral", (ReferralRow,), evolve)
