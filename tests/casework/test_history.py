"""Who reads what of casework's history: a worker of the project, neighbours, other offices, whatever they ask for."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_service import closed_case, refused
from tests.service import CITY, DISTRICT, OTHER_DISTRICT, headers
from tests.settled import settled, settled_refusals

from contracts.messages.funding import ImplementationStartedV1
from contracts.values import OrganisationId, Role, TenantId, WorkerId
from kit.auth.unit import FORMS
from kit.service.happened import HistoryPage, WholeEvent

Who: TypeAlias = tuple[Role, TenantId, str | None]
BUREAU: Who = (Role.DISTRICT_BUREAU, DISTRICT, None)
ASKED: list[dict[str, Any]] = [
    {}, {"order": "newest"}, {"category": "entry"}, {"category": "place"}, {"type": "casework.beneficiary-enrolled"},
    {"action": "open-case"}, {"role": "social_worker"}, {"actor": f"social_worker-{DISTRICT}"}, {"kind": "event"},
    {"occurred_from": "2022-01-01"}, {"occurred_to": "2030-01-01"}, {"recorded_from": "2022-01-01T00:00:00Z"},
    {"recorded_to": "2299-01-01T00:00:00Z"}, {"as_of": "2022-10-31"}, {"tenant_id": DISTRICT}, {"rule": "R-KL-06"},
]  # fmt: skip


@pytest.fixture
async def told(project: Project) -> tuple[Project, dict[str, str]]:
    """An entry with a visit, and a closed case, of the project; and the ids of their first events by stream."""
    entry = await project.enrol("演示对象甲01")
    await project.visit(entry)
    await closed_case(project, entry)
    items = await page(project, BUREAU, limit=200)
    return project, {one["stream"]: one["event_id"] for one in reversed(items)}


async def ask(project: Project, path: str, who: Who, **params: Any) -> httpx.Response:
    await settled(project.service.urls["rebuild"])
    await settled_refusals(project.service.urls["rebuild"])
    sent = headers(*who, None)
    return await project.service.http.get(path, params=params or None, headers=sent)


async def page(project: Project, who: Who, **params: Any) -> list[dict[str, Any]]:
    answer = await ask(project, "/v1/history", who, **params)
    assert answer.status_code == 200, answer.text
    HistoryPage.model_validate_json(answer.content)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_worker_reads_the_history_of_the_records_of_the_project(told: tuple[Project, dict[str, str]]) -> None:
    project, events = told
    for role in (Role.SOCIAL_WORKER, Role.SUPERVISOR):
        me = (role, DISTRICT, str(project.organisation))
        items = await page(project, me, limit=200)
        kinds = {one["stream"].partition("/")[0] for one in items}
        assert kinds == ({"entry", "case", "catalogue"} if role is Role.SOCIAL_WORKER else {"entry", "case"})
        assert "演示对象" not in orjson.dumps(items).decode()
        for given in ASKED:
            seen = [one for one in await page(project, BUREAU, limit=200, **given) if one["stream"] in events]
            mine = [one for one in await page(project, me, limit=200, **given) if one["tenant_id"] == DISTRICT]
            assert mine == [one for one in seen if one["stream"].partition("/")[0] in ("entry", "case")], given
    (entry,) = [stream for stream in events if stream.startswith("entry/")]
    me = (Role.SOCIAL_WORKER, DISTRICT, str(project.organisation))
    answer = await ask(project, f"/v1/events/{events[entry]}", me)
    WholeEvent.model_validate_json(answer.content)
    shown = answer.json()
    assert (shown["data"]["name"], shown["action_name"]) == ({"sealed": True}, "建立服务台账")
    assert shown["links"]["record"] == f"/v1/entries/{entry.partition('/')[2]}"
    record = await ask(project, shown["links"]["record"], me)
    assert record.json()["name"] == "演示对象甲01"
    history = await ask(project, shown["links"]["history"], me)
    assert {one["stream"] for one in history.json()["items"]} == {entry}


async def test_nobody_else_finds_any_of_it_by_any_question(told: tuple[Project, dict[str, str]]) -> None:
    """Another organisation, and this one's namesake elsewhere; a community of another district; every other role."""
    project, events = told
    strangers: list[Who] = [
        (Role.SOCIAL_WORKER, DISTRICT, str(uuid4())),
        (Role.SUPERVISOR, DISTRICT, str(uuid4())),
        (Role.SOCIAL_WORKER, OTHER_DISTRICT, str(project.organisation)),
        (Role.COMMUNITY_COMMITTEE, OTHER_DISTRICT, "620103001001"),
        *((role, DISTRICT, str(project.organisation)) for role in FORMS.keys() - {Role.SOCIAL_WORKER, Role.SUPERVISOR}),
        (Role.COMMUNITY_COMMITTEE, DISTRICT, COMMUNITY),
    ]
    for who in strangers:
        for given in [*ASKED[:8], *({"stream": stream, "kind": "event"} for stream in events)]:
            asked = {name: value for name, value in given.items() if name != "tenant_id" or who[1] == DISTRICT}
            shown = await page(project, who, limit=200, **asked)
            assert [one for one in shown if one["kind"] == "event" and one["tenant_id"] != CITY] == [], (who, given)
        for event in events.values():
            nothing = await ask(project, f"/v1/events/{uuid4()}", who)
            answer = await ask(project, f"/v1/events/{event}", who)
            assert (answer.status_code, answer.content) == (404, nothing.content), who
    refused(await ask(project, "/v1/history", strangers[2], tenant_id=DISTRICT), 404, "not-found")


