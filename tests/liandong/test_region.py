"""One region on one machine: what `up` starts, tends, writes down and stops."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from liandong import child, state
from liandong import region as region_of
from liandong.child import PATIENCE, ChildError
from liandong.cli import app
from liandong.commands import down
from liandong.commands.down import below
from liandong.engines.postgres import ask
from liandong.region import Region


@pytest.fixture
def data(data_root: Path, imported: None) -> Path:
    """A place whose name has what somebody's home may have."""
    return data_root / f"路径 有空格-{uuid4().hex[:10]}" / '联动 "数据"'


def gone(pid: int | None) -> bool:
    return pid is not None and not Path(f"/proc/{pid}").exists()


def test_everything_is_up_inside_the_block_and_gone_after_it(data: Path) -> None:
    with Region(data, slug="gansu-test", services=()) as region:
        keys = httpx.get(f"{region.programs['issuer'].url}/.well-known/jwks.json", trust_env=False).json()
        pids = [region.postgres.pid, region.nats.pid, region.programs["issuer"].pid]
        assert ask(region.postgres.url, "select 1") == "1"
        ask(region.postgres.url, "create table kept as select 1 as n")
    assert all(gone(pid) for pid in pids)
    assert state.holder(data) is None
    assert state.read(data) is None
    with Region(data, slug="gansu-test", services=()) as again:
        assert httpx.get(f"{again.programs['issuer'].url}/.well-known/jwks.json", trust_env=False).json() == keys
        assert ask(again.postgres.url, "select n from kept") == "1"


def test_the_state_file_says_where_everything_is_to_its_owner_only(data: Path) -> None:
    with Region(data, slug="gansu-test", services=()) as region:
        found = state.read(data)
        assert found is not None
        assert (found.pid, found.region) == (os.getpid(), "gansu-test")
        assert (found.postgres_url, found.nats_url) == (region.postgres.url, region.nats.url)
        assert found.issuer_url == region.programs["issuer"].url
        assert stat.S_IMODE((data / state.FILE).stat().st_mode) == 0o600


def test_a_data_directory_has_one_master(data: Path) -> None:
    with Region(data, services=()) as region:
        with pytest.raises(state.AlreadyUp, match="is up already"), Region(data, services=()):
            pass
        assert state.read(data) is not None
        assert ask(region.postgres.url, "select 1") == "1"


def test_a_data_directory_is_one_regions(data: Path) -> None:
    with Region(data, slug="gansu-test", services=()):
        pass
    with pytest.raises(state.OtherRegion), Region(data, slug="other-city", services=()):
        pass
    refused = CliRunner().invoke(app, ["up", "--data", str(data), "--region", "other-city"])
    assert refused.exit_code == 2
    assert refused.output == (
        f"{data} holds the region gansu-test: start that one (--region gansu-test), or name another --data\n"
    )


