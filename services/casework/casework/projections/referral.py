"""The referrals, each with its outcome."""

from __future__ import annotations

from typing import assert_never

from casework.domain.referral import AssistanceOutcomeRecorded, AssistanceReferred, ReferralEvent
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: ReferralEvent, meta: Meta) -> None:
    match event:
        case AssistanceReferred():
            await tx.execute(
                "insert into referral_list (tenant_id, referral_id, entry_id, pilot_id, community, kind, policy,"
                " referred_on) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                meta.tenant,
                event.referral_id,
                event.entry_id,
                event.pilot_id,
                event.community,
                event.kind,
                event.policy,
                meta.occurred_on,
            )
        case AssistanceOutcomeRecorded(outcome=outcome):
            await tx.execute(
                "update referral_list set outcome = $3 where tenant_id = $1 and referral_id = $2",
                meta.tenant,
                meta.stream_id,
                outcome,
            )
        case _:
            assert_never(event)


REFERRALS = Projection("referral_list", 1, ("referral_list",), ("referral",), apply)
