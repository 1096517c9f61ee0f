"""An operator's first hours after `liandong up`: the page is run as it is printed, then the region is looked into."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.conftest import Clusters
from tests.liandong.asked import ROOT, answered, asked
from tests.printed import agrees, played
from tests.system.conftest import apart

from liandong.region import PORTS, Region
from liandong.standing import width

PAGE = (ROOT / "docs" / "first-project.md").read_text("utf-8")
CITY, DISTRICT = "620100", "620102"


@pytest.fixture(scope="module")
def first(data_root: Path, clusters: Clusters) -> Iterator[tuple[Region, list[tuple[str, str]]]]:
    """A region in a directory whose name has a blank, and what the page's commands showed and said."""
    with apart(data_root / f"first project {uuid4().hex[:8]}", clusters) as region:
        addresses = {
            f"http://127.0.0.1:{PORTS[name]}": region.programs[name].url for name in ("issuer", "registry", "funding")
        }
        yield region, played(PAGE, addresses, LIANDONG_DATA=str(region.data))


Played = tuple[Region, list[tuple[str, str]]]


def test_the_page_runs_as_printed_and_shows_what_comes(first: Played) -> None:
    assert [(shown, said) for shown, said in first[1] if not agrees(shown, said)] == []
    assert sum(bool(shown) for shown, _ in first[1]) == 5


def test_figures_of_a_city_are_totals_and_an_unknown_one_names_its_likes(first: Played) -> None:
    data = first[0].data
    status, said = asked("figures", "--tenant", CITY, "--data", data)
    lines = said.splitlines()
    assert status == 0
    assert lines[0] == "兰州市（620100）"
    assert len([line for line in lines if line.startswith("funding.line_cap ")]) == 1
    assert "社工人力成本：16万元；专业服务经费：8万元" in said
    assert not re.search("[0-9a-f]{8}-[0-9a-f]{4}-", said), "ids are for --indicator"
    status, said = asked("figures", "--tenant", CITY, "--indicator", "funding.unit_budgets", "--data", data)
    assert (status, len(said.splitlines())) == (2, 1)
    assert said.startswith("没有指标 funding.unit_budgets。相近的有：funding.unit_budget（单个试点经费标准）")


def test_a_history_is_told_in_local_time_with_whole_actors_and_amounts(first: Played) -> None:
    status, said = asked("history", "--tenant", CITY, "--type", "funding.scheme-published", "--data", first[0].data)
    line, count = said.splitlines()
    assert status == 0
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+08:00  发生于 2022-05-31  发布实施方案", line)
    assert "单个试点经费 30万元" in line
    assert line.endswith("市民政局 兰州市（620100） city")
    assert count == "共 1 条，其中驳回 0 条。"


def test_a_refusal_is_found_by_its_action(first: Played) -> None:
    status, said = asked("history", "--tenant", CITY, "--type", "approve-project", "--data", first[0].data)
    assert status == 0
    refused = "驳回：确定试点社区：不由本局确定（wrong-approver）"
    assert re.search(rf"{refused}  project/.*（南稍门社区居委会试点）.*R-LZ-33", said)
    assert "共 1 条，其中驳回 1 条。" in said


def test_a_history_is_asked_and_each_event_of_it_shown_by_what_is_printed(first: Played) -> None:
    here = ("history", "--tenant", CITY, "--data", first[0].data)
    status, newest = asked(*here, "--newest", "--from", "2022-05-01")
    stamps = [line.partition("  ")[0] for line in newest.splitlines()[:-1]]
    assert (status, stamps) == (0, sorted(stamps, reverse=True))
    status, one = asked(*here, "--action", "approve-project", "--rule", "R-LZ-01", "--type", "funding.project-approved")
    (event,) = re.findall("事件 ([0-9a-f-]{36})", one)
    assert "共 1 条，其中驳回 0 条。" in one
    status, said = asked(*here, "--code", "wrong-approver")
    assert "请由出资的民政局办理。" in said
    assert "共 1 条，其中驳回 1 条。" in said
    status, shown = asked(*here, "--event", event)
    assert (status, shown.splitlines()[0]) == (0, one.splitlines()[0])
    assert re.search(r"^同一请求：.*\n  \S+ .*--event", shown, re.M)
    for command in re.findall("^  (.+)$", shown, re.M):
        assert pasted(command).returncode == 0, command
    assert asked(*here, "--actor", "nobody")[1] == "共 0 条，其中驳回 0 条。\n"
    assert asked(*here, "--event", str(UUID(int=0)))[0] == 1
    assert asked(*here, "--event", event, "--newest")[0] == 2


def test_a_stream_that_is_nowhere_is_told_with_a_command_that_lists_them(first: Played) -> None:
    status, said = asked("history", "--tenant", DISTRICT, "--stream", "projectt/1", "--data", first[0].data)
    assert (status, len(said.splitlines())) == (1, 1)
    assert "没有流 projectt/1 的记录" in said
    done = pasted(said.partition("请从 ")[2].partition(" 所列")[0])
    assert done.returncode == 0, done.stderr
    assert "project/" in done.stdout


def pasted(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)


def test_every_command_that_is_printed_can_be_pasted(first: Played) -> None:
    """Also where the directory has a blank in its name."""
    data = first[0].data
    _, out = answered("figures", "--tenant", CITY, "--data", data)
    done = pasted(out.splitlines()[-1].partition("如  ")[2])
    assert done.returncode == 0, done.stderr
    assert "口径第 1 版" in done.stdout
    up = asked("up", "--data", data)[1]
    stop = up.partition("stop it (")[2].partition(")")[0]
    assert shlex.split(stop)[-3:] == ["down", "--data", str(data)]
    assert pasted(f"{stop} --help").returncode == 0


def test_an_answer_of_a_bureau_s_command_has_one_language(first: Played) -> None:
    """Words of ours; ids, codes and types are in both."""
    for words in (["figures", "--tenant", CITY], ["history", "--tenant", CITY], ["parked", "list"], ["held", "list"]):
        status, out = answered(*words, "--data", first[0].data)
        assert status == 0
        assert not re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", out.replace("-m liandong figures", "")), words
    _, out = answered("status", "--data", first[0].data)
    assert "一切正常" in out
    assert "读不到运行情况" not in out
    assert max(map(width, out.splitlines())) <= 100
