"""The service bulletin (CAS-R1) by community and day.  Many streams feed a row, so it goes by the tail."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from asyncpg import Record

from casework.domain.case import (
    CaseClosed,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
)
from casework.domain.entry import BeneficiaryEnrolled, EntryEvent, HomeVisitRecorded
from casework.domain.referral import AssistanceOutcomeRecorded, AssistanceReferred, ReferralEvent
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: EntryEvent | CaseEvent | ReferralEvent, meta: Meta) -> None:
    match event:
        case BeneficiaryEnrolled(community=community):
            await _add(tx, meta.tenant, community, meta.occurred_on, "ledger_persons", 1)
        case HomeVisitRecorded(community=community):
            await _add(tx, meta.tenant, community, meta.occurred_on, "home_visits", 1)
            await _visited(tx, event, meta)
        case CaseOpened(community=community):
            await _add(tx, meta.tenant, community, meta.occurred_on, "cases_opened", 1)
        case CaseClosed(community=community):
            await _add(tx, meta.tenant, community, meta.occurred_on, "cases_closed", 1)
        case AssistanceReferred(community=community):
            await _add(tx, meta.tenant, community, meta.occurred_on, "referrals", 1)
        case (
            CasePreAssessed() | CasePlanMade() | InterventionRecorded() | CaseEvaluated() | AssistanceOutcomeRecorded()
        ):
            return
        case _:
            assert_never(event)


async def _visited(tx: Tx, event: HomeVisitRecorded, meta: Meta) -> None:
    """Counts a person on the earliest day: a late entry of an earlier visit moves the person there."""
    first = await tx.fetchval(
        "select first_on from bulletin_person where tenant_id = $1 and entry_id = $2", meta.tenant, event.entry_id
    )
    if first is not None and first <= meta.occurred_on:
        return
    if first is not None:
        await _add(tx, meta.tenant, event.community, first, "persons_first_visited", -1)
    await _add(tx, meta.tenant, event.community, meta.occurred_on, "persons_first_visited", 1)
    await tx.execute(
        "insert into bulletin_person (tenant_id, entry_id, first_on) values ($1, $2, $3)"
        " on conflict (tenant_id, entry_id) do update set first_on = excluded.first_on",
        meta.tenant,
        event.entry_id,
        meta.occurred_on,
    )


async def _add(tx: Tx, tenant: str, community: str, day: date, column: str, count: int) -> None:
    await tx.execute(
        f"insert into service_bulletin as b (tenant_id, community, day, {column}) values ($1, $2, $3, $4)"
        f" on conflict (tenant_id, community, day) do update set {column} = b.{column} + excluded.{column}",
        tenant,
        community,
        day,
        count,
    )


BULLETIN = Projection(
    "service_bulletin", 1, ("service_bulletin", "bulletin_person"), ("entry", "case", "referral"), apply
)


async def bulletin(tx: Tx, tenants: list[str], first: date | None, last: date | None) -> list[Record]:
    """Sums by community over the days from `first` to `last`, both included.

    `persons_visited` counts who was visited for the first time in the period: periods add up without counting twice.
    """
    return await tx.fetch(
        "select tenant_id, community, sum(ledger_persons)::int as ledger_persons,"
        " sum(persons_first_visited)::int as persons_visited, sum(home_visits)::int as home_visits,"
        " sum(cases_opened)::int as cases_opened, sum(cases_closed)::int as cases_closed,"
        " sum(referrals)::int as referrals from service_bulletin where tenant_id = any ($1::text[])"
        " and ($2::date is null or day >= $2) and ($3::date is null or day <= $3)"
        " group by tenant_id, community order by tenant_id, community",
        tenants,
        first,
        last,
    )
