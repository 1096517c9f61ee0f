"""What roles within a unit see: workers and supervisors, the records of the places where their agency works now."""

from __future__ import annotations

from casework.policy import RECORD_READERS, WORKERS
from kit.auth import Role
from kit.service import Sight

PLACES = (
    "select place_id from public.placement where agency_id::text = {unit} union"
    " select place_id from public.place_list where agency_id::text = {unit} and closed_on is not null"
)
"""The pilots and sites at which a worker of the agency is placed; and the pilots that it carried out until they ended,
whose cases it brings to their end.  One that left a pilot, or was removed from it, has nobody placed there."""

SIGHTS = (
    Sight(("catalogue",), WORKERS | {Role.AGENCY_MANAGER}),
    Sight(
        ("entry",),
        RECORD_READERS,
        f"select tenant_id, entry_id as id from public.ledger_place where place_id in ({PLACES})",
    ),
    Sight(
        ("case",), RECORD_READERS, f"select tenant_id, case_id as id from public.case_list where place_id in ({PLACES})"
    ),
    Sight(
        ("referral",),
        RECORD_READERS,
        f"select tenant_id, referral_id as id from public.referral_list where place_id in ({PLACES})",
    ),
)
