"""Where a project is: told of by the registry with its community, or decided by a bureau."""

from __future__ import annotations

from datetime import date

from contracts.fields import Community
from contracts.values import DocumentId, ProjectId
from funding.commands.application import WithReason
from funding.commands.streams import PROJECTS, UNITS, actor_of, scheme_of
from funding.domain import unit
from funding.domain.project import place
from funding.domain.unit import UnitNoted
from kit.auth import Caller
from kit.store import Answer, Each, Store


class AssignPlace(WithReason):
    """`community` carries the project on from the day on."""

    community: Community
    document: DocumentId


async def note_unit(store: Store, caller: Caller, told: UnitNoted, on: date) -> Answer:
    return await store.change(
        caller.may("note-unit", on),
        lambda known: unit.note(known, told),
        UNITS.stream(told.unit, caller.actor.tenant),
    )


async def pass_on(
    store: Store,
    caller: Caller,
    project_id: ProjectId,
    *,
    told: UnitNoted,
    heir: UnitNoted,
    street: UnitNoted | None,
    day: date,
) -> Answer:
    """With what is known of its community or street."""
    return await store.change(
        caller.may("pass-place-on", day),
        lambda project: place.follow(project, told=told, heir=heir, street=street, day=day),
        PROJECTS.stream(project_id, caller.actor.tenant),
    )


async def assign(store: Store, caller: Caller, project_id: ProjectId, cmd: AssignPlace) -> Answer:
    return await store.change(
        caller.may("assign-place", cmd.occurred_on),
        lambda project, scheme, community, street, others: place.assign(
            project,
            scheme,
            community,
            street,
            others,
            unit=cmd.community,
            document=cmd.document,
            reason=cmd.reason,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=lambda project: (
            (scheme_of(project) & UNITS.stream(cmd.community, project.district))
            .then(lambda _, community: UNITS.stream(unit.street_of(community), project.district))
            .then(
                lambda *_: Each(
                    {
                        code: UNITS.stream(code, project.district)
                        for code in project.heirs or ()
                        if code != cmd.community
                    }
                )
            )
        ),
    )
