"""I12: no word about a person is in clear anywhere but in the answer to who may see it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid5

from tests.synthetic import BORN
from tests.system import proof
from tests.system.bureau import Bureau, SignIn
from tests.system.conftest import Played
from tests.system.programme import CANARY, CITY_BUREAU, DISTRICTS

from contracts.values import Role
from liandong.region import Region

RANDOM = "0b5a3c7e-1111-4222-8333-444455556677"
PERSON = ("name", "licence", "address", "id_number", "findings", "problem", "text", "reason")


def disguises(word: str) -> Iterator[bytes]:
    """The word as bytes may hold it: as it is, in hex, and in base64 at each of the three places it can begin."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield plain.decode().encode("utf-16-le")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        yield encoded[(0, 2, 3)[shift] : -1]


WORDS = (*disguises(CANARY), *disguises(BORN))


def seen(content: bytes) -> bool:
    return any(word in content or word in content.lower() for word in WORDS)


async def scan(region: Region) -> list[str]:
    """Every place that holds the word: tables with all columns, messages with subject and headers, and files."""
    found = []
    for service in proof.DEFINITIONS:
        for keys in (False, True):
            async with proof.database(region, service, keys=keys) as db:
                for row in await db.fetch("select tablename from pg_tables where schemaname = 'public'"):
                    for one in await db.fetch(f'select * from "{row["tablename"]}"'):
                        fields = [v if isinstance(v, bytes) else str(v).encode() for v in one.values()]
                        if any(map(seen, fields)):
                            found.append(f"{service}.{row['tablename']}")
    for message in await proof.messages(region):
        whole = [message.subject, *message.headers.keys(), *message.headers.values()]
        if seen(message.body) or any(seen(part.encode()) for part in whole):
            found.append(f"message {message.subject}")
    found += [f"file {path.name}" for path in files(region.data) if seen(path.read_bytes())]
    return sorted(set(found))


def files(data: Path) -> list[Path]:
    """Logs of services and engines; and what the broker keeps on disk."""
    return [path for path in data.rglob("*") if path.is_file() and (path.suffix == ".log" or "nats" in path.parts)]


async def test_no_word_about_a_person_is_in_clear_anywhere(calm: Played) -> None:
    assert len(calm.canaries) > 30
    assert len(files(calm.region.data)) > 5
    assert await scan(calm.region) == []


async def test_metrics_and_errors_name_no_person(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        for service in proof.DEFINITIONS:
            assert not seen((await bureau.ask("GET", service, "/metrics", None)).content)
        for one in calm.said.values():
            if not any(name in one.body for name in PERSON):
                continue
            for body in ({**one.body, "surplus": CANARY}, {**one.body, "occurred_on": "2999-01-01"}, one.body):
                who = SignIn(Role.AUDITOR, one.who.tenant)
                for sender in (one.who, who):
                    # One key of each bureau: the same of two would be two commands of one id, and look like a fault.
                    headers = {"idempotency-key": str(uuid5(UUID(RANDOM), sender.tenant))}
                    answer = await bureau.ask("POST", one.service, one.path, sender, headers=headers, json=body)
                    assert not seen(answer.content), answer.text
    assert await scan(calm.region) == []  # nor have the refusals left one


async def test_who_may_see_a_name_sees_it_and_others_see_a_person(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        mine = await bureau.get("registry", "/workers", SignIn(Role.DISTRICT_BUREAU, DISTRICTS[0]), limit=200)
        assert any(str(item["name"]).startswith(CANARY) for item in mine["items"])
        assert any(
            str(item["name"]).startswith(CANARY)
            for item in (await bureau.get("registry", "/workers", CITY_BUREAU))["items"]
        )
        for service in proof.DEFINITIONS:
            for route in ("/history", "/indicators"):
                answer = await bureau.ask("GET", service, f"/v1{route}", SignIn(Role.AUDITOR, DISTRICTS[0]))
                assert answer.status_code == 200
                assert not seen(answer.content)
        blind = await bureau.get("registry", "/workers", SignIn(Role.AUDITOR, DISTRICTS[0]), limit=200)
        assert len(blind["items"]) == len(mine["items"])
        assert {item["name"] for item in blind["items"]} == {None}


async def test_the_scan_finds_a_word_wherever_it_is_planted(calm: Played) -> None:
    region = calm.region
    log = region.programs["funding"].log
    async with proof.database(region, "funding") as db:
        await db.execute(
            "insert into refusal (tenant_id, command_id, code, era, action, streams, actor, occurred_on, recorded_at)"
            " values ('620102', $1, 'x', 1, 'x', $2, $3, '2022-01-01', now())",
            RANDOM,
            [f"project/{CANARY}"],
            '{"id": "test", "role": "system", "tenant": "620102", "unit": null}',
        )
        before = log.stat().st_size
        with log.open("ab") as file:
            file.write(base64.b64encode(b"." + CANARY.encode()))
        try:
            assert await scan(region) == ["file funding.log", "funding.refusal"]
        finally:
            await db.execute("delete from refusal where command_id = $1 and code = 'x'", RANDOM)
            with log.open("r+b") as file:
                file.truncate(before)
    assert all(seen(b"some bytes" + word + b"more") for word in WORDS)
