"""`python -m tests.kit.desk_main <database> <nats> <region>`: the toy's subscriber, slow, as a process of its own."""

import asyncio
import random
import sys
from typing import Any

from tests.kit.notes import NOTES
from tests.kit.peer import POLICY, Desk, tree

from kit.bus import Subscriber
from kit.store import Store, open_pool


async def main(database_url: str, nats_url: str, region: str) -> None:
    async def slow(_: Any) -> None:
        await asyncio.sleep(random.uniform(0.005, 0.03))

    store = Store(await open_pool(database_url, size=12), region=region, categories=[NOTES])
    subscriber = Subscriber(
        handlers=Desk(gate=slow).handlers, store=store, policy=POLICY, tree=tree, database_url=database_url,
        nats_url=nats_url, region=region,
    )  # fmt: skip
    await asyncio.gather(*(hearing.run(asyncio.Event()) for hearing in subscriber.hearings))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
