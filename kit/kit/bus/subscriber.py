"""The subscriber of a service: what it hears of each publisher, by itself.

One publisher's flood, or what is parked of it, keeps nobody else's messages waiting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from kit.auth import Policy, Tree
from kit.bus.handlers import Handlers
from kit.bus.hearing import Hearing
from kit.bus.intake import Intake
from kit.bus.lanes import Lanes


class Subscriber:
    """The `hearings` of a service, to be run each by itself, and an `intake` for what an operator has tried again."""

    def __init__(
        self,
        *,
        handlers: Handlers,
        store: Any,
        policy: Policy,
        tree: Callable[[], Awaitable[Tree]],
        database_url: str,
        nats_url: str,
        region: str,
        nats_seed_file: Path | None = None,
    ) -> None:
        lanes = Lanes(min(store.pool.get_max_size(), store.reads.get_max_size()))

        def intake() -> Intake:
            return Intake(handlers, store, policy, tree, lanes)

        self.intake = intake()
        self.hearings = [
            Hearing(
                service,
                intake=intake(),
                database_url=database_url,
                nats_url=nats_url,
                region=region,
                nats_seed_file=nats_seed_file,
            )
            for service in handlers.publishers()
        ]

    async def ready(self) -> bool:
        """Whether all is heard."""
        return all([await hearing.ready() for hearing in self.hearings])
