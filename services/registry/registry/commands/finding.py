"""Findings about licences: opened where a registration is refused, settled by the city (R-LZ-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from contracts.fields import Title
from contracts.values import WorkerId
from kit.auth import Caller
from kit.errors import NotKnownYet
from kit.ids import derived
from kit.service import Command
from kit.store import Answer, Look, Store, Tx
from registry.commands.streams import FINDINGS, WORKERS, city_of
from registry.domain import finding
from registry.domain.finding import Finding, FindingEvent, LicenceFindingOpened, LicenceRecordedAlready, Outcome
from registry.domain.worker import Worker
from registry.projections.finding import Held, licence_holder


class SettleFinding(Command):
    """What the certificates show, and the paper that says so."""

    outcome: Outcome
    document: Title


async def open_licence_finding(
    store: Store, caller: Caller, claimant: WorkerId, licence: str, occurred_on: date
) -> UUID:
    """The finding about `claimant` and whoever holds the licence; `licence` is its keyed HMAC.

    A command of its own: the registration was refused, and a repeat of it is judged again.  Refused too where it is
    the same person's: one number is recorded once, so that its rejection frees it.
    """
    asking = replace(caller, command_id=derived(caller.command_id, "finding"), expected=None)
    cause = asking.may("open-licence-finding", occurred_on)
    city = city_of(caller, caller.actor.tenant)
    finding_id = derived(claimant, f"licence-finding/{licence}")

    async def held(tx: Tx) -> Held:
        found = await licence_holder(tx, city, licence)
        if found is None:  # rejected in this very moment: the next try may have it
            raise NotKnownYet(what="证书编号的登记人")
        if found.worker_id == claimant:
            raise LicenceRecordedAlready
        return found

    def decide(state: Finding, found: Held, holder: Worker, second: Worker) -> Sequence[FindingEvent]:
        opened = LicenceFindingOpened(
            finding_id=finding_id,
            holder=found.worker_id,
            holder_organisation=holder.organisation_id,
            qualification_id=found.qualification_id,
            claimant=claimant,
            claimant_organisation=second.organisation_id,
            opened_on=occurred_on,
        )
        return finding.open_finding(state, opened=opened)

    holder = Look(held).then(lambda found: WORKERS.stream(found.worker_id, tenant=city))
    await store.change(
        cause,
        decide,
        FINDINGS.stream(finding_id, tenant=city),
        reads=holder & WORKERS.stream(claimant, tenant=city),
    )
    return finding_id


async def settle_finding(store: Store, caller: Caller, finding_id: UUID, cmd: SettleFinding) -> Answer:
    """Whose licence falls is rejected apart; then its number is free for whoever holds it."""
    cause = caller.may("settle-finding", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: finding.settle(state, outcome=cmd.outcome, document=cmd.document, occurred_on=cmd.occurred_on),
        FINDINGS.stream(finding_id),
    )
