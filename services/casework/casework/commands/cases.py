"""Cases, stage by stage."""

from __future__ import annotations

from uuid import UUID

from casework.commands.catalogues import Code
from casework.commands.ledger import Text
from casework.commands.streams import AGENCIES, CASES, CATALOGUES, ENTRIES, PLACES
from casework.domain import case
from casework.domain.case import Stage
from casework.domain.place import NotYourUnit
from contracts.values import CaseId, EntryId, WorkerId
from kit.auth import Caller
from kit.errors import NotFound
from kit.service import Command
from kit.store import Answer, Store


class OpenCase(Command):
    entry_id: EntryId
    place_id: UUID
    catalogue_id: UUID
    domain: Code
    worker_id: WorkerId
    problem: Text


class CompleteStage(Command):
    """`text` is what the worker wrote: assessment, plan, record of an intervention, evaluation or closing summary."""

    worker_id: WorkerId
    text: Text


async def open_case(store: Store, caller: Caller, cmd: OpenCase) -> Answer:
    cause = caller.may("open-case", cmd.occurred_on)
    tenant = caller.actor.tenant
    case_id = CaseId(caller.new_id("case"))
    return await store.change(
        cause,
        lambda state, entry, place, agency, catalogue: case.open_case(
            state,
            entry,
            place,
            agency,
            catalogue,
            case_id=case_id,
            entry_id=cmd.entry_id,
            place_id=cmd.place_id,
            domain=cmd.domain,
            worker_id=cmd.worker_id,
            unit=caller.actor.unit,
            problem=cmd.problem,
            occurred_on=cmd.occurred_on,
        ),
        CASES.stream(case_id, tenant),
        ENTRIES.stream(cmd.entry_id),
        PLACES.stream(cmd.place_id, tenant),
        AGENCIES.anywhere(_agency(caller)),
        CATALOGUES.stream(cmd.catalogue_id),
    )


async def advance(store: Store, caller: Caller, case_id: CaseId, to: Stage, cmd: CompleteStage) -> Answer:
    cause = caller.may("advance-case", cmd.occurred_on)
    opened = (await store.fold(cause, CASES.stream(case_id))).opened  # where it was opened never changes
    if opened is None:
        raise NotFound
    return await store.change(
        cause,
        lambda state, place: case.advance(
            state,
            place,
            to=to,
            worker_id=cmd.worker_id,
            unit=caller.actor.unit,
            text=cmd.text,
            occurred_on=cmd.occurred_on,
        ),
        CASES.stream(case_id),
        PLACES.stream(opened.place_id, caller.actor.tenant),
    )


def _agency(caller: Caller) -> UUID:
    """The agency that the worker's token speaks for."""
    try:
        return UUID(caller.actor.unit or "")
    except ValueError:
        raise NotYourUnit from None
