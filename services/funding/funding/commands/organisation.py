"""What the registry tells of an organisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from contracts.values import OrganisationId, ProjectId, SchemeId
from funding.commands.streams import ORGANISATIONS, PROJECTS, budget_of
from funding.domain.budget import BudgetAccount, BudgetEvent
from funding.domain.organisation import Organisation, OrganisationEvent
from funding.domain.project import procurement
from funding.domain.project.events import ProjectEvent
from funding.domain.project.state import Project
from kit.auth import Caller
from kit.store import Answer, Each, Store


async def note(
    store: Store,
    caller: Caller,
    organisation_id: OrganisationId,
    day: date,
    decide: Callable[[Organisation], Sequence[OrganisationEvent]],
) -> Answer:
    """A change of an organisation's standing, told by the registry in the city's name."""
    cause = caller.may("note-organisation", day)
    return await store.change(cause, decide, ORGANISATIONS.stream(organisation_id, caller.actor.tenant))


async def disqualify(
    store: Store, caller: Caller, organisation_id: OrganisationId, scheme_id: SchemeId, day: date
) -> Answer:
    """The organisation, every project that it carries out in the scheme, and their money (SG-3): all, or nothing."""

    def projects(organisation: Organisation) -> Each[ProjectId, Project, ProjectEvent]:
        return Each({id: PROJECTS.stream(id) for id in organisation.carries_out(scheme_id)})

    def budgets(_: Organisation, of: Mapping[ProjectId, Project]) -> Each[ProjectId, BudgetAccount, BudgetEvent]:
        return Each({id: budget_of(id) for id in of})

    return await store.change(
        caller.may("note-revocation", day),
        lambda organisation, projects, budgets: procurement.disqualify(
            organisation, projects, budgets, organisation_id=organisation_id, scheme_id=scheme_id, occurred_on=day
        ),
        ORGANISATIONS.stream(organisation_id, caller.actor.tenant),
        projects,
        budgets,
    )
