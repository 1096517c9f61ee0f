"""What a change of its place changes of a project's state."""

from __future__ import annotations

from typing import Any, assert_never

from contracts.values import UnitCode
from funding.domain.project import events as e


def after(event: e.PlaceEvent, *, was: UnitCode | None, heirs: tuple[UnitCode, ...] | None) -> dict[str, Any]:
    """The fields; `heirs` stay open where only a name changes."""
    match event:
        case e.ProjectPlaceMoved():
            return {
                "street": event.street,
                "street_name": event.street_name,
                "community": event.community,
                "community_name": event.community_name,
                "heirs": heirs if event.community == was and event.document is None else None,
            }
        case e.ProjectPlaceDivided():
            return {"heirs": event.heirs, "divided_on": event.divided_on}
        case _:
            assert_never(event)
