"""Reading as its users do: by what they are told, from one answer to the next, and by nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from tests.system.bureau import Bureau, SignIn
from tests.system.conftest import Played
from tests.system.programme import CANARY, CITY, SERVICES

from contracts.values import Role

AUDITOR = SignIn(Role.AUDITOR, CITY)


async def read(bureau: Bureau, service: str, path: str, who: SignIn) -> Any:
    answer = await bureau.ask("GET", service, path, who)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


async def pages(bureau: Bureau, service: str, path: str, who: SignIn) -> AsyncIterator[Any]:
    """The items of all pages."""
    cursor = ""
    while True:
        page = await read(bureau, service, f"{path}{cursor}", who)
        for item in page["items"]:
            yield item
        if page["cursor"] is None:
            return
        cursor = f"{'&' if '?' in path else '?'}cursor={page['cursor']}"


TOTALS: dict[str, Callable[[list[float]], float]] = {"sum": sum, "least": min, "most": max}


async def test_an_auditor_goes_from_any_figure_to_its_rows_their_events_and_the_clause(calm: Played) -> None:
    rules: set[str] = set()
    async with Bureau.calls(calm.region) as bureau:
        for service in SERVICES:
            seen = 0
            for indicator in (await read(bureau, service, "/v1/indicators", AUDITOR))["indicators"]:
                for figure in indicator["figures"][:2]:
                    rows = [row async for row in pages(bureau, service, figure["rows"], AUDITOR)]
                    assert rows, figure
                    if all(str(row["value"]).replace(".", "").isdigit() for row in rows):
                        values = [float(row["value"]) for row in rows]
                        assert TOTALS[indicator["aggregate"]](values) == float(figure["value"]), figure
                    history = [one async for one in pages(bureau, service, rows[0]["history"], AUDITOR)]
                    (made,) = [e for e in history if e["kind"] == "event" and e["version"] == rows[0]["version"]]
                    event = await read(bureau, service, f"/v1/events/{made['event_id']}", AUDITOR)
                    assert (event["event_id"], event["actor"]["role"]) == (made["event_id"], made["actor"]["role"])
                    rules |= {event["rule"]} - {None}
                    seen += 1
            assert seen > 2, service
    assert len(rules) > 5, rules


async def test_a_worker_finds_a_person_by_initials_and_opens_the_case_and_the_visits(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        for project in calm.projects:
            (item, *_) = (await read(bureau, "casework", f"/v1/search?q={CANARY[:3].lower()}", project.worker))["items"]
            assert (item["kind"], item["name"][: len(CANARY)]) == ("entry", CANARY)
            entry = await read(bureau, "casework", item["path"], project.worker)
            assert (entry["name"], entry["community"]) == (item["name"], project.community)
            visits = [
                one
                async for one in pages(
                    bureau, "casework", f"/v1/visits?entry_id={entry['entry_id']}&sort=visited_on", project.worker
                )
            ]
            assert [one["visited_on"] for one in visits] == sorted(one["visited_on"] for one in entry["visits"])
            cases = [one async for one in pages(bureau, "casework", "/v1/cases?limit=1", project.worker)]
            assert {one["community"] for one in cases} == {project.community}
            case = await read(bureau, "casework", f"/v1/cases/{cases[0]['case_id']}", project.worker)
            assert case["notes"][0]["text"].startswith(CANARY)
        mine, other = [
            {one["entry_id"] async for one in pages(bureau, "casework", "/v1/entries", project.worker)}
            for project in calm.projects
        ]
        assert mine
        assert not mine & other


async def test_whoever_works_with_a_project_finds_it_and_nobody_elses(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        for project in calm.projects:
            for who in (project.committee, project.leader, project.officer, project.manager, project.worker):
                found = [one async for one in pages(bureau, "funding", "/v1/projects", who)]
                assert [one["community"] for one in found] == [project.community], who
                history = f"/v1/history?stream={found[0]['stream']}"
                assert (await read(bureau, "funding", history, who))["items"], who
            lines = [one async for one in pages(bureau, "funding", "/v1/budget-lines", project.manager)]
            assert {one["community"] for one in lines} == {project.community}
