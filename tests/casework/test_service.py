"""A worker's week over HTTP on real engines: ledger, visits, a case, a referral, the totals and the figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from tests.casework.stage import COMMUNITY, Project
from tests.service import CITY, DAY, DISTRICT, OTHER_DISTRICT, Running
from tests.synthetic import identity_number

from casework.domain.counts import Totals
from casework.projections import counts as counting
from contracts.messages.casework import CaseClosedV1, CaseOpenedV1, ServiceCountsPublishedV1
from contracts.messages.funding import ImplementationStartedV1, ProjectClosedV1, ProjectTerminatedV1
from contracts.messages.registry import (
    BlacklistLiftedV1,
    OrganisationBlacklistedV1,
    SiteOpenedV1,
    WorkerEmploymentRecordedV1,
    WorkerPlacedV1,
    WorkerReleasedV1,
)
from contracts.values import OrganisationId, Role, SiteId, WorkerId
from kit.store import rebuild
from kit.store.turns import Turns

STEPS = ("pre-assess", "plan", "interventions", "interventions", "evaluate", "close")


def refused(answer: httpx.Response, status: int, code: str, rule: str | None = None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("rule") == rule


async def closed_case(project: Project, entry: UUID) -> UUID:
    case = UUID((await project.open(entry)).json()["stream"].partition("/")[2])
    for step in STEPS:
        assert (await project.post(f"/v1/cases/{case}/{step}", {"text": "个案记录正文"})).status_code == 200
    return case


async def figures(service: Running, **asked: Any) -> dict[str, list[tuple[int, dict[str, str]]]]:
    body = await service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    return {
        one["id"].removeprefix("casework."): [(f["value"], f["dimensions"]) for f in one["figures"]]
        for one in body["indicators"]
    }


async def test_R_KL_07_two_visits_to_one_person_are_one_person(project: Project) -> None:
    first, _second = await project.enrol(), await project.enrol("演示对象甲02")
    await project.visit(first)
    await project.visit(first, on=DAY + timedelta(days=3))
    found = await figures(project.service)
    here = {"community": COMMUNITY}
    assert found["ledger_persons"] == [(2, here)]
    assert found["persons_visited"] == [(1, here)]
    assert found["home_visits"] == [(2, here)]


async def test_the_bulletin_and_the_published_totals_agree(project: Project) -> None:
    entries = [await project.enrol(f"演示对象甲{n:02}") for n in range(3)]
    later = DAY + timedelta(days=5)
    await project.visit(entries[0], on=later)
    await project.visit(entries[0])  # entered late, and earlier than the first one entered
    await closed_case(project, entries[1])
    await project.open(entries[2])
    assert (await project.publish(later)).status_code == 200
    (row,) = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY, to_day=later.isoformat()))["items"]
    (told,) = [m for m in await project.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    totals = {
        name: int(value["value"]) for name, value in told.model_dump(mode="json", exclude_none=True)["totals"].items()
    }
    assert totals == {
        "ledger_persons": 3,
        "persons_visited": 1,
        "home_visits": 2,
        "cases_open": 1,
        "cases_closed": 1,
        "referrals": 0,
    }
    same = ("ledger_persons", "persons_visited", "home_visits", "cases_closed", "referrals")
    assert {name: row[name] for name in same} == {name: totals[name] for name in same}
    assert row["cases_opened"] == totals["cases_open"] + totals["cases_closed"]
    (on_the_day,) = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY, to_day=DAY.isoformat()))["items"]
    assert (on_the_day["persons_visited"], on_the_day["home_visits"]) == (1, 1)


async def test_the_same_day_is_published_again_only_when_it_changed(project: Project) -> None:
    entry = await project.enrol()
    for _ in range(2):
        assert (await project.publish()).status_code == 200
    await project.visit(entry)
    await project.visit(entry, on=DAY + timedelta(days=1))
    assert (await project.publish()).status_code == 200
    told = [m for m in await project.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    assert [(m.day, int(m.totals.home_visits.value)) for m in told] == [(DAY, 0), (DAY, 1)]


async def test_who_counted_before_another_published_counts_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a publication's counting and its writing, a visit is recorded and another publication overtakes it."""
    entry = await project.enrol()
    counted, times = counting.totals, []

    async def overtaken(*asked: Any) -> Totals:
        found = await counted(*asked)
        times.append(int(found.home_visits.value))
        if len(times) == 1:
            project.service.held.store._turns = Turns()  # as another process, which waits for no turn in this one
            await project.visit(entry)
            assert (await project.publish()).status_code == 200
        return found

    monkeypatch.setattr(counting, "totals", overtaken)
    assert (await project.publish()).status_code == 200
    told = [m.totals for m in await project.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    assert [int(one.home_visits.value) for one in told] == [1]
    assert times == [0, 1, 1]


async def test_a_case_is_told_when_opened_and_when_closed(project: Project) -> None:
    case = await closed_case(project, await project.enrol())
    told = [m for m in await project.service.told() if isinstance(m, CaseOpenedV1 | CaseClosedV1)]
    assert [(type(m), m.case_id, m.project_id, m.community) for m in told] == [
        (CaseOpenedV1, case, project.project, COMMUNITY),
        (CaseClosedV1, case, project.project, COMMUNITY),
    ]
    (row,) = (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY, stage="closure"))["items"]
    assert (row["case_id"], row["interventions"], row["closed_on"]) == (str(case), 2, DAY.isoformat())


