"""A worker's week over HTTP on real engines: ledger, visits, a case, a referral, the totals and the figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from tests.casework.stage import COMMUNITY, Pilot
from tests.service import CITY, DAY, DISTRICT, OTHER_DISTRICT, Running
from tests.synthetic import identity_number

from casework.domain.counts import Totals
from casework.projections import counts as counting
from contracts.messages.casework import CaseClosedV1, CaseOpenedV1, ServiceCountsPublishedV1
from contracts.messages.funding import ImplementationStartedV1, PilotClosedV1
from contracts.messages.registry import (
    AgencyBlacklistedV1,
    BlacklistLiftedV1,
    SiteOpenedV1,
    WorkerEmploymentRecordedV1,
    WorkerPlacedV1,
    WorkerReleasedV1,
)
from contracts.values import AgencyId, Role, SiteId, WorkerId
from kit.store import rebuild
from kit.store.turns import Turns

STEPS = ("pre-assess", "plan", "interventions", "interventions", "evaluate", "close")


def refused(answer: httpx.Response, status: int, code: str, clause: str | None = None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("clause") == clause


async def closed_case(pilot: Pilot, entry: UUID) -> UUID:
    case = UUID((await pilot.open(entry)).json()["stream"].partition("/")[2])
    for step in STEPS:
        assert (await pilot.post(f"/v1/cases/{case}/{step}", {"text": "个案记录正文"})).status_code == 200
    return case


async def figures(service: Running, **asked: Any) -> dict[str, list[tuple[int, dict[str, str]]]]:
    body = await service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    return {
        one["id"].removeprefix("casework."): [(f["value"], f["dimensions"]) for f in one["figures"]]
        for one in body["indicators"]
    }


async def test_R_KL_07_two_visits_to_one_person_are_one_person(pilot: Pilot) -> None:
    first, _second = await pilot.enrol(), await pilot.enrol("演示对象甲02")
    await pilot.visit(first)
    await pilot.visit(first, on=DAY + timedelta(days=3))
    found = await figures(pilot.service)
    here = {"community": COMMUNITY}
    assert found["ledger_persons"] == [(2, here)]
    assert found["persons_visited"] == [(1, here)]
    assert found["home_visits"] == [(2, here)]


async def test_the_bulletin_and_the_published_totals_agree(pilot: Pilot) -> None:
    entries = [await pilot.enrol(f"演示对象甲{n:02}") for n in range(3)]
    later = DAY + timedelta(days=5)
    await pilot.visit(entries[0], on=later)
    await pilot.visit(entries[0])  # entered late, and earlier than the first one entered
    await closed_case(pilot, entries[1])
    await pilot.open(entries[2])
    assert (await pilot.publish(later)).status_code == 200
    (row,) = (await pilot.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY, to_day=later.isoformat()))["items"]
    (told,) = [m for m in await pilot.service.told() if isinstance(m, ServiceCountsPublishedV1)]
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
    (on_the_day,) = (await pilot.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY, to_day=DAY.isoformat()))["items"]
    assert (on_the_day["persons_visited"], on_the_day["home_visits"]) == (1, 1)


async def test_the_same_day_is_published_again_only_when_it_changed(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    for _ in range(2):
        assert (await pilot.publish()).status_code == 200
    await pilot.visit(entry)
    await pilot.visit(entry, on=DAY + timedelta(days=1))
    assert (await pilot.publish()).status_code == 200
    told = [m for m in await pilot.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    assert [(m.day, int(m.totals.home_visits.value)) for m in told] == [(DAY, 0), (DAY, 1)]


async def test_who_counted_before_another_published_counts_again(pilot: Pilot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a publication's counting and its writing, a visit is recorded and another publication overtakes it."""
    entry = await pilot.enrol()
    counted, times = counting.totals, []

    async def overtaken(*asked: Any) -> Totals:
        found = await counted(*asked)
        times.append(int(found.home_visits.value))
        if len(times) == 1:
            pilot.service.held.store._turns = Turns()  # as another process, which waits for no turn in this one
            await pilot.visit(entry)
            assert (await pilot.publish()).status_code == 200
        return found

    monkeypatch.setattr(counting, "totals", overtaken)
    assert (await pilot.publish()).status_code == 200
    told = [m.totals for m in await pilot.service.told() if isinstance(m, ServiceCountsPublishedV1)]
    assert [int(one.home_visits.value) for one in told] == [1]
    assert times == [0, 1, 1]


