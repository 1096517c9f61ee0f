"""What roles within a unit see: plans all, and of pilots and their money what is theirs as things stand now."""

from __future__ import annotations

from funding.policy import AGENCY, COMMUNITY, STREET, THIRD_PARTIES, WITHIN, WORKERS
from kit.service import Sight


def _pilots(whose: str) -> str:
    """Pilots, and their budgets, which have the pilots' ids."""
    return f"select tenant_id, pilot_id as id from public.pilot_list where {whose}"


CARRIED_OUT = _pilots("agency_id::text = {unit}")

SIGHTS = (
    Sight(("scheme",), WITHIN),
    Sight(("pilot", "budget"), AGENCY, CARRIED_OUT),
    Sight(("pilot",), WORKERS, CARRIED_OUT),
    Sight(("pilot", "budget"), COMMUNITY, _pilots("community = {unit}")),
    Sight(("pilot", "budget"), STREET, _pilots("street = {unit}")),
    Sight(
        ("pilot", "budget"),
        THIRD_PARTIES,
        _pilots("exists (select from jsonb_each_text(third_parties) named where named.value = {unit})"),
    ),
    Sight(
        ("agency",),
        AGENCY,
        "select tenant_id, agency_id as id from public.agency_standing where agency_id::text = {unit}",
    ),
)
