"""Publishing a project's totals."""

from __future__ import annotations

from datetime import date
from uuid import uuid5

from contracts.values import ProjectId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Look, Store
from volunteer.commands.streams import COUNTS, PROJECTS
from volunteer.domain import counts
from volunteer.projections import counts as totals


class PublishVolunteerCounts(Command):
    """The totals are those at the end of `occurred_on`."""


async def publish_counts(store: Store, caller: Caller, project_id: ProjectId, cmd: PublishVolunteerCounts) -> Answer:
    """Counted in the transaction that publishes, so that of two publications the later one counted last."""
    cause = caller.may("publish-volunteer-counts", cmd.occurred_on)
    tenant = caller.actor.tenant
    return await store.change(
        cause,
        lambda state, project, found: counts.publish(state, project, found, project_id=project_id, day=cmd.occurred_on),
        COUNTS.stream(project_id, tenant),
        reads=PROJECTS.stream(project_id, tenant) & Look(lambda tx: totals.totals(tx, project_id, cmd.occurred_on)),
    )


async def publish_again(store: Store, caller: Caller, project_id: ProjectId, since: date) -> None:
    """Tells anew the totals that were published last, where a correction of that day has changed them.

    In a change of its own, after the correction: a repeat of the correction does what was left undone.
    """
    if caller.rehearsed:
        return
    tenant = caller.actor.tenant
    service = Caller.system(
        tenant,
        name="volunteer",
        command_id=uuid5(caller.command_id, "publish-volunteer-counts"),
        now=caller.now,
        tree=caller.tree,
        policy=caller.policy,
        correlation=caller.correlation,
        trace=caller.trace,
    )
    _, known = await store.look(
        service.reads("publish-volunteer-counts"),
        PROJECTS.stream(project_id, tenant),
        COUNTS.stream(project_id, tenant),
    )
    if known.day is not None and known.day >= since:
        await publish_counts(store, service, project_id, PublishVolunteerCounts(occurred_on=known.day))
