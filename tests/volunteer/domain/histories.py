"""What the tests of volunteering share."""

from functools import partial

from contracts.values import Role, TenantId
from kit.auth import Actor, acts_for
from kit.errors import ActsFor


def of(unit: str | None) -> ActsFor:
    """Whose business something is, for whoever comes with a token of this unit."""
    return partial(acts_for, Actor("demo", Role.VOLUNTEER_TEAM_LEADER, TenantId("620102"), unit))
