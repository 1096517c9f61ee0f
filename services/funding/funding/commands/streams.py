"""The kinds of streams, and how one is found from another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from contracts.values import OrganisationId, ProjectId, Role, SchemeId, WorkerId
from funding.domain import budget, organisation, quota, scheme, unit
from funding.domain.budget import BudgetAccount, BudgetEvent
from funding.domain.organisation import Organisation, OrganisationEvent
from funding.domain.project import state
from funding.domain.project.situation import PAYERS, Actor
from funding.domain.project.state import Project
from funding.domain.quota import QuotaEvent, QuotaUse
from funding.domain.scheme import NoSchemeInForce, Scheme, SchemeEvent
from funding.domain.terms import Payer
from funding.domain.unit import Unit
from kit.auth import Basis, Caller
from kit.store import Category, Stream


def _in_force(known: Scheme, day: date) -> Basis:
    """The version that a decision of the day rests on."""
    number, _ = known.in_force(day)
    if known.scheme_id is None:
        raise NoSchemeInForce(day=day)
    return _version(known, known.scheme_id, number)


def _version(known: Scheme, scheme_id: SchemeId, number: int) -> Basis:
    return Basis(scheme_id, number, {one.rule: one.clause for one in known.version(number).cites})


SCHEMES = Category("scheme", Scheme(), scheme.evolve, _in_force)
STANDARDS = Category("scheme", Scheme(), scheme.evolve)
"""A scheme that another one follows: to publish that one rests on no version of this."""
QUOTAS = Category("quota", QuotaUse(), quota.evolve)
PROJECTS = Category("project", Project(), state.evolve)
BUDGETS = Category("budget", BudgetAccount(), budget.evolve)
ORGANISATIONS = Category("organisation", Organisation(), organisation.evolve)
UNITS = Category("unit", Unit(), unit.evolve)
"""One stream of the district for each street and community, by its code."""
ALL = (SCHEMES, QUOTAS, PROJECTS, BUDGETS, ORGANISATIONS, UNITS)


def scheme_of(project: Project) -> Stream[Scheme, SchemeEvent]:
    """The scheme that a project belongs to: with it a decision has the project's own version as its basis."""
    under, holds = project.under, project.holds
    return replace(SCHEMES, basis=lambda known, _: _version(known, under, holds)).stream(under)


def quota_of(project: Project) -> Stream[QuotaUse, QuotaEvent]:
    """The quota that a project takes its place of."""
    return use_of(scheme_of(project), project.under)


def use_of(stream: Stream[Scheme, SchemeEvent], scheme_id: SchemeId) -> Stream[QuotaUse, QuotaEvent]:
    """The use of a scheme's quota, which is the scheme's owner's."""
    return QUOTAS.stream(scheme_id, beside=stream)


def budget_of(project_id: ProjectId) -> Stream[BudgetAccount, BudgetEvent]:
    """A project's account, which is the project's owner's and may not be there yet."""
    return BUDGETS.stream(project_id, beside=PROJECTS.stream(project_id))


def organisation_of(project: Project) -> Stream[Organisation, OrganisationEvent]:
    """The organisation that carries a project out; raises NoOrganisation."""
    return ORGANISATIONS.stream(project.carried_out_by)


def organisation_declaring(project: Project, worker_id: WorkerId) -> Stream[Organisation, OrganisationEvent]:
    """The organisation that declared a worker for a project, now or before; else the present one, or raises."""
    declared = project.declared_by(worker_id)
    return ORGANISATIONS.stream(declared.organisation) if declared else organisation_of(project)


def organisation_in_sight(caller: Caller, organisation_id: OrganisationId) -> Stream[Organisation, OrganisationEvent]:
    """Organisations belong to the city: the acting bureau, or the one above a district.

    It may be a new stream, so that an organisation the registry has not told of is "not known yet" and not "not found".
    """
    above = caller.tree.ancestors(caller.actor.tenant)
    city = above[0] if above and caller.actor.role is not Role.CITY_BUREAU else caller.actor.tenant
    return ORGANISATIONS.stream(organisation_id, city)


def actor_of(caller: Caller) -> Actor:
    """Who acts, as far as the project's rules ask."""
    return Actor(caller.actor.role, caller.actor.tenant, caller.acts_for, caller.actor.id)


def payer(caller: Caller) -> Payer:
    """On whose behalf the actor publishes; the policy lists nobody else for it."""
    return PAYERS[caller.actor.role]
