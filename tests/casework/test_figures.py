"""Each figure is the total of the rows that it leads to, at every moment, and each row leads to its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_moments import as_of, day
from tests.service import CITY, headers

from casework.indicators import INDICATORS
from contracts.messages.registry import SiteOpenedV1, WorkerPlacedV1
from contracts.values import Role, SiteId, UnitCode
from kit.service import Kind

ELSEWHERE = UnitCode("620102001002")
FOUND = {one.id for one in INDICATORS if one.kind is Kind.FOUND}


@dataclass(frozen=True)
class Told:
    """A figure of an indicator, and what its `rows` list."""

    indicator: str
    value: int
    dimensions: dict[str, str]
    rows: tuple[dict[str, Any], ...]

    @property
    def total(self) -> int:
        return sum(row["value"] for row in self.rows)


async def read(project: Project, path: str) -> dict[str, Any]:
    answer = await project.service.http.get(path, headers=headers(Role.CITY_BUREAU, CITY, None, None))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def listed(project: Project, path: str) -> tuple[dict[str, Any], ...]:
    """The rows of all pages, of which each holds one."""
    rows, cursor = [], ""
    while True:
        page = await read(project, f"{path}&limit=1{cursor}")
        assert page["aggregate"] == "sum"
        rows += page["items"]
        if page["cursor"] is None:
            return tuple(rows)
        cursor = f"&cursor={page['cursor']}"


async def told(project: Project, **asked: Any) -> list[Told]:
    body = await project.service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    return [
        Told(one["id"], figure["value"], figure["dimensions"], await listed(project, figure["rows"]))
        for one in body["indicators"]
        for figure in one["figures"]
    ]


async def a_site_elsewhere(project: Project) -> SiteId:
    """Of another community of the district, where the project's worker is placed too."""
    site = SiteId(uuid4())
    await project.service.hear(SiteOpenedV1(site_id=site, community=ELSEWHERE, project_id=None, level=4))
    posted = WorkerPlacedV1(
        worker_id=project.worker,
        organisation_id=project.organisation,
        site_id=site,
        project_id=None,
        community=ELSEWHERE,
    )
    await project.service.hear(posted, tenant=CITY)
    return site


async def serve(project: Project, place: UUID, name: str, on: date, visits: int) -> tuple[UUID, UUID]:
    """Everything that a figure counts, once, but for the visits; the case and the referral."""
    here = {"place_id": str(place), "catalogue_id": str(project.catalogue)}
    entry = await project.enrol(name, on, place_id=str(place))
    for _ in range(visits):
        await project.made(f"/v1/entries/{entry}/visits", {"place_id": str(place), "findings": "走访记录正文"}, on=on)
    of = {**here, "entry_id": str(entry)}
    case = await project.made("/v1/cases", {**of, "domain": "elderly_care", "problem": "个案记录正文"}, on=on)
    referral = await project.made("/v1/referrals", {**of, "kind": "civil_affairs", "reason": "正文"}, on=on)
    return case, referral


async def two_days(project: Project) -> None:
    """On the first day one person is served here, one elsewhere, and one only enrolled; on the fourth day one more is
    served, the first goes on, the second's case ends early, and the third leaves the ledger."""
    case, referral = await serve(project, project.project, "演示对象甲01", day(0), visits=2)
    given_up, _ = await serve(project, await a_site_elsewhere(project), "演示对象甲02", day(0), visits=1)
    third = await project.enrol("演示对象甲03")
    await serve(project, project.project, "演示对象甲04", day(3), visits=1)
    assert (await project.post(f"/v1/cases/{case}/pre-assess", {"text": "正文"}, on=day(3))).status_code == 200
    gone = {"reason": "moved", "text": "正文"}
    assert (await project.post(f"/v1/cases/{given_up}/end", gone, on=day(3))).status_code == 200
    assert (await project.leave(third, on=day(3))).status_code == 200
    outcome = {"outcome": "granted"}
    assert (await project.post(f"/v1/referrals/{referral}/outcome", outcome, on=day(3))).status_code == 200


