"""A peer service on the bus, and a toy subscriber of its messages that can be told to misbehave."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import orjson
from nats.js import JetStreamContext
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, NoteWritten

from contracts.envelope import Envelope as Wire
from contracts.envelope import encode
from contracts.messages import Message, subject
from contracts.messages.funding import ProjectApprovedV1, PurchaseAgreementSignedV1
from contracts.messages.volunteer import VolunteerCountsPublishedV1, VolunteerTotals
from contracts.values import OrganisationId, ProjectId, Quantity, Role, SchemeId, TenantId, Unit, UnitCode
from kit import clock, ids
from kit.auth import Policy, Reach, Rule, Tree
from kit.bus import Envelope, Handlers, Subscriber
from kit.bus.hearing import Hearing
from kit.store import Store

DAY = date(2022, 9, 27)
POLICY: Policy = {"note-project": Rule("获知试点", roles={Role.SYSTEM}, reads=Reach.OWN, writes=Reach.OWN)}
TREE = Tree({HERE: None})


async def until(holds: Callable[[], Any], seconds: float = 30) -> Any:
    """Waits until `holds` (plain or awaitable) answers something true; AssertionError after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found

        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.03)


def approved(project: UUID) -> ProjectApprovedV1:
    return ProjectApprovedV1(
        project_id=ProjectId(project),
        scheme_id=SchemeId(uuid4()),
        community=UnitCode("620102001001"),
        street=UnitCode("620102001"),
        district=HERE,
    )


def signed(project: UUID) -> PurchaseAgreementSignedV1:
    return PurchaseAgreementSignedV1(
        project_id=ProjectId(project), organisation_id=OrganisationId(uuid4()), signed_on=DAY
    )


def counts(project: UUID) -> VolunteerCountsPublishedV1:
    persons, times, sessions = [Quantity(Decimal(1), unit) for unit in (Unit.PERSONS, Unit.PERSON_TIMES, Unit.SESSIONS)]
    totals = VolunteerTotals(volunteers=persons, activities=sessions, residents_served=times, party_member_times=times)
    return VolunteerCountsPublishedV1(project_id=ProjectId(project), day=date(2022, 9, 27), totals=totals)


@dataclass
class Peer:
    """Publishes what a peer would, and what it should not."""

    js: JetStreamContext
    region: str
    sent: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    told: Counter[tuple[TenantId, UUID, str]] = field(default_factory=Counter)

    async def tell(
        self,
        project: UUID,
        version: int,
        message: Message | None = None,
        *,
        tenant: TenantId = HERE,
        body: bytes | None = None,
        sequence: int | None = None,
        event_id: UUID | None = None,
        **headers: str,
    ) -> UUID:
        """Publishes version `version` of the project's stream; `body` and `headers` (ce_type=…) spoil it.

        Its sequence is the next of its type, unless one is given.
        """
        message = message or approved(project)
        event_id = event_id or uuid4()
        kind = (tenant, project, message.TYPE)
        self.told[kind] = sequence or self.told[kind] + 1
        wire = Wire(
            event_id=event_id,
            type=message.TYPE,
            version=message.VERSION,
            region=self.region,
            tenant=tenant,
            stream=f"project/{project}",
            stream_version=version,
            sequence=self.told[kind],
            occurred_on=DAY,
            recorded_at=clock.now(),
            correlation=uuid4(),
            trace=f"00-{uuid4().hex}-{uuid4().hex[:16]}-01",
        )
        spoiled = {name.replace("_", "-"): value for name, value in headers.items()}
        place = spoiled.pop("subject", subject(self.region, tenant, message))
        await self.raw(place, message.body() if body is None else body, {**encode(wire), **spoiled})
        return event_id

    async def raw(self, place: str, body: bytes, headers: dict[str, str]) -> None:
        await self.js.publish(place, body, headers=headers)
        self.sent.append((place, body, headers))


@asynccontextmanager
async def peer_at(url: str, region: str) -> AsyncIterator[Peer]:
    client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.1, error_cb=_quiet)
    try:
        yield Peer(client.jetstream(timeout=5), region)
    finally:
        await client.close()


async def _quiet(_: Exception) -> None: ...


@dataclass
class Desk:
    """A toy subscriber: each message becomes a line of the project's note, unless `trouble` has it fail first."""

    trouble: dict[UUID, Exception] = field(default_factory=dict)
    calls: list[UUID] = field(default_factory=list)
    gate: Callable[[Envelope], Awaitable[None]] | None = None
    handlers: Handlers = field(default_factory=lambda: Handlers("toy"))

    def __post_init__(self) -> None:
        self.handlers.on(ProjectApprovedV1)(self.note)
        self.handlers.on(PurchaseAgreementSignedV1)(self.note)

    async def note(self, store: Store, event: Any, envelope: Envelope) -> None:
        self.calls.append(envelope.event_id)
        if self.gate is not None:
            await self.gate(envelope)
        if envelope.event_id in self.trouble:
            raise self.trouble[envelope.event_id]
        cause = envelope.caller("note").may("note-project", envelope.occurred_on)
        line = NoteWritten(text=str(envelope.stream_version))
        await store.change(cause, lambda _: (line,), NOTES.stream(event.project_id, envelope.tenant))


def own(project: UUID) -> UUID:
    """Where the volunteer's own words about a project are kept."""
    return ids.derived(project, "volunteer")


def desk_with_volunteer() -> Desk:
    """Takes volunteer's messages too, by a command of the same name as funding's."""
    desk = Desk()

    @desk.handlers.on(VolunteerCountsPublishedV1)
    async def note(store: Store, event: VolunteerCountsPublishedV1, envelope: Envelope) -> None:
        if envelope.event_id in desk.trouble:
            raise desk.trouble[envelope.event_id]
        cause = envelope.caller("note").may("note-project", envelope.occurred_on)
        line = NoteWritten(text=str(envelope.stream_version))
        await store.change(cause, lambda _: (line,), NOTES.stream(own(event.project_id), envelope.tenant))

    return desk


async def lines(toy: Toy, project: UUID) -> list[int]:
    """The stream versions that took effect, in the order in which they did."""
    rows = await toy.rebuild.fetch("select raw from event where stream = $1 order by version", f"note/{project}")
    return [int(orjson.loads(row["raw"])["data"]["text"]) for row in rows]


async def parked(toy: Toy) -> list[asyncpg.Record]:
    return await toy.app.fetch("select * from parked where done_at is null order by id")


async def tree() -> Tree:
    return TREE


def subscriber(toy: Toy, desk: Desk, nats_url: str, region: str, **more: Any) -> Subscriber:
    return Subscriber(
        handlers=desk.handlers,
        store=toy.store,
        policy=POLICY,
        tree=tree,
        database_url=toy.urls["app"],
        nats_url=nats_url,
        region=region,
        **more,
    )


def hearing(toy: Toy, desk: Desk, nats_url: str, region: str) -> Hearing:
    """What a desk that knows one publisher hears of it."""
    (only,) = subscriber(toy, desk, nats_url, region).hearings
    return only


@asynccontextmanager
async def running(*each: Any) -> AsyncIterator[None]:
    """Runs subscribers, hearings or relays, and has them stop as a service does."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(one.run(stopping)) for whole in each for one in getattr(whole, "hearings", [whole])]
    try:
        yield
    finally:
        stopping.set()
        done, late = await asyncio.wait(tasks, timeout=15)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert not late, "it did not stop when it was asked to"
    for task in done:
        task.result()


def in_order(numbers: Sequence[int]) -> bool:
    return list(numbers) == sorted(set(numbers))
