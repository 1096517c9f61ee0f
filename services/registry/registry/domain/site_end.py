"""A site that is set aside, closed, or given up with the project that it was planned for."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.values import ProjectId
from registry.domain.site import Site, SiteClosed, SiteEvent, SiteGivenUp, SiteSuspended, Status, alive


def suspend_site(site: Site, *, reason: str) -> Sequence[SiteEvent]:
    plan = alive(site)
    return (SiteSuspended(plan.site_id, reason),) if site.status is Status.OPEN else ()


def close_site(site: Site, *, reason: str) -> Sequence[SiteEvent]:
    if site.status is Status.CLOSED:
        return ()
    return (SiteClosed(alive(site).site_id, reason),)


def give_up(site: Site, *, project_id: ProjectId) -> Sequence[SiteEvent]:
    """A terminated project needs its own site no more; its street's station is others' too, and stays."""
    if site.plan is None or site.status is Status.CLOSED:
        return ()
    return (SiteGivenUp(site.plan.site_id, project_id),)
