"""Steps 5 to 7, and the finding that starts step x."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Code
from contracts.values import AgencyId, PilotId, WorkerId
from funding.commands.application import Dated
from funding.commands.streams import PAYERS, PILOTS, agency_in_sight, budget_of, payer, scheme_of
from funding.domain.pilot import procurement
from funding.domain.pilot.events import ScopeItem
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class PublishPurchase(Command):
    scope: Annotated[tuple[ScopeItem, ...], Field(min_length=1, max_length=200)]


class ReviewServicePlan(Command):
    """`preferences`: codes of the plan's preference conditions that the agency meets (R-LZ-07)."""

    agency_id: AgencyId
    passed: bool
    preferences: Annotated[tuple[Code, ...], Field(max_length=50)] = ()


class SelectAgency(Command):
    agency_id: AgencyId


class ReportImpersonation(Command):
    worker_id: WorkerId


async def publish_purchase(store: Store, caller: Caller, pilot_id: PilotId, cmd: PublishPurchase) -> Answer:
    return await store.change(
        caller.may("publish-purchase", cmd.occurred_on),
        lambda pilot, scheme: procurement.publish_purchase(pilot, scheme, scope=cmd.scope, occurred_on=cmd.occurred_on),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def review_plan(store: Store, caller: Caller, pilot_id: PilotId, cmd: ReviewServicePlan) -> Answer:
    return await store.change(
        caller.may("review-service-plan", cmd.occurred_on),
        lambda pilot, scheme, agency: procurement.review_plan(
            pilot,
            scheme,
            agency,
            agency_id=cmd.agency_id,
            passed=cmd.passed,
            preferences=cmd.preferences,
            occurred_on=cmd.occurred_on,
        ),
        PILOTS.stream(pilot_id),
        reads=lambda pilot: scheme_of(pilot) & agency_in_sight(caller, cmd.agency_id),
    )


async def select_agency(store: Store, caller: Caller, pilot_id: PilotId, cmd: SelectAgency) -> Answer:
    return await store.change(
        caller.may("select-agency", cmd.occurred_on),
        lambda pilot, agency, scheme: procurement.select_agency(
            pilot, scheme, agency, agency_id=cmd.agency_id, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        agency_in_sight(caller, cmd.agency_id),
        reads=lambda pilot, _: scheme_of(pilot),
    )


async def sign_agreement(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("sign-agreement", cmd.occurred_on),
        lambda pilot, scheme: procurement.sign_agreement(pilot, scheme, by=payer(caller), occurred_on=cmd.occurred_on),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def report_impersonation(store: Store, caller: Caller, pilot_id: PilotId, cmd: ReportImpersonation) -> Answer:
    third_party = None if caller.actor.role in PAYERS else caller.acts_for
    return await store.change(
        caller.may("report-impersonation", cmd.occurred_on),
        lambda pilot, budget, _: procurement.report_impersonation(
            pilot, budget, worker_id=cmd.worker_id, third_party=third_party, occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        budget_of(pilot_id),
        reads=lambda pilot, _: scheme_of(pilot),
    )