async def test_an_organisation_that_has_left_reads_nothing_more_also_not_as_of_a_day_when_it_was_there(
    told: tuple[Project, dict[str, str]],
) -> None:
    project, events = told
    me = (Role.SUPERVISOR, DISTRICT, str(project.organisation))
    assert await page(project, me) != []
    facts: dict[str, Any] = {"project_id": project.project, "community": COMMUNITY, "worker_ids": (WorkerId(uuid4()),)}
    days: dict[str, Any] = {"impl_from": date(2022, 9, 27), "impl_to": date(2023, 9, 27)}
    await project.service.hear(ImplementationStartedV1(organisation_id=OrganisationId(uuid4()), **facts, **days))
    moments: tuple[dict[str, Any], ...] = ({}, {"as_of": "2022-10-31"})
    for moment in moments:
        assert await page(project, me, **moment) == []
        for stream, event in events.items():
            assert await page(project, me, stream=stream, **moment) == []
            refused(await ask(project, f"/v1/events/{event}", me, **moment), 404, "not-found")


async def test_what_a_rule_refused_is_read_by_who_was_refused_with_the_sentence(
    told: tuple[Project, dict[str, str]],
) -> None:
    project, events = told
    (entry,) = [UUID(stream.partition("/")[2]) for stream in events if stream.startswith("entry/")]
    await project.service.hear(
        ImplementationStartedV1(
            project_id=project.project, organisation_id=project.organisation, community=COMMUNITY,
            worker_ids=(project.worker,),
            impl_from=date(2022, 9, 27), impl_to=date(2023, 9, 27),
        )
    )  # fmt: skip
    body = {"place_id": str(project.project), "findings": "走访记录正文"}
    answer = await project.post(f"/v1/entries/{entry}/visits", {**body, "worker_id": str(uuid4())})
    assert answer.status_code == 403, answer.text
    me = (Role.SOCIAL_WORKER, DISTRICT, str(project.organisation))
    (mine,) = await page(project, me, kind="refusal")
    assert (mine["code"], mine["detail"], mine["action"]) == (
        answer.json()["code"], answer.json()["detail"], "record-home-visit",
    )  # fmt: skip
    assert await page(project, BUREAU, code=mine["code"]) == [mine]
    assert await page(project, (Role.SUPERVISOR, DISTRICT, str(project.organisation)), kind="refusal") == []
    assert await page(project, (Role.SOCIAL_WORKER, DISTRICT, str(uuid4())), kind="refusal") == []
