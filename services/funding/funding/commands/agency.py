"""What the registry tells of an agency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from contracts.values import AgencyId, PilotId, SchemeId
from funding.commands.streams import AGENCIES, PILOTS, budget_of
from funding.domain.agency import Agency, AgencyEvent
from funding.domain.budget import BudgetAccount, BudgetEvent
from funding.domain.pilot import procurement
from funding.domain.pilot.events import PilotEvent
from funding.domain.pilot.state import Pilot
from kit.auth import Caller
from kit.store import Answer, Each, Store


async def note(
    store: Store,
    caller: Caller,
    agency_id: AgencyId,
    day: date,
    decide: Callable[[Agency], Sequence[AgencyEvent]],
) -> Answer:
    """A change of an agency's standing, told by the registry in the city's name."""
    cause = caller.may("note-agency", day)
    return await store.change(cause, decide, AGENCIES.stream(agency_id, caller.actor.tenant))


async def disqualify(store: Store, caller: Caller, agency_id: AgencyId, scheme_id: SchemeId, day: date) -> Answer:
    """The agency, every pilot of the scheme that it carries out, and their money (SG-3): all at once, or nothing."""

    def pilots(agency: Agency) -> Each[PilotId, Pilot, PilotEvent]:
        return Each({id: PILOTS.stream(id) for id in agency.carries_out(scheme_id)})

    def budgets(_: Agency, of: Mapping[PilotId, Pilot]) -> Each[PilotId, BudgetAccount, BudgetEvent]:
        return Each({id: budget_of(id) for id in of})

    return await store.change(
        caller.may("note-revocation", day),
        lambda agency, pilots, budgets: procurement.disqualify(
            agency, pilots, budgets, agency_id=agency_id, scheme_id=scheme_id, occurred_on=day
        ),
        AGENCIES.stream(agency_id, caller.actor.tenant),
        pilots,
        budgets,
    )
