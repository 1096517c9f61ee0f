"""Publishing a pilot's totals."""

from __future__ import annotations

from collections.abc import Sequence

from casework.commands.streams import COUNTS, place_stream
from casework.domain import counts
from casework.domain.counts import Counts, CountsEvent, Totals
from casework.domain.place import Place
from casework.projections import totals
from contracts.values import PilotId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class PublishServiceCounts(Command):
    """The totals are those at the end of `occurred_on`: the day a total holds for is the day of the fact."""


async def publish_counts(store: Store, caller: Caller, pilot_id: PilotId, cmd: PublishServiceCounts) -> Answer:
    """Counted in the transaction that publishes, so that of two publications the later one counted last."""
    cause = caller.may("publish-service-counts", cmd.occurred_on)

    def decide(state: Counts, place: Place, found: Totals) -> tuple[Sequence[CountsEvent], ...]:
        place.id  # noqa: B018 - refuses where we have not heard of it
        return counts.publish(state, pilot_id=pilot_id, day=cmd.occurred_on, totals=found), ()

    return await store.change(
        cause,
        decide,
        COUNTS.stream(pilot_id, caller.actor.tenant),
        place_stream(caller, pilot_id),
        look=lambda tx: totals.totals(tx, pilot_id, cmd.occurred_on),
    )
