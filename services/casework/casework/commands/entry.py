"""The ledger and its home visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from casework.commands.streams import CATALOGUES, ENTRIES, PLACES, place_stream, recorder, worker_stream
from casework.domain import entry
from casework.domain.entry import AlreadyInLedger
from casework.domain.entry_events import EntryEndReason
from casework.projections import case as cases
from contracts.fields import Address, Code, MaybeIdentityNumber, PersonName, SealedText
from contracts.values import EntryId, PersonId, Sealed, UnitCode, WorkerId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Claim, Each, Look, Release, Store

PERSON = "ledger-person"
"""The natural key: a person stands in a district's ledger once at a time (R-KL-06)."""


class EnrolBeneficiary(Command):
    """`place_id` is the project or site where the worker is placed; `id_number`, where known, keeps a person unique."""

    place_id: UUID
    catalogue_id: UUID
    categories: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    worker_id: WorkerId
    name: PersonName
    id_number: MaybeIdentityNumber = None
    address: Address | None = None


class RecordHomeVisit(Command):
    place_id: UUID
    worker_id: WorkerId
    findings: SealedText


class MoveEntry(Command):
    """`place_id` is where the worker is placed, in the present community; `to_place_id` a place of the new one."""

    place_id: UUID
    to_place_id: UUID
    worker_id: WorkerId


class EndEntry(Command):
    place_id: UUID
    worker_id: WorkerId
    reason: EntryEndReason


async def enrol(store: Store, caller: Caller, cmd: EnrolBeneficiary) -> Answer:
    cause = caller.may("enrol-beneficiary", cmd.occurred_on)
    tenant = caller.actor.tenant
    entry_id = EntryId(caller.new_id("entry"))
    person = PersonId(caller.new_id("person"))
    return await store.change(
        cause,
        lambda state, place, worker, catalogue: entry.enrol(
            state,
            place,
            worker,
            catalogue,
            entry_id=entry_id,
            place_id=cmd.place_id,
            catalogue_id=cmd.catalogue_id,
            categories=cmd.categories,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            occurred_on=cmd.occurred_on,
            name=Sealed(person=person, clear=cmd.name),
            id_number=Sealed(person=person, clear=cmd.id_number) if cmd.id_number else None,
            address=Sealed(person=person, clear=cmd.address) if cmd.address else None,
        ),
        ENTRIES.stream(entry_id, tenant),
        reads=place_stream(caller, cmd.place_id)
        & worker_stream(caller, cmd.worker_id)
        & CATALOGUES.stream(cmd.catalogue_id),
        claims=claims_of(store, tenant, cmd.id_number),
    )


async def record_visit(store: Store, caller: Caller, entry_id: EntryId, cmd: RecordHomeVisit) -> Answer:
    cause = caller.may("record-home-visit", cmd.occurred_on)
    visit_id = caller.new_id("visit")
    return await store.change(
        cause,
        lambda state, place, worker: entry.record_visit(
            state,
            place,
            worker,
            visit_id=visit_id,
            entry_id=entry_id,
            place_id=cmd.place_id,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            occurred_on=cmd.occurred_on,
            findings=cmd.findings,
        ),
        ENTRIES.stream(entry_id),
        reads=place_stream(caller, cmd.place_id) & worker_stream(caller, cmd.worker_id),
    )


async def move(store: Store, caller: Caller, entry_id: EntryId, cmd: MoveEntry) -> Answer:
    cause = caller.may("move-entry", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place, to, worker, open_cases: entry.move(
            state,
            place,
            to,
            worker,
            open_cases,
            entry_id=entry_id,
            to_place_id=cmd.to_place_id,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            occurred_on=cmd.occurred_on,
        ),
        ENTRIES.stream(entry_id),
        reads=place_stream(caller, cmd.place_id)
        & place_stream(caller, cmd.to_place_id)
        & worker_stream(caller, cmd.worker_id)
        & _open_cases(caller, entry_id),
    )


async def end(store: Store, caller: Caller, entry_id: EntryId, cmd: EndEntry) -> Answer:
    """The person's number is free from then on: who comes back, or lives elsewhere, may be enrolled again."""
    cause = caller.may("end-entry", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place, worker, open_cases: entry.end(
            state,
            place,
            worker,
            open_cases,
            entry_id=entry_id,
            reason=cmd.reason,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            occurred_on=cmd.occurred_on,
        ),
        ENTRIES.stream(entry_id),
        reads=place_stream(caller, cmd.place_id) & worker_stream(caller, cmd.worker_id) & _open_cases(caller, entry_id),
        releases=[Release(PERSON)],
    )


async def pass_on(
    store: Store, caller: Caller, entries: Sequence[EntryId], place_id: UUID, *, community: UnitCode, passed_on: date
) -> Answer:
    """Those of whom something was recorded at the place, and who belong to a community that it was in before."""
    tenant = caller.actor.tenant
    return await store.change(
        caller.may("pass-entries-on", passed_on),
        lambda place, ledger: (
            (),
            {
                entry_id: entry.pass_on(
                    state, entry_id=entry_id, was=place.communities, community=community, passed_on=passed_on
                )
                for entry_id, state in ledger.items()
            },
        ),
        PLACES.stream(place_id, tenant),
        Each({entry_id: ENTRIES.stream(entry_id, tenant) for entry_id in entries}),
    )


def _open_cases(caller: Caller, entry_id: EntryId) -> Look[int]:
    """As exact as the entry's stream, to which whatever opens a case writes."""
    return Look(lambda tx: cases.still_open(tx, caller.actor.tenant, entry_id))


def claims_of(store: Store, tenant: str, id_number: str | None) -> tuple[Claim, ...]:
    """A number is compared in its normal form, which the command's field has; only its keyed HMAC is kept."""
    if id_number is None or store.vault is None:
        return ()
    return (Claim(PERSON, store.vault.index_hmac(PERSON, tenant, id_number), AlreadyInLedger),)
