"""Putting right, or taking away, what was recorded: dated as the record, by who may record it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from casework.commands.counts import publish_again
from casework.commands.entry import PERSON, claims_of
from casework.commands.streams import (
    CASES,
    CATALOGUES,
    ENTRIES,
    REFERRALS,
    corrector,
    place_stream,
    worker_stream,
)
from casework.domain import correction, held, referral
from casework.domain.case import begun
from casework.domain.referral import ReferralKind, ReferralOutcome, referral_made
from contracts.fields import Address, Code, MaybeIdentityNumber, PersonName, SealedText
from contracts.values import CaseId, CorrectionReason, EntryId, ReferralId, Said, WorkerId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Each, Look, Release, Store, past


class Annul(Command):
    """`occurred_on` is the day of the record."""

    reason: CorrectionReason


class CorrectEntry(Annul):
    """What is not given stays as it is."""

    categories: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)] | None = None
    name: PersonName | None = None
    id_number: MaybeIdentityNumber = None
    address: Address | None = None


class CorrectVisit(Annul):
    """What is not given stays as it is.  A visit of another day or place is taken away, and recorded there."""

    worker_id: WorkerId | None = None
    findings: SealedText | None = None


class CorrectCase(Annul):
    catalogue_id: UUID
    domain: Code


class CorrectNote(Annul):
    text: SealedText


class CorrectReferral(Annul):
    """What is not given stays as it is."""

    kind: ReferralKind | None = None
    policy: Code | None = None
    text: SealedText | None = None


class CorrectOutcome(Annul):
    outcome: ReferralOutcome


async def correct_entry(store: Store, caller: Caller, entry_id: EntryId, cmd: CorrectEntry) -> Answer:
    cause, stream = caller.may("correct-entry", cmd.occurred_on), ENTRIES.stream(entry_id)
    numbered = cmd.id_number is not None
    return await store.change(
        cause,
        lambda state, said, place, worker, catalogue: correction.correct_entry(
            state,
            said,
            place,
            worker,
            catalogue,
            recorder=corrector(caller),
            categories=cmd.categories,
            name=cmd.name,
            id_number=cmd.id_number,
            address=cmd.address,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        reads=_said(store, caller, stream.name, cmd.name, cmd.id_number, cmd.address)
        .then(lambda said: place_stream(caller, held.details(said).enrolled.place_id))
        .then(lambda said, _: worker_stream(caller, held.details(said).enrolled.worker_id))
        .then(lambda said, *_: CATALOGUES.stream(held.details(said).enrolled.catalogue_id)),
        claims=claims_of(store, caller.actor.tenant, cmd.id_number),
        releases=[Release(PERSON)] if numbered else [],
    )


async def correct_visit(store: Store, caller: Caller, entry_id: EntryId, visit_id: UUID, cmd: CorrectVisit) -> Answer:
    cause, stream = caller.may("correct-home-visit", cmd.occurred_on), ENTRIES.stream(entry_id)
    return await store.change(
        cause,
        lambda state, said, place, workers: correction.correct_visit(
            state,
            said,
            place,
            workers[held.visit_of(said, visit_id).worker_id],
            workers[cmd.worker_id or held.visit_of(said, visit_id).worker_id],
            visit_id=visit_id,
            worker_id=cmd.worker_id,
            findings=cmd.findings,
            recorder=corrector(caller),
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        reads=_said(store, caller, stream.name, cmd.findings)
        .then(lambda said: place_stream(caller, held.visit_of(said, visit_id).recorded.place_id))
        .then(
            lambda said, _: Each(
                {
                    one: worker_stream(caller, one)
                    for one in (held.visit_of(said, visit_id).worker_id, cmd.worker_id)
                    if one is not None
                }
            )
        ),
    )


async def annul_visit(store: Store, caller: Caller, entry_id: EntryId, visit_id: UUID, cmd: Annul) -> Answer:
    cause, stream = caller.may("annul-home-visit", cmd.occurred_on), ENTRIES.stream(entry_id)
    answer = await store.change(
        cause,
        lambda state, said, place, worker: correction.annul_visit(
            state,
            said,
            place,
            worker,
            visit_id=visit_id,
            recorder=corrector(caller),
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        reads=_said(store, caller, stream.name)
        .then(lambda said: place_stream(caller, held.visit_of(said, visit_id).recorded.place_id))
        .then(lambda said, _: worker_stream(caller, held.visit_of(said, visit_id).worker_id)),
    )
    _, said = await store.look(caller.reads("read-visits"), stream, _said(store, caller, stream.name))
    await publish_again(store, caller, held.visit_of(said, visit_id).recorded.project_id, cmd.occurred_on)
    return answer


async def correct_case(store: Store, caller: Caller, case_id: CaseId, cmd: CorrectCase) -> Answer:
    cause = caller.may("correct-case", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place, worker, catalogue: correction.correct_case(
            state,
            place,
            worker,
            catalogue,
            domain=cmd.domain,
            recorder=corrector(caller),
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        CASES.stream(case_id),
        reads=lambda state: (
            place_stream(caller, begun(state).place_id)
            & worker_stream(caller, begun(state).worker_id)
            & CATALOGUES.stream(cmd.catalogue_id)
        ),
    )


async def correct_note(store: Store, caller: Caller, case_id: CaseId, note: UUID, cmd: CorrectNote) -> Answer:
    cause, stream = caller.may("correct-case-note", cmd.occurred_on), CASES.stream(case_id)
    return await store.change(
        cause,
        lambda state, said, place, worker: correction.correct_note(
            state,
            said,
            place,
            worker,
            note=note,
            text=cmd.text,
            recorder=corrector(caller),
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        reads=lambda state: (
            _said(store, caller, stream.name, cmd.text)
            .then(lambda _: place_stream(caller, begun(state).place_id))
            .then(lambda said, _: worker_stream(caller, held.note_of(said, note).event.worker_id))
        ),
    )


async def annul_note(store: Store, caller: Caller, case_id: CaseId, note: UUID, cmd: Annul) -> Answer:
    cause, stream = caller.may("annul-case-note", cmd.occurred_on), CASES.stream(case_id)
    answer = await store.change(
        cause,
        lambda state, entry, said, place, worker: correction.annul_note(
            state,
            entry,
            said,
            place,
            worker,
            note=note,
            recorder=corrector(caller),
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        lambda state: ENTRIES.stream(begun(state).entry_id),
        reads=lambda state, _: (
            _said(store, caller, stream.name)
            .then(lambda _: place_stream(caller, begun(state).place_id))
            .then(lambda said, _: worker_stream(caller, held.note_of(said, note).event.worker_id))
        ),
    )
    state = await store.fold(caller.reads("read-cases"), stream)
    await publish_again(store, caller, begun(state).project_id, cmd.occurred_on)
    return answer


async def correct_referral(store: Store, caller: Caller, referral_id: ReferralId, cmd: CorrectReferral) -> Answer:
    cause, stream = caller.may("correct-referral", cmd.occurred_on), REFERRALS.stream(referral_id)
    return await store.change(
        cause,
        lambda state, said, place, worker, catalogue: referral.correct(
            state,
            said,
            place,
            worker,
            catalogue,
            kind=cmd.kind,
            policy=cmd.policy,
            text=cmd.text,
            recorder=corrector(caller),
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        reads=lambda state: (
            _said(store, caller, stream.name, cmd.text)
            & place_stream(caller, referral_made(state).place_id)
            & worker_stream(caller, referral_made(state).worker_id)
            & CATALOGUES.stream(referral_made(state).catalogue_id)
        ),
    )


async def annul_referral(store: Store, caller: Caller, referral_id: ReferralId, cmd: Annul) -> Answer:
    cause, stream = caller.may("annul-referral", cmd.occurred_on), REFERRALS.stream(referral_id)
    answer = await store.change(
        cause,
        lambda state, place, worker: referral.annul(
            state, place, worker, recorder=corrector(caller), reason=cmd.reason, occurred_on=cmd.occurred_on
        ),
        stream,
        reads=lambda state: (
            place_stream(caller, referral_made(state).place_id) & worker_stream(caller, referral_made(state).worker_id)
        ),
    )
    state = await store.fold(caller.reads("read-referrals"), stream)
    await publish_again(store, caller, referral_made(state).project_id, cmd.occurred_on)
    return answer


async def correct_outcome(store: Store, caller: Caller, referral_id: ReferralId, cmd: CorrectOutcome) -> Answer:
    cause, stream = caller.may("correct-assistance-outcome", cmd.occurred_on), REFERRALS.stream(referral_id)
    return await store.change(
        cause,
        lambda state, said, place, worker: referral.correct_outcome(
            state,
            said,
            place,
            worker,
            outcome=cmd.outcome,
            recorder=corrector(caller),
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        reads=lambda state: (
            _said(store, caller, stream.name)
            .then(lambda _: place_stream(caller, referral_made(state).place_id))
            .then(lambda said, _: worker_stream(caller, referral.outcome_of(said)[1].worker_id))
        ),
    )


def _said(store: Store, caller: Caller, stream: str, *texts: str | None) -> Look[Said]:
    """For a change that seals those of the texts that are given."""
    return past(store, caller.actor.tenant, stream, seals=any(text is not None for text in texts))
