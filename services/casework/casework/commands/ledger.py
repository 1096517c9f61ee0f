"""The ledger and its home visits."""

from __future__ import annotations

import re
from typing import Annotated
from unicodedata import normalize
from uuid import UUID

from pydantic import Field

from casework.commands.catalogues import Code
from casework.commands.streams import CATALOGUES, ENTRIES, PLACES
from casework.domain import entry
from casework.domain.entry import AlreadyInLedger
from contracts.values import EntryId, PersonId, Sealed, WorkerId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Claim, Store

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class EnrolBeneficiary(Command):
    """`place_id` is the pilot or site where the worker is placed; `id_number`, where known, keeps a person unique."""

    place_id: UUID
    catalogue_id: UUID
    categories: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    worker_id: WorkerId
    name: Annotated[str, Field(min_length=1, max_length=60)]
    id_number: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    address: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class RecordHomeVisit(Command):
    place_id: UUID
    worker_id: WorkerId
    findings: Text


async def enrol(store: Store, caller: Caller, cmd: EnrolBeneficiary) -> Answer:
    cause = caller.may("enrol-beneficiary", cmd.occurred_on)
    tenant = caller.actor.tenant
    entry_id = EntryId(caller.new_id("entry"))
    person = PersonId(caller.new_id("person"))
    return await store.change(
        cause,
        lambda state, place, catalogue: entry.enrol(
            state,
            place,
            catalogue,
            entry_id=entry_id,
            place_id=cmd.place_id,
            catalogue_id=cmd.catalogue_id,
            categories=cmd.categories,
            worker_id=cmd.worker_id,
            unit=caller.actor.unit,
            name=Sealed(person=person, clear=cmd.name),
            id_number=Sealed(person=person, clear=cmd.id_number) if cmd.id_number else None,
            address=Sealed(person=person, clear=cmd.address) if cmd.address else None,
        ),
        ENTRIES.stream(entry_id, tenant),
        PLACES.stream(cmd.place_id, tenant),
        CATALOGUES.stream(cmd.catalogue_id),
        claims=_claims(store, tenant, cmd.id_number),
    )


async def record_visit(store: Store, caller: Caller, entry_id: EntryId, cmd: RecordHomeVisit) -> Answer:
    cause = caller.may("record-home-visit", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place: entry.record_visit(
            state,
            place,
            visit_id=caller.new_id("visit"),
            entry_id=entry_id,
            place_id=cmd.place_id,
            worker_id=cmd.worker_id,
            unit=caller.actor.unit,
            findings=cmd.findings,
        ),
        ENTRIES.stream(entry_id),
        PLACES.stream(cmd.place_id, caller.actor.tenant),
    )


def _claims(store: Store, tenant: str, id_number: str | None) -> tuple[Claim, ...]:
    """A number is compared without its width, case and blanks; only its keyed HMAC is kept."""
    if id_number is None or store.vault is None:
        return ()
    normalised = re.sub(r"\s", "", normalize("NFKC", id_number)).upper()
    return (Claim("ledger-person", store.vault.index_hmac("ledger-person", tenant, normalised), AlreadyInLedger),)
