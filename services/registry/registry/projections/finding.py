"""REG-R3: findings about licences, open and settled; and who has a licence on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, assert_never
from uuid import UUID

from contracts.values import OrganisationId, Role, TenantId, WorkerId
from kit.store import Meta, Row, Tx, View, titled
from registry.domain.finding import FindingEvent, LicenceFindingOpened, LicenceFindingSettled, Outcome


class State(StrEnum):
    OPEN = "open"
    SETTLED = "settled"


@dataclass(frozen=True)
class FindingRow(Row, table="finding_list", key=("finding_id",)):
    finding_id: Annotated[UUID, titled("核查事项编号")]
    holder: Annotated[WorkerId, titled("已登记该证书的社工")]
    holder_organisation: Annotated[OrganisationId | None, titled("其用人单位")]
    qualification_id: Annotated[UUID, titled("资格记录编号")]
    claimant: Annotated[WorkerId, titled("申报该证书的社工")]
    claimant_organisation: Annotated[OrganisationId | None, titled("申报社工的用人单位")]
    reported_role: Annotated[Role, titled("报告人角色")]
    reported_tenant: Annotated[TenantId, titled("报告人所属行政区")]
    reported_unit: Annotated[str | None, titled("报告人所属单位")]
    opened_on: Annotated[date, titled("开立日期")]
    state: Annotated[State, titled("办理状态")] = State.OPEN
    outcome: Annotated[Outcome | None, titled("核查结论")] = None
    document: Annotated[str | None, titled("依据文件", "核查的文书")] = None
    settled_on: Annotated[date | None, titled("结论日期")] = None


def evolve(row: FindingRow | None, event: FindingEvent, meta: Meta) -> FindingRow | None:
    """Opened anew, it is the new one."""
    match event:
        case LicenceFindingOpened():
            return FindingRow(
                finding_id=event.finding_id,
                holder=event.holder,
                holder_organisation=event.holder_organisation,
                qualification_id=event.qualification_id,
                claimant=event.claimant,
                claimant_organisation=event.claimant_organisation,
                reported_role=meta.actor.role,
                reported_tenant=meta.actor.tenant,
                reported_unit=meta.actor.unit,
                opened_on=event.opened_on,
            )
        case LicenceFindingSettled():
            return row and replace(
                row,
                state=State.SETTLED,
                outcome=event.outcome,
                document=event.document,
                settled_on=meta.occurred_on,
            )
        case _:
            assert_never(event)


FINDINGS = View("finding_list", 1, "finding", (FindingRow,), evolve)


@dataclass(frozen=True)
class Held:
    """Who has a licence on record, and as which qualification."""

    worker_id: WorkerId
    qualification_id: UUID


async def licence_holder(tx: Tx, city: TenantId, licence: str) -> Held | None:
    """By the licence's keyed HMAC."""
    row = await tx.fetchrow(
        "select stream, fact from natural_key where tenant_id = $1 and kind = 'licence' and key = $2", city, licence
    )
    return Held(WorkerId(UUID(row["stream"].partition("/")[2])), UUID(row["fact"])) if row else None
