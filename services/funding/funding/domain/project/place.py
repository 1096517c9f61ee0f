"""A project's community changes: with a merger it goes on in the successor, after a split a bureau says in which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from contracts.values import DocumentId, UnitCode
from funding.domain.project import events as e
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.state import Project
from funding.domain.project.steps import ASSIGN_PLACE, require
from funding.domain.scheme import Scheme
from funding.domain.unit import Unit, UnitNoted, standing
from kit.errors import NotKnownYet, Refused, not_before


class NotAnHeir(Refused):
    code = "not-a-successor-unit"
    name = "非承接单元"
    status = 422
    text = "社区 {community} 不是由该试点原所在社区拆分而成。请从以下社区中选择：{units}。"


def follow(
    project: Project, *, told: UnitNoted, heir: UnitNoted, street: UnitNoted | None, day: date
) -> Sequence[e.PlaceEvent]:
    """With what the registry told of the project's community or street: `heir` is where it goes on, itself or another.

    A unit that it has left says nothing of it, and one that is as it was declared nothing new.
    """
    if told.version == 1 or told.unit not in (project.community, project.street):
        return ()
    if told.unit != project.community:
        return moved(project, None, heir, day)
    if len(told.successors) > 1 or (told.until is not None and not told.successors):
        return _divided(project, told, day)
    return moved(project, heir, street, day)


def _divided(project: Project, told: UnitNoted, day: date) -> Sequence[e.PlaceEvent]:
    if project.heirs == told.successors or project.divided_on == day:
        return ()
    return (e.ProjectPlaceDivided(project.id, told.successors, told.until is not None, day),)


def moved(
    project: Project, community: UnitNoted | None, street: UnitNoted | None, day: date, **by: Any
) -> Sequence[e.PlaceEvent]:
    """Nothing where that is what is known.  NotKnownYet where the registry has not told of the street of another."""
    was = (project.street, project.street_name, project.community, project.community_name)
    code, name = (community.unit, community.name) if community else (was[2], was[3])
    if street is None and community is not None and community.parent != project.street:
        raise NotKnownYet(what=f"街道 {community.parent} 的行政区划")
    above = (street.unit, street.name) if street else (was[0], was[1])
    if (*above, code, name) == was:
        return ()
    return (e.ProjectPlaceMoved(project.id, UnitCode(str(above[0])), above[1], UnitCode(str(code)), name, day, **by),)


def assign(
    project: Project,
    scheme: Scheme,
    community: Unit,
    street: Unit,
    others: Mapping[UnitCode, Unit],
    *,
    unit: UnitCode,
    document: DocumentId,
    reason: str,
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.PlaceEvent]:
    """To one that its community was split into; where none of these stands any more, or it left none, to another.

    `others` are those that it was split into, but for the one that is chosen.
    """
    require(ASSIGN_PLACE, Situation.on(occurred_on, project, scheme), actor)
    target = standing(community, unit, occurred_on)
    stands = [code for code, heir in others.items() if heir.told is None or heir.told.until is None]
    if stands and unit not in (project.heirs or ()):
        raise NotAnHeir(community=unit, units="、".join(stands))
    not_before(occurred_on, project.divided_on, "原社区拆分或撤销")
    return moved(
        project, target, standing(street, target.parent, occurred_on), occurred_on, document=document, reason=reason
    )
