"""Publishing a scheme, and its later versions."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.values import DocumentId, SchemeId
from funding.commands.application import WithReason
from funding.commands.streams import SCHEMES, STANDARDS, payer, use_of
from funding.domain import scheme
from funding.domain.quota import QuotaUse
from funding.domain.scheme import Scheme, SchemeEvent
from funding.domain.terms import Terms
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class PublishScheme(Command):
    """`terms` is the whole plan as one document; `funding.domain.terms` describes it field by field."""

    terms: Terms


class WithdrawScheme(WithReason):
    document: DocumentId


async def withdraw_scheme(store: Store, caller: Caller, scheme_id: SchemeId, cmd: WithdrawScheme) -> Answer:
    return await store.change(
        caller.may("withdraw-scheme", cmd.occurred_on),
        lambda known: scheme.withdraw(
            known, document=cmd.document, reason=cmd.reason, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        SCHEMES.stream(scheme_id),
    )


async def publish_scheme(store: Store, caller: Caller, cmd: PublishScheme, known: SchemeId | None = None) -> Answer:
    """A new scheme, or the next version of a known one."""
    cause = caller.may("publish-scheme", cmd.occurred_on)
    scheme_id = known or SchemeId(caller.new_id("scheme"))
    stream = SCHEMES.stream(scheme_id, None if known else caller.actor.tenant)

    def decide(before: Scheme, use: QuotaUse, standard: Scheme | None) -> Sequence[SchemeEvent]:
        return scheme.publish(
            before,
            use,
            standard,
            scheme_id=scheme_id,
            terms=cmd.terms,
            by=payer(caller),
            occurred_on=cmd.occurred_on,
        )

    use = use_of(stream, scheme_id)
    if cmd.terms.standard is None:
        return await store.change(cause, lambda before, use: decide(before, use, None), stream, reads=use)
    return await store.change(cause, decide, stream, reads=use & STANDARDS.stream(cmd.terms.standard))
