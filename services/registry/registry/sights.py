"""What roles within a unit see: what their tenant's line has of sites, organisations and workers is public in it.

Names are not: they are opened for who works with the person (`policy.may_name`).  Nor are the events of another's
stream, which say why somebody was penalised or whose certificate was rejected; and findings are for bureaus.
"""

from __future__ import annotations

from kit.service import Sight
from registry.policy import COMMUNITY, ORGANISATION, READERS, STREET, WORKERS

OWN_ORGANISATION = "organisation_id::text = {unit}"
AT_HOME = "host = {unit} or left(host, 9) = {unit}"

SIGHTS = (
    Sight(("tenant", "division", "standard", "leading-group", "document"), READERS),
    Sight(("organisation", "worker", "staffing", "site", "conference"), READERS, told=False),
    Sight(
        ("organisation",),
        ORGANISATION,
        f"select tenant_id, organisation_id as id from public.organisation_list where {OWN_ORGANISATION}",
    ),
    Sight(
        ("worker",), ORGANISATION, f"select tenant_id, worker_id as id from public.worker_list where {OWN_ORGANISATION}"
    ),
    Sight(
        ("staffing",),
        ORGANISATION | WORKERS,
        f"select tenant_id, project_id as id from public.staffing_list where {OWN_ORGANISATION}",
    ),
    Sight(
        ("site",),
        ORGANISATION | WORKERS,
        "select tenant_id, site_id as id from public.site_list where operator::text = {unit}",
    ),
    Sight(("site",), STREET | COMMUNITY, f"select tenant_id, site_id as id from public.site_list where {AT_HOME}"),
    Sight(("conference",), STREET, "select tenant_id, street as id from public.conference_list where street = {unit}"),
)
