"""Queries behind the lists: one page at a time, tenant first, in the order of the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias
from uuid import UUID

from contracts.values import TenantId, WorkerId
from kit.store import Row, Tx
from registry.projections.agency import AgencyRow
from registry.projections.coverage import COVERAGE as COVERED
from registry.projections.division import UnitRow
from registry.projections.document import DocumentRow, TargetRow
from registry.projections.finding import FindingRow
from registry.projections.linkage import ConferenceRow, GroupRow, StandardRow
from registry.projections.site import SiteRow
from registry.projections.staffing import AttemptRow, StaffingRow
from registry.projections.tenant import PopulationRow, TenantRow
from registry.projections.worker import WorkerRow
from registry.projections.workforce import WORKFORCE as EMPLOYED

Item: TypeAlias = dict[str, Any]
"""Columns by name."""


@dataclass(frozen=True)
class List:
    """What is shown of a table or query: its columns, the key that they are sorted by, and that key's type.

    `filters` are the columns that may be asked for one value of.
    """

    source: str
    columns: str
    key: str
    kind: Callable[[str], Any] = UUID
    filters: tuple[str, ...] = ()


def of_rows(row: type[Row], *more: str) -> str:
    """The columns of a table's rows, whose they are, from which event of which stream they come, and more."""
    own = [field.name for field in fields(row)]  # type: ignore[arg-type]
    kept = ("tenant_id", *own, "row_stream as stream", "row_version as version")
    return ", ".join((*(f"t.{name}" for name in kept), *more))


LICENCES = (
    "(select coalesce(array_agg(q.level order by q.issued_on, q.level), '{}') from qualification q where"
    " q.tenant_id = t.tenant_id and q.worker_id = t.worker_id and q.rejected is null) as licences"
)
EMPLOYER = (
    "(select w.agency_id from public.worker_list w where w.tenant_id = t.tenant_id and w.worker_id = t.worker_id)"
    " as employer"
)
"""Whose the worker is now, whatever moment is looked at: a name is for who works with the person."""
EQUIPMENT = (
    "(select coalesce(jsonb_agg(jsonb_build_object('device', e.device, 'count', e.count, 'pilot', e.pilot)"
    " order by e.pilot, e.device), '[]') from (select pilot, device, sum(count) as count from site_equipment e where"
    " e.tenant_id = t.tenant_id and e.site_id = t.site_id group by pilot, device) e) as equipment"
)
PLAQUES = (
    "(select coalesce(array_agg(p.plaque order by p.pilot, p.plaque), '{}') from site_plaque p where"
    " p.tenant_id = t.tenant_id and p.site_id = t.site_id) as plaques"
)
LISTED = "(select * from agency_list where listed_by is not null)"
NUMBERED = (
    "(select *, row_number() over (partition by tenant_id, pilot_id order by row_version) as attempt"
    " from staffing_attempt)"
)
"""Attempts in the order of their verdicts."""

TENANTS = List("tenant_list", of_rows(TenantRow), "tenant_id", str, ("level",))
POPULATIONS = List(
    "(select *, basis || '/' || year as place from population)", of_rows(PopulationRow, "t.place"), "place", str
)
UNITS = List("unit_list", of_rows(UnitRow), "unit", str, ("kind", "parent"))
AGENCIES = List("agency_list", of_rows(AgencyRow), "agency_id")
BLACKLIST = List(LISTED, of_rows(AgencyRow), "agency_id")
WORKERS = List("worker_list", of_rows(WorkerRow, LICENCES, EMPLOYER), "worker_id", filters=("agency_id", "pilot_id"))
WORKFORCE = List(EMPLOYED, "*", "agency")
STAFFING = List("staffing_list", of_rows(StaffingRow), "pilot_id")
ATTEMPTS = List(NUMBERED, of_rows(AttemptRow, "t.attempt"), "declaration_id", filters=("pilot_id",))
SITES = List("site_list", of_rows(SiteRow, EQUIPMENT, PLAQUES), "site_id", filters=("level", "host", "status"))
COVERAGE = List(COVERED, "*", "kind", str)
STANDARDS = List("linkage_standard", of_rows(StandardRow), "office", str)
GROUPS = List("leading_group", of_rows(GroupRow), "scheme_id")
CONFERENCES = List("conference_list", of_rows(ConferenceRow), "street", str)
FINDINGS = List("finding_list", of_rows(FindingRow), "finding_id", filters=("state",))
DOCUMENTS = List("document_list", of_rows(DocumentRow), "document_id")
TARGETS = List(
    "(select *, document_id || '/' || code as place from policy_target)", of_rows(TargetRow, "t.place"), "place", str
)


async def page(
    tx: Tx,
    wanted: List,
    tenants: Sequence[TenantId],
    after: tuple[Any, ...] | None,
    limit: int,
    asked: dict[str, Any],
) -> list[Item]:
    """Rows past `after` (tenant, key), at most `limit`.  `asked` are values of the list's own filters."""
    past = f" and (t.tenant_id, t.{wanted.key}) > ($3, $4)" if after else ""
    values = (*(after or ()), *asked.values())
    clauses = "".join(f" and t.{name} = ${n}" for n, name in enumerate(asked, start=5 if after else 3))
    found = await tx.fetch(
        f"select {wanted.columns} from {wanted.source} t where t.tenant_id = any ($1::text[]){past}{clauses}"
        f" order by t.tenant_id, t.{wanted.key} limit $2",
        list(tenants),
        limit,
        *values,
    )
    return [dict(row) for row in found]


async def one(tx: Tx, wanted: List, tenants: Sequence[TenantId], key: UUID | str) -> Item | None:
    """The row of one key in sight, or None."""
    row = await tx.fetchrow(
        f"select {wanted.columns} from {wanted.source} t where t.tenant_id = any ($1::text[])"
        f" and t.{wanted.key} = $2 limit 1",
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


async def seats_of(tx: Tx, tenants: Sequence[TenantId], street: str) -> list[Item]:
    """The seats of a street's conference."""
    found = await tx.fetch(
        "select seat, body from conference_seat where tenant_id = any ($1::text[]) and street = $2 order by seat, body",
        tenants,
        street,
    )
    return [dict(row) for row in found]


async def people_of(tx: Tx, tenants: Sequence[TenantId], street: str) -> list[Item]:
    """Who is on duty at a street's conference: officers and liaisons."""
    found = await tx.fetch(
        "select tenant_id, duty, unit, person, name_event, since from conference_person"
        " where tenant_id = any ($1::text[]) and street = $2 order by duty, unit, person",
        tenants,
        street,
    )
    return [dict(row) for row in found]


async def raw_of(tx: Tx, rows: Sequence[Item]) -> dict[Any, bytes]:
    """The stored bytes of the events that hold the rows' names, by event id."""
    found = await tx.fetch(
        "select e.event_id, e.raw from event e join unnest($1::text[], $2::uuid[]) as w (tenant_id, event_id)"
        " on (e.tenant_id, e.event_id) = (w.tenant_id, w.event_id)",
        [row["tenant_id"] for row in rows],
        [row["name_event"] for row in rows],
    )
    return {row["event_id"]: row["raw"] for row in found}
