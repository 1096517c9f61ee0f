"""Connections to NATS: by seed, under an inbox of one's own, and never given up for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.kit.peer import until

from kit.bus import NotLetIn, SeedRefused, UserKey, connect, new_seed_file
from kit.bus.connect import inbox
from liandong.engines import NatsEngine, Users
from liandong.engines.nats import CONFIG

SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
PUBLIC = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
"""The pair that NATS's own documentation prints."""


def test_a_seed_is_read_as_nats_reads_it() -> None:
    assert UserKey(SEED).public == PUBLIC
    assert UserKey(f"{SEED}\n").public == PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "", "SU", SEED[:-1], SEED + "A", SEED.lower(), SEED.replace("SUAC", "SUAD"), PUBLIC, "SAA" + SEED[3:],
        SEED[:-4] + "1890", "钥" * 58,
    ],
)  # fmt: skip
def test_what_is_no_seed_of_a_user_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(SeedRefused) as refused:
        UserKey(text)
    assert len(text) < 10 or text[:10] not in str(refused.value)


def test_a_seed_file_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "路径 有空格.seed"
    made = new_seed_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert UserKey.read(path).public == made.public
    with pytest.raises(FileExistsError):
        new_seed_file(path)
    path.chmod(0o640)
    with pytest.raises(SeedRefused, match="mode 0640"):
        UserKey.read(path)
    path.chmod(0o600)
    path.write_text("not a seed")
    with pytest.raises(SeedRefused, match=r"does not hold the seed of a NATS user"):
        UserKey.read(path)
    with pytest.raises(SeedRefused, match="cannot be read: No such file"):
        UserKey.read(tmp_path / "absent")


@pytest.fixture
def server(data_root: Path, tmp_path: Path) -> Iterator[NatsEngine]:
    with NatsEngine(data_root / f"nats-{tmp_path.name}", users=Users("here", ["funding", "registry"])) as engine:
        yield engine


async def test_a_user_that_was_taken_out_comes_back_when_it_is_put_in_again(server: NatsEngine, tmp_path: Path) -> None:
    url, seed = server.settings("funding")["NATS_URL"], server.data_dir / "funding.seed"
    client = await connect(url, user="funding", seed_file=seed)
    config = (server.data_dir / CONFIG).read_text()
    with capture_logs() as logs:
        server.reconfigure(config.replace(UserKey.read(seed).public, new_seed_file(tmp_path / "other").public))
        await until(lambda: logs)
        with pytest.raises(NotLetIn, match="does not let funding in"):
            await connect(url, user="funding", seed_file=seed)
        server.reconfigure(config)
        await until(lambda: client.is_connected)
    assert logs == [{"event": "bus.not-let-in", "log_level": "error", "name": "funding"}], "once, and not each attempt"
    assert (await client.request("$JS.API.STREAM.INFO.EVT_here_registry", timeout=5)).data
    await client.close()


async def test_a_connection_that_the_server_puts_out_is_made_again(server: NatsEngine) -> None:
    """nats-py closes it for good then: a relay would stand until somebody restarts its service."""
    url, seed = server.settings("funding")["NATS_URL"], server.data_dir / "funding.seed"
    clients = [await connect(url, user="funding", seed_file=seed) for _ in range(2)]
    config = (server.data_dir / CONFIG).read_text()
    with capture_logs() as logs:
        server.reconfigure(config.replace("{", '{"max_connections": 1,', 1))
        await until(lambda: any(line["event"] == "bus.put-out" for line in logs))
        server.reconfigure(config)
        await until(lambda: all(client.is_connected for client in clients))
    for client in clients:
        assert (await client.request("$JS.API.STREAM.INFO.EVT_here_registry", timeout=5)).data
        await client.close()


async def test_headers_are_sent_as_they_are_and_one_with_lines_in_it_makes_no_other(nats_url: str) -> None:
    client = await connect(nats_url, user="here", patient=False)
    heard = await client.subscribe(f"{inbox('here')}.headers")
    for headers in (
        {"ce-id": "1", "ce-subject": "站点/1"},
        {"ce-id": "1\r\nce-tenant: 620103"},
        {"ce-id": "1\nx: y"},
        None,
    ):
        await client.publish(f"{inbox('here')}.headers", b"{}", headers=headers)
    found = [(await heard.next_msg(timeout=5)).headers for _ in range(4)]
    assert found[0] == {"ce-id": "1", "ce-subject": "站点/1"}
    assert [set(one or ()) for one in found[1:]] == [{"ce-id"}, {"ce-id"}, set()]
    assert client.stats["out_msgs"] == 4
    await client.close()