async def test_a_case_is_told_when_opened_and_when_closed(pilot: Pilot) -> None:
    case = await closed_case(pilot, await pilot.enrol())
    told = [m for m in await pilot.service.told() if isinstance(m, CaseOpenedV1 | CaseClosedV1)]
    assert [(type(m), m.case_id, m.pilot_id, m.community) for m in told] == [
        (CaseOpenedV1, case, pilot.pilot, COMMUNITY),
        (CaseClosedV1, case, pilot.pilot, COMMUNITY),
    ]
    (row,) = (await pilot.service.get("/v1/cases", Role.CITY_BUREAU, CITY, stage="closure"))["items"]
    assert (row["case_id"], row["interventions"], row["closed_on"]) == (str(case), 2, DAY.isoformat())


async def test_R_JX_03_a_skipped_stage_is_refused_over_http(pilot: Pilot) -> None:
    case = (await pilot.open(await pilot.enrol())).json()["stream"].partition("/")[2]
    refused(await pilot.post(f"/v1/cases/{case}/plan", {"text": "正文"}), 409, "case-stage-out-of-order", "R-JX-03")


async def test_the_case_list_is_read_page_by_page(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    for n in range(3):
        await pilot.open(entry, on=DAY + timedelta(days=n))
    first = await pilot.service.get("/v1/cases", Role.DISTRICT_BUREAU, limit=2)
    rest = await pilot.service.get("/v1/cases", Role.DISTRICT_BUREAU, limit=2, cursor=first["cursor"])
    days = [row["opened_on"] for row in first["items"] + rest["items"]]
    assert days == [(DAY + timedelta(days=n)).isoformat() for n in range(3)]
    assert rest["cursor"] is None


async def test_R_LZ_21_a_referral_under_a_declared_policy(pilot: Pilot) -> None:
    here = {"entry_id": str(await pilot.enrol()), "place_id": str(pilot.pilot), "catalogue_id": str(pilot.catalogue)}
    body = {**here, "kind": "other_department", "policy": "extra_1", "reason": "正文"}
    referral = await pilot.made("/v1/referrals", body)
    refused(await pilot.post("/v1/referrals", body | {"policy": "core_9"}), 422, "policy-not-declared", "R-LZ-21")
    outcome = await pilot.post(f"/v1/referrals/{referral}/outcome", {"outcome": "granted"})
    assert outcome.status_code == 200, outcome.text
    await pilot.made("/v1/referrals", {**here, "kind": "civil_affairs", "reason": "正文"})
    assert (await figures(pilot.service))["referrals"] == [
        (1, {"kind": "civil_affairs", "outcome": "pending"}),
        (1, {"kind": "other_department", "outcome": "granted"}),
    ]


async def test_figures_of_the_declared_catalogue(pilot: Pilot) -> None:
    found = await figures(pilot.service)
    catalogue = {"catalogue_id": str(pilot.catalogue)}
    assert found["service_domains"] == [(5, catalogue)]
    assert found["assistance_policies"] == [(8, catalogue | {"part": "core"}), (1, catalogue | {"part": "extra"})]


async def test_figures_as_of_a_day(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    await pilot.visit(entry, on=DAY + timedelta(days=30))
    then = await figures(pilot.service, as_of=(DAY + timedelta(days=29)).isoformat())
    assert then["ledger_persons"] == [(1, {"community": COMMUNITY})]
    assert then["home_visits"] == []


async def test_R_KL_06_one_person_is_registered_once_whatever_the_width_of_the_digits(pilot: Pilot) -> None:
    await pilot.enrol(id_number=identity_number(7))
    again = await pilot.post(
        "/v1/entries",
        {
            "place_id": str(pilot.pilot),
            "catalogue_id": str(pilot.catalogue),
            "categories": ["disabled"],
            "name": "演示对象甲02",
            "id_number": " ".join(identity_number(7)).lower(),
        },
    )
    refused(again, 409, "already-in-ledger", "R-KL-06")


async def test_a_blacklisted_agency_opens_no_case_until_lifted(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    listed = AgencyBlacklistedV1(agency_id=pilot.agency, reason="impersonation", pilot_id=pilot.pilot)
    await pilot.service.hear(listed, tenant=CITY)
    refused(await pilot.open(entry), 409, "agency-frozen", "R-LZ-08")
    await pilot.service.hear(BlacklistLiftedV1(agency_id=pilot.agency), tenant=CITY)
    assert (await pilot.open(entry)).status_code == 200


async def test_a_closed_pilot_takes_on_nobody(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    await pilot.service.hear(
        PilotClosedV1(pilot_id=pilot.pilot, agency_id=pilot.agency, community=COMMUNITY), on=date(2023, 10, 8)
    )
    refused(await pilot.open(entry), 409, "place-closed")


async def test_who_left_the_pilot_records_no_more_and_finishes_nothing(pilot: Pilot) -> None:
    case = (await pilot.open(await pilot.enrol())).json()["stream"].partition("/")[2]
    gone = WorkerReleasedV1(worker_id=pilot.worker, pilot_id=pilot.pilot)
    await pilot.service.hear(gone, tenant=CITY, on=DAY)
    refused(await pilot.open(uuid4()), 404, "not-found")
    entry = {
        "place_id": str(pilot.pilot),
        "catalogue_id": str(pilot.catalogue),
        "categories": ["disabled"],
        "name": "甲",
    }
    refused(await pilot.post("/v1/entries", entry), 403, "worker-not-placed")
    refused(await pilot.post(f"/v1/cases/{case}/pre-assess", {"text": "正文"}), 403, "worker-not-placed")


async def test_who_was_hired_elsewhere_records_no_more_for_the_former_agency(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    hired = WorkerEmploymentRecordedV1(worker_id=pilot.worker, agency_id=AgencyId(uuid4()))
    await pilot.service.hear(hired, tenant=CITY)
    body = {"place_id": str(pilot.pilot), "findings": "正文"}
    refused(await pilot.post(f"/v1/entries/{entry}/visits", body), 403, "worker-not-placed")


async def test_a_closed_pilots_workers_finish_their_cases(pilot: Pilot) -> None:
    case = (await pilot.open(await pilot.enrol())).json()["stream"].partition("/")[2]
    over = date(2023, 10, 8)
    closed = PilotClosedV1(pilot_id=pilot.pilot, agency_id=pilot.agency, community=COMMUNITY)
    await pilot.service.hear(WorkerReleasedV1(worker_id=pilot.worker, pilot_id=pilot.pilot), tenant=CITY, on=over)
    await pilot.service.hear(closed, on=over)
    assert (await pilot.post(f"/v1/cases/{case}/pre-assess", {"text": "正文"}, on=over)).status_code == 200


async def test_a_worker_placed_at_a_site_records_there(pilot: Pilot) -> None:
    site, worker = SiteId(uuid4()), WorkerId(uuid4())
    placed = WorkerPlacedV1(worker_id=worker, agency_id=pilot.agency, site_id=site, pilot_id=None, community=COMMUNITY)
    there = {"worker_id": str(worker), "place_id": str(site), "catalogue_id": str(pilot.catalogue)}
    person = {**there, "categories": ["disabled"], "name": "演示对象乙01"}
    await pilot.service.hear(placed, tenant=CITY)
    refused(await pilot.post("/v1/entries", person), 409, "not-known-yet")
    await pilot.service.hear(SiteOpenedV1(site_id=site, community=COMMUNITY, pilot_id=None, level=4))
    await pilot.made("/v1/entries", person)
    before = DAY - timedelta(days=1)
    refused(await pilot.post("/v1/entries", {**person, "name": "演示对象乙02"}, on=before), 422, "too-early")


async def test_a_worker_whom_the_start_names_is_not_known_yet_without_the_placement(pilot: Pilot) -> None:
    worker = WorkerId(uuid4())
    facts: dict[str, Any] = {"pilot_id": pilot.pilot, "agency_id": pilot.agency, "community": COMMUNITY}
    days: dict[str, Any] = {"impl_from": date(2022, 9, 27), "impl_to": date(2023, 9, 27)}
    await pilot.service.hear(ImplementationStartedV1(**facts, **days, worker_ids=(pilot.worker, worker)))
    entry = await pilot.enrol()
    body = {"place_id": str(pilot.pilot), "worker_id": str(worker), "findings": "正文"}
    refused(await pilot.post(f"/v1/entries/{entry}/visits", body), 409, "not-known-yet")
    placed = WorkerPlacedV1(
        worker_id=worker, agency_id=pilot.agency, site_id=None, pilot_id=pilot.pilot, community=COMMUNITY
    )
    await pilot.service.hear(placed, tenant=CITY)
    await pilot.made(f"/v1/entries/{entry}/visits", body)


async def test_the_agency_of_the_token_is_the_one_that_placed_the_worker(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    body = {"place_id": str(pilot.pilot), "findings": "正文"}
    answer = await pilot.post(f"/v1/entries/{entry}/visits", body, unit=str(uuid4()))
    refused(answer, 403, "not-your-unit")
    refused(await pilot.open(entry, unit="620102001001"), 403, "not-your-unit")


async def test_a_worker_s_own_token_records_for_that_worker_only(pilot: Pilot) -> None:
    colleague = WorkerId(uuid4())
    placed = WorkerPlacedV1(
        worker_id=colleague, agency_id=pilot.agency, site_id=None, pilot_id=pilot.pilot, community=COMMUNITY
    )
    await pilot.service.hear(placed, tenant=CITY)
    entry = await pilot.enrol()
    path, body = f"/v1/entries/{entry}/visits", {"place_id": str(pilot.pilot), "findings": "正文"}
    refused(await pilot.post(path, {**body, "worker_id": str(colleague)}, worker=pilot.worker), 403, "not-your-record")
    own = await pilot.post(path, body, worker=pilot.worker)
    clerk = await pilot.post(path, {**body, "worker_id": str(colleague)})
    assert (own.status_code, clerk.status_code) == (200, 200)
    told = [orjson.loads(raw)["data"] for raw in await pilot.service.history("raw")]
    visits = [(one["worker_id"], one["recorder"]) for one in told if "visit_id" in one]
    assert visits == [(str(pilot.worker), None), (str(colleague), f"social_worker-{DISTRICT}")]


async def test_a_pilot_that_nobody_told_of_is_not_known_yet(pilot: Pilot) -> None:
    answer = await pilot.service.post(f"/v1/pilots/{uuid4()}/counts", {}, Role.DISTRICT_BUREAU)
    refused(answer, 409, "not-known-yet")


async def test_another_district_sees_nothing_and_touches_nothing(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    body = {"place_id": str(pilot.pilot), "findings": "正文"}
    refused(await pilot.post(f"/v1/entries/{entry}/visits", body, tenant=OTHER_DISTRICT), 404, "not-found")
    await pilot.open(entry)
    for path in ("/v1/cases", "/v1/bulletin"):
        assert (await pilot.service.get(path, Role.DISTRICT_BUREAU, OTHER_DISTRICT))["items"] == []
        assert len((await pilot.service.get(path, Role.DISTRICT_BUREAU, DISTRICT))["items"]) == 1


async def test_a_bureau_writes_no_casework_and_a_worker_publishes_no_totals(pilot: Pilot) -> None:
    refused(await pilot.service.post(f"/v1/pilots/{pilot.pilot}/counts", {}, Role.SOCIAL_WORKER), 403, "forbidden")
    body = {"place_id": str(pilot.pilot), "worker_id": str(pilot.worker), "findings": "正文"}
    refused(await pilot.service.post(f"/v1/entries/{uuid4()}/visits", body, Role.DISTRICT_BUREAU), 403, "forbidden")


async def test_what_is_written_about_a_person_is_in_no_event_in_the_clear(pilot: Pilot) -> None:
    entry = await pilot.enrol("演示对象甲01", id_number=identity_number(1), address="演示路1号")
    await pilot.visit(entry)
    await closed_case(pilot, entry)
    raws = [raw.decode() for raw in await pilot.service.history("raw")]
    texts = ("演示对象", "演示号", "演示路", "走访记录正文", "个案记录正文")
    assert [text for text in texts for raw in raws if text in raw] == []
    assert sum("$sealed" in raw for raw in raws) == 9


async def test_every_read_table_rebuilt_equals_the_live_one(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    await pilot.visit(entry, on=DAY + timedelta(days=1))
    await pilot.visit(entry)
    await closed_case(pilot, entry)
    facts: dict[str, Any] = {"agency_id": pilot.agency, "pilot_id": None, "community": COMMUNITY}
    await pilot.service.hear(WorkerPlacedV1(worker_id=pilot.worker, site_id=SiteId(uuid4()), **facts), tenant=CITY)
    service, views = pilot.service, pilot.service.held.definition.views

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
