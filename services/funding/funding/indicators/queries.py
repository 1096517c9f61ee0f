"""The rows that figures count: of plans, of programmes, of districts.

Figures of a plan and of its whole programme belong to the scheme's owner, those of projects to their district; every
one names its scheme.  A plan's figures come from the version published last, which is the row that they list.
"""

from __future__ import annotations

from contracts.values import Qualifier
from kit.service import Counted
from kit.service.figures import Total

SCHEME = "scheme_id"
"""The dimension that all of them have."""
ONLY = "''"
"""What tells rows of a stream apart, where it has one."""

PLAN = """
with plan as (
  select distinct on (tenant_id, scheme_id) tenant_id, scheme_id, number, title, terms, row_stream,
    row_version from scheme_version
  where {scope} order by tenant_id, scheme_id, number desc
)
"""


def of_plan(
    value: str,
    dimension: str = "",
    named: str = "",
    *,
    over: str = "",
    item: str = "",
    qualifier: Qualifier = Qualifier.EXACT,
    total: Total = Total.SUM,
) -> Counted:
    """A value of each plan, or one for each part of it: `over` unnests a list of its terms, `named` tells them apart.

    `item` where the dimension alone does not.
    """
    column = f", {named} as {dimension}" if dimension else ""
    sql = (
        f"{PLAN} select tenant_id, scheme_id, {value} as value{column}, number, title, row_stream, row_version,"
        f" {item or named or ONLY} as item from plan {over}"
    )
    return Counted(sql, (SCHEME, dimension) if dimension else (SCHEME,), total, qualifier)


def number(path: str) -> str:
    """An integer at a path of the terms: `calendar.term_years`."""
    return f"(terms #>> '{{{path.replace('.', ',')}}}')::bigint"


def each(path: str, name: str) -> str:
    return f"cross join lateral jsonb_array_elements(terms->'{path}') {name}"


LINES = each("lines", "line")
PURPOSES = f"{LINES} cross join lateral jsonb_array_elements(line->'purposes') purpose"
PURPOSE = "(line->>'code') || '/' || (purpose->>'code')"
LEAST = Qualifier.AT_LEAST


def of_programme(value: str, source: str, *dimensions: str, item: str, shown: str) -> Counted:
    """Rows `s` of all of a scheme's projects in sight, for its owner; `shown` are columns that say what one is."""
    columns = "".join(f", s.{name}" for name in dimensions)
    sql = (
        f"{PLAN} select plan.tenant_id, plan.scheme_id, {value} as value{columns}, {shown}, s.tenant_id as row_tenant,"
        f" s.row_stream, s.row_version, {item} as item from plan join {source} s on s.scheme_id = plan.scheme_id"
    )
    return Counted(sql, (SCHEME, *dimensions))


ALLOTTED = """(
  select l.*, case when p.place_given_back then l.appropriated_fen else l.allotted_fen end as counted_fen
  from budget_line l join project_list p using (tenant_id, project_id)
)"""
"""Lines with what counts as allotted: of a project that gave its place back, what was paid out; the rest is free."""


def of_lines(value: str, *dimensions: str) -> Counted:
    """A sum of each line of the projects of a scheme."""
    line = "" if "line" in dimensions else ", s.line"
    shown = f"s.tenant_id as district, s.project_id{line}"
    return of_programme(f"s.{value}", ALLOTTED, *dimensions, item="s.line", shown=shown)


def of_district(
    value: str,
    source: str,
    *dimensions: str,
    shown: str,
    item: str = "''",
    where: str = "true",
    total: Total = Total.SUM,
) -> Counted:
    """The district's own rows; `shown` are columns that say what one is."""
    columns = "".join(f", {name}" for name in dimensions)
    sql = (
        f"select tenant_id, scheme_id, {value} as value{columns}, {shown}, row_stream, row_version,"
        f" {item} as item from {source} where {{scope}} and {where}"
    )
    return Counted(sql, (SCHEME, *dimensions), total)
