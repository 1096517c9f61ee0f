"""Units: which street, community or body a role acts for, and whether something is its business."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from contracts.values import Role
from kit.auth.access import Actor

STREET: Final = re.compile(r"[0-9]{9}\Z", re.ASCII)
"""A township-level unit: the district's six digits and three more (GB/T 10114)."""

COMMUNITY: Final = re.compile(r"[0-9]{12}\Z", re.ASCII)
"""A village or community: its street's nine digits and three more (the national statistical division codes)."""

BODY: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
"""An organisation or a third party: its id as it is printed, for ids are compared as text."""

WHOLE: Final = frozenset(
    {
        Role.PROVINCE_IT,
        Role.PROVINCE_BUREAU,
        Role.CITY_BUREAU,
        Role.DISTRICT_BUREAU,
        Role.AUDITOR,
        Role.SYSTEM,
    }
)
"""Those who act for the whole of their tenant.  They carry no unit; tenants bound them."""

FORMS: Final[Mapping[Role, tuple[re.Pattern[str], ...]]] = {
    Role.STREET_OFFICER: (STREET,),
    Role.STREET_PRINCIPAL_LEADER: (STREET,),
    Role.COMMUNITY_COMMITTEE: (COMMUNITY,),
    Role.ORGANISATION_MANAGER: (BODY,),
    Role.SOCIAL_WORKER: (BODY,),
    Role.SUPERVISOR: (BODY,),
    Role.THIRD_PARTY_EVALUATOR: (BODY,),
    Role.THIRD_PARTY_AUDITOR: (BODY,),
    Role.VOLUNTEER: (COMMUNITY, BODY),
    Role.VOLUNTEER_TEAM_LEADER: (COMMUNITY, BODY),
    Role.PARTY_BRANCH: (COMMUNITY, BODY),
}
"""What the unit of every other role looks like.

Source: requirements 2.0 (roles) and part 6 (what each does).  A branch or a team is a community's or an organisation's:
both organise volunteers at a project.
"""


def fits(role: Role, unit: str | None) -> bool:
    """Whether a token of this role may carry this unit: the form that it needs, or none where it needs none."""
    if role in WHOLE:
        return unit is None
    return unit is not None and any(form.match(unit) for form in FORMS[role])


def acts_for(actor: Actor, unit: UUID | str | None) -> bool:
    """Whether what belongs to `unit` is this actor's business.

    Their own unit exactly, or a community of their street: the first nine of its twelve digits.  Whoever acts for the
    whole of a bureau acts for every unit, within the tenants that the action reaches.
    """
    if actor.role in WHOLE:
        return True
    if actor.unit is None or unit is None:
        return False
    asked = str(unit)
    if asked == actor.unit:
        return True
    return bool(STREET.match(actor.unit) and COMMUNITY.match(asked)) and asked[:9] == actor.unit
