"""What a region's databases and its stream say, read past every service: settled or not, once or twice, same or not."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import nats
import orjson
import pytest
from nats.js import JetStreamContext
from tests.cradle import Process
from tests.system.bureau import Said

from casework.app import CASEWORK
from casework.settings import Settings as CaseworkSettings
from funding.app import FUNDING
from funding.settings import Settings as FundingSettings
from kit.bus import stream_of
from kit.privacy import box_of
from kit.service import Definition, ServiceSettings, processes
from kit.store import RawMapper, meta_of
from kit.store.mapper import know
from liandong.region import Region
from registry.app import REGISTRY
from registry.settings import Settings as RegistrySettings
from volunteer.app import VOLUNTEER
from volunteer.settings import Settings as VolunteerSettings

DEFINITIONS: dict[str, Definition] = {one.name: one for one in (REGISTRY, CASEWORK, FUNDING, VOLUNTEER)}
SETTINGS = (RegistrySettings, CaseworkSettings, FundingSettings, VolunteerSettings)
PATIENCE = 120.0
MACHINE = frozenset(
    {
        *("event", "command", "refusal", "natural_key", "era", "tick", "tail_cursor", "held", "migration"),
        *("inbox", "heard", "place", "parked", "shut_out", "unfit", "rebuilt", "rebuild_due"),
    }
)
"""Tables that no rebuild fills."""

Rows = dict[tuple[str, str], list[str]]


@asynccontextmanager
async def database(region: Region, service: str, *, keys: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """A service's database as the administrator sees it: every row of every tenant."""
    parts = urlsplit(region.postgres.url)
    name = f"/liandong_{service}{'_keys' if keys else ''}"
    connection = await asyncpg.connect(urlunsplit((parts.scheme, parts.netloc, name, parts.query, "")))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def jetstream(region: Region) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(region.nats.url)
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def settled(region: Region) -> None:
    """Until every event is relayed and every message taken in, and that holds for two looks."""
    deadline = time.monotonic() + PATIENCE
    before: dict[str, int] = {}
    while True:
        look = await _look(region)
        if look == before and not any(behind for name, behind in look.items() if not name.startswith("events ")):
            return
        assert time.monotonic() < deadline, f"not settled: { {k: v for k, v in look.items() if v} }"
        before = look
        await asyncio.sleep(0.3)


async def _look(region: Region) -> dict[str, int]:
    look: dict[str, int] = {}
    for service in DEFINITIONS:
        async with database(region, service) as db:
            look[f"events {service}"] = await db.fetchval("select count(*) from event")
            look[f"parked {service}"] = await db.fetchval("select count(*) from parked where done_at is null")
            for row in await db.fetch(
                "select c.name, (select count(*) from event e where (e.era, e.tx, e.pos) > (c.era, c.tx, c.pos))"
                " as behind from tail_cursor c"
            ):
                look[f"{row['name']} {service}"] = row["behind"]
    async with jetstream(region) as js:
        for service in DEFINITIONS:
            for publisher in DEFINITIONS[service].handlers.publishers():
                info = await js.consumer_info(stream_of(region.slug, publisher), service)
                look[f"bus {service} {publisher}"] = (info.num_pending or 0) + (info.num_ack_pending or 0)
    return look


async def rows(region: Region) -> Rows:
    """Every row of every read table of every service, as text, sorted."""
    found: Rows = {}
    for service, definition in DEFINITIONS.items():
        async with database(region, service) as db:
            for table in tables(definition):
                shown = await db.fetch(f"select row_to_json(t)::text as shown from {table} t")
                found[service, table] = sorted(row["shown"] for row in shown)
    return found


def tables(definition: Definition) -> list[str]:
    """The tables that a rebuild of a service fills: of bureaus, and all versions of its rows."""
    return sorted(["tenant", *(f"versions.{row.TABLE}" for view in definition.views for row in view.tables)])


async def read_tables(region: Region, service: str) -> list[str]:
    """What the database has besides the machine's own tables."""
    async with database(region, service) as db:
        found = await db.fetch(
            "select case schemaname when 'public' then '' else schemaname || '.' end || tablename as name"
            " from pg_tables where schemaname in ('public', 'versions')"
        )
    return sorted({row["name"] for row in found} - MACHINE)


async def rebuild(region: Region, *services: str) -> None:
    """What `python -m <service> rebuild` does, of these or all services, in this process: to start one takes longer."""
    for service in services or DEFINITIONS:
        await processes.rebuild(DEFINITIONS[service], settings(region, service), None)


async def migrate(region: Region) -> None:
    """What `python -m <service> migrate` does, of all four; it also declares the stream and the consumers."""
    for service, definition in DEFINITIONS.items():
        await processes.migrate(definition, settings(region, service))


def settings(region: Region, service: str) -> ServiceSettings:
    """What the service reads from its environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in region.programs[service].environment.items():
            patch.setenv(name, value)
        return dict(zip(DEFINITIONS, SETTINGS, strict=True))[service]()


async def rebuild_as_an_operator_does(region: Region) -> None:
    """`python -m <service> rebuild` of all four."""
    running = {
        service: Process(service, "rebuild", env={**os.environ, **region.programs[service].environment})
        for service in DEFINITIONS
    }
    for service, process in running.items():
        _, words = await process.communicate()
        assert process.returncode == 0, f"{service} rebuild: {words.decode()[-2000:]}"


def differences(one: Rows, other: Rows) -> dict[str, str]:
    """The tables that differ, each with its first rows that only one side has."""
    found = {}
    for name in one.keys() | other.keys():
        left, right = Counter(one.get(name, [])), Counter(other.get(name, []))
        if left != right:
            found[".".join(name)] = f"only before: {list(left - right)[:3]}; only after: {list(right - left)[:3]}"
    return found


@dataclass(frozen=True)
class Message:
    """One message of the region's stream."""

    subject: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> UUID:
        return UUID(self.headers["ce-id"])

    @property
    def source(self) -> tuple[str, str, str]:
        """Tenant, service and stream."""
        return self.headers["ce-tenant"], self.headers["ce-source"].rpartition("/")[2], self.headers["ce-subject"]


