"""How a service runs, as a table: of what the service itself answered, and with reasons where it has no numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kit.bus.seen import Doing
from kit.service.health import Status
from liandong import standing
from liandong.cli import app
from liandong.region import Region
from liandong.standing import COLUMNS, table, width


def test_every_state_has_a_word() -> None:
    assert standing.DOING.keys() == {one.value for one in Doing}
    assert standing.STATUS.keys() == {one.value for one in Status}


@pytest.mark.parametrize("long", ["x" * 400, "很长的名字" * 60])
def test_no_line_is_wider_than_a_terminal(long: str) -> None:
    lines = list(standing._lines(standing._label("进程"), ["一", long, "二"]))
    assert max(map(width, lines)) <= COLUMNS
    assert long in "".join(line.strip() for line in lines)
    assert lines[0].startswith("  进程")
    assert {line[: standing.LABEL] for line in lines[1:]} == {" " * standing.LABEL}


def test_a_region_shows_each_service_and_says_what_it_cannot_get(
    data_root: Path, tmp_path: Path, imported: None
) -> None:
    data = data_root / f"standing-{tmp_path.name}"
    with Region(data, services=("volunteer",)):
        found = status(data)
        (one,) = found["services"]
        assert one["operations"]["service"] == "volunteer"
        lines = table(one["operations"])
        assert lines[0].startswith("volunteer ")
        assert max(map(width, lines)) <= COLUMNS
        heads = {line.split()[0] for line in lines}
        assert {"落定", "发送", "搁置", "暂停发送", "变更", "汇总表", "进程"} <= heads
        assert all(line == line.rstrip() for line in lines)
        (denied,) = status(data, "--token", "nobody's")["services"]
        assert denied["operations"] is None
        assert denied["operations_missing"].startswith("401 unauthenticated")
        (signed,) = status(data, "--tenant", "620100")["services"]
        assert signed["operations"]["service"] == "volunteer"
        shown = CliRunner().invoke(app, ["status", "--data", str(data), "--token", "nobody's"])
        assert "volunteer：读不到运行情况（401 unauthenticated" in shown.stdout


def status(data: Path, *more: str) -> dict[str, Any]:
    shown = CliRunner().invoke(app, ["status", "--json", "--data", str(data), *more])
    found: dict[str, Any] = json.loads(shown.stdout)
    return found
