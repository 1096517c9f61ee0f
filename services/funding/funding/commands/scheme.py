"""Publishing a scheme, and its later versions."""

from __future__ import annotations

from contracts.values import SchemeId
from funding.commands.streams import SCHEMES, payer
from funding.domain import scheme
from funding.domain.scheme import Scheme
from funding.domain.terms import Terms
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class PublishScheme(Command):
    """`terms` is the whole plan as one document; `funding.domain.terms` describes it field by field."""

    terms: Terms


async def publish_scheme(store: Store, caller: Caller, cmd: PublishScheme, known: SchemeId | None = None) -> Answer:
    """A new scheme, or the next version of a known one."""
    cause = caller.may("publish-scheme", cmd.occurred_on)
    scheme_id = known or SchemeId(caller.new_id("scheme"))
    stream = SCHEMES.stream(scheme_id, None if known else caller.actor.tenant)
    by, day = payer(caller), cmd.occurred_on
    if cmd.terms.standard is None:
        return await store.change(
            cause, lambda s: scheme.publish(s, scheme_id=scheme_id, terms=cmd.terms, by=by, occurred_on=day), stream
        )

    def decide(state: Scheme, standard: Scheme) -> tuple[object, object]:
        published = scheme.publish(state, standard, scheme_id=scheme_id, terms=cmd.terms, by=by, occurred_on=day)
        return published, ()

    return await store.change(cause, decide, stream, SCHEMES.stream(cmd.terms.standard))
