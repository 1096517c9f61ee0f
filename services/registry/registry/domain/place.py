"""Whose business it is: a manager acts for one agency, an officer for one street or community."""

from __future__ import annotations

from kit.errors import Refused


class NotYourUnit(Refused):
    code = "not-your-unit"
    status = 403
    text = "该事项属于其他单位（{unit}），您只能办理本单位的业务。"


def within(acting: str | None, unit: str) -> None:
    """Refuses a unit that is neither the acting one nor part of it: a community's code begins with its street's.

    Someone who acts for a whole bureau has no unit, and is bounded by tenants instead.
    """
    if acting is not None and not unit.startswith(acting):
        raise NotYourUnit(unit=unit)
