"""Corrections over HTTP: lists, records, figures and what funding is told follow, as of their day and from then on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_leaving import opened
from tests.casework.test_moments import as_of, day, recorded, settled, stage
from tests.casework.test_records import read
from tests.casework.test_service import figures, refused
from tests.service import CITY, DISTRICT
from tests.synthetic import identity_number

from contracts.messages.casework import CaseCorrectedV1, CaseNoteAnnulledV1, ServiceCountsPublishedV1
from contracts.values import CaseStanding, PersonId, Role

HERE = {"community": COMMUNITY}
WHY = {"reason": "typing_error"}


async def put(project: Project, path: str, body: dict[str, Any] | None = None, **how: Any) -> httpx.Response:
    """By a worker of the organisation, unless another role is named."""
    how = {"unit": str(project.organisation), **how}
    role = how.pop("role", Role.SOCIAL_WORKER)
    return await project.service.post(path, WHY | (body or {}), role, **how)


async def done(project: Project, path: str, body: dict[str, Any] | None = None, **how: Any) -> None:
    for _ in range(2):  # the second says nothing new
        answer = await put(project, path, body, **how)
        assert answer.status_code == 200, answer.text


async def told(project: Project) -> list[dict[str, int]]:
    published = [m for m in await project.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    return [{name: int(q.value) for name, q in vars(m.totals).items() if q and int(q.value)} for m in published]


async def the_visits(project: Project, entry: UUID) -> list[dict[str, Any]]:
    shown = (await read(project, f"/v1/entries/{entry}")).json()
    visits: list[dict[str, Any]] = shown["visits"]
    return visits


async def test_R_KL_07_a_visit_that_was_not_paid_counts_no_longer_and_is_told_once(project: Project) -> None:
    entry, other = await project.enrol(), await project.enrol("演示对象甲02")
    await project.visit(entry, day(2))
    await project.visit(other, day(3))
    await project.publish(on=day(5))
    then = await recorded(project)
    (visit,) = await the_visits(project, entry)
    path = f"/v1/entries/{entry}/visits/{visit['visit_id']}"
    dry = await put(project, f"{path}/annul?dry_run=true", on=day(2))
    assert dry.json()["dry_run"] is True
    assert len(await told(project)) == 1
    refused(await put(project, f"{path}/annul", on=day(3)), 422, "not-the-day-of-the-record")
    refused(await put(project, f"{path}/annul", on=day(2), unit=str(entry)), 403, "not-your-unit")
    refused(await put(project, f"{path}/annul", on=day(2), role=Role.DISTRICT_BUREAU, unit=None), 403, "forbidden")
    await done(project, f"{path}/annul", on=day(2))
    counted = {"ledger_persons": 2, "persons_visited": 2, "home_visits": 2}
    assert await told(project) == [counted, counted | {"persons_visited": 1, "home_visits": 1}]
    await settled(project)
    for asked, visits in (({}, 1), (as_of(2), 0), (as_of(3), 1), ({"known_at": then}, 2)):
        found = await figures(project.service, **asked)
        assert found["home_visits"] == found["persons_visited"] == ([(visits, HERE)] if visits else []), asked
    (row,) = (await project.service.get("/v1/visits", Role.CITY_BUREAU, CITY))["items"]
    assert row["entry_id"] == str(other)
    (row,) = (await project.service.get("/v1/entries", Role.CITY_BUREAU, CITY, flag="not_visited"))["items"]
    assert (row["entry_id"], row["visit_count"]) == (str(entry), 0)
    assert await the_visits(project, entry) == []
    refused(await put(project, f"{path}/correct", {"findings": "更正"}, on=day(2)), 409, "record-annulled")
    history = await project.service.get("/v1/history", Role.CITY_BUREAU, CITY, stream=f"entry/{entry}")
    kinds = {one.get("type") for one in history["items"]}
    assert {"casework.home-visit-recorded", "casework.home-visit-annulled"} <= kinds


async def test_what_was_found_and_who_somebody_is_are_put_right_sealed_and_erasable(project: Project) -> None:
    entry = await project.enrol(id_number=identity_number(7))
    await project.visit(entry)
    (visit,) = await the_visits(project, entry)
    path = f"/v1/entries/{entry}"
    await done(project, f"{path}/visits/{visit['visit_id']}/correct", {"findings": "更正后的走访"})
    right = {"name": "演示对象甲09", "address": "演示路 1 号", "categories": ["disabled", "migrant_worker_family"]}
    await done(project, f"{path}/correct", right | {"id_number": identity_number(8)}, role=Role.SUPERVISOR)
    shown = (await read(project, path)).json()
    assert [one["findings"] for one in shown["visits"]] == ["更正后的走访"]
    assert {name: shown[name] for name in right} == right
    assert shown["id_number"] == identity_number(8)
    assert shown["version"] == 4
    raws = [raw.decode() for raw in await project.service.history("raw")]
    assert not [raw for raw in raws if "更正后" in raw or "演示对象" in raw or "演示路" in raw]
    unit = str(project.organisation)
    asked: dict[str, Any] = {"q": "演示对象甲09"}
    found = await project.service.get("/v1/search", Role.SOCIAL_WORKER, DISTRICT, unit, **asked)
    assert [one["id"] for one in found["items"]] == [str(entry)]
    again = {"place_id": str(project.project), "catalogue_id": str(project.catalogue), "categories": ["disabled"]}
    taken = again | {"name": "演示对象甲09", "id_number": identity_number(8)}
    refused(await project.post("/v1/entries", taken), 409, "already-in-ledger", "R-KL-06")
    await project.enrol("演示对象甲10", id_number=identity_number(7))
    refused(
        await put(project, f"{path}/correct", {"id_number": identity_number(7)}), 409, "already-in-ledger", "R-KL-06"
    )
    vault = project.service.held.store.vault
    assert vault is not None
    async with project.service.open_rebuild() as pool:
        person = await pool.fetchval("select person from versions.ledger_entry where entry_id = $1 limit 1", entry)
    await vault.destroy(DISTRICT, PersonId(person))
    gone = (await read(project, path)).json()
    assert (gone["erased"], gone["name"], [one["findings"] for one in gone["visits"]]) == (True, None, [None])
    there = f"{path}/visits/{gone['visits'][0]['visit_id']}"
    for where, new in ((path, {"name": "又在"}), (path, {"address": "又在"}), (there, {"findings": "又在"})):
        refused(await put(project, f"{where}/correct", new), 410, "erased")
    assert (await read(project, path)).json()["erased"] is True


async def test_R_JX_03_a_stage_is_put_right_and_taken_back_and_others_are_told_how_the_case_stands(
    project: Project,
) -> None:
    entry = await project.enrol()
    case = await opened(project, entry)
    for step in ("pre-assess", "plan", "interventions", "evaluate", "close"):
        await stage(project, case, step, day(1))
    await project.publish(on=day(2))
    then = await recorded(project)
    path = f"/v1/cases/{case}"

    async def notes() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await read(project, path)).json()["notes"]
        return found

    written = await notes()
    assert len(written) == 6
    at = f"{path}/notes/{written[2]['note']}"
    await done(project, f"{at}/correct", {"text": "更正后的计划"}, on=day(1))
    assert [one["text"] for one in await notes()][2] == "更正后的计划"
    refused(await put(project, f"{at}/annul", on=day(1)), 409, "not-the-last-step", "R-JX-03")
    last = f"{path}/notes/{written[5]['note']}"
    await done(project, f"{last}/annul", on=day(1))
    refused(await put(project, f"{last}/correct", {"text": "更正"}, on=day(1)), 409, "record-annulled")
    domain = {"catalogue_id": str(project.catalogue), "domain": "child_welfare"}
    await done(project, f"{path}/correct", domain)
    (row,) = (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY, flag="open"))["items"]
    assert (row["stage"], row["closed_on"], row["domain"]) == ("evaluation", None, "child_welfare")
    messages = [m for m in await project.service.told() if isinstance(m, CaseCorrectedV1 | CaseNoteAnnulledV1)]
    assert [(m.standing, m.domain) for m in messages] == [
        (CaseStanding.OPEN, "elderly_care"),
        (CaseStanding.OPEN, "child_welfare"),
    ]
    closed, reopened = {"ledger_persons": 1, "cases_closed": 1}, {"ledger_persons": 1, "cases_open": 1}
    assert await told(project) == [closed, reopened]
    await settled(project)
    known = await figures(project.service, known_at=then)
    assert known["cases_by_stage"] == [(1, {"stage": "closure"})]
    assert (await figures(project.service))["cases_by_stage"] == [(1, {"stage": "evaluation"})]
    refused(await project.leave(entry, on=day(3)), 409, "cases-still-open", "R-JX-03")
    for one in reversed(written[:5]):
        on = day(0) if one["stage"] == "intake" else day(1)
        await done(project, f"{path}/notes/{one['note']}/annul", on=on)
    assert (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY))["items"] == []
    assert await told(project) == [closed, reopened, {"ledger_persons": 1}]
    refused(await project.post(f"{path}/pre-assess", {"text": "记录"}, on=day(1)), 409, "record-annulled")
    assert (await project.leave(entry, on=day(3))).status_code == 200


async def test_R_LZ_21_a_referral_is_put_right_and_taken_away(project: Project) -> None:
    entry = await project.enrol()
    asked = {"entry_id": str(entry), "place_id": str(project.project), "catalogue_id": str(project.catalogue)}
    made = await project.made("/v1/referrals", {**asked, "kind": "civil_affairs", "reason": "正文"})
    path = f"/v1/referrals/{made}"
    answer = await project.post(f"{path}/outcome", {"outcome": "granted"}, on=day(2))
    assert answer.status_code == 200, answer.text
    await project.publish(on=day(2))
    await done(project, f"{path}/correct", {"kind": "other_department", "policy": "core_1", "text": "更正"})
    await done(project, f"{path}/outcome/correct", {"outcome": "not_granted"}, on=day(2))
    (row,) = (await project.service.get("/v1/referrals", Role.CITY_BUREAU, CITY))["items"]
    assert (row["kind"], row["policy"], row["outcome"]) == ("other_department", "core_1", "not_granted")
    assert (await figures(project.service, **as_of(1)))["referrals"] == [
        (1, {"kind": "other_department", "outcome": "pending"})
    ]
    await done(project, f"{path}/annul")
    refused(await put(project, f"{path}/correct", {"text": "再更正"}), 409, "record-annulled")
    assert (await figures(project.service))["referrals"] == []
    counted = {"ledger_persons": 1}
    assert await told(project) == [counted | {"referrals": 1}, counted]


@pytest.mark.parametrize("role", [Role.SOCIAL_WORKER, Role.SUPERVISOR])
async def test_another_organisation_puts_nothing_right(project: Project, role: Role) -> None:
    entry = await project.enrol()
    stranger = str(UUID(int=99))
    answer = await put(project, f"/v1/entries/{entry}/correct", {"name": "演示对象乙"}, role=role, unit=stranger)
    refused(answer, 403, "not-your-unit")
