"""What roles within a unit see: what was recorded for a project of their community, or one that they carry out."""

from __future__ import annotations

from kit.service import Sight
from volunteer.policy import WITHIN

MINE = (
    "(tenant_id, project_id) in (select tenant_id, project_id from public.project_list"
    " where organisation_id::text = {unit} or community = {unit})"
)

SIGHTS = (
    Sight(
        ("volunteer",), WITHIN, f"select tenant_id, volunteer_id::text as id from public.volunteer_list where {MINE}"
    ),
    Sight(("activity",), WITHIN, f"select tenant_id, activity_id::text as id from public.activity_list where {MINE}"),
)