async def test_R_JX_03_a_skipped_stage_is_refused_over_http(project: Project) -> None:
    case = (await project.open(await project.enrol())).json()["stream"].partition("/")[2]
    refused(await project.post(f"/v1/cases/{case}/plan", {"text": "正文"}), 409, "case-stage-out-of-order", "R-JX-03")


async def test_the_case_list_is_read_page_by_page(project: Project) -> None:
    entry = await project.enrol()
    for n in range(3):
        await project.open(entry, on=DAY + timedelta(days=n))
    first = await project.service.get("/v1/cases", Role.DISTRICT_BUREAU, limit=2)
    rest = await project.service.get("/v1/cases", Role.DISTRICT_BUREAU, limit=2, cursor=first["cursor"])
    days = [row["opened_on"] for row in first["items"] + rest["items"]]
    assert days == [(DAY + timedelta(days=n)).isoformat() for n in range(3)]
    assert rest["cursor"] is None


async def test_R_LZ_21_a_referral_under_a_declared_policy(project: Project) -> None:
    here = {
        "entry_id": str(await project.enrol()),
        "place_id": str(project.project),
        "catalogue_id": str(project.catalogue),
    }
    body = {**here, "kind": "other_department", "policy": "extra_1", "reason": "正文"}
    referral = await project.made("/v1/referrals", body)
    refused(await project.post("/v1/referrals", body | {"policy": "core_9"}), 422, "policy-not-declared", "R-LZ-21")
    outcome = await project.post(f"/v1/referrals/{referral}/outcome", {"outcome": "granted"})
    assert outcome.status_code == 200, outcome.text
    await project.made("/v1/referrals", {**here, "kind": "civil_affairs", "reason": "正文"})
    assert (await figures(project.service))["referrals"] == [
        (1, {"kind": "civil_affairs", "outcome": "pending"}),
        (1, {"kind": "other_department", "outcome": "granted"}),
    ]


async def test_figures_of_the_declared_catalogue(project: Project) -> None:
    found = await figures(project.service)
    catalogue = {"catalogue_id": str(project.catalogue)}
    assert found["service_domains"] == [(5, catalogue)]
    assert found["assistance_policies"] == [(8, catalogue | {"part": "core"}), (1, catalogue | {"part": "extra"})]


async def test_figures_as_of_a_day(project: Project) -> None:
    entry = await project.enrol()
    await project.visit(entry, on=DAY + timedelta(days=30))
    then = await figures(project.service, as_of=(DAY + timedelta(days=29)).isoformat())
    assert then["ledger_persons"] == [(1, {"community": COMMUNITY})]
    assert then["home_visits"] == []


async def test_R_KL_06_one_person_is_registered_once_whatever_the_width_of_the_digits(project: Project) -> None:
    await project.enrol(id_number=identity_number(7))
    again = await project.post(
        "/v1/entries",
        {
            "place_id": str(project.project),
            "catalogue_id": str(project.catalogue),
            "categories": ["disabled"],
            "name": "演示对象甲02",
            "id_number": " ".join(identity_number(7)).lower(),
        },
    )
    refused(again, 409, "already-in-ledger", "R-KL-06")


async def test_a_trial_that_is_told_of_anothers_number_leaves_a_row_for_each_number_tried(project: Project) -> None:
    """Or a list of numbers could be tried for who receives help, and nobody would ever see it."""
    here = {"place_id": str(project.project), "catalogue_id": str(project.catalogue), "categories": ["disabled"]}
    for n in (7, 8):
        await project.enrol(id_number=identity_number(n))
    key, seen = uuid4(), []
    for n in (7, 8, 8, 9):
        form = {**here, "name": "演示对象甲02", "id_number": identity_number(n)}
        seen.append((await project.post("/v1/entries?dry_run=true", form, key=key)).json().get("code"))
    assert seen == ["already-in-ledger"] * 3 + [None]
    async with project.service.open_rebuild() as pool:
        rows = await pool.fetch("select code, action from refusal")
    assert [tuple(row) for row in rows] == [("already-in-ledger", "enrol-beneficiary")] * 2


async def test_a_blacklisted_organisation_opens_no_case_until_lifted(project: Project) -> None:
    entry = await project.enrol()
    listed = OrganisationBlacklistedV1(
        organisation_id=project.organisation, reason="impersonation", project_id=project.project
    )
    await project.service.hear(listed, tenant=CITY)
    refused(await project.open(entry), 409, "organisation-frozen", "R-LZ-08")
    await project.service.hear(BlacklistLiftedV1(organisation_id=project.organisation), tenant=CITY)
    assert (await project.open(entry)).status_code == 200


@pytest.mark.parametrize("terminated", [False, True])
async def test_a_closed_project_takes_on_nobody(project: Project, *, terminated: bool) -> None:
    entry = await project.enrol()
    closed = ProjectClosedV1(project_id=project.project, organisation_id=project.organisation, community=COMMUNITY)
    told = ProjectTerminatedV1(project_id=project.project) if terminated else closed
    await project.service.hear(told, on=date(2023, 10, 8))
    refused(await project.open(entry), 409, "place-closed")


async def test_who_left_the_project_records_no_more_and_finishes_nothing(project: Project) -> None:
    case = (await project.open(await project.enrol())).json()["stream"].partition("/")[2]
    gone = WorkerReleasedV1(worker_id=project.worker, project_id=project.project)
    await project.service.hear(gone, tenant=CITY, on=DAY)
    refused(await project.open(uuid4()), 404, "not-found")
    entry = {
        "place_id": str(project.project),
        "catalogue_id": str(project.catalogue),
        "categories": ["disabled"],
        "name": "甲",
    }
    refused(await project.post("/v1/entries", entry), 403, "worker-not-placed")
    refused(await project.post(f"/v1/cases/{case}/pre-assess", {"text": "正文"}), 403, "worker-not-placed")


async def test_who_was_hired_elsewhere_records_no_more_for_the_former_organisation(project: Project) -> None:
    entry = await project.enrol()
    hired = WorkerEmploymentRecordedV1(worker_id=project.worker, organisation_id=OrganisationId(uuid4()))
    await project.service.hear(hired, tenant=CITY)
    body = {"place_id": str(project.project), "findings": "正文"}
    refused(await project.post(f"/v1/entries/{entry}/visits", body), 403, "worker-not-placed")


async def test_a_closed_projects_workers_finish_their_cases(project: Project) -> None:
    case = (await project.open(await project.enrol())).json()["stream"].partition("/")[2]
    over = date(2023, 10, 8)
    closed = ProjectClosedV1(project_id=project.project, organisation_id=project.organisation, community=COMMUNITY)
    await project.service.hear(
        WorkerReleasedV1(worker_id=project.worker, project_id=project.project), tenant=CITY, on=over
    )
    await project.service.hear(closed, on=over)
    assert (await project.post(f"/v1/cases/{case}/pre-assess", {"text": "正文"}, on=over)).status_code == 200


async def test_a_worker_placed_at_a_site_records_there(project: Project) -> None:
    site, worker = SiteId(uuid4()), WorkerId(uuid4())
    placed = WorkerPlacedV1(
        worker_id=worker, organisation_id=project.organisation, site_id=site, project_id=None, community=COMMUNITY
    )
    there = {"worker_id": str(worker), "place_id": str(site), "catalogue_id": str(project.catalogue)}
    person = {**there, "categories": ["disabled"], "name": "演示对象乙01"}
    await project.service.hear(placed, tenant=CITY)
    refused(await project.post("/v1/entries", person), 409, "not-known-yet")
    await project.service.hear(SiteOpenedV1(site_id=site, community=COMMUNITY, project_id=None, level=4))
    await project.made("/v1/entries", person)
    before = DAY - timedelta(days=1)
    refused(await project.post("/v1/entries", {**person, "name": "演示对象乙02"}, on=before), 422, "too-early")


async def test_a_worker_whom_the_start_names_is_not_known_yet_without_the_placement(project: Project) -> None:
    worker = WorkerId(uuid4())
    facts: dict[str, Any] = {
        "project_id": project.project,
        "organisation_id": project.organisation,
        "community": COMMUNITY,
    }
    days: dict[str, Any] = {"impl_from": date(2022, 9, 27), "impl_to": date(2023, 9, 27)}
    await project.service.hear(ImplementationStartedV1(**facts, **days, worker_ids=(project.worker, worker)))
    entry = await project.enrol()
    body = {"place_id": str(project.project), "worker_id": str(worker), "findings": "正文"}
    refused(await project.post(f"/v1/entries/{entry}/visits", body), 409, "not-known-yet")
    placed = WorkerPlacedV1(
        worker_id=worker,
        organisation_id=project.organisation,
        site_id=None,
        project_id=project.project,
        community=COMMUNITY,
    )
    await project.service.hear(placed, tenant=CITY)
    await project.made(f"/v1/entries/{entry}/visits", body)


async def test_the_organisation_of_the_token_is_the_one_that_placed_the_worker(project: Project) -> None:
    entry = await project.enrol()
    body = {"place_id": str(project.project), "findings": "正文"}
    answer = await project.post(f"/v1/entries/{entry}/visits", body, unit=str(uuid4()))
    refused(answer, 403, "not-your-unit")
    refused(await project.open(entry, unit="620102001001"), 403, "not-your-unit")


async def test_a_worker_s_own_token_records_for_that_worker_only(project: Project) -> None:
    colleague = WorkerId(uuid4())
    placed = WorkerPlacedV1(
        worker_id=colleague,
        organisation_id=project.organisation,
        site_id=None,
        project_id=project.project,
        community=COMMUNITY,
    )
    await project.service.hear(placed, tenant=CITY)
    entry = await project.enrol()
    path, body = f"/v1/entries/{entry}/visits", {"place_id": str(project.project), "findings": "正文"}
    refused(
        await project.post(path, {**body, "worker_id": str(colleague)}, worker=project.worker), 403, "not-your-record"
    )
    own = await project.post(path, body, worker=project.worker)
    clerk = await project.post(path, {**body, "worker_id": str(colleague)})
    assert (own.status_code, clerk.status_code) == (200, 200)
    told = [orjson.loads(raw)["data"] for raw in await project.service.history("raw")]
    visits = [(one["worker_id"], one["recorder"]) for one in told if "visit_id" in one]
    assert visits == [(str(project.worker), None), (str(colleague), f"social_worker-{DISTRICT}")]


async def test_a_project_that_nobody_told_of_is_not_known_yet(project: Project) -> None:
    answer = await project.service.post(f"/v1/projects/{uuid4()}/counts", {}, Role.DISTRICT_BUREAU)
    refused(answer, 409, "not-known-yet")


async def test_another_district_sees_nothing_and_touches_nothing(project: Project) -> None:
    entry = await project.enrol()
    body = {"place_id": str(project.project), "findings": "正文"}
    refused(await project.post(f"/v1/entries/{entry}/visits", body, tenant=OTHER_DISTRICT), 404, "not-found")
    await project.open(entry)
    for path in ("/v1/cases", "/v1/bulletin"):
        assert (await project.service.get(path, Role.DISTRICT_BUREAU, OTHER_DISTRICT))["items"] == []
        assert len((await project.service.get(path, Role.DISTRICT_BUREAU, DISTRICT))["items"]) == 1


async def test_a_bureau_writes_no_casework_and_a_worker_publishes_no_totals(project: Project) -> None:
    refused(
        await project.service.post(f"/v1/projects/{project.project}/counts", {}, Role.SOCIAL_WORKER), 403, "forbidden"
    )
    body = {"place_id": str(project.project), "worker_id": str(project.worker), "findings": "正文"}
    refused(await project.service.post(f"/v1/entries/{uuid4()}/visits", body, Role.DISTRICT_BUREAU), 403, "forbidden")


async def test_what_is_written_about_a_person_is_in_no_event_in_the_clear(project: Project) -> None:
    entry = await project.enrol("演示对象甲01", id_number=identity_number(1), address="演示路1号")
    await project.visit(entry)
    await closed_case(project, entry)
    raws = [raw.decode() for raw in await project.service.history("raw")]
    texts = ("演示对象", "演示号", "演示路", "走访记录正文", "个案记录正文")
    assert [text for text in texts for raw in raws if text in raw] == []
    assert sum("$sealed" in raw for raw in raws) == 9


async def test_every_read_table_rebuilt_equals_the_live_one(project: Project) -> None:
    entry = await project.enrol()
    await project.visit(entry, on=DAY + timedelta(days=1))
    await project.visit(entry)
    await closed_case(project, entry)
    facts: dict[str, Any] = {"organisation_id": project.organisation, "project_id": None, "community": COMMUNITY}
    await project.service.hear(WorkerPlacedV1(worker_id=project.worker, site_id=SiteId(uuid4()), **facts), tenant=CITY)
    service, views = project.service, project.service.held.definition.views

    async def rows(pool: Any) -> dict[str, list[Any]]:
        """All versions."""
        tables = [row.TABLE for view in views for row in view.tables]
        return {t: await pool.fetch(f"select t from versions.{t} t order by t::text") for t in tables}

    async with service.open_rebuild() as pool:
        live = await rows(pool)
        for view in views:
            await rebuild(pool, service.held.store.mapper, view)
        assert await rows(pool) == live
    filled = {table for table, found in live.items() if found}
    assert filled == set(live) - {"referral_list"}
