"""Publishing a project's totals."""

from __future__ import annotations

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
