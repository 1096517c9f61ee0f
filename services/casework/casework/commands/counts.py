"""Publishing a project's totals."""

from __future__ import annotations

from casework.commands.streams import COUNTS, place_stream
from casework.domain import counts
from casework.projections import counts as totals
from contracts.values import ProjectId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Look, Store


class PublishServiceCounts(Command):
    """The totals are those at the end of `occurred_on`: the day a total holds for is the day of the fact."""


async def publish_counts(store: Store, caller: Caller, project_id: ProjectId, cmd: PublishServiceCounts) -> Answer:
    """Counted in the transaction that publishes, so that of two publications the later one counted last."""
    cause = caller.may("publish-service-counts", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, place, found: counts.publish(state, place, found, project_id=project_id, day=cmd.occurred_on),
        COUNTS.stream(project_id, caller.actor.tenant),
        reads=place_stream(caller, project_id) & Look(lambda tx: totals.totals(tx, project_id, cmd.occurred_on)),
    )
