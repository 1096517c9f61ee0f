"""Helping people to apply for assistance."""

from __future__ import annotations

from uuid import UUID

from casework.commands.streams import CATALOGUES, ENTRIES, REFERRALS, corrector, place_stream, recorder, worker_stream
from casework.domain import referral
from casework.domain.referral import ReferralKind, ReferralOutcome, Situation
from casework.domain.worker import Worker
from contracts.fields import Code, SealedText
from contracts.values import EntryId, ReferralId, WorkerId
from kit import clock
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Each, Store


class ReferAssistance(Command):
    """`policy` is one of the declared "8+1"; another department's assistance needs one (R-LZ-21)."""

    entry_id: EntryId
    place_id: UUID
    catalogue_id: UUID
    kind: ReferralKind
    policy: Code | None = None
    worker_id: WorkerId
    reason: SealedText


class RecordAssistanceOutcome(Command):
    outcome: ReferralOutcome
    worker_id: WorkerId


async def situation(store: Store, caller: Caller, referral_id: ReferralId) -> Situation:
    """What the steps of a referral ask about, today: of a token that names no worker, anybody's record."""
    own = caller.actor.worker
    worker_id = WorkerId(own) if own is not None else None
    state, place, workers = await store.look(
        caller.reads("read-referrals"),
        REFERRALS.stream(referral_id),
        lambda state: (
            place_stream(caller, referral.referral_made(state).place_id)
            & Each(
                {one: worker_stream(caller, one) for one in {referral.referral_made(state).worker_id, worker_id} if one}
            )
        ),
    )
    author = workers[referral.referral_made(state).worker_id]
    worker = workers[worker_id] if worker_id is not None else Worker()
    return Situation(state, place, corrector(caller), clock.day(caller.now), worker, worker_id, author)


async def refer(store: Store, caller: Caller, cmd: ReferAssistance) -> Answer:
    cause = caller.may("refer-assistance", cmd.occurred_on)
    referral_id = ReferralId(caller.new_id("referral"))
    return await store.change(
        cause,
        lambda state, entry, place, worker, catalogue: referral.refer(
            state,
            entry,
            place,
            worker,
            catalogue,
            referral_id=referral_id,
            entry_id=cmd.entry_id,
            place_id=cmd.place_id,
            catalogue_id=cmd.catalogue_id,
            kind=cmd.kind,
            policy=cmd.policy,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            occurred_on=cmd.occurred_on,
            reason=cmd.reason,
        ),
        REFERRALS.stream(referral_id, caller.actor.tenant),
        reads=ENTRIES.stream(cmd.entry_id)
        & place_stream(caller, cmd.place_id)
        & worker_stream(caller, cmd.worker_id)
        & CATALOGUES.stream(cmd.catalogue_id),
    )


async def record_outcome(store: Store, caller: Caller, referral_id: ReferralId, cmd: RecordAssistanceOutcome) -> Answer:
    cause = caller.may("record-assistance-outcome", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place, worker: referral.record_outcome(
            state,
            place,
            worker,
            outcome=cmd.outcome,
            worker_id=cmd.worker_id,
            recorder=recorder(caller),
            occurred_on=cmd.occurred_on,
        ),
        REFERRALS.stream(referral_id),
        reads=lambda state: (
            place_stream(caller, referral.referral_made(state).place_id) & worker_stream(caller, cmd.worker_id)
        ),
    )
