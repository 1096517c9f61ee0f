"""An attack from three sides at once: nobody's sockets, a neighbour's valid token, a valid user of another service.

While it goes on, a district's projects are played from application to report.  They must all come through, nothing of
theirs may be touched, delayed for good or told falsely, and when it is over every service is well.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import nats.errors
import nats.js.errors
import orjson
import pytest
from tests.system import proof
from tests.system.bureau import Bureau, Said, SignIn
from tests.system.conftest import Played
from tests.system.programme import CITY, DISTRICTS, Programme, Project, side_by_side

from contracts.envelope import Envelope, encode
from contracts.values import Role, TenantId
from kit.bus import connect, stream_of
from liandong.region import Region

VICTIM, NEIGHBOUR = DISTRICTS
ATTACKER = SignIn(Role.DISTRICT_BUREAU, NEIGHBOUR)
IDLE = 150
"""Sockets that say nothing, at each service."""
LIVES = 20
"""Looks at each service's liveness meanwhile; each must be answered."""

Tally = Counter[str]
"""What became of each kind of attempt."""


def address(region: Region, service: str) -> tuple[str, int]:
    url = httpx.URL(region.programs[service].url)
    assert url.port is not None
    return url.host, url.port


async def _nobody(region: Region, service: str, tally: Tally) -> None:
    """Without a token: sockets that wait, a head without end, bodies that nest and spread."""
    host, port = address(region, service)
    idle = [socket.socket() for _ in range(IDLE)]
    try:
        for one in idle:
            one.settimeout(2)
            with suppress(OSError):
                await asyncio.to_thread(one.connect, (host, port))
                one.send(b"POST /v1/projects HTTP/1.1\r\n")
        tally["endless head"] += await _endless(host, port)
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            url = region.programs[service].url
            bombs = (b"[" + b"[]," * 80_000 + b"[]]", json.dumps({f"k{n}": n for n in range(27_000)}).encode())
            for bomb in bombs * 4:
                with suppress(httpx.TransportError):
                    answer = await http.post(
                        f"{url}/v1/tenants", content=bomb, headers={"content-type": "application/json"}
                    )
                    tally[f"bomb {answer.status_code}"] += 1
                await asyncio.sleep(0.2)
    finally:
        for one in idle:
            one.close()


async def _endless(host: str, port: int) -> int:
    """Sends one header line until it is cut off; answers how many KiB were taken."""
    _, writer = await asyncio.open_connection(host, port)
    sent = 0
    try:
        writer.write(b"GET /health/live HTTP/1.1\r\nhost: x\r\nx-a: ")
        while sent < 38_000:
            writer.write(b"a" * 1024)
            await asyncio.wait_for(writer.drain(), 2)
            sent += 1
    except (OSError, TimeoutError):
        pass
    finally:
        writer.close()
    return sent


async def _neighbour(bureau: Bureau, victim: Project, tally: Tally) -> None:
    """With a district's own token: the neighbour's codes, documents, ids and command ids, and questions without end."""
    day = {"occurred_on": "2022-06-06"}
    unit = {"unit": victim.street, "kind": "township", "name": "演示街道", "parent": NEIGHBOUR}
    conference = {"street": victim.street, "office": "演示办公室"}
    province = {"tenant_id": "999999", "name": "演示", "level": "province", "parent": None}
    province |= {"region": bureau.region.slug}
    attempts: list[tuple[str, str, str, dict[str, Any]]] = [
        ("unit of another", "registry", f"/v1/tenants/{NEIGHBOUR}/units", {"units": [unit]}),
        ("unit at another", "registry", f"/v1/tenants/{VICTIM}/units", {"units": [{**unit, "parent": VICTIM}]}),
        ("conference there", "registry", f"/v1/tenants/{VICTIM}/conferences", conference),
        ("conference here", "registry", f"/v1/tenants/{NEIGHBOUR}/conferences", conference),
        ("own province", "registry", "/v1/tenants", province),
        ("other's counts", "casework", f"/v1/projects/{uuid4()}/counts", {"day": "2022-06-06"}),
    ]
    for _ in range(10):
        for name, service, path, body in attempts:
            answer = await _posts(bureau, service, path, {**day, **body}, uuid4())
            tally[f"{name} {answer.status_code}"] += 1
        for one in list(bureau.said.values())[-30:]:
            if one.who.tenant == VICTIM:  # its very command, as oneself
                answer = await _posts(bureau, one.service, one.path, one.body, one.key)
                tally[f"same key {answer.status_code}"] += 1
        looks = [
            bureau.ask("GET", service, f"/v1/indicators?as_of=2022-10-01&tenant_id={tenant}", ATTACKER)
            for service in proof.DEFINITIONS
            for tenant in (NEIGHBOUR, VICTIM)
        ]
        for answer in await asyncio.gather(*looks):
            tally[f"look back {answer.status_code}"] += 1


