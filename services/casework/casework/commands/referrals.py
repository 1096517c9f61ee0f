"""Helping people to apply for assistance."""

from __future__ import annotations

from uuid import UUID

from casework.commands.catalogues import Code
from casework.commands.ledger import Text
from casework.commands.streams import CATALOGUES, ENTRIES, PLACES, REFERRALS
from casework.domain import referral
from casework.domain.referral import ReferralKind, ReferralOutcome
from contracts.values import EntryId, ReferralId, WorkerId
from kit.auth import Caller
from kit.errors import NotFound
from kit.service import Command
from kit.store import Answer, Store


class ReferAssistance(Command):
    """`policy` is one of the declared "8+1"; another department's assistance needs one (R-LZ-21)."""

    entry_id: EntryId
    place_id: UUID
    catalogue_id: UUID
    kind: ReferralKind
    policy: Code | None = None
    worker_id: WorkerId
    reason: Text


class RecordAssistanceOutcome(Command):
    outcome: ReferralOutcome
    worker_id: WorkerId


async def refer(store: Store, caller: Caller, cmd: ReferAssistance) -> Answer:
    cause = caller.may("refer-assistance", cmd.occurred_on)
    tenant = caller.actor.tenant
    referral_id = ReferralId(caller.new_id("referral"))
    return await store.change(
        cause,
        lambda state, entry, place, catalogue: referral.refer(
            state,
            entry,
            place,
            catalogue,
            referral_id=referral_id,
            entry_id=cmd.entry_id,
            place_id=cmd.place_id,
            catalogue_id=cmd.catalogue_id,
            kind=cmd.kind,
            policy=cmd.policy,
            worker_id=cmd.worker_id,
            unit=caller.actor.unit,
            reason=cmd.reason,
        ),
        REFERRALS.stream(referral_id, tenant),
        ENTRIES.stream(cmd.entry_id),
        PLACES.stream(cmd.place_id, tenant),
        CATALOGUES.stream(cmd.catalogue_id),
    )


async def record_outcome(store: Store, caller: Caller, referral_id: ReferralId, cmd: RecordAssistanceOutcome) -> Answer:
    cause = caller.may("record-assistance-outcome", cmd.occurred_on)
    place_id = (await store.fold(cause, REFERRALS.stream(referral_id))).place_id
    if place_id is None:
        raise NotFound
    return await store.change(
        cause,
        lambda state, place: referral.record_outcome(
            state, place, outcome=cmd.outcome, worker_id=cmd.worker_id, unit=caller.actor.unit
        ),
        REFERRALS.stream(referral_id),
        PLACES.stream(place_id, caller.actor.tenant),
    )
