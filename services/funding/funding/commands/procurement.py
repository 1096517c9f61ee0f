"""Steps 5 to 7, and the finding that starts step x."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Code
from contracts.values import AgencyId, PilotId, WorkerId
from funding.commands.applications import Dated
from funding.commands.streams import PAYERS, agency_stream, matter, payer
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
    about = await matter(store, caller, "publish-purchase", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme: (
            procurement.publish_purchase(pilot, scheme, scope=cmd.scope, occurred_on=cmd.occurred_on),
            (),
        ),
        about.pilot,
        about.scheme,
    )


async def review_plan(store: Store, caller: Caller, pilot_id: PilotId, cmd: ReviewServicePlan) -> Answer:
    about = await matter(store, caller, "review-service-plan", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme, agency: procurement.review_plan(
            pilot,
            scheme,
            agency,
            agency_id=cmd.agency_id,
            passed=cmd.passed,
            preferences=cmd.preferences,
            occurred_on=cmd.occurred_on,
        ),
        about.pilot,
        about.scheme,
        agency_stream(caller, cmd.agency_id),
    )


async def select_agency(store: Store, caller: Caller, pilot_id: PilotId, cmd: SelectAgency) -> Answer:
    about = await matter(store, caller, "select-agency", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme, agency: procurement.select_agency(
            pilot, scheme, agency, agency_id=cmd.agency_id, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        about.pilot,
        about.scheme,
        agency_stream(caller, cmd.agency_id),
    )


async def sign_agreement(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    about = await matter(store, caller, "sign-agreement", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme: (
            procurement.sign_agreement(pilot, scheme, by=payer(caller), occurred_on=cmd.occurred_on),
            (),
        ),
        about.pilot,
        about.scheme,
    )


async def report_impersonation(store: Store, caller: Caller, pilot_id: PilotId, cmd: ReportImpersonation) -> Answer:
    about = await matter(store, caller, "report-impersonation", pilot_id, cmd.occurred_on)
    third_party = None if caller.actor.role in PAYERS else caller.acts_for
    return await about.change(
        store,
        lambda pilot, budget, _: (
            *procurement.report_impersonation(
                pilot, budget, worker_id=cmd.worker_id, third_party=third_party, occurred_on=cmd.occurred_on
            ),
            (),
        ),
        about.pilot,
        about.budget,
        about.scheme,
    )