async def _posts(bureau: Bureau, service: str, path: str, body: dict[str, Any], key: UUID) -> httpx.Response:
    return await bureau.ask("POST", service, path, ATTACKER, json=body, headers={"idempotency-key": str(key)})


async def _peer(region: Region, tally: Tally) -> None:
    """As volunteer's own user of NATS: forged places and ids, other subjects, and the platform's own business."""
    environment = region.programs["volunteer"].environment
    seed = Path(environment["VOLUNTEER_NATS_SEED_FILE"])
    client = await connect(environment["VOLUNTEER_NATS_URL"], user="volunteer", seed_file=seed)
    try:
        js = client.jetstream(timeout=1)
        real = await proof.messages(region)
        async with proof.database(region, "registry") as db:
            coming = [
                row["event_id"] for row in await db.fetch("select event_id from event order by pos desc limit 20")
            ]
        for id in coming:  # under ids that another service's events have
            for service, name in (
                ("volunteer", "volunteer-counts-published"),
                ("registry", "organisation-blacklisted"),
            ):
                headers = _forged(region, service, name, id)
                subject = f"evt.{region.slug}.{VICTIM}.volunteer.counts.volunteer-counts-published.v1"
                await _sent(js.publish(subject, b"{}", headers=headers), f"own subject as {service}", tally)
        for message in real[:20]:
            await _sent(
                js.publish(message.subject, message.body, headers=dict(message.headers)), "other subject", tally
            )
        for n in range(120):
            subject = f"evt.{region.slug}.{VICTIM}.volunteer.counts.volunteer-counts-published.v1"
            await _sent(js.publish(subject, b"x" * 60_000, headers={"ce-id": str(n)}), "poison", tally)
        stream = stream_of(region.slug, "registry")
        await _sent(js.purge_stream(stream), "purge", tally)
        await _sent(js.delete_stream(stream), "delete", tally)
        await _sent(js.delete_consumer(stream, "funding"), "consumer", tally)
        await _sent(client.request(f"$JS.API.CONSUMER.RESET.{stream}.funding", b"", timeout=1), "rewind", tally)
    finally:
        await client.close()


def _forged(region: Region, service: str, name: str, id: UUID) -> dict[str, str]:
    return encode(
        Envelope(
            event_id=id,
            type=f"{service}.{name}",
            version=1,
            region=region.slug,
            tenant=TenantId(VICTIM),
            stream=f"counts/{uuid4()}",
            stream_version=1,
            sequence=1,
            occurred_on=datetime.now(UTC).date(),
            recorded_at=datetime.now(UTC),
            correlation=uuid4(),
        )
    )


async def _sent(attempt: Awaitable[Any], name: str, tally: Tally) -> None:
    try:
        await attempt
        tally[f"{name}: taken"] += 1
    except (nats.errors.Error, nats.js.errors.APIError, OSError):
        tally[f"{name}: refused"] += 1


