"""Arguments that cannot be, and directories that are not ours: told in one sentence before anything is looked for."""

from __future__ import annotations

import os
import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.liandong.asked import LIANDONG, ROOT, apart, asked, ran, refused

from kit import clock
from liandong import state
from liandong.engines import EngineError, PostgresEngine
from liandong.pasting import command as command_line


@pytest.fixture
def data(data_root: Path, tmp_path: Path) -> Path:
    return data_root / f"asked-{tmp_path.name}" / "数据"


LOOKING = ["status", "rebuild funding", "figures --tenant 620100", "history --tenant 620100"]


@pytest.mark.parametrize("command", LOOKING)
def test_where_nothing_is_up(tmp_path: Path, command: str) -> None:
    """Which directory was looked in, and what comes next."""
    data = tmp_path / "没有"
    up = command_line("up", data=data)
    absent, foreign, was = (f"{sentence.format(where=data, start=up)}\n" for sentence in state.NotUp.WORDS)
    assert asked(*command.split(), "--data", data) == (3, absent)
    data.mkdir()
    (data / "up.lock").touch()
    assert asked(*command.split(), "--data", data) == (3, was)
    (data / "up.lock").rename(data / "notes")
    assert asked(*command.split(), "--data", data) == (3, foreign)


@pytest.mark.parametrize("command", [*LOOKING, "up", "down", "demo", "held list", "parked list"])
def test_a_file_is_no_data_directory(tmp_path: Path, command: str) -> None:
    file = tmp_path / "README.md"
    file.touch()
    said = f"{file} is a file: name a directory (--data, or LIANDONG_DATA), such as .liandong\n"
    assert asked(*command.split(), "--data", file) == (2, said)


@pytest.mark.parametrize("place", ["/proc/x", "{tmp}/README.md/x", "{tmp}/" + "x" * 300])
def test_a_place_where_no_directory_can_be(tmp_path: Path, place: str) -> None:
    (tmp_path / "README.md").touch()
    status, said = asked("up", "--data", place.format(tmp=tmp_path))
    assert status == 1
    assert re.fullmatch(r".* cannot be made a directory \(.*\): name another --data\n", said)


def test_somebody_elses_directory_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.6\n")
    status, said = asked("up", "--data", tmp_path)
    assert status == 1
    what = f"{tmp_path} holds files and is no data directory of Liandong's"
    assert said == f"{what}: name an empty or a new one (--data)\n"
    assert [path.name for path in tmp_path.rglob("*")] == ["postgres", "PG_VERSION"]


def test_a_cluster_of_another_kind_is_not_ours(data: Path) -> None:
    (data / "cluster").mkdir(parents=True)
    (data / "cluster" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EngineError, match=r"cluster was made by PostgreSQL 9\.6.*no data directory of Liandong's"):
        PostgresEngine(data)


def test_status_only_reads(data: Path) -> None:
    data.mkdir(parents=True)
    with state.held(data):
        pass
    data.chmod(0o555)
    command: list[str | Path] = [*LIANDONG, "status", "--data", data]
    if os.geteuid() == 0:
        command[:] = apart(f"-o mode=755 tmpfs /mnt && mount -o bind,ro '{data}' '{data}'", *command)
    shown = refused(3, *command)
    up = command_line("up", data=data).partition(" -m ")[2]
    assert shown.startswith(f"{data} 没有运行。请先启动（")
    assert shown.endswith(f" -m {up}），或用 --data 指定其他目录。")


TOMORROW = (clock.now() + timedelta(days=2)).date().isoformat()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("figures --tenant abc", "没有租户 abc：应为六位行政区划代码"),
        ("history --tenant 62010", "没有租户 62010：应为六位行政区划代码"),
        ("figures --tenant ６２０１００", "应为六位行政区划代码"),
        ("held list --tenant 6", "没有租户 6：应为六位行政区划代码"),
        ("parked list --tenant x", "没有租户 x：应为六位行政区划代码"),
        ("figures --tenant 620100 --as-of yesterday", "日期应为 YYYY-MM-DD"),
        (f"figures --tenant 620100 --as-of {TOMORROW}", f"{TOMORROW} 还没有到：--as-of 最晚为今天"),
        (f"history --tenant 620100 --known-at {TOMORROW}T08:00:00+08:00", "还没有到：--known-at 最晚为现在"),
        ("history --tenant 620100 --known-at 2026-05-01", "--known-at 须带时区"),
        (
            "history --tenant 620100 --type funding.project-aproved",
            "没有类型 funding.project-aproved。相近的有：funding.project-approved（确定为试点社区）、",
        ),
        ("history --tenant 620100 --type approve", "相近的有：approve-project（确定试点社区）、"),
        ("rebuild fundin", "没有服务 fundin。可选：registry、casework、funding、volunteer。"),
        ("rebuild funding nope", "funding 没有读表 nope。可选：tenant、scheme_version、"),
        ("held list --service fundin", "没有服务 fundin。可选："),
        ("parked discard fundin 3 --reason x", "没有服务 fundin。可选："),
        ("parked discard funding 3 --reason x --as 王", "--as 不能是“王”"),
        ("parked replace funding 3 --reason x --body /nonexist", "--body /nonexist 读不出 JSON（No such file"),
        ("parked replace funding 3 --reason x --body README.md", "--body README.md 读不出 JSON（"),
    ],
)
def test_arguments_are_checked_before_the_region_is_looked_for(
    tmp_path: Path, command: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    status, words = asked(*command.split(), "--data", tmp_path / "没有")
    assert (status, len(words.splitlines())) == (2, 1), words
    assert said in words


def test_help_and_refusals_import_neither_services_nor_their_plumbing(tmp_path: Path) -> None:
    code = (
        "import sys; from liandong.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "finally: print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    for arguments in (["--help"], ["up", "--help"], ["status", "--data", tmp_path / "x"]):
        _, _, err = ran(sys.executable, "-c", code, *arguments)
        heavy = {"kit", "contracts", "fastapi", "faststream", "nats", "asyncpg", "httpx", "funding"}
        assert not heavy & set(err.splitlines()[-1].split()), arguments
