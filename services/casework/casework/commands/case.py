"""Cases, stage by stage."""

from __future__ import annotations

from uuid import UUID

from casework.commands.streams import (
    CASES,
    CATALOGUES,
    ENTRIES,
    corrector,
    organisation_stream,
    place_stream,
    recorder,
    worker_stream,
)
from casework.domain import case
from casework.domain.case import Situation
from casework.domain.stage import CaseEndReason, Stage
from casework.domain.worker import Worker
from contracts.fields import Code, SealedText
from contracts.values import CaseId, EntryId, WorkerId
from kit import clock
from kit.auth import Caller
from kit.errors import NotYourUnit
from kit.service import Command
from kit.store import Answer, Each, Store


class OpenCase(Command):
    entry_id: EntryId
    place_id: UUID
    catalogue_id: UUID
    domain: Code
    worker_id: WorkerId
    problem: SealedText


class CompleteStage(Command):
    """`text` is what the worker wrote: assessment, plan, record of an intervention, evaluation or closing summary."""

    worker_id: WorkerId
    text: SealedText


class EndCase(Command):
    """`text` is what the worker wrote about how the case came to its early end."""

    worker_id: WorkerId
    reason: CaseEndReason
    text: SealedText


async def open_case(store: Store, caller: Caller, cmd: OpenCase) -> Answer:
    cause = caller.may("open-case", cmd.occurred_on)
    case_id = CaseId(caller.new_id("case"))
    return await store.change(
        cause,
        lambda state, entry, place, worker, organisation, catalogue: case.open_case(
            state,
            entry,
            place,
            worker,
            organisation,
            catalogue,
            case_id=case_id,
            entry_id=cmd.entry_id,
            place_id=cmd.place_id,
            domain=cmd.domain,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            problem=cmd.problem,
            occurred_on=cmd.occurred_on,
        ),
        CASES.stream(case_id, caller.actor.tenant),
        ENTRIES.stream(cmd.entry_id),
        reads=place_stream(caller, cmd.place_id)
        & worker_stream(caller, cmd.worker_id)
        & organisation_stream(caller, _organisation(caller))
        & CATALOGUES.stream(cmd.catalogue_id),
    )


async def advance(store: Store, caller: Caller, case_id: CaseId, to: Stage, cmd: CompleteStage) -> Answer:
    cause = caller.may("advance-case", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place, worker: case.advance(
            state,
            place,
            worker,
            to=to,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            text=cmd.text,
            occurred_on=cmd.occurred_on,
        ),
        CASES.stream(case_id),
        reads=lambda state: place_stream(caller, case.begun(state).place_id) & worker_stream(caller, cmd.worker_id),
    )


async def end_case(store: Store, caller: Caller, case_id: CaseId, cmd: EndCase) -> Answer:
    cause = caller.may("end-case", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place, worker: case.end_early(
            state,
            place,
            worker,
            reason=cmd.reason,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            text=cmd.text,
            occurred_on=cmd.occurred_on,
        ),
        CASES.stream(case_id),
        reads=lambda state: place_stream(caller, case.begun(state).place_id) & worker_stream(caller, cmd.worker_id),
    )


async def situation(store: Store, caller: Caller, case_id: CaseId) -> Situation:
    """What the steps of a case ask about, today: of a token that names no worker, anybody's record."""
    by, own = corrector(caller), caller.actor.worker
    worker_id = WorkerId(own) if own is not None else None
    state, place, workers = await store.look(
        caller.reads("read-records"),
        CASES.stream(case_id),
        lambda state: (
            place_stream(caller, case.begun(state).place_id)
            & Each({one: worker_stream(caller, one) for one in {case.begun(state).worker_id, worker_id} if one})
        ),
    )
    author = workers[case.begun(state).worker_id]
    worker = workers[worker_id] if worker_id is not None else Worker()
    return Situation(state, place, by, clock.day(caller.now), worker, worker_id, author)


def _organisation(caller: Caller) -> UUID:
    """The organisation that the worker's token speaks for."""
    try:
        return UUID(caller.actor.unit or "")
    except ValueError:
        raise NotYourUnit(units="社工机构") from None