async def messages(region: Region) -> list[Message]:
    """Everything that the region's streams hold, each in its order."""
    found = []
    async with jetstream(region) as js:
        for service in DEFINITIONS:
            stream = stream_of(region.slug, service)
            state = (await js.stream_info(stream)).state
            for sequence in range(max(1, state.first_seq), state.last_seq + 1):
                one = await js.get_msg(stream, sequence)
                found.append(Message(one.subject or "", one.headers or {}, one.data or b""))
    return found


async def wrong(region: Region, said: Iterable[Said], *, but: str = "") -> list[str]:
    """Whatever was lost, doubled or out of order between commands, events, the stream and inboxes: nothing, one hopes.

    Call it when all is settled.  A message may be in the stream again, after a relay that died: what counts is the
    first time, and that its effect is one.  `but` names a publisher whose own messages are not judged.
    """
    told = [message for message in await messages(region) if message.subject.split(".")[3] != but]
    found = []
    by_source: dict[tuple[str, str, str], dict[int, UUID]] = defaultdict(dict)
    for message in told:
        version = int(message.headers["ce-streamversion"])
        if by_source[message.source].setdefault(version, message.id) != message.id:
            found.append(f"{message.source} tells version {version} twice, and differently")
    orders = {source: list(versions) for source, versions in by_source.items()}
    found += [f"{source} is told in the order {order}" for source, order in orders.items() if order != sorted(order)]
    for service, definition in DEFINITIONS.items():
        async with database(region, service) as db:
            found += await _history(db, service)
            found += await _commands(db, [one for one in said if one.service == service])
            if service != but:
                found += await _told(db, definition, {m.id for m in told if m.source[1] == service})
            found += [one for one in await _heard(db, definition, region, told) if not but or f".{but}." not in one]
    return found


async def _history(db: asyncpg.Connection, service: str) -> list[str]:
    gaps = await db.fetch(
        "select distinct stream from (select stream, version, row_number() over (partition by tenant_id, stream"
        " order by era, tx, pos) as place from event) as placed where version <> place"
    )
    twice = await db.fetch("select command_id from command group by command_id having count(*) > 1")
    return [f"{service}: {row['stream']} has a gap or is out of order" for row in gaps] + [
        f"{service}: command {row['command_id']} took effect twice" for row in twice
    ]


async def _commands(db: asyncpg.Connection, said: list[Said]) -> list[str]:
    found = []
    kept = {row["command_id"]: row["answer"] for row in await db.fetch("select command_id, answer from command")}
    effects = {
        row["command_id"]: row["ids"]
        for row in await db.fetch("select command_id, array_agg(event_id) as ids from event group by command_id")
    }
    for one in said:
        if kept.get(one.key) != one.answer:
            found.append(f"{one.step}: answered {one.answer!r}, kept {kept.get(one.key)!r}")
        event = orjson.loads(one.answer)["event_id"]
        if event is not None and UUID(event) not in effects.get(one.key, []):
            found.append(f"{one.step}: its event is not there")
    return found


async def _told(db: asyncpg.Connection, definition: Definition, told: set[UUID]) -> list[str]:
    """Every event that others are to know of is in the stream, and nothing else is."""
    own = {category.name for category in definition.categories}
    for category in definition.categories:
        for kind in category.events:
            know(kind)
    mapper, due = RawMapper(box_of), set()
    for row in await db.fetch("select stream, raw from event"):
        if row["stream"].partition("/")[0] in own:
            event, meta = meta_of(mapper, row["raw"])
            if definition.publish(event, meta) is not None:
                due.add(meta.event_id)
    return [f"{definition.name}: {len(due - told)} events not told"] * bool(due - told) + [
        f"{definition.name}: {len(told - due)} messages of no event"
    ] * bool(told - due)


async def _heard(db: asyncpg.Connection, definition: Definition, region: Region, told: list[Message]) -> list[str]:
    """Every message that the service has a handler for was taken in, and none waits."""
    wanted = [subject.split(".") for subject in definition.handlers.subjects(region.slug)]
    due = {m.id for m in told if any(_fits(m.subject.split("."), one) for one in wanted)}
    heard = {row["event_id"] for row in await db.fetch("select event_id from inbox")}
    waits = await db.fetch("select subject, code, detail from parked where done_at is null")
    return [f"{definition.name}: {len(due - heard)} messages not taken in"] * bool(due - heard) + [
        f"{definition.name}: parked {dict(row)}" for row in waits
    ]


def _fits(subject: list[str], pattern: list[str]) -> bool:
    return len(subject) == len(pattern) and all(b in ("*", a) for a, b in zip(subject, pattern, strict=True))


async def sizes(region: Region) -> dict[str, int]:
    """How many rows every table of record has."""
    found = {}
    for service in DEFINITIONS:
        async with database(region, service) as db:
            for table in ("event", "command", "refusal", "natural_key"):
                found[f"{service}.{table}"] = await db.fetchval(f"select count(*) from {table}")
    return found
