"""The kinds of streams, and how one is found from another."""

from __future__ import annotations

from datetime import date

from contracts.values import AgencyId, PilotId, Role, SchemeId
from funding.domain import agency, budget, quota, scheme
from funding.domain.agency import Agency, AgencyEvent
from funding.domain.budget import BudgetAccount, BudgetEvent
from funding.domain.pilot import state
from funding.domain.pilot.state import Pilot
from funding.domain.quota import QuotaEvent, QuotaUse
from funding.domain.scheme import NoSchemeInForce, Scheme, SchemeEvent
from funding.domain.terms import Payer
from kit.auth import Basis, Caller
from kit.store import Category, Stream


def _in_force(known: Scheme, day: date) -> Basis:
    """The version that a decision of the day rests on."""
    number, _ = known.in_force(day)
    if known.scheme_id is None:
        raise NoSchemeInForce(day=day)
    return Basis(known.scheme_id, number)


SCHEMES = Category("scheme", Scheme(), scheme.evolve, _in_force)
STANDARDS = Category("scheme", Scheme(), scheme.evolve)
"""A scheme that another one follows: to publish that one rests on no version of this."""
QUOTAS = Category("quota", QuotaUse(), quota.evolve)
PILOTS = Category("pilot", Pilot(), state.evolve)
BUDGETS = Category("budget", BudgetAccount(), budget.evolve)
AGENCIES = Category("agency", Agency(), agency.evolve)
ALL = (SCHEMES, QUOTAS, PILOTS, BUDGETS, AGENCIES)

PAYERS = {
    Role.CITY_BUREAU: Payer.CITY,
    Role.DISTRICT_BUREAU: Payer.DISTRICT,
    Role.AGENCY_MANAGER: Payer.AGENCY,
}


def scheme_of(pilot: Pilot) -> Stream[Scheme, SchemeEvent]:
    """The scheme that a pilot belongs to: with it a decision has the version in force as its basis."""
    return SCHEMES.stream(pilot.under)


def quota_of(pilot: Pilot) -> Stream[QuotaUse, QuotaEvent]:
    """The quota that a pilot takes its place of."""
    return use_of(scheme_of(pilot), pilot.under)


def use_of(stream: Stream[Scheme, SchemeEvent], scheme_id: SchemeId) -> Stream[QuotaUse, QuotaEvent]:
    """The use of a scheme's quota, which is the scheme's owner's."""
    return QUOTAS.stream(scheme_id, beside=stream)


def budget_of(pilot_id: PilotId) -> Stream[BudgetAccount, BudgetEvent]:
    """A pilot's account, which is the pilot's owner's and may not be there yet."""
    return BUDGETS.stream(pilot_id, beside=PILOTS.stream(pilot_id))


def agency_of(pilot: Pilot) -> Stream[Agency, AgencyEvent]:
    """The agency that carries a pilot out; raises NoAgency."""
    return AGENCIES.stream(pilot.carried_out_by)


def agency_in_sight(caller: Caller, agency_id: AgencyId) -> Stream[Agency, AgencyEvent]:
    """Agencies belong to the city: the acting bureau, or the one above a district.

    It may be a new stream, so that an agency the registry has not told of is "not known yet" and not "not found".
    """
    above = caller.tree.ancestors(caller.actor.tenant)
    city = above[0] if above and caller.actor.role is not Role.CITY_BUREAU else caller.actor.tenant
    return AGENCIES.stream(agency_id, city)


def payer(caller: Caller) -> Payer:
    """On whose behalf the actor moves money; the policy lists nobody else for such actions."""
    return PAYERS[caller.actor.role]
