"""`python -m tests.load [--quick] [--write]`: every row of the table in docs/benchmarks.md, measured now."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg
import uvloop
from tests.kit.notes import MIGRATIONS, NOTES
from tests.load import appending, attacked, commands, messaging, processes, read_side, reading
from tests.load.measure import Row, machine, table

from kit.store import Migration, Store, kit_migrations, migrate, open_pool, provision, role_of
from liandong.engines import nats, postgres

DURABLE = {"commit_delay": "1000", "commit_siblings": "0"}
"""fsync stays on; a commit waits 1 ms for company, as a disk would make it: a model of a durable disk, not one."""

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Service:
    urls: dict[str, str]
    app: asyncpg.Pool
    relay: asyncpg.Pool
    store: Store


async def service(stack: AsyncExitStack, admin_url: str, name: str, *more: Migration) -> Service:
    """A migrated toy service of that name."""
    urls = await provision(admin_url, name)
    roles = {role: role_of(urls[role]) for role in ("app", "relay", "rebuild")}
    await migrate(urls["owner"], roles, [*kit_migrations(), *MIGRATIONS, *more])
    app, relay = await open_pool(urls["app"], size=32), await open_pool(urls["relay"], size=4)
    for pool in (app, relay):
        stack.push_async_callback(pool.close)
    return Service(urls, app, relay, Store(app, region="bench", categories=[NOTES]))


async def store_rows(admin_url: str, rounds: int, count: int) -> list[Row]:
    async with AsyncExitStack() as stack:
        bench = await service(stack, admin_url, "bench", Migration("twin", appending.TWIN))
        owner = await asyncpg.connect(bench.urls["owner"])
        await owner.execute(f'grant insert on raw_event to "{role_of(bench.urls["app"])}"')
        await owner.close()
        admin = await asyncpg.connect(admin_url)
        await admin.execute("create database library_peer")
        await admin.close()
        library = appending.library_recorder(admin_url, "library_peer")
        stack.callback(library.datastore.close)
        rows = await appending.measured(bench.app, bench.store, library, rounds, count)
        # The raw cursor needs an index of its own; the appends were measured without it.
        owner = await asyncpg.connect(bench.urls["owner"])
        await owner.execute("create index on event (pos)")
        await owner.execute("analyze event")
        await owner.close()
        application, note = await reading.library_application(admin_url, "library_peer")
        stack.callback(application.close)
        return rows + await reading.measured(bench.store, bench.relay, application, note, rounds)


async def bus_rows(admin_url: str, nats_url: str, rounds: int, count: int) -> list[Row]:
    rows: list[Row] = []
    async with AsyncExitStack() as stack:
        sender = await service(stack, admin_url, "sender")
        rows += await messaging.relay_rows(sender.store, sender.relay, sender.urls["relay"], nats_url, rounds, count)
        taker = await service(stack, admin_url, "taker")
        urls = taker.urls
        rows += await messaging.subscriber_rows(taker.store, urls["app"], taker.relay, urls["relay"], nats_url, count)
    return rows


async def measured(admin_url: str, nats_url: str, *, quick: bool) -> list[Row]:
    rounds = 2 if quick else 7
    rows = await store_rows(admin_url, rounds, 200 if quick else 800)
    return rows + await bus_rows(admin_url, nats_url, rounds, messaging.WINDOW if quick else 4 * messaging.WINDOW)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: direction only")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = parser.parse_args()
    before, after = around() if given.write else ("", "")
    # The day as the reader's calendar has it.
    report = f"{date.today()}, {machine()}\n\n{table(all_rows(quick=given.quick))}\n"  # noqa: DTZ011
    print(report)
    if given.write:
        PAGE.write_text(f"{before}{BEGIN}\n{report}{END}{after}", encoding="utf-8")


def around() -> tuple[str, str]:
    """What stands before and after the page's measured part.  ValueError if its two markers are not there."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} does not hold {BEGIN} and then {END}")
    return before, after


def all_rows(*, quick: bool) -> list[Row]:
    """Rates on engines of their own, in memory; then the memory of services in a region of their own."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="liandong-bench-", dir=memory if memory.is_dir() else None) as folder:
        Path(folder).chmod(0o711)
        data = Path(folder)
        with postgres(data / "postgres", settings=DURABLE) as database, nats(data / "nats") as bus:
            rows = uvloop.run(measured(database.url, bus.url, quick=quick))
        with postgres(data / "read-side") as database:
            rows += uvloop.run(
                read_side.measured(database.url, 2_000 if quick else read_side.PERSONS, 2 if quick else 7)
            )
    rows += processes.measured(2.0 if quick else processes.SETTLE)
    rows += commands.measured(1 if quick else 5)
    return rows + attacked.measured(1 if quick else 4)


if __name__ == "__main__":
    main()
