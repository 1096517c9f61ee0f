"""Steps 5 to 7, and the finding that starts step x."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Code
from contracts.values import OrganisationId, ProjectId, WorkerId
from funding.commands.application import Dated, WithReason
from funding.commands.streams import (
    PROJECTS,
    actor_of,
    budget_of,
    organisation_declaring,
    organisation_in_sight,
    organisation_of,
    scheme_of,
)
from funding.domain.project import procurement
from funding.domain.project.events import EndCause, PurchaseFailure, ScopeItem
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class PublishPurchase(Command):
    scope: Annotated[tuple[ScopeItem, ...], Field(min_length=1, max_length=200)]


class ReviewServicePlan(Command):
    """`preferences`: codes of the plan's preference conditions that the organisation meets (R-LZ-07)."""

    organisation_id: OrganisationId
    passed: bool
    preferences: Annotated[tuple[Code, ...], Field(max_length=50)] = ()


class SelectOrganisation(Command):
    organisation_id: OrganisationId


class FailPurchase(Command):
    failure: PurchaseFailure


class EndAssignment(WithReason):
    cause: EndCause


class ReportImpersonation(Command):
    worker_id: WorkerId


async def publish_purchase(store: Store, caller: Caller, project_id: ProjectId, cmd: PublishPurchase) -> Answer:
    return await store.change(
        caller.may("publish-purchase", cmd.occurred_on),
        lambda project, scheme: procurement.publish_purchase(
            project, scheme, scope=cmd.scope, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def review_plan(store: Store, caller: Caller, project_id: ProjectId, cmd: ReviewServicePlan) -> Answer:
    return await store.change(
        caller.may("review-service-plan", cmd.occurred_on),
        lambda project, scheme, organisation: procurement.review_plan(
            project,
            scheme,
            organisation,
            organisation_id=cmd.organisation_id,
            passed=cmd.passed,
            preferences=cmd.preferences,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=lambda project: scheme_of(project) & organisation_in_sight(caller, cmd.organisation_id),
    )


async def select_organisation(store: Store, caller: Caller, project_id: ProjectId, cmd: SelectOrganisation) -> Answer:
    return await store.change(
        caller.may("select-organisation", cmd.occurred_on),
        lambda project, organisation, scheme: procurement.select_organisation(
            project,
            scheme,
            organisation,
            organisation_id=cmd.organisation_id,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        organisation_in_sight(caller, cmd.organisation_id),
        reads=lambda project, _: scheme_of(project),
    )


async def sign_agreement(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("sign-agreement", cmd.occurred_on),
        lambda project, scheme, budget: procurement.sign_agreement(
            project, scheme, budget, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=lambda project: scheme_of(project) & budget_of(project_id),
    )


async def report_impersonation(store: Store, caller: Caller, project_id: ProjectId, cmd: ReportImpersonation) -> Answer:
    return await store.change(
        caller.may("report-impersonation", cmd.occurred_on),
        lambda project, budget, scheme, organisation: procurement.report_impersonation(
            project,
            budget,
            scheme,
            organisation,
            worker_id=cmd.worker_id,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        budget_of(project_id),
        reads=lambda project, _: scheme_of(project) & organisation_declaring(project, cmd.worker_id),
    )


async def fail_purchase(store: Store, caller: Caller, project_id: ProjectId, cmd: FailPurchase) -> Answer:
    return await store.change(
        caller.may("fail-purchase", cmd.occurred_on),
        lambda project, scheme: procurement.fail_purchase(
            project, scheme, failure=cmd.failure, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def end_assignment(store: Store, caller: Caller, project_id: ProjectId, cmd: EndAssignment) -> Answer:
    return await store.change(
        caller.may("end-assignment", cmd.occurred_on),
        lambda project, organisation, budget, scheme: procurement.end_assignment(
            project,
            organisation,
            budget,
            scheme,
            cause=cmd.cause,
            reason=cmd.reason,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        organisation_of,
        budget_of(project_id),
        reads=lambda project, _, __: scheme_of(project),
    )
