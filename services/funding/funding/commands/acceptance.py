"""Steps 14 to 17."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Code, Day, Name
from contracts.values import DocumentId, ProjectId
from funding.commands.application import Dated, WithReason
from funding.commands.streams import PROJECTS, actor_of, budget_of, organisation_of, scheme_of
from funding.domain.project import acceptance
from funding.domain.project.authority import LEVELS
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class FileSummary(Command):
    summary: DocumentId


class FailAcceptance(Command):
    reasons: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    rectify_by: Day


class FileReport(Command):
    report: DocumentId


class RateProject(Command):
    rating: Code


class PubliciseExperience(Command):
    title: Name
    medium: Code


async def file_self_assessment(store: Store, caller: Caller, project_id: ProjectId, cmd: FileSummary) -> Answer:
    return await store.change(
        caller.may("file-self-assessment", cmd.occurred_on),
        lambda project, scheme: acceptance.file_self_assessment(
            project,
            scheme,
            level=LEVELS[caller.actor.role],
            summary=cmd.summary,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def complete(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("complete-acceptance", cmd.occurred_on),
        lambda project, scheme: acceptance.complete_acceptance(
            project, scheme, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def fail(store: Store, caller: Caller, project_id: ProjectId, cmd: FailAcceptance) -> Answer:
    return await store.change(
        caller.may("fail-acceptance", cmd.occurred_on),
        lambda project, scheme: acceptance.fail_acceptance(
            project,
            scheme,
            reasons=cmd.reasons,
            rectify_by=cmd.rectify_by,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def withdraw(store: Store, caller: Caller, project_id: ProjectId, cmd: WithReason) -> Answer:
    return await store.change(
        caller.may("withdraw-acceptance", cmd.occurred_on),
        lambda project, scheme: acceptance.withdraw_acceptance(
            project, scheme, reason=cmd.reason, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def report_rectification(store: Store, caller: Caller, project_id: ProjectId, cmd: FileReport) -> Answer:
    return await store.change(
        caller.may("report-rectification", cmd.occurred_on),
        lambda project, scheme: acceptance.report_rectification(
            project, scheme, report=cmd.report, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def file_report(store: Store, caller: Caller, project_id: ProjectId, cmd: FileReport) -> Answer:
    return await store.change(
        caller.may("file-acceptance-report", cmd.occurred_on),
        lambda project, scheme: acceptance.file_acceptance_report(
            project, scheme, report=cmd.report, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def rate(store: Store, caller: Caller, project_id: ProjectId, cmd: RateProject) -> Answer:
    return await store.change(
        caller.may("rate-project", cmd.occurred_on),
        lambda project, scheme: acceptance.rate(
            project, scheme, rating=cmd.rating, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def publicise(store: Store, caller: Caller, project_id: ProjectId, cmd: PubliciseExperience) -> Answer:
    return await store.change(
        caller.may("publicise-experience", cmd.occurred_on),
        lambda project, scheme: acceptance.publicise(
            project, scheme, title=cmd.title, medium=cmd.medium, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def close(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("close-project", cmd.occurred_on),
        lambda project, organisation, scheme, budget: acceptance.close(
            project, organisation, scheme, budget, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        organisation_of,
        reads=lambda project, _: scheme_of(project) & budget_of(project_id),
    )