async def _alive(region: Region, service: str, tally: Tally) -> None:
    """Liveness, from where an operator's probe asks."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for _ in range(LIVES):
            answer = await http.get(f"{probe_of(region, service)}/health/live")
            tally[f"alive {answer.status_code}"] += 1
            await asyncio.sleep(0.3)


def probe_of(region: Region, service: str) -> str:
    program = region.programs[service]
    port = program.environment.get(f"{service.upper()}_PROBE_PORT")
    return f"http://127.0.0.1:{port}" if port else program.url


@asynccontextmanager
async def playing(region: Region) -> AsyncIterator[Programme]:
    said: dict[str, Said] = {}
    async with Bureau.calls(region, said) as bureau:
        programme = Programme(bureau)
        await programme.prepare()
        yield programme


async def own(region: Region) -> list[str]:
    """Every event of the victim's and the city's streams that somebody else's hand is in."""
    found = []
    for service in proof.DEFINITIONS:
        async with proof.database(region, service) as db:
            rows = await db.fetch("select tenant_id, stream, raw from event where tenant_id = any ($1)", [VICTIM, CITY])
        for row in rows:
            if orjson.loads(row["raw"])["actor"]["tenant"] == NEIGHBOUR:
                found.append(f"{service} {row['tenant_id']} {row['stream']}")
    return found


@pytest.fixture
def tally() -> Tally:
    return Counter()


async def test_an_attack_from_three_sides_stops_and_misleads_nobody(calm: Played, tally: Tally) -> None:
    region = calm.region
    async with playing(region) as programme:
        mine = [Project(number, VICTIM) for number in (11, 13, 15)]  # the calm region has played others
        await programme.play(mine[0])
        await proof.settled(region)
        untouched = set(await own(region))
        sides: list[Awaitable[None]] = [
            *(_nobody(region, service, tally) for service in proof.DEFINITIONS),
            *(_alive(region, service, tally) for service in proof.DEFINITIONS),
            _neighbour(programme.bureau, mine[0], tally),
            _peer(region, tally),
        ]
        attack = asyncio.gather(*sides)
        await side_by_side(programme.play(project) for project in mine[1:])
        await attack
        assert await _parked_but_volunteers(region) == []
        assert set(await own(region)) == untouched, "the neighbour wrote in another's history"
        assert tally["alive 200"] == LIVES * len(proof.DEFINITIONS)
        for name in ("unit of another", "unit at another", "conference there", "conference here", "own province"):
            assert tally[f"{name} 200"] == 0, (name, tally)
        assert tally["other's counts 200"] + tally["look back 500"] + tally["same key 200"] == 0, tally
        assert sum(n for name, n in tally.items() if name.startswith("same key 4")) > 20, tally
        assert tally["endless head"] < 1024 * len(proof.DEFINITIONS), "a head is cut long before a megabyte"
        for name in ("other subject", "purge", "delete", "consumer", "rewind"):
            assert tally[f"{name}: taken"] == 0, (name, tally)
        assert tally["poison: taken"] > 0, "its own subject is its own"
        bombs = {name.split()[1] for name in tally if name.startswith("bomb")}
        assert bombs <= {"401", "404", "503"}, tally
        await _told_and_heard(region, programme.bureau.said)
        for service in proof.DEFINITIONS:
            await programme.bureau.ready(region.programs[service].url)


async def _parked_but_volunteers(region: Region) -> list[str]:
    """What waits anywhere that is not volunteer's own poison."""
    found = []
    for service in proof.DEFINITIONS:
        async with proof.database(region, service) as db:
            rows = await db.fetch("select service, subject, code from parked where done_at is null")
        found += [f"{service}: {dict(row)}" for row in rows if row["service"] != "volunteer"]
    return found


async def _told_and_heard(region: Region, said: dict[str, Said]) -> None:
    """Every event is told, every message taken in; only the peer's own poison may wait."""
    deadline = asyncio.get_running_loop().time() + proof.PATIENCE
    while wrong := await proof.wrong(region, said.values(), but="volunteer"):
        assert asyncio.get_running_loop().time() < deadline, wrong
        await asyncio.sleep(0.5)
