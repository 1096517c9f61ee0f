"""Who waits for a commit of this process is woken by it, and forgotten afterwards."""

import asyncio

from kit.store.wake import Wake


async def test_who_waits_is_woken_by_the_next_commit() -> None:
    wake = Wake()
    waiting = asyncio.create_task(wake.wait(60))
    await asyncio.sleep(0)
    wake.ring()
    await asyncio.wait_for(waiting, 5)
    assert wake.rung == 1


async def test_who_was_woken_or_gave_up_is_not_kept() -> None:
    wake = Wake()
    await wake.wait(0.001)
    assert wake.waiting == set()
