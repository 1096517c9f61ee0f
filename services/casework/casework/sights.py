"""What roles within a unit see: workers and supervisors, the records of the places where they work now."""

from __future__ import annotations

from casework.policy import RECORD_READERS, WORKERS
from kit.auth import Role
from kit.service import Sight

PLACES = (
    "select p.place_id from public.place_list p where p.organisation_id::text = {unit} and (p.closed_on is not null"
    " or exists (select from public.placement w"
    " where (w.place_id, w.organisation_id) = (p.place_id, p.organisation_id)))"
    " union select w.place_id from public.placement w where w.organisation_id::text = {unit} and not exists"
    " (select from public.place_list p where p.place_id = w.place_id and p.organisation_id is not null)"
)
"""The projects that the organisation carries out, as long as a worker of its is placed there; those that it carried
out until they ended, whose cases it brings to the end; and the sites at which a worker of its is placed.  One that was
removed from a project has nobody there."""

SIGHTS = (
    Sight(("catalogue",), WORKERS | {Role.ORGANISATION_MANAGER}),
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
