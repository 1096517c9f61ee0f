"""What roles within a unit see: workers and supervisors, the records of the places where their agency works now."""

from __future__ import annotations

from casework.policy import RECORD_READERS, WORKERS
from kit.auth import Role
from kit.service import Sight

PLACES = (
    "select place_id from public.place_list where agency_id::text = {unit}"
    " union select site_id from public.placement where agency_id::text = {unit}"
)
"""The pilots that the agency carries out, and the sites at which a worker of its is placed."""

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
