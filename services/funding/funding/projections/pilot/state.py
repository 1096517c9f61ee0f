"""How a pilot stands, as it is read, with what is late on a day (FUN-R2)."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from contracts.values import PilotId, Role
from funding.domain.terms import RANK, Stage
from funding.projections.pilot.rows import PilotRow
from kit.auth import Actor
from kit.store import Tx

UNITS = {
    Role.AGENCY_MANAGER: "now.agency_id::text = $1",
    Role.COMMUNITY_COMMITTEE: "now.community = $1",
    Role.STREET_OFFICER: "now.street = $1",
    Role.STREET_PRINCIPAL_LEADER: "now.street = $1",
    Role.THIRD_PARTY_EVALUATOR: "exists (select from jsonb_each_text(now.third_parties) t where t.value = $1)",
    Role.THIRD_PARTY_AUDITOR: "exists (select from jsonb_each_text(now.third_parties) t where t.value = $1)",
}
"""Which pilots a role within a unit sees; a bureau sees all that its tenants hold.

As the pilots stand now: an agency that was disqualified may read nothing by asking for a day before.
"""
SHOWN = tuple(one.name for one in fields(PilotRow))
JSON = ("staffing_reasons", "third_parties")

SELECT = f"""
select p.tenant_id, {", ".join(f"p.{name}" for name in SHOWN)}, p.row_stream as stream, p.row_version as version,
  b.frozen, v.calendar, exists (
    select from agency_standing a where a.agency_id = p.agency_id and a.listed_by <> '{{}}'
  ) as listed_elsewhere
from pilot_list p
left join budget_account b on b.tenant_id = p.tenant_id and b.pilot_id = p.pilot_id
left join lateral (
  select terms->'calendar' as calendar from scheme_version s
  where s.scheme_id = p.scheme_id and s.effective_from <= $2 order by number desc limit 1
) v on true
"""
HIDDEN = ("tenant_id", "calendar", "frozen", "listed_elsewhere")


@dataclass(frozen=True)
class Asked:
    """A page of the list; None is "any"."""

    scheme_id: UUID | None = None
    stage: Stage | None = None
    district: str | None = None
    after: tuple[str, UUID] | None = None
    limit: int = 50


async def listed(tx: Tx, actor: Actor, today: date, asked: Asked) -> list[dict[str, Any]]:
    """Pilots in sight by tenant and id, with their flags as of `today`."""
    rows = await tx.fetch(
        f"{SELECT} where {sight(actor)} and ($3::uuid is null or p.scheme_id = $3)"
        " and ($4::text is null or p.stage = $4) and ($5::text is null or p.tenant_id = $5)"
        " and ($6::text is null or (p.tenant_id, p.pilot_id) > ($6, $7)) order by p.tenant_id, p.pilot_id limit $8",
        actor.unit or "",
        today,
        asked.scheme_id,
        asked.stage.value if asked.stage else None,
        asked.district,
        asked.after[0] if asked.after else None,
        asked.after[1] if asked.after else None,
        asked.limit,
    )
    return [shown(row, today) for row in rows]


async def one(tx: Tx, actor: Actor, today: date, pilot_id: PilotId) -> dict[str, Any] | None:
    """A pilot with its stages, milestones, workers and counts."""
    row = await tx.fetchrow(f"{SELECT} where {sight(actor)} and p.pilot_id = $3", actor.unit or "", today, pilot_id)
    if row is None:
        return None
    pilot = shown(row, today)
    stages = await tx.fetch("select stage, reached_on from pilot_stage where pilot_id = $1", pilot_id)
    milestones = await tx.fetch(
        "select m.code, m.name, m.due, m.noticed_on, m.notice, s.reached_on from pilot_milestone m"
        " left join pilot_stage s on s.tenant_id = m.tenant_id and s.pilot_id = m.pilot_id and s.stage = m.code"
        " where m.pilot_id = $1 order by m.due, m.code",
        pilot_id,
    )
    workers = await tx.fetch(
        "select worker_id, licensed, intermediate, sw_graduate, locked, moved, left_on from pilot_worker"
        " where pilot_id = $1 order by worker_id",
        pilot_id,
    )
    counts = await tx.fetch(
        "select source, day, totals from pilot_counts where pilot_id = $1 order by source", pilot_id
    )
    pilot["stages"] = sorted(map(dict, stages), key=lambda one: RANK[Stage(one["stage"])])
    pilot["milestones"] = [{**dict(m), "overdue": (m["reached_on"] or today) > m["due"]} for m in milestones]
    pilot["flags"]["milestones_overdue"] = sum(m["overdue"] for m in pilot["milestones"])
    pilot["staff"] = [dict(worker) for worker in workers]
    pilot["counts"] = {c["source"]: {"day": c["day"], "totals": json.loads(c["totals"])} for c in counts}
    return pilot


def shown(row: Any, today: date) -> dict[str, Any]:
    """The row as the API shows it, with what is late or out of order on that day: flagged, never refused."""
    pilot = {key: value for key, value in row.items() if key not in HIDDEN}
    pilot = {"district": row["tenant_id"], **pilot, **{name: json.loads(row[name]) for name in JSON}}
    days = {key: value for key, value in json.loads(row["calendar"] or "{}").items() if key.endswith(("due", "to"))}
    stage = Stage(row["stage"])
    waits = stage not in (Stage.REJECTED, Stage.CLOSED)

    def passed(day: str, needed: Stage) -> bool:
        return waits and day in days and today > date.fromisoformat(days[day]) and stage.before(needed)

    pilot["flags"] = {
        "agreement_overdue": bool(row["agreement_days_late"]) or passed("prep_due", Stage.CONTRACTED),
        "start_early": (row["start_days_late"] or 0) < 0,
        "start_late": (row["start_days_late"] or 0) > 0,
        "acceptance_overdue": passed("accept_to", Stage.DISTRICT_ACCEPTED),
        "acceptance_outside_window": row["outside_window"],
        "staffing_breach": row["breaches"] > 0,
        "impersonation_found": row["impersonation"],
        "agency_listed_elsewhere": row["listed_elsewhere"],
        "funds_frozen": bool(row["frozen"]),
        "rectification_open": row["rectifying"],
    }
    return pilot


def sight(actor: Actor) -> str:
    """Which pilots the actor sees: a condition on `p`, with the actor's unit as $1."""
    if actor.role not in UNITS:
        return "$1::text is not null"
    return (
        "exists (select from public.pilot_list now"
        f" where (now.tenant_id, now.pilot_id) = (p.tenant_id, p.pilot_id) and {UNITS[actor.role]})"
    )
