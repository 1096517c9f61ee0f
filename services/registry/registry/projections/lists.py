"""Queries behind the lists: one page at a time, tenant first, in the order of the key."""

from __future__ import annotations

# ruff: noqa: S608 - the pieces of a statement are constants of this package, never a caller's text
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from contracts.values import AgencyId, TenantId, WorkerId
from kit.store import Tx


@dataclass(frozen=True)
class List:
    """A table that is shown: its key column, and the columns that may be asked for one value of."""

    table: str
    key: str
    filters: tuple[str, ...] = ()
    columns: str = "*"


LICENCES = (
    "(select coalesce(array_agg(q.level order by q.issued_on, q.level), '{}') from qualification q where"
    " q.tenant_id = t.tenant_id and q.worker_id = t.worker_id and q.rejected is null) as licences"
)
EQUIPMENT = (
    "(select coalesce(jsonb_agg(jsonb_build_object('device', e.device, 'count', e.count, 'pilot', e.pilot)"
    " order by e.pilot, e.device), '[]') from site_equipment e where"
    " e.tenant_id = t.tenant_id and e.site_id = t.site_id) as equipment"
)
PLAQUES = (
    "(select coalesce(array_agg(p.plaque order by p.pilot, p.plaque), '{}') from site_plaque p where"
    " p.tenant_id = t.tenant_id and p.site_id = t.site_id) as plaques"
)

TENANTS = List("tenant_list", "tenant_id", ("level",))
POPULATIONS = List("(select *, basis || '/' || year as place from population)", "place")
UNITS = List("unit_list", "unit", ("kind", "parent"))
AGENCIES = List("agency_list", "agency_id")
BLACKLIST = List("(select * from agency_list where listed_by is not null)", "agency_id")
WORKERS = List("worker_list", "worker_id", ("agency_id", "pilot_id"), f"t.*, {LICENCES}")
WORKFORCE = List("workforce", "agency")
STAFFING = List("staffing_list", "pilot_id")
ATTEMPTS = List("staffing_attempt", "declaration_id", ("pilot_id",))
SITES = List("site_list", "site_id", ("level", "host", "status"), f"t.*, {EQUIPMENT}, {PLAQUES}")
COVERAGE = List("coverage", "kind")
STANDARDS = List("linkage_standard", "office")
GROUPS = List("leading_group", "scheme_id")
CONFERENCES = List("conference_list", "street")
FINDINGS = List("finding_list", "finding_id", ("state",))
DOCUMENTS = List("document_list", "document_id")
TARGETS = List("(select *, document_id || '/' || code as place from policy_target)", "place", ("document_id",))


async def page(
    tx: Tx,
    wanted: List,
    tenants: Sequence[TenantId],
    after: tuple[str, str] | None,
    limit: int,
    asked: dict[str, Any],
) -> list[Record]:
    """Rows past `after` (tenant, key), at most `limit`.  `asked` are values of the list's own filters."""
    clauses = "".join(f" and t.{name}::text = ${n}" for n, name in enumerate(asked, start=5))
    return await tx.fetch(
        f"select {wanted.columns} from {wanted.table} t where t.tenant_id = any ($1::text[])"
        f' and (t.tenant_id collate "C", t.{wanted.key}::text collate "C") > ($2::text, $3::text){clauses}'
        f' order by t.tenant_id collate "C", t.{wanted.key}::text collate "C" limit $4',
        list(tenants),
        *(after or ("", "")),
        limit,
        *(str(value) for value in asked.values()),
    )


async def one(tx: Tx, wanted: List, tenants: Sequence[TenantId], key: str) -> Record | None:
    """The row of one key in sight, or None."""
    return await tx.fetchrow(
        f"select {wanted.columns} from {wanted.table} t where t.tenant_id = any ($1::text[])"
        f" and t.{wanted.key}::text = $2 limit 1",
        list(tenants),
        key,
    )


async def licence_holder(tx: Tx, city: TenantId, licence: str) -> tuple[WorkerId, UUID] | None:
    """Who has the licence on record, by its keyed HMAC, and as which qualification."""
    row = await tx.fetchrow(
        "select stream, fact from natural_key where tenant_id = $1 and kind = 'licence' and key = $2", city, licence
    )
    return (WorkerId(UUID(row["stream"].partition("/")[2])), UUID(row["fact"])) if row else None


async def agency_numbers(tx: Tx, tenants: Sequence[TenantId]) -> dict[AgencyId, str]:
    """The credit codes of the agencies in sight, which never change."""
    rows = await tx.fetch("select agency_id, number from agency_list where tenant_id = any ($1::text[])", tenants)
    return {AgencyId(row["agency_id"]): row["number"] for row in rows}


async def of_street(tx: Tx, tenants: Sequence[TenantId], street: str) -> dict[str, list[Record]]:
    """Seats, and the people on duty, of a street's conference."""
    where = "where tenant_id = any ($1::text[]) and street = $2"
    return {
        "seats": await tx.fetch(f"select seat, body from conference_seat {where} order by seat, body", tenants, street),
        "people": await tx.fetch(
            f"select tenant_id, duty, unit, person, name_event, since from conference_person {where}"
            " order by duty, unit, person",
            tenants,
            street,
        ),
    }


async def raw_of(tx: Tx, rows: Sequence[Record]) -> dict[Any, bytes]:
    """The stored bytes of the events that hold the rows' names, by event id."""
    found = await tx.fetch(
        "select e.event_id, e.raw from event e join unnest($1::text[], $2::uuid[]) as w (tenant_id, event_id)"
        " on (e.tenant_id, e.event_id) = (w.tenant_id, w.event_id)",
        [row["tenant_id"] for row in rows],
        [row["name_event"] for row in rows],
    )
    return {row["event_id"]: row["raw"] for row in found}
