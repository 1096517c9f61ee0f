"""The demo as its audience meets it: played once and checked, played again over the same data, then looked into."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.printed import ROOT, agrees, played
from typer.testing import CliRunner, Result

from liandong import glossary
from liandong.cli import app
from liandong.region import PORTS

LIANDONG = [sys.executable, "-m", "liandong"]
PATIENCE = 400
"""Seconds: two cores, and other tests beside."""
CITY, DISTRICT = "620100", "620102"
README = ROOT / "README.md"
STORY = [
    "funding.project-application-submitted",
    "funding.street-sign-off-given",
    "funding.project-recommended-by-district",
    "funding.project-approved",
    "funding.service-purchase-published",
    "funding.organisation-selected",
    "funding.purchase-agreement-signed",
    "funding.staffing-declared",
    "funding.staffing-verified",
    "funding.credential-impersonation-found",
    "funding.assignment-ended",
    "funding.organisation-selected",
    "funding.purchase-agreement-signed",
    "funding.staffing-declared",
    "funding.staffing-verified",
    "funding.project-funded",
    "funding.implementation-started",
    "funding.report-submitted",
    "funding.report-confirmed-by-community",
    "funding.report-reviewed-by-district",
    "funding.self-assessments-completed",
    "funding.district-acceptance-completed",
    "funding.acceptance-report-filed",
    "funding.project-rated",
    "funding.project-closed",
]
"""Of the project whose organisation was caught; other events lie between."""


@dataclass(frozen=True)
class Again:
    """The second performance, which stays up."""

    data: Path
    document: dict[str, Any]

    def ask(self, *words: str) -> dict[str, Any]:
        """The document that a command prints."""
        done = self.says(*words, "--json")
        assert done.exit_code == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def says(self, *words: str, data: Path | None = None) -> Result:
        """A command in this process, for to import the command line again takes longer than most commands."""
        return CliRunner().invoke(app, [*words, "--data", str(data or self.data)])

    def figures(self, *words: str) -> dict[str, list[dict[str, Any]]]:
        found = self.ask("figures", "--tenant", CITY, *words)
        return {one["id"]: one["figures"] for one in found["indicators"]}


def run(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    command = [*LIANDONG, *words, "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


@pytest.fixture(scope="module")
def data(data_root: Path) -> Path:
    return data_root / f"demo-{uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def once(data: Path) -> dict[str, Any]:
    done = run("demo", "--once", "--json", data=data)
    assert done.returncode == 0, done.stderr[-4000:]
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.fixture(scope="module")
def again(data: Path, once: dict[str, Any]) -> Iterator[Again]:
    command = [*LIANDONG, "demo", "--json", "--data", str(data)]
    with (
        (data / "again.log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        try:
            assert lines, (data / "again.log").read_text()[-4000:]
            yield Again(data, json.loads("".join(lines)))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0


def total(figures: list[dict[str, Any]], **of: str) -> int:
    return sum(one["value"] for one in figures if of.items() <= one["dimensions"].items())


def test_every_figure_of_the_plan_is_printed_as_the_plan_prints_it(once: dict[str, Any]) -> None:
    assert [one["why"] for one in once["figures"] if not one["holds"]] == []
    assert len(once["figures"]) == 45
    assert all(one["printed"] == one["expected"] for one in once["figures"])
    assert len(once["projects"]) == 10


def test_R_LZ_01_the_fourth_of_the_district_and_R_LZ_08_the_blacklisted_organisation_are_refused(
    once: dict[str, Any],
) -> None:
    assert [(one["code"], one["rule"]) for one in once["refusals"]] == [
        ("quota-exceeded", "R-LZ-01"),
        ("organisation-blacklisted", "R-LZ-08"),
    ]


def test_every_read_table_equals_its_rebuild(once: dict[str, Any]) -> None:
    assert {one["service"]: one["differ"] for one in once["rebuilds"]} == {
        service: [] for service in ("registry", "casework", "funding", "volunteer")
    }
    assert all(one["rows"] > 50 for one in once["rebuilds"])


def test_played_again_nothing_doubles(once: dict[str, Any], again: Again) -> None:
    assert again.document["ok"]
    assert [one["printed"] for one in again.document["figures"]] == [one["printed"] for one in once["figures"]]
    assert [one["rows"] for one in again.document["rebuilds"]] == [one["rows"] for one in once["rebuilds"]]
    assert again.document["projects"] == once["projects"]


def test_as_of_the_start_ten_are_approved_and_nothing_is_spent_or_rated(again: Again) -> None:
    then, now = again.figures("--as-of", "2022-10-01"), again.figures()
    assert total(then["funding.projects_approved"]) == total(now["funding.projects_approved"]) == 10
    assert total(then["funding.programme_line_spent"]) == 0
    assert total(now["funding.programme_line_spent"]) == 300_000_000
    assert total(then["funding.programme_line_appropriated"]) == 172_500_000
    assert then["funding.projects_rated"] == []
    assert total(now["funding.projects_rated"]) == 10
    assert total(then["funding.projects_by_stage"], stage="running") == 10
    assert then["casework.ledger_persons"] == []
    assert total(now["casework.ledger_persons"]) == 40


TOTALS = {
    "registry.workers_per_project": ["3人"],
    "registry.licensed_per_project": ["不少于2人"],
    "registry.posted_workers": ["30人"],
    "registry.equipment_per_project": ["2个", "1个"],
    "registry.officers_per_unit": ["1人"],
    "registry.sites_open": ["10个", "10个"],
    "casework.ledger_persons": ["40人"],
    "funding.unit_budget": ["30万元"],
    "funding.district_quota": ["10个"],
    "funding.term_years": ["1年"],
    "funding.smallest_service_area": ["各处不同，300平方米至380平方米"],
    "funding.budget_allotted": ["300万元"],
    "funding.programme_line_spent": ["15万元", "30万元", "160万元", "80万元", "15万元"],
    "volunteer.residents_served": ["900余人次"],
}


def test_a_citys_totals_add_what_adds_and_repeat_what_every_place_has(again: Again) -> None:
    found = again.ask("figures", "--tenant", CITY)
    totals = {one["id"]: [total["display"] for total in one["totals"]] for one in found["indicators"]}
    assert {name: totals[name] for name in TOTALS} == TOTALS
    text = again.says("figures", "--tenant", CITY).stdout
    assert len(text.splitlines()) < 100
    line = "；专业人才培训经费：15万元"
    assert any(one.startswith("funding.programme_line_spent ") and line in one for one in text.splitlines())
    named = {name for one in found["indicators"] for f in one["figures"] for name in f["dimensions"]}
    assert named - glossary.words()["dimensions"].keys() == set()


def test_figures_stand_only_in_records_of_the_levels_that_their_indicator_names(again: Again) -> None:
    levels = {CITY: "city", DISTRICT[:2] + "0000": "province"}
    for one in again.ask("figures", "--tenant", CITY)["indicators"]:
        kept = {levels.get(figure["tenant_id"], "district") for figure in one["figures"]}
        assert kept <= set(one["levels"]), one["id"]
    district = again.ask("figures", "--tenant", DISTRICT)["indicators"]
    elsewhere = {one["id"] for one in district if not one["applies"]}
    assert {"registry.organisations", "casework.service_domains"} <= elsewhere
    assert "不适用（只记在上级民政局）：锁定社工数" in run("figures", "--tenant", DISTRICT, data=again.data).stdout


def test_what_is_known_now_is_what_is_shown_now(again: Again) -> None:
    shown, now = again.figures(), datetime.now(UTC)
    time.sleep(5)  # the horizon passes `now` two ticks later
    assert again.figures("--known-at", now.isoformat()) == shown
    assert all(not figures for figures in again.figures("--known-at", "2000-01-01T00:00:00Z").values())


def test_the_history_of_the_project_whose_organisation_was_caught(again: Again) -> None:
    community = "620102022003"
    project = next(one["project_id"] for one in again.document["projects"] if one["community"] == community)
    found = again.ask("history", "--tenant", DISTRICT, "--stream", f"project/{project}")
    items = found["items"]
    own = [item["version"] for item in items if item.get("type", "").startswith("funding.")]
    assert own == list(range(1, len(own) + 1))
    assert any(item.get("type", "").startswith("volunteer.") for item in items), "what others noted of the same project"
    told = iter(item.get("type") for item in items)
    assert all(wanted in told for wanted in STORY), "each after the one before"
    refused = [item for item in items if item["kind"] == "refusal" and item["code"] == "organisation-blacklisted"]
    assert [(item["rule"], item["action_name"], item["role"]) for item in refused] == [
        ("R-LZ-08", "审核项目服务方案", "区民政局")
    ]
    approved = next(item for item in items if item.get("type") == "funding.project-approved")
    assert (approved["name"], approved["role"], approved["rule"], approved["occurred_on"]) == (
        "确定为试点社区",
        "市民政局",
        "R-LZ-01",
        "2022-07-14",
    )


def test_the_refusal_of_the_fourth_is_on_record_under_its_clause(again: Again) -> None:
    fourth = again.document["refused"][0]["project_id"]
    items = again.ask("history", "--tenant", CITY, "--stream", f"project/{fourth}")["items"]
    shown = ("code", "rule", "clause", "occurred_on")
    refusals = [tuple(item[name] for name in shown) for item in items if item["kind"] == "refusal"]
    assert refusals[0] == ("quota-exceeded", "R-LZ-01", "五(一)", "2022-07-15")
    assert not any(item.get("type") == "funding.project-approved" for item in items)


ROADS = {
    "funding.application-withdrawn": "620105",
    "funding.project-extended": "620111",
    "funding.project-terminated": "620111",
    "funding.assignment-ended": "620103",
    "funding.project-suspended": "620104",
    "funding.project-resumed": "620104",
    "volunteer.residents-served-corrected": "620105",
    "registry.unit-told": "620105",
}
"""The other roads of the story: the district in which each is on record."""


@pytest.mark.parametrize("kind", ROADS)
def test_each_other_road_is_on_record_once_though_it_is_played_twice(again: Again, kind: str) -> None:
    found = again.ask("history", "--tenant", ROADS[kind], "--type", kind)["items"]
    assert len([one for one in found if one["data"].get("change") != "declared"]) == 1


def test_a_history_has_every_service_in_order_and_names_no_person(again: Again) -> None:
    text = json.dumps(found := again.ask("history", "--tenant", DISTRICT), ensure_ascii=False)
    recorded = [item["recorded_at"] for item in found["items"]]
    assert recorded == sorted(recorded)
    assert {item["service"] for item in found["items"]} == {"registry", "casework", "funding", "volunteer"}
    for person in ("演示居民甲01", "演示志愿者甲01", "演示社工甲01", "演示社区负责人甲", "演示联动员甲"):
        assert person not in text


def test_a_projection_is_rebuilt_by_hand_and_nothing_is_parked(again: Again) -> None:
    before = again.figures()
    assert again.ask("rebuild", "funding", "project_list")["rebuilt"]["project_list"] > 400
    assert again.figures() == before
    assert again.ask("parked", "list")["items"] == []


def test_the_readmes_five_calls_run_as_printed_and_show_what_comes(again: Again) -> None:
    page = README.read_text("utf-8").partition("## Five calls")[2].partition("\n## ")[0]
    addresses = {
        f"http://127.0.0.1:{PORTS['issuer']}": again.document["issuer_url"],
        f"http://127.0.0.1:{PORTS['funding']}": again.document["services"]["funding"],
    }
    [(shown, said)] = played(page, addresses)
    assert len(shown.splitlines()) == 4
    assert page.count("\ncurl ") + page.count("$(curl ") == 5
    assert agrees(shown, said), said


def test_what_is_not_there_is_told_by_exit_codes(again: Again, tmp_path: Path) -> None:
    assert again.says("figures", "--tenant", "999999").exit_code == 1
    assert again.says("figures", "--tenant", CITY, "--as-of", "someday").exit_code == 2
    assert again.says("rebuild", "nowhere").exit_code == 2
    misspelt = again.says("history", "--tenant", CITY, "--stream", "projectt/1")
    assert (misspelt.exit_code, misspelt.stdout) == (1, "")
    assert "没有流 projectt/1 的记录" in misspelt.stderr
    assert again.says("history", "--tenant", CITY, data=tmp_path / "nothing").exit_code == 3
    assert again.says("demo", "--once").exit_code == 1, "it is up already"


def test_a_check_that_was_interrupted_is_no_success(data_root: Path) -> None:
    command = [*LIANDONG, "demo", "--once", "--data", str(data_root / f"demo-{uuid4().hex[:8]}")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("PostgreSQL" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stdout is not None
        assert process.stdout.read() == "已停止；数据保留。\n", "the story's face is Chinese, and nothing else is on it"
