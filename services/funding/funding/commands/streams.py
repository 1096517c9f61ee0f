"""The four kinds of streams, and on what terms a command touches them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from contracts.values import AgencyId, PilotId, Role, SchemeId, TenantId
from funding.domain import agency, budget, scheme
from funding.domain.agency import Agency
from funding.domain.budget import BudgetAccount
from funding.domain.pilot import events
from funding.domain.pilot import state as pilot
from funding.domain.pilot.state import Pilot
from funding.domain.scheme import Scheme
from funding.domain.terms import Payer
from kit.auth import Basis, Caller, Cause
from kit.store import Answer, Category, Store, Stream

SCHEMES = Category("scheme", Scheme(), scheme.evolve, get_args(scheme.SchemeEvent))
PILOTS = Category("pilot", Pilot(), pilot.evolve, get_args(events.PilotEvent))
BUDGETS = Category("budget", BudgetAccount(), budget.evolve, get_args(budget.BudgetEvent))
AGENCIES = Category("agency", Agency(), agency.evolve, get_args(agency.AgencyEvent))
ALL = (SCHEMES, PILOTS, BUDGETS, AGENCIES)

PAYERS = {
    Role.CITY_BUREAU: Payer.CITY,
    Role.DISTRICT_BUREAU: Payer.DISTRICT,
    Role.AGENCY_MANAGER: Payer.AGENCY,
}


@dataclass(frozen=True)
class Matter:
    """A pilot that a command is about, and its streams."""

    cause: Cause
    pilot_id: PilotId
    scheme_id: SchemeId
    district: TenantId
    agency_id: AgencyId | None

    @property
    def pilot(self) -> Stream[Pilot]:
        return PILOTS.stream(self.pilot_id)

    @property
    def scheme(self) -> Stream[Scheme]:
        return SCHEMES.stream(self.scheme_id)

    @property
    def budget(self) -> Stream[BudgetAccount]:
        return BUDGETS.stream(self.pilot_id, self.district)

    async def change(self, store: Store, decide: Callable[..., Any], *streams: Stream[Any]) -> Answer:
        """As `store.change`, over streams of which the scheme's is one."""
        basis = in_force(self.scheme_id, self.cause.occurred_on)
        return await store.change(self.cause, decide, *streams, basis=basis)


async def matter(store: Store, caller: Caller, action: str, pilot_id: PilotId, day: date) -> Matter:
    """Raises Forbidden, FutureDay, or NotFound.  What is looked up here never changes, or is decided on again."""
    cause = caller.may(action, day)
    known = await store.fold(cause, PILOTS.stream(pilot_id))
    return Matter(cause, pilot_id, known.under, TenantId(str(known.district)), known.agency)


def in_force(scheme_id: SchemeId, day: date) -> Callable[..., Basis]:
    """The basis of a decision: the version that the scheme among its states had in force on the day."""

    def basis(*states: object) -> Basis:
        (scheme,) = (state for state in states if isinstance(state, Scheme))
        return Basis(scheme_id, scheme.in_force(day)[0])

    return basis


def agency_stream(caller: Caller, agency_id: AgencyId) -> Stream[Agency]:
    """Agencies belong to the city: the acting bureau, or the one above a district.

    It may be a new stream, so that an agency the registry has not told of is "not known yet" and not "not found".
    """
    above = caller.tree.ancestors(caller.actor.tenant)
    city = above[0] if above and caller.actor.role is not Role.CITY_BUREAU else caller.actor.tenant
    return AGENCIES.stream(agency_id, city)


def payer(caller: Caller) -> Payer:
    """On whose behalf the actor moves money; the policy lists nobody else for such actions."""
    return PAYERS[caller.actor.role]
