"""What a running service holds: one of it per process, in `app.state.runtime`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property

import asyncpg
import structlog
from starlette.requests import Request

from contracts.values import TenantId
from kit import tenancy
from kit.auth import Policy, Tree, Verifier
from kit.bus import Subscriber
from kit.errors import Refused
from kit.privacy import Vault
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


class LooksTaken(Refused):
    """Others look back, and go on for longer than one may wait."""

    code, status, retryable = "looks-back-taken", 503, True
    name = "历史查询排队已满"
    text = "正在办理的历史时点查询较多，本次查询未能排上。请稍后重试。"


class Looks:
    """Looks back under way: two at once, for each replays a tenant's whole history, and one of each asking bureau.

    So a bureau that asks without end waits for itself, and others find a place.
    """

    PATIENCE = 10.0
    """Seconds."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(2)
        self._turns: defaultdict[TenantId, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def place(self, tenant: TenantId) -> AsyncIterator[None]:
        """A place for a look by this bureau; LooksTaken when there is none in time."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self.PATIENCE):
                    await stack.enter_async_context(self._turns[tenant])
                    await stack.enter_async_context(self._places)
            except TimeoutError:
                raise LooksTaken from None
            yield


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
    watches: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    """More that readiness asks, by name: whether it is well.  What is not makes a service degraded, not unready."""
    looks: Looks = field(default_factory=Looks)

    @cached_property
    def named(self) -> Named:
        """What people call what the service records."""
        return Named(self.definition)


def runtime(request: Request) -> Runtime:
    """The runtime of the application that serves this request."""
    held: Runtime = request.app.state.runtime
    return held
