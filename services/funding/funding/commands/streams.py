"""The four kinds of streams, and on what terms a command touches them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import get_args

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
from kit.store import Category, Store, Stream

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
    """A pilot that a command is about: the cause, resting on the scheme's version in force, and the pilot's streams."""

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


async def matter(store: Store, caller: Caller, action: str, pilot_id: PilotId, day: date) -> Matter:
    """Raises Forbidden, FutureDay, NotFound, or NoSchemeInForce for a day before the scheme."""
    cause = caller.may(action, day)
    known = await store.fold(cause, PILOTS.stream(pilot_id))
    under = await store.fold(cause, SCHEMES.stream(known.under))
    number, _ = under.in_force(day)
    resting = caller.may(action, day, Basis(known.under, number))
    return Matter(resting, pilot_id, known.under, TenantId(str(known.district)), known.agency)


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
