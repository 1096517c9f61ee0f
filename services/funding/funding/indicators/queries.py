"""How the figures are asked: from plans, from programmes, from districts.

Figures of a plan and of its whole programme belong to the scheme's owner, those of pilots to their district; every
one names its scheme.  A plan's figures come from the version published last.
"""

from __future__ import annotations

from contracts.values import Qualifier
from kit.service import Query, figures

SCHEME = "scheme_id as scheme"
"""The dimension that all of them have."""

PLAN = """
with plan as (
  select distinct on (tenant_id, scheme_id) tenant_id, scheme_id, terms from scheme_version
  where {scope} order by tenant_id, scheme_id, number desc
)
"""


def of_plan(value: str, *dimensions: str, over: str = "", qualifier: Qualifier = Qualifier.EXACT) -> Query:
    """A value of each plan; `over` unnests a list of its terms."""
    columns = "".join(f", {d}" for d in dimensions)
    sql = f"{PLAN} select tenant_id, scheme_id, {value} as value{columns} from plan {over} order by 1, 2"
    return figures(sql, SCHEME, *(d.rpartition(" as ")[2] for d in dimensions), qualifier=qualifier)


def number(path: str) -> str:
    """An integer at a path of the terms: `calendar.term_years`."""
    return f"(terms #>> '{{{path.replace('.', ',')}}}')::bigint"


def each(path: str, name: str) -> str:
    return f"cross join lateral jsonb_array_elements(terms->'{path}') {name}"


LINES = each("lines", "line")
PURPOSES = f"{LINES} cross join lateral jsonb_array_elements(line->'purposes') purpose"
LEAST = Qualifier.AT_LEAST


def of_programme(value: str, source: str, *dimensions: str) -> Query:
    """A sum over all pilots of a scheme that are in sight, as the owner's figure."""
    columns = "".join(f", {d}" for d in dimensions)
    groups = "".join(f", {n}" for n in range(4, 4 + len(dimensions)))
    sql = (
        f"{PLAN} select plan.tenant_id, plan.scheme_id, {value} as value{columns}"
        f" from plan join {source} s on s.scheme_id = plan.scheme_id group by 1, 2{groups} order by 1, 2{groups}"
    )
    return figures(sql, SCHEME, *(d.rpartition(".")[2] for d in dimensions))


def of_district(value: str, source: str, *dimensions: str, where: str = "true") -> Query:
    """A figure of the district's own rows."""
    columns = "".join(f", {d}" for d in dimensions)
    groups = "".join(f", {n}" for n in range(4, 4 + len(dimensions)))
    sql = (
        f"select tenant_id, scheme_id, {value} as value{columns} from {source}"
        f" where {{scope}} and {where} group by 1, 2{groups} order by 1, 2{groups}"
    )
    return figures(sql, SCHEME, *dimensions)
