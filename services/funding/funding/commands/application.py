"""Steps 1 to 4."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Area, Code, Community, Name, Street
from contracts.values import ProjectId, SchemeId
from funding.commands.streams import BUDGETS, PROJECTS, SCHEMES, UNITS, actor_of, quota_of, scheme_of
from funding.domain.project import application
from funding.domain.project.events import Attestation
from funding.projections.project import place as places
from kit import ids
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Look, Store


class SubmitApplication(Command):
    """`attestations`: one per condition of the plan, each by the community or its street."""

    scheme_id: SchemeId
    street: Street
    street_name: Name
    community: Community
    community_name: Name
    area_m2: Area
    attestations: Annotated[tuple[Attestation, ...], Field(max_length=50)]


class Dated(Command):
    """A step that needs no more than its day."""


class WithReason(Command):
    """A step that says why."""

    reason: Code


async def submit(store: Store, caller: Caller, cmd: SubmitApplication) -> Answer:
    """The project's id follows from scheme, district and community: a community has one application in a scheme."""
    cause = caller.may("submit-application", cmd.occurred_on)
    district = caller.actor.tenant
    project_id = ProjectId(ids.derived(cmd.scheme_id, f"{district}/project/{cmd.community}"))
    return await store.change(
        cause,
        lambda project, scheme, budget, unit, others: application.submit(
            project,
            scheme,
            budget,
            unit,
            others,
            project_id=project_id,
            district=district,
            street=cmd.street,
            street_name=cmd.street_name,
            community=cmd.community,
            community_name=cmd.community_name,
            area_m2=cmd.area_m2,
            attestations=cmd.attestations,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id, district),
        reads=SCHEMES.stream(cmd.scheme_id)
        & BUDGETS.stream(project_id, district)
        & UNITS.stream(cmd.community, district)
        & Look(lambda tx: places.living_at(tx, district, cmd.scheme_id, cmd.community)),
    )


async def sign_off(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("sign-off-application", cmd.occurred_on),
        lambda project, scheme: application.sign_off(
            project, scheme, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def recommend(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("recommend-project", cmd.occurred_on),
        lambda project, scheme: application.recommend(
            project, scheme, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def approve(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("approve-project", cmd.occurred_on),
        lambda project, use, scheme: application.approve(
            project, use, scheme, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        quota_of,
        reads=lambda project, _: scheme_of(project),
    )


async def reject(store: Store, caller: Caller, project_id: ProjectId, cmd: WithReason) -> Answer:
    return await store.change(
        caller.may("reject-project", cmd.occurred_on),
        lambda project, scheme: application.reject(
            project, scheme, reason=cmd.reason, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def return_application(store: Store, caller: Caller, project_id: ProjectId, cmd: WithReason) -> Answer:
    return await store.change(
        caller.may("return-application", cmd.occurred_on),
        lambda project, scheme: application.return_application(
            project, scheme, reason=cmd.reason, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def withdraw(store: Store, caller: Caller, project_id: ProjectId, cmd: WithReason) -> Answer:
    return await store.change(
        caller.may("withdraw-application", cmd.occurred_on),
        lambda project, scheme: application.withdraw(
            project, scheme, reason=cmd.reason, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )
