"""Ways out over HTTP: cases that end early, persons who leave the ledger or move within the district."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_figures import ELSEWHERE, a_site_elsewhere, told
from tests.casework.test_lists import reader
from tests.casework.test_moments import as_of, day, recorded, settled
from tests.casework.test_records import read
from tests.casework.test_service import closed_case, figures, refused
from tests.casework.test_sights import COMMUNITIES, at_a_site, neighbour
from tests.service import CITY
from tests.synthetic import identity_number

from casework.projections import case as cases
from contracts.messages.casework import CaseClosedV1, CaseEndedEarlyV1, CaseOpenedV1, ServiceCountsPublishedV1
from contracts.values import Role
from kit.store.turns import Turns

HERE, THERE = {"community": COMMUNITY}, {"community": ELSEWHERE}


async def opened(project: Project, entry: UUID, **how: Any) -> UUID:
    answer = await project.open(entry, **how)
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["stream"].partition("/")[2])


async def ended(project: Project, case: UUID, reason: str = "died", **how: Any) -> httpx.Response:
    return await project.post(f"/v1/cases/{case}/end", {"reason": reason, "text": "记录正文"}, **how)


def visiting(project: Project, place: UUID | None = None) -> dict[str, str]:
    return {"place_id": str(place or project.project), "findings": "走访记录正文"}


async def test_R_JX_03_a_case_ends_early_and_is_not_closed(project: Project) -> None:
    entry = await project.enrol()
    case = await opened(project, entry)
    await closed_case(project, entry)
    assert (await project.post(f"/v1/cases/{case}/pre-assess", {"text": "记录正文"})).status_code == 200
    assert (await ended(project, case, on=day(3))).status_code == 200
    refused(await ended(project, case, on=day(3)), 409, "case-ended-early", "R-JX-03")
    refused(
        await project.post(f"/v1/cases/{case}/plan", {"text": "正文"}, on=day(4)), 409, "case-ended-early", "R-JX-03"
    )
    (row,) = (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY, flag="ended_early"))["items"]
    assert (row["case_id"], row["stage"], row["closed_on"]) == (str(case), "pre_assessment", None)
    assert (row["ended_on"], row["end_reason"]) == (day(3).isoformat(), "died")
    assert row["flags"] == {"open": False, "ended_early": True, "entry_ended": False}
    shown = (await read(project, f"/v1/cases/{case}")).json()
    assert [(note["stage"], note["text"]) for note in shown["notes"]][1:] == [
        ("pre_assessment", "记录正文"),
        (None, "记录正文"),
    ]
    messages = [
        m for m in await project.service.told() if isinstance(m, CaseOpenedV1 | CaseClosedV1 | CaseEndedEarlyV1)
    ]
    assert [type(m) for m in messages] == [CaseOpenedV1, CaseOpenedV1, CaseClosedV1, CaseEndedEarlyV1]
    found = await figures(project.service)
    assert found["cases_ended_early"] == [(1, {"reason": "died"})]
    assert sorted(found["cases_by_stage"], key=str) == [(1, {"stage": "closure"}), (1, {"stage": "pre_assessment"})]
    assert (await figures(project.service, **as_of(2)))["cases_ended_early"] == []


async def test_an_early_end_is_in_the_totals_and_the_bulletin_as_neither_open_nor_closed(project: Project) -> None:
    case = await opened(project, await project.enrol())
    assert (await ended(project, case, "lost", on=day(3))).status_code == 200
    for n in (2, 3):
        assert (await project.publish(on=day(n))).status_code == 200
    totals = [m.totals for m in await project.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    assert [(int(one.cases_open.value), int(one.cases_closed.value)) for one in totals] == [(1, 0), (0, 0)]
    (row,) = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY))["items"]
    assert (row["cases_opened"], row["cases_closed"], row["cases_ended_early"]) == (1, 0, 1)
    before = await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY, to_day=day(2).isoformat())
    assert before["items"][0]["cases_ended_early"] == 0


async def test_the_dead_are_no_longer_served_and_were(project: Project) -> None:
    entry, other = await project.enrol(), await project.enrol("演示对象甲02")
    await project.visit(entry, on=day(2))
    assert (await project.leave(entry, on=day(5))).status_code == 200

    async def found(**asked: Any) -> tuple[Any, Any, Any]:
        now = await figures(project.service, **asked)
        return now["persons_served_now"], now["ledger_persons"], now["persons_visited"]

    assert await found(**as_of(4)) == ([(2, HERE)], [(2, HERE)], [(1, HERE)]), "the day before both are there"
    assert await found(**as_of(5)) == await found() == ([(1, HERE)], [(2, HERE)], [(1, HERE)])
    (row,) = (await project.service.get("/v1/entries", Role.CITY_BUREAU, CITY, flag="served_now"))["items"]
    assert row["entry_id"] == str(other)
    there = await project.service.get("/v1/entries", Role.CITY_BUREAU, CITY, flag="served_now", **as_of(4))
    assert {row["entry_id"] for row in there["items"]} == {str(entry), str(other)}
    (gone,) = (await project.service.get("/v1/entries", Role.CITY_BUREAU, CITY, end_reason="died"))["items"]
    assert (gone["entry_id"], gone["ended_on"]) == (str(entry), day(5).isoformat())
    assert [one for one in await told(project) if one.total != one.value] == []


async def test_what_was_known_before_an_end_was_learnt_stays_as_it_was_known(project: Project) -> None:
    entry = await project.enrol()
    await project.visit(entry, on=day(9))
    then = await recorded(project)
    assert (await project.leave(entry, on=day(5))).status_code == 200, "it is learnt after the visit"
    await settled(project)
    served = "persons_served_now"
    assert (await figures(project.service, known_at=then, **as_of(9)))[served] == [(1, HERE)]
    assert (await figures(project.service, **as_of(4)))[served] == [(1, HERE)]
    assert (await figures(project.service, **as_of(5)))[served] == []


async def test_R_KL_06_who_left_may_be_visited_late_and_is_taken_on_for_nothing_new(project: Project) -> None:
    entry = await project.enrol()
    assert (await project.leave(entry, on=day(5))).status_code == 200
    await project.visit(entry, on=day(4))
    await project.visit(entry, on=day(5))
    path = f"/v1/entries/{entry}/visits"
    answer = await project.post(path, visiting(project), on=day(6))
    refused(answer, 409, "entry-ended", "R-KL-06")
    assert answer.json()["detail"] == (
        f"该服务对象的台账已于 {day(5)} 终止（去世），不能再办理个案、救助协助和台账变更，也不能登记此后的走访。"
        "当日及以前的走访可以补记；需要继续服务的，请重新建立台账。"
    )
    refused(await project.open(entry, on=day(4)), 409, "entry-ended", "R-KL-06")
    asked = {"entry_id": str(entry), "place_id": str(project.project), "catalogue_id": str(project.catalogue)}
    referral = {**asked, "kind": "civil_affairs", "reason": "正文"}
    refused(await project.post("/v1/referrals", referral, on=day(4)), 409, "entry-ended", "R-KL-06")
    refused(await project.leave(entry, on=day(5)), 409, "entry-ended", "R-KL-06")


async def test_no_case_stays_open_behind_whoever_leaves(project: Project) -> None:
    entry = await project.enrol()
    await closed_case(project, entry)
    first, second = [await opened(project, entry) for _ in range(2)]
    site = await a_site_elsewhere(project)
    for n, case in ((2, first), (1, second)):
        for answer in (await project.leave(entry, on=day(3)), await project.move(entry, site, on=day(3))):
            refused(answer, 409, "cases-still-open", "R-JX-03")
            assert f"还有 {n} 个个案未办结" in answer.json()["detail"]
        assert (await ended(project, case, on=day(3))).status_code == 200
    assert (await project.leave(entry, on=day(3))).status_code == 200
    assert (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY, flag="entry_ended"))["items"] == []


async def test_R_JX_03_a_case_opened_while_the_entry_ends_or_moves_is_seen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the count of open cases and the end, another process opens one."""
    site, counted = await a_site_elsewhere(project), cases.still_open
    for way in (project.leave, partial(project.move, to=site)):
        entry = await project.enrol()

        async def overtaken(*asked: Any, entry: UUID = entry) -> int:
            found = await counted(*asked)
            monkeypatch.setattr(cases, "still_open", counted)
            project.service.held.store._turns = Turns()  # as another process, which waits for no turn in this one
            await opened(project, entry)
            return found

        monkeypatch.setattr(cases, "still_open", overtaken)
        answer = await way(entry, on=day(3))
        refused(answer, 409, "cases-still-open", "R-JX-03")
        assert "还有 1 个个案未办结" in answer.json()["detail"]


async def test_the_number_of_whoever_left_is_free_for_another_enrolment(project: Project) -> None:
    number: dict[str, Any] = {"id_number": identity_number(7)}
    body = {"place_id": str(project.project), "catalogue_id": str(project.catalogue), "categories": ["disabled"]}
    first = await project.enrol(**number)
    again = {**body, "name": "演示对象甲01", **number}
    refused(await project.post("/v1/entries", again), 409, "already-in-ledger", "R-KL-06")
    assert (await project.leave(first, "moved_out", on=day(5))).status_code == 200
    second = await project.enrol(**number, on=day(6))
    assert second != first
    refused(await project.post("/v1/entries", again, on=day(6)), 409, "already-in-ledger", "R-KL-06")
    found = await figures(project.service)
    assert (found["persons_served_now"], found["ledger_persons"]) == ([(1, HERE)], [(2, HERE)])


async def test_who_was_entered_by_mistake_was_never_served(project: Project) -> None:
    entry, _other = await project.enrol(), await project.enrol("演示对象甲02")
    await project.visit(entry)
    assert (await project.leave(entry, "mistake")).status_code == 200
    found = await figures(project.service)
    assert (found["persons_served_now"], found["ledger_persons"]) == ([(1, HERE)], [(1, HERE)])
    assert (found["persons_visited"], found["home_visits"]) == ([], [(1, HERE)])
    assert (await project.publish()).status_code == 200
    (message,) = [m for m in await project.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    assert (int(message.totals.ledger_persons.value), int(message.totals.persons_visited.value)) == (1, 0)
    (row,) = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY))["items"]
    assert (row["ledger_persons"], row["persons_visited"], row["home_visits"]) == (1, 0, 1)


async def test_R_KL_06_who_moves_is_served_there_and_was_enrolled_here(project: Project) -> None:
    entry = await project.enrol()
    site = await a_site_elsewhere(project)
    assert (await project.move(entry, site, on=day(5))).status_code == 200
    path = f"/v1/entries/{entry}/visits"
    refused(await project.post(path, visiting(project), on=day(6)), 409, "other-community", "R-KL-06")
    refused(await project.post(path, visiting(project, site), on=day(4)), 409, "other-community", "R-KL-06")
    await project.made(path, visiting(project), on=day(4))
    await project.made(path, visiting(project, site), on=day(6))
    found = await figures(project.service)
    assert (found["persons_served_now"], found["ledger_persons"]) == ([(1, THERE)], [(1, HERE)])
    assert (found["persons_visited"], sorted(found["home_visits"], key=str)) == (
        [(1, HERE)],
        [(1, HERE), (1, THERE)],
    )
    assert (await figures(project.service, **as_of(4)))["persons_served_now"] == [(1, HERE)]
    lines = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY))["items"]
    counted = ("community", "ledger_persons", "persons_visited", "home_visits")
    assert [tuple(line[name] for name in counted) for line in lines] == [(COMMUNITY, 1, 1, 1), (ELSEWHERE, 0, 0, 1)]
    shown = (await read(project, f"/v1/entries/{entry}")).json()
    assert (shown["community"], shown["enrolled_in"], shown["ended_on"]) == (ELSEWHERE, COMMUNITY, None)
    (move,) = shown["moves"]
    assert (move["place_id"], move["community"], move["moved_on"]) == (str(site), ELSEWHERE, day(5).isoformat())
    refused(await project.move(entry, site, on=day(6)), 409, "other-community", "R-KL-06")


async def test_R_KL_06_a_move_is_to_another_community(project: Project) -> None:
    entry = await project.enrol()
    _, beside = await at_a_site(project, COMMUNITY)
    refused(await project.move(entry, beside, on=day(5)), 422, "same-community", "R-KL-06")


async def test_whoever_works_where_a_person_moved_to_works_with_them_from_then_on(project: Project) -> None:
    beside = await neighbour(project, COMMUNITIES[0])
    entry = await project.enrol()
    assert await reader(beside, "ENTRIES").all() == []
    refused(await beside.move(entry, project.project, on=day(5)), 409, "other-community", "R-KL-06")
    assert (await project.move(entry, beside.project, on=day(5))).status_code == 200
    (row,) = await reader(beside, "ENTRIES").all()
    assert (row["entry_id"], row["community"]) == (str(entry), COMMUNITIES[0])
    assert (await beside.leave(entry, "moved_out", on=day(6))).status_code == 200


async def test_whoever_may_not_record_ends_and_moves_nothing(project: Project) -> None:
    entry = await project.enrol()
    case = await opened(project, entry)
    site = await a_site_elsewhere(project)
    stranger = str(uuid4())
    for answer in (
        await ended(project, case, unit=stranger),
        await project.leave(entry, unit=stranger),
        await project.move(entry, site, unit=stranger),
    ):
        refused(answer, 403, "not-your-unit")
    body = {"worker_id": str(project.worker), "reason": "died", "text": "正文"}
    for role in (Role.DISTRICT_BUREAU, Role.SUPERVISOR):
        answer = await project.service.post(f"/v1/cases/{case}/end", body, role, unit=str(project.organisation))
        refused(answer, 403, "forbidden")
    assert (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY, flag="open"))["items"]
    assert (await figures(project.service))["persons_served_now"] == [(1, HERE)]
