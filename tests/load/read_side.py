"""The read side at a province's size: lists, figures and other days over a million events, and their rebuild.

The events are of casework, so many as stand here, written around `append` for that takes no part in reading; rows come
of them by `rebuild`, as they do in operation.  One tenant has a tenth of them, 199 others share the rest.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from tests.casework.domain import histories
from tests.golden.samples import seal, unbox
from tests.load.measure import Row

from casework import lists
from casework.app import CASEWORK
from casework.domain.case_events import CaseClosed
from casework.domain.entry_events import HomeVisitRecorded
from casework.projections import case, entry
from contracts.values import Event, Role, TenantId
from kit import clock
from kit.auth import Actor, Basis, Caller, Tree
from kit.clock import PRESENT, Moment
from kit.service.access import KIT_POLICY
from kit.service.lists import Asked, Listing
from kit.store import Purpose, Store, kit_migrations, migrate, open_pool, provision, rebuild, role_of
from kit.store.mapper import Envelope, RawMapper, instant

PROVINCE, CITY = TenantId("620000"), TenantId("620100")
DISTRICTS = [TenantId(f"62{n:04}") for n in range(1000, 1200)]
PERSONS = 100_000
"""Each is one entry with three visits, and one case of six events, every third of them open yet: a million events."""
DAYS = 1_000
BEGAN = date(2022, 10, 1)
COLUMNS = (
    "tenant_id",
    "stream",
    "version",
    "era",
    "event_id",
    "command_id",
    "type",
    "nth",
    "schema",
    "occurred_on",
    "recorded_at",
    "raw",
)


@dataclass(frozen=True)
class Sample:
    """An event's bytes, in which what tells one person from another is replaced."""

    type: str
    raw: bytes
    schema: int
    nth: int


def sample(mapper: RawMapper, event: Event, stream: str, version: int, nth: int = 1) -> Sample:
    envelope = Envelope(
        id=EVENT,
        tenant=CITY,
        region="bench",
        stream=stream,
        version=version,
        occurred_on=BEGAN,
        recorded_at=AT,
        actor=Actor("bench", Role.SOCIAL_WORKER, CITY, histories.UNIT),
        command=EVENT,
        causation=None,
        correlation=EVENT,
        trace=None,
        basis=Basis(None, None),
    )
    return Sample(type(event).TOPIC, mapper.to_raw(envelope, event, seal), type(event).class_version, nth)


EVENT = UUID(int=99)
AT = datetime(2022, 10, 1, tzinfo=UTC)


def samples(mapper: RawMapper) -> list[tuple[str, list[Sample]]]:
    """The events of one person, by stream."""
    h = histories
    visit = HomeVisitRecorded(EVENT, h.ENTRY, h.PROJECT, h.PROJECT, h.COMMUNITY, h.WORKER, None, h.sealed("记录"))
    closed = CaseClosed(h.CASE, h.PROJECT, h.COMMUNITY, "elderly_care", h.WORKER, None, h.DAY, h.sealed("记录"))
    of_case = [h.opened, h.assessed, h.planned, h.intervened, h.evaluated, closed]
    entries, cases = f"entry/{h.ENTRY}", f"case/{h.CASE}"
    first = sample(mapper, h.enrolled, entries, 1)
    return [
        (entries, [first, *(sample(mapper, visit, entries, n + 1, n) for n in (1, 2, 3))]),
        (cases, [sample(mapper, event, cases, n) for n, event in enumerate(of_case, 1)]),
    ]


def events(mapper: RawMapper, persons: int) -> Iterator[tuple[Any, ...]]:
    """All of them, as rows of the table."""
    told = samples(mapper)
    for n in range(persons):
        tenant = DISTRICTS[0] if n < persons // 10 else DISTRICTS[1 + n % (len(DISTRICTS) - 1)]
        ids = {str(histories.ENTRY): str(UUID(int=10**6 + n)), str(histories.CASE): str(UUID(int=10**9 + n))}
        for stream, of_stream in told:
            for old, new in ids.items():
                stream = stream.replace(old, new)  # noqa: PLW2901 - one after another
            yield from _of_stream(tenant, stream, of_stream[: 5 if n % 3 == 0 else 6], ids, n)


def _of_stream(
    tenant: TenantId, stream: str, told: list[Sample], ids: dict[str, str], n: int
) -> Iterator[tuple[Any, ...]]:
    for version, one in enumerate(told, 1):
        id, day = uuid4(), BEGAN + timedelta(days=(n * 7 + version * 20) % DAYS)
        at = AT + timedelta(days=10) * n / PERSONS + timedelta(milliseconds=version)
        raw = one.raw.replace(str(EVENT).encode(), str(id).encode()).replace(CITY.encode(), tenant.encode())
        for old, new in ids.items():
            raw = raw.replace(old.encode(), new.encode())
        raw = raw.replace(b"2022-10-01T00:00:00.000000Z", instant(at).encode())
        raw = raw.replace(b'"occurred_on":"2022-10-01"', f'"occurred_on":"{day}"'.encode())
        yield tenant, stream, version, 1, id, id, one.type, one.nth, one.schema, day, at, raw


