"""What a running service holds: one of it per process, in `app.state.runtime`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from kit import tenancy
from kit.auth import Policy, Tree, Verifier
from kit.bus import Subscriber
from kit.privacy import Vault
from kit.service.definition import Definition
from kit.service.settings import ServiceSettings
from kit.service.tasks import Tasks
from kit.store import Pools, Store


class Trees:
    """The tree of bureaus: read again after every commit of this process, and each second for those of others."""

    SECONDS = 1.0

    def __init__(self, store: Store) -> None:
        self._pool = store.pool
        self._changed = asyncio.Event()
        self._changed.set()
        self._until = 0.0
        self._tree = Tree({})
        store.wake.waiting.add(self._changed)

    async def now(self) -> Tree:
        """Who is under whom."""
        at = asyncio.get_running_loop().time()
        if self._changed.is_set() or at >= self._until:
            self._changed.clear()
            try:
                self._tree = await tenancy.tree(self._pool)
            except BaseException:
                self._changed.set()
                raise
            self._until = at + self.SECONDS
        return self._tree


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
    watches: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    """What else readiness asks, by name: False is "degraded"."""
    looking_back: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Replays at once: each reads a tenant's whole history."""


def runtime(request: Request) -> Runtime:
    """The runtime of the application that serves this request."""
    held: Runtime = request.app.state.runtime
    return held
