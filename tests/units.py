"""Units of tokens in tests: a role carries the form that it needs, or the issuer would not have signed it."""

from __future__ import annotations

from contracts.values import Role
from kit.auth.unit import fits

SOMEWHERE = (None, "620102999", "620102999999", "99999999-0000-4000-8000-000000000000")
"""Units that no test gives anything to, one of each form."""


def unit_of(role: Role, unit: str | None = None) -> str | None:
    """The unit, if this role can carry it; else one of the right form that nothing belongs to."""
    return next(one for one in (unit, *SOMEWHERE) if fits(role, one))