def summed(found: list[Told]) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Of what was found: the indicator, the values of its dimensions, and the figure."""
    for one in found:
        if one.indicator in FOUND:
            yield one.indicator.removeprefix("casework."), tuple(one.dimensions.values()), one.value


async def test_every_figure_is_the_total_of_its_rows_and_each_row_leads_to_its_events(project: Project) -> None:
    await two_days(project)
    found = await told(project)
    assert {one.indicator for one in found} == {one.id for one in INDICATORS}
    for one in found:
        assert one.total == one.value, one
        assert len({(row["stream"], row["item"]) for row in one.rows}) == len(one.rows)
        for row in one.rows:
            assert one.dimensions.items() <= row.items()
        row = one.rows[-1]
        history = await project.service.get("/v1/history", Role.AUDITOR, CITY, stream=row["stream"])
        assert row["version"] in [event["version"] for event in history["items"]]


async def test_a_figure_and_its_rows_change_together_from_day_to_day(project: Project) -> None:
    await two_days(project)
    before, after = await told(project, **as_of(2)), await told(project, **as_of(3))
    assert [one for one in (*before, *after) if one.total != one.value] == []
    assert sorted(summed(before)) == [
        ("cases_by_stage", ("intake",), 2),
        ("home_visits", (COMMUNITY,), 2),
        ("home_visits", (ELSEWHERE,), 1),
        ("ledger_persons", (COMMUNITY,), 2),
        ("ledger_persons", (ELSEWHERE,), 1),
        ("persons_served_now", (COMMUNITY,), 2),
        ("persons_served_now", (ELSEWHERE,), 1),
        ("persons_visited", (COMMUNITY,), 1),
        ("persons_visited", (ELSEWHERE,), 1),
        ("referrals", ("civil_affairs", "pending"), 2),
    ]
    assert sorted(summed(after)) == [
        ("cases_by_stage", ("intake",), 2),
        ("cases_by_stage", ("pre_assessment",), 1),
        ("cases_ended_early", ("moved",), 1),
        ("home_visits", (COMMUNITY,), 3),
        ("home_visits", (ELSEWHERE,), 1),
        ("ledger_persons", (COMMUNITY,), 3),
        ("ledger_persons", (ELSEWHERE,), 1),
        ("persons_served_now", (COMMUNITY,), 2),
        ("persons_served_now", (ELSEWHERE,), 1),
        ("persons_visited", (COMMUNITY,), 2),
        ("persons_visited", (ELSEWHERE,), 1),
        ("referrals", ("civil_affairs", "granted"), 1),
        ("referrals", ("civil_affairs", "pending"), 2),
    ]
    assert list(summed(await told(project, **as_of(-1)))) == []


async def test_R_KL_07_the_row_of_a_person_is_the_first_visit_and_each_visit_has_one(project: Project) -> None:
    entry = await project.enrol()
    await project.visit(entry, on=day(9))
    await project.visit(entry, on=day(4))  # entered late
    rows = {one.indicator.removeprefix("casework."): one.rows for one in await told(project)}
    (person,), visits = rows["persons_visited"], rows["home_visits"]
    name = f"entry/{entry}"
    assert (person["entry_id"], person["first_visited_on"]) == (str(entry), day(4).isoformat())
    assert (person["stream"], person["version"], person["item"]) == (name, 3, "")
    told_of = sorted((row["visited_on"], row["stream"], row["version"]) for row in visits)
    assert told_of == [(day(4).isoformat(), name, 3), (day(9).isoformat(), name, 2)]
    assert {row["item"] for row in visits} == {row["visit_id"] for row in visits}


async def test_what_a_catalogue_says_leads_to_the_catalogue(project: Project) -> None:
    body = await project.service.get("/v1/indicators", Role.CITY_BUREAU, CITY)
    assert {one["id"] for one in body["indicators"] if one["kind"] == "plan"} == {
        "casework.service_domains",
        "casework.assistance_policies",
    }
    said = {one["id"]: one["kind"] for one in body["indicators"]}
    assert {name for name, kind in said.items() if kind == "found"} == FOUND
    plans = [one for one in await told(project) if one.indicator not in FOUND]
    catalogue = f"catalogue/{project.catalogue}"
    assert [(row["stream"], row["version"], row["item"]) for one in plans for row in one.rows] == [
        (catalogue, 1, ""),
        (catalogue, 1, "core"),
        (catalogue, 1, "extra"),
    ]
