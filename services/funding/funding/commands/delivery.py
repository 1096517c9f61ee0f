"""Steps 8 and 10, and what the registry and others tell of a project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.messages.registry import PostingLockedV1, WorkerLeftPostingV1
from contracts.values import DocumentId, ProjectId, Quantity, WorkerId
from funding.commands.application import Dated
from funding.commands.streams import PROJECTS, actor_of, budget_of, scheme_of
from funding.domain.project import delivery
from funding.domain.project.events import ProjectEvent, Reason, VerifiedWorker
from funding.domain.project.state import Project
from kit.auth import Caller
from kit.errors import NotFound, NotKnownYet
from kit.service import Command
from kit.store import Answer, Store


class DeclareStaffing(Command):
    worker_ids: Annotated[tuple[WorkerId, ...], Field(min_length=1, max_length=100)]


async def declare_staffing(store: Store, caller: Caller, project_id: ProjectId, cmd: DeclareStaffing) -> Answer:
    return await store.change(
        caller.may("declare-staffing", cmd.occurred_on),
        lambda project, scheme: delivery.declare_staffing(
            project,
            scheme,
            declaration_id=DocumentId(caller.new_id("declaration")),
            worker_ids=cmd.worker_ids,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def start(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("start-implementation", cmd.occurred_on),
        lambda project, scheme, budget: delivery.start(
            project, scheme, budget, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=lambda project: scheme_of(project) & budget_of(project_id),
    )


async def note_verified(
    store: Store,
    caller: Caller,
    project_id: ProjectId,
    declaration_id: DocumentId,
    workers: tuple[VerifiedWorker, ...],
    day: date,
) -> Answer:
    """The registry's verdict on a declared staff (SG-2); so is the next."""
    return await _on_project(
        store,
        caller,
        "note-staffing-verdict",
        project_id,
        day,
        lambda project: delivery.note_verified(
            project, declaration_id=declaration_id, workers=workers, occurred_on=day
        ),
    )


async def note_rejected(
    store: Store,
    caller: Caller,
    project_id: ProjectId,
    declaration_id: DocumentId,
    reasons: tuple[Reason, ...],
    day: date,
) -> Answer:
    return await _on_project(
        store,
        caller,
        "note-staffing-verdict",
        project_id,
        day,
        lambda project: delivery.note_rejected(project, declaration_id=declaration_id, reasons=reasons),
    )


async def note_lock(store: Store, caller: Caller, event: PostingLockedV1, day: date) -> Answer:
    return await _on_project(
        store,
        caller,
        "note-lock",
        event.project_id,
        day,
        lambda project: delivery.note_lock(
            project, organisation_id=event.organisation_id, worker_ids=tuple(event.worker_ids)
        ),
    )


async def note_departure(store: Store, caller: Caller, event: WorkerLeftPostingV1, day: date) -> Answer:
    return await _on_project(
        store,
        caller,
        "note-departure",
        event.project_id,
        day,
        lambda project: delivery.note_departure(
            project, worker_id=event.worker_id, breach=event.breach, remaining=event.remaining, occurred_on=day
        ),
    )


async def note_end(store: Store, caller: Caller, project_id: ProjectId, day: date) -> Answer:
    return await _on_project(store, caller, "note-posting-end", project_id, day, delivery.note_end)


async def note_counts(
    store: Store,
    caller: Caller,
    project_id: ProjectId,
    source: str,
    counted: date,
    totals: dict[str, Quantity],
    day: date,
) -> Answer:
    return await _on_project(
        store,
        caller,
        "note-counts",
        project_id,
        day,
        lambda project: delivery.note_counts(project, source=source, day=counted, totals=totals, told_on=day),
    )


async def _on_project(
    store: Store,
    caller: Caller,
    action: str,
    project_id: ProjectId,
    day: date,
    decide: Callable[[Project], Sequence[ProjectEvent]],
) -> Answer:
    """A message may overtake the application it is about: then it is asked for again."""
    try:
        return await store.change(caller.may(action, day), decide, PROJECTS.stream(project_id))
    except NotFound:
        raise NotKnownYet(what="试点项目") from None
