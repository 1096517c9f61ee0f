"""Suspending, resuming and terminating a project."""

from __future__ import annotations

from contracts.values import DocumentId, ProjectId
from funding.commands.application import Dated, WithReason
from funding.commands.streams import PROJECTS, actor_of, budget_of, quota_of, scheme_of
from funding.domain.project import end
from kit.auth import Caller
from kit.store import Answer, Store


class TerminateProject(WithReason):
    """`give_back_place`: of a project that began, whether its place in the quota is free again; of another it is."""

    document: DocumentId
    give_back_place: bool = False


class ProposeReopening(WithReason):
    document: DocumentId


async def suspend(store: Store, caller: Caller, project_id: ProjectId, cmd: WithReason) -> Answer:
    return await store.change(
        caller.may("suspend-project", cmd.occurred_on),
        lambda project, scheme: end.suspend(
            project, scheme, reason=cmd.reason, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def resume(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("resume-project", cmd.occurred_on),
        lambda project, scheme: end.resume(project, scheme, actor=actor_of(caller), occurred_on=cmd.occurred_on),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def terminate(store: Store, caller: Caller, project_id: ProjectId, cmd: TerminateProject) -> Answer:
    return await store.change(
        caller.may("terminate-project", cmd.occurred_on),
        lambda project, use, scheme, budget: end.terminate(
            project,
            use,
            scheme,
            budget,
            reason=cmd.reason,
            document=cmd.document,
            give_back_place=cmd.give_back_place,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        quota_of,
        reads=lambda project, _: scheme_of(project) & budget_of(project_id),
    )


async def propose_reopening(store: Store, caller: Caller, project_id: ProjectId, cmd: ProposeReopening) -> Answer:
    return await store.change(
        caller.may("propose-reopening", cmd.occurred_on),
        lambda project, scheme: end.propose_reopening(
            project,
            scheme,
            reason=cmd.reason,
            document=cmd.document,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def reopen(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("reopen-project", cmd.occurred_on),
        lambda project, use, scheme: end.reopen(
            project, use, scheme, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        quota_of,
        reads=lambda project, _: scheme_of(project),
    )