async def filled(admin_url: str, persons: int) -> dict[str, str]:
    """A database of casework with the events in it; what `append` would check of each is not."""
    urls = await provision(admin_url, "readside")
    roles = {role: role_of(urls[role]) for role in ("app", "relay", "rebuild")}
    await migrate(urls["owner"], roles, [*kit_migrations(), *CASEWORK.to_apply()])
    name = urls["owner"].rpartition("/")[2]
    admin = await asyncpg.connect(f"{admin_url.rpartition('/')[0]}/{name}")
    await admin.execute("set session_replication_role = replica; alter table event drop constraint event_raw")
    mapper = RawMapper(unbox)
    await admin.copy_records_to_table("event", records=events(mapper, persons), columns=COLUMNS)
    await admin.execute("vacuum analyze")
    await admin.close()
    return urls


def callers() -> dict[str, tuple[Caller, list[TenantId]]]:
    """Who asks: the largest district of its own, and the city of all."""
    tree = Tree({PROVINCE: None, CITY: PROVINCE, **dict.fromkeys(DISTRICTS, CITY)})
    policy = {**KIT_POLICY, **CASEWORK.policy}

    def of(role: Role, tenant: TenantId) -> Caller:
        actor = Actor("bench", role, tenant, None)
        return Caller(actor, uuid4(), clock.now(), b"", uuid4(), tree, policy)

    one = of(Role.DISTRICT_BUREAU, DISTRICTS[0])
    return {"one tenant": (one, [DISTRICTS[0]]), "200 tenants": (of(Role.CITY_BUREAU, CITY), [CITY, *DISTRICTS])}


LATE = BEGAN + timedelta(days=DAYS // 2 - 60)
MOMENTS = {
    "now": PRESENT,
    "as of a day": Moment(as_of=BEGAN + timedelta(days=DAYS // 2)),
    "known at an instant": Moment(known_at=AT + timedelta(days=5)),
}
ASKED = {
    "page of cases": (lists.CASES, Asked(50)),
    "page of open cases": (lists.CASES, Asked(50, flags=("open",))),
    "page of entries visited of late": (lists.ENTRIES, Asked(50, values={"last_visited_on_from": LATE})),
    "page of visits": (lists.VISITS, Asked(50)),
}
FIGURES = ("casework.ledger_persons", "casework.cases_by_stage", "casework.home_visits")
BOUNDS = {("now", "page"): 50, ("now", "figure"): 100, ("one tenant", "then"): 50, ("200 tenants", "then"): 300}


def bound(moment: str, who: str, kind: str) -> int:
    """Milliseconds."""
    return BOUNDS["now", kind] if moment == "now" else BOUNDS[who, "then"]


async def measured(admin_url: str, persons: int, rounds: int) -> list[Row]:
    """Medians of server time in milliseconds against what a reader should wait at most; and the rebuild's rate."""
    urls = await filled(admin_url, persons)
    app = await open_pool(urls["app"], Purpose.READS, size=2)
    store = Store(app, region="bench", categories=CASEWORK.categories, views=CASEWORK.views)
    pool = await open_pool(urls["rebuild"], Purpose.REBUILDING, size=2)
    began, count = time.perf_counter(), 0
    for view in (entry.LEDGER, case.CASES):
        count += await rebuild(pool, RawMapper(unbox), view)
    rows = [Row("rebuild of views, events", count / (time.perf_counter() - began), 10_000, "goal", 1.0)]
    await pool.close()
    owner = await asyncpg.connect(urls["owner"])
    await owner.execute("vacuum analyze")  # as the server does by itself, some time after so many rows
    await owner.close()
    for moment, at in MOMENTS.items():
        for who, (asks, tenants) in callers().items():
            caller = replace(asks, at=at)
            asked = {what: ("page", partial(_page, store, caller, tenants, *one)) for what, one in ASKED.items()}
            asked |= {id: ("figure", partial(_figure, store, caller, tenants, id)) for id in FIGURES}
            for what, (kind, ask) in asked.items():
                most = bound(moment, who, kind)
                rows.append(
                    Row(f"{what}, {moment}, {who}", await _median(rounds, ask), most, "goal", 1.0, " ms", most=True)
                )
    await app.close()
    return rows


async def _page(store: Store, caller: Caller, tenants: list[TenantId], listing: Listing, asked: Asked) -> None:
    async with store.reading(caller.reads(listing.action)) as tx:
        page = await listing.page(tx, store, caller, CASEWORK.sights, tenants, asked)
    assert page["items"]


async def _figure(store: Store, caller: Caller, tenants: list[TenantId], id: str) -> None:
    (indicator,) = (one for one in CASEWORK.indicators if one.id == id)
    async with store.reading(caller.reads("read-indicators")) as tx:
        assert await indicator.counted.figures(tx, tenants)


async def _median(rounds: int, ask: Callable[[], Awaitable[None]]) -> float:
    await ask()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)
