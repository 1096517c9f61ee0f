"""What a running service holds: one of it per process, in `app.state.runtime`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import asyncpg
import structlog
from starlette.requests import Request

from contracts.values import TenantId
from kit import clock, tenancy
from kit.auth import Policy, Tree, Verifier
from kit.bus import Subscriber
from kit.privacy import Vault
from kit.relay import Relay
from kit.service.definition import Definition
from kit.service.named import Named
from kit.service.settings import ServiceSettings
from kit.service.tasks import Tasks
from kit.service.traces import Traces
from kit.store import Pools, Store, Wake
from kit.telemetry.metrics import TENANTS_IN_CIRCLE

log = structlog.get_logger("kit.service")


class Trees:
    """The tree of bureaus: not older than this process's last commit to it, and at most a second than another's."""

    SECONDS = 1.0

    def __init__(self, pool: asyncpg.Pool, wake: Wake, provinces: Set[TenantId] = frozenset()) -> None:
        """`wake` rings when this process has committed to it; `provinces` are those that run this region."""
        self._pool, self._wake, self._provinces = pool, wake, provinces
        self._reading = asyncio.Lock()
        self._seen = -1
        self._until = 0.0
        self._tree = Tree({}, provinces)

    async def now(self) -> Tree:
        """Who is under whom.  Read by one at a time: who waits takes what was read after they came."""
        loop, came = asyncio.get_running_loop(), self._wake.rung
        if self._older(came, loop.time()):
            async with self._reading:
                if self._older(came, loop.time()):
                    seen, at = self._wake.rung, loop.time()
                    self._take(await tenancy.tree(self._pool, self._provinces))
                    self._seen, self._until = seen, at + self.SECONDS
        return self._tree

    def _older(self, came: int, at: float) -> bool:
        return self._seen < came or at >= self._until

    def _take(self, tree: Tree) -> None:
        if tree.circles != self._tree.circles:
            log.error("tenants.circle", tenants=len(tree.circles))
        TENANTS_IN_CIRCLE.set(len(tree.circles))
        self._tree = tree


@dataclass
class Runtime:
    """`policy` is the service's own and the kit's actions together."""

    definition: Definition
    settings: ServiceSettings
    policy: Policy
    verifier: Verifier
    store: Store
    pools: Pools
    vault: Vault
    trees: Trees
    tasks: Tasks
    subscriber: Subscriber
    traces: Traces
    relay: Relay | None = None
    """The relay of this process, if it has one."""
    started_at: datetime = field(default_factory=clock.now)
    watches: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    """More that readiness asks, by name: whether it is well.  What is not makes a service degraded, not unready."""

    @cached_property
    def named(self) -> Named:
        """What people call what the service records."""
        return Named(self.definition)


def runtime(request: Request) -> Runtime:
    """The runtime of the application that serves this request."""
    held: Runtime = request.app.state.runtime
    return held
