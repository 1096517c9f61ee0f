"""`python -m tests.load [--quick]`: every row of the table in docs/benchmarks.md, measured now."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from uuid import uuid4

import asyncpg
from tests.kit.notes import NOTES, TABLES
from tests.load import appending, reading
from tests.load.measure import Row, machine, table

from kit.store import Migration, Store, kit_migrations, migrate, open_pool, provision, role_of
from liandong.engines import postgres

DURABLE = {"commit_delay": "1000", "commit_siblings": "0"}
"""fsync stays on; a commit waits 1 ms for company, as a disk would make it: a model of a durable disk, not one."""


async def store_rows(admin_url: str, rounds: int, count: int) -> list[Row]:
    urls = await provision(admin_url, "bench")
    roles = {name: role_of(urls[name]) for name in ("app", "relay", "rebuild")}
    await migrate(urls["owner"], roles, [*kit_migrations(), TABLES, Migration("twin", appending.TWIN)])
    owner = await asyncpg.connect(urls["owner"])
    await owner.execute(f'grant insert on raw_event to "{roles["app"]}"')
    await owner.close()
    admin = await asyncpg.connect(admin_url)
    await admin.execute("create database library_peer")
    await admin.close()
    app, relay = await open_pool(urls["app"], size=32), await open_pool(urls["relay"], size=4)
    store = Store(app, region="bench", categories=[NOTES])
    library = appending.library_recorder(admin_url, "library_peer")
    rows = await appending.measured(app, store, library, rounds, count)
    application, note = await reading.library_application(admin_url, "library_peer")
    rows += await reading.measured(store, relay, application, note, rounds)
    application.close()
    library.datastore.close()
    for pool in (app, relay):
        await pool.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: direction only")
    quick = parser.parse_args().quick
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a directory of our own there
    with tempfile.TemporaryDirectory(prefix="liandong-bench-", dir=memory if memory.is_dir() else None) as folder:
        Path(folder).chmod(0o711)
        with postgres(Path(folder) / f"postgres-{uuid4().hex[:6]}", settings=DURABLE) as engine:
            rows = asyncio.run(store_rows(engine.url, 2 if quick else 7, 200 if quick else 800))
    print(f"{machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