def tended(region: Region, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        region.tend()
        time.sleep(0.05)


def test_a_program_that_ended_by_itself_is_started_again_at_its_address(data: Path) -> None:
    said: list[str] = []
    with Region(data, services=(), say=said.append) as region:
        issuer = region.programs["issuer"]
        pid, url = issuer.pid, issuer.url
        issuer.kill()
        tended(region, issuer.is_ready)
        assert issuer.url == url
        assert issuer.pid not in (pid, None)
    assert any("issuer: ended by itself; starting it again in 1 s" in line for line in said)


def test_a_program_that_does_not_answer_is_named_with_its_log_and_started_anew(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(region_of, "BETWEEN", 0.1)
    monkeypatch.setattr(region_of, "ANSWER", 0.5)
    with Region(data, services=(), say=said.append) as region:
        issuer = region.programs["issuer"]
        tended(region, lambda: issuer.illness() is None)
        pid = issuer.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(child, "PATIENCE", 0.5)
        with pytest.raises(ChildError, match=r"^issuer is not ready after 0 s: .* \(log: .*issuer.log\)$"):
            issuer.wait()
        monkeypatch.undo()
        monkeypatch.setattr(region_of, "BETWEEN", 0.1)
        tended(region, lambda: issuer.pid not in (pid, None) and issuer.is_ready())
    assert f"issuer: does not answer; starting it again in 1 s (log: {issuer.log})" in said


def test_a_program_that_stands_still_holds_up_no_end(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Region(data, services=()) as region:
        pid = region.programs["issuer"].pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(region_of, "PATIENCE", 0.5)
        begun = time.monotonic()
    assert gone(pid)
    assert time.monotonic() - begun < 20


def test_down_ends_by_force_what_does_not_stop(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`up`, the process that forks and a program stand still: nobody of them hears a polite signal."""
    program = (
        "import sys, time; from pathlib import Path; from liandong.region import Region\n"
        "with Region(Path(sys.argv[1]), services=()): print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(data)], stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        assert up.stdout.readline() == "up\n"
        all_of_it = below(up.pid)
        assert len(all_of_it) > 4
        python = [pid for pid in all_of_it if "python" in os.readlink(f"/proc/{pid}/exe")]
        for pid in (up.pid, *python):
            os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(down, "PATIENCE", 0.5)
        monkeypatch.setattr(down, "GRACE", 3.0)
        done = CliRunner().invoke(app, ["down", "--data", str(data)])
        assert (done.exit_code, done.stdout) == (0, "Stopped; the data is kept.\n")
        assert f"Process {up.pid} does not stop" in done.stderr
        assert up.wait(5) == -signal.SIGKILL
    eventually_gone(all_of_it)
    assert state.holder(data) is None
    with Region(data, services=()) as again:
        assert ask(again.postgres.url, "select 1") == "1"


def eventually_gone(pids: Sequence[int]) -> None:
    deadline = time.monotonic() + 5
    while left := [pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and not ended(pid)]:
        assert time.monotonic() < deadline, f"{left} are still there"
        time.sleep(0.05)


def ended(pid: int) -> bool:
    """Though whoever should ask for its end has not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("name", ["postgres", "nats"])
def test_an_engine_that_was_killed_is_noted_and_started_again_on_the_same_data(data: Path, name: str) -> None:
    said: list[str] = []
    with Region(data, services=(), say=said.append) as region:
        engine = getattr(region, name)
        url, pid = engine.url, engine.pid
        engine.kill()
        region.tend()
        found = state.read(data)
        assert found is not None
        assert found.troubles == {name: "ended by itself"}
        assert found.engine_pids[name] is None
        shown = CliRunner().invoke(app, ["status", "--data", str(data)])
        assert shown.exit_code == 1
        assert "有异常" in shown.stdout
        assert re.search(rf"^{name} .* 没有应答", shown.stdout, re.M)
        assert f"故障 {name}：ended by itself" in shown.stdout
        tended(region, lambda: engine.pid is not None)
        found = state.read(data)
        assert found is not None
        assert (found.troubles, found.engine_pids[name]) == ({}, engine.pid)
        assert (engine.url, engine.pid != pid) == (url, True)
        assert CliRunner().invoke(app, ["status", "--data", str(data)]).exit_code == 0
    assert f"{name} was started again" in said


def test_what_cannot_start_is_named_and_what_had_started_is_stopped(data: Path) -> None:
    region = Region(data, services=("absent",))
    with pytest.raises(ChildError, match=r"^absent migrate: .*No module named absent$"), region:
        pass
    assert region.postgres.pid is None
    assert region.nats.pid is None
    assert state.holder(data) is None


def test_status_and_down_where_nothing_is_up(tmp_path: Path) -> None:
    status = CliRunner().invoke(app, ["status", "--json", "--data", str(tmp_path)])
    assert status.exit_code == 3
    assert json.loads(status.stdout)["up"] is False
    down = CliRunner().invoke(app, ["down", "--data", str(tmp_path)])
    assert (down.exit_code, down.stdout) == (0, f"Nothing is up in {tmp_path}.\n")


def test_status_of_a_region_is_one_document_without_secrets(data: Path) -> None:
    with Region(data, slug="gansu-test", services=()) as region:
        shown = CliRunner().invoke(app, ["status", "--json", "--data", str(data)])
        document = json.loads(shown.stdout)
        assert shown.exit_code == 0
        assert set(document) == {
            "up", "degraded", "region", "pid", "started_at", "issuer_url", "engines", "services", "troubles",
        }  # fmt: skip
        assert [(one["name"], one["alive"]) for one in document["engines"]] == [("postgres", True), ("nats", True)]
        for url in (region.postgres.url, region.nats.url):
            assert url.split(":")[2].split("@")[0] not in shown.stdout
