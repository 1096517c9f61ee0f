"""What roles within a unit see: plans all, and of projects and their money what is theirs as things stand now."""

from __future__ import annotations

from funding.policy import COMMUNITY, ORGANISATION, STREET, THIRD_PARTIES, WITHIN, WORKERS
from kit.service import Sight


def _projects(whose: str) -> str:
    """Projects, and their budgets, which have the projects' ids."""
    return f"select tenant_id, project_id as id from public.project_list where {whose}"


CARRIED_OUT = _projects("organisation_id::text = {unit}")

SIGHTS = (
    Sight(("scheme",), WITHIN),
    Sight(("project", "budget"), ORGANISATION, CARRIED_OUT),
    Sight(("project",), WORKERS, CARRIED_OUT),
    Sight(("project", "budget"), COMMUNITY, _projects("community = {unit}")),
    Sight(("project", "budget"), STREET, _projects("street = {unit}")),
    Sight(
        ("project", "budget"),
        THIRD_PARTIES,
        _projects("exists (select from jsonb_each_text(third_parties) named where named.value = {unit})"),
    ),
    Sight(
        ("organisation",),
        ORGANISATION,
        "select tenant_id, organisation_id as id from public.organisation_standing"
        " where organisation_id::text = {unit}",
    ),
)
