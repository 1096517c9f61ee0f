"""Queries behind the lists: one page at a time, tenant first, in the order of the key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from contracts.values import TenantId, WorkerId
from kit.store import Tx

Row: TypeAlias = dict[str, Any]
"""Columns by name."""


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
    after: tuple[Any, ...] | None,
    limit: int,
    asked: dict[str, Any],
) -> list[Row]:
    """Rows past `after` (tenant, key), at most `limit`.  `asked` are values of the list's own filters."""
    clauses = "".join(f" and t.{name}::text = ${n}" for n, name in enumerate(asked, start=5))
    found = await tx.fetch(
        f"select {wanted.columns} from {wanted.table} t where t.tenant_id = any ($1::text[])"
        f' and (t.tenant_id collate "C", t.{wanted.key}::text collate "C") > ($2::text, $3::text){clauses}'
        f' order by t.tenant_id collate "C", t.{wanted.key}::text collate "C" limit $4',
        list(tenants),
        *(after or ("", "")),
        limit,
        *(str(value) for value in asked.values()),
    )
    return [dict(row) for row in found]


async def one(tx: Tx, wanted: List, tenants: Sequence[TenantId], key: str) -> Row | None:
    """The row of one key in sight, or None."""
    row = await tx.fetchrow(
        f"select {wanted.columns} from {wanted.table} t where t.tenant_id = any ($1::text[])"
        f" and t.{wanted.key}::text = $2 limit 1",
        list(tenants),
        key,
    )
    return None if row is None else dict(row)


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


async def seats_of(tx: Tx, tenants: Sequence[TenantId], street: str) -> list[Row]:
    """The seats of a street's conference."""
    found = await tx.fetch(
        "select seat, body from conference_seat where tenant_id = any ($1::text[]) and street = $2 order by seat, body",
        tenants,
        street,
    )
    return [dict(row) for row in found]


async def people_of(tx: Tx, tenants: Sequence[TenantId], street: str) -> list[Row]:
    """Who is on duty at a street's conference: officers and liaisons."""
    found = await tx.fetch(
        "select tenant_id, duty, unit, person, name_event, since from conference_person"
        " where tenant_id = any ($1::text[]) and street = $2 order by duty, unit, person",
        tenants,
        street,
    )
    return [dict(row) for row in found]


async def raw_of(tx: Tx, rows: Sequence[Row]) -> dict[Any, bytes]:
    """The stored bytes of the events that hold the rows' names, by event id."""
    found = await tx.fetch(
        "select e.event_id, e.raw from event e join unnest($1::text[], $2::uuid[]) as w (tenant_id, event_id)"
        " on (e.tenant_id, e.event_id) = (w.tenant_id, w.event_id)",
        [row["tenant_id"] for row in rows],
        [row["name_event"] for row in rows],
    )
    return {row["event_id"]: row["raw"] for row in found}
