"""Registering volunteers."""

from __future__ import annotations

from contracts.fields import PersonName
from contracts.values import PersonId, ProjectId, Sealed, VolunteerId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store
from volunteer.commands.streams import PROJECTS, VOLUNTEERS
from volunteer.domain import volunteer
from volunteer.domain.volunteer import Background


class RegisterVolunteer(Command):
    project_id: ProjectId
    background: Background
    is_party_member: bool
    name: PersonName


async def register_volunteer(store: Store, caller: Caller, cmd: RegisterVolunteer) -> Answer:
    cause = caller.may("register-volunteer", cmd.occurred_on)
    volunteer_id = VolunteerId(caller.new_id("volunteer"))
    person = PersonId(caller.new_id("person"))
    tenant = caller.actor.tenant
    return await store.change(
        cause,
        lambda state, project: volunteer.register(
            state,
            project,
            volunteer_id=volunteer_id,
            project_id=cmd.project_id,
            acts_for=caller.acts_for,
            background=cmd.background,
            is_party_member=cmd.is_party_member,
            name=Sealed(person=person, clear=cmd.name),
            occurred_on=cmd.occurred_on,
        ),
        VOLUNTEERS.stream(volunteer_id, tenant),
        reads=PROJECTS.stream(cmd.project_id, tenant),
    )
