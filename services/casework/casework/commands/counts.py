"""Publishing a project's totals."""

from __future__ import annotations

from datetime import date
from uuid import uuid5

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


async def publish_again(store: Store, caller: Caller, project_id: ProjectId | None, since: date) -> None:
    """Tells anew the totals that were published last, where a correction of that day has changed them.

    In a change of its own, after the correction: a repeat of the correction does what was left undone.
    """
    if caller.rehearsed or project_id is None:
        return
    tenant = caller.actor.tenant
    service = Caller.system(
        tenant,
        name="casework",
        command_id=uuid5(caller.command_id, "publish-service-counts"),
        now=caller.now,
        tree=caller.tree,
        policy=caller.policy,
        correlation=caller.correlation,
        trace=caller.trace,
    )
    _, known = await store.look(
        service.reads("publish-service-counts"),
        place_stream(service, project_id),
        COUNTS.stream(project_id, tenant),
    )
    if known.day is not None and known.day >= since:
        await publish_counts(store, service, project_id, PublishServiceCounts(occurred_on=known.day))
