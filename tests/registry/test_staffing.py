"""Verdicts, locks, breaches and SG-3 by message, on real engines."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import uuid4

import pytest
from tests.registry.service import CITY, DISTRICT
from tests.registry.stage import (
    COMMUNITY,
    SCHEME,
    SIGNED,
    TO,
    Lanzhou,
    figures,
    refused,
    told,
    worker,
)

from contracts.messages.registry import (
    LockedWorkerMovedV1,
    OrganisationBlacklistedV1,
    OrganisationQualificationRevokedV1,
    PostingEndedV1,
    PostingLockedV1,
    StaffingRejectedV1,
    StaffingVerifiedV1,
    WorkerLeftPostingV1,
    WorkerPlacedV1,
    WorkerReleasedV1,
)
from contracts.values import OrganisationId, ProjectId, Role, WorkerId
from kit.errors import NotKnownYet
from registry.domain.organisation import OrganisationUnknown


async def test_R_LZ_10_a_valid_team_is_verified_and_told(lanzhou: Lanzhou) -> None:
    declaration = await lanzhou.declare()
    (verdict,) = await lanzhou.verdicts()
    assert isinstance(verdict, StaffingVerifiedV1)
    assert (verdict.declaration_id, verdict.licensed, verdict.intermediate, verdict.sw_graduate) == (
        declaration,
        2,
        1,
        1,
    )
    assert tuple(w.worker_id for w in verdict.workers) == lanzhou.team


async def test_every_attempt_stays_in_the_list_with_its_reasons(lanzhou: Lanzhou) -> None:
    a, b, _ = lanzhou.team
    await lanzhou.declare(a, b)
    await lanzhou.declare()
    rejected, verified = await lanzhou.verdicts()
    assert isinstance(rejected, StaffingRejectedV1)
    assert isinstance(verified, StaffingVerifiedV1)
    path = f"/v1/staffing/{lanzhou.project}"
    body = await lanzhou.service.get("/v1/staffing-attempts", Role.DISTRICT_BUREAU, project_id=str(lanzhou.project))
    shown = {a["attempt"]: (a["verified"], a["codes"], a["rules"]) for a in body["items"]}
    assert shown[1] == (False, ["headcount", "graduates-too-few"], ["R-LZ-09", "R-LZ-11"])
    assert shown[2] == (True, [], [])
    one = await lanzhou.service.get(path, Role.DISTRICT_BUREAU)
    assert (one["attempts"], one["headcount"], len(one["present"])) == (2, 3, 3)


async def test_R_LZ_12_two_projects_cannot_count_on_one_worker(lanzhou: Lanzhou) -> None:
    await lanzhou.declare()
    await lanzhou.declare(project=ProjectId(uuid4()))
    _, second = await lanzhou.verdicts()
    assert {(r.code, r.rule) for r in second.reasons} == {("assigned-elsewhere", "R-LZ-12")}


async def test_an_unknown_organisation_or_worker_is_a_verdict_and_not_a_failure(lanzhou: Lanzhou) -> None:
    await lanzhou.declare(*(WorkerId(uuid4()) for _ in lanzhou.team), organisation=OrganisationId(uuid4()))
    (verdict,) = await lanzhou.verdicts()
    assert {r.code for r in verdict.reasons} >= {"organisation-unknown", "worker-unknown"}


async def test_R_LZ_12_locks_follow_the_start_and_a_start_waits_for_the_verdict(lanzhou: Lanzhou) -> None:
    with pytest.raises(NotKnownYet):
        await lanzhou.start()
    await lanzhou.declare()
    await lanzhou.start()
    (lock,) = await told(lanzhou.service, PostingLockedV1)
    assert set(lock.worker_ids) == set(lanzhou.team)
    assert (lock.organisation_id, lock.lock_from, lock.lock_to) == (lanzhou.organisation, date(2022, 9, 27), TO)
    placed = await told(lanzhou.service, WorkerPlacedV1)
    assert {(p.worker_id, p.project_id, p.community) for p in placed} == {
        (w, lanzhou.project, COMMUNITY) for w in lanzhou.team
    }


async def test_R_LZ_12_a_request_below_the_minimum_is_refused_and_a_fact_is_a_breach(lanzhou: Lanzhou) -> None:
    await lanzhou.declare()
    await lanzhou.start()
    _, b, c = lanzhou.team
    assert (await lanzhou.removal(c, "request")).status_code == 200
    refused(await lanzhou.removal(b, "request"), 409, "locked-minimum", "R-LZ-12")
    assert (await lanzhou.removal(b, "fact")).status_code == 200
    (moved,) = await told(lanzhou.service, LockedWorkerMovedV1)
    assert (moved.worker_id, moved.project_id, moved.remaining) == (b, lanzhou.project, 1)
    assert (await figures(lanzhou.service))["locked_worker_breaches"] == [(DISTRICT, 1, "exact")]
    left = await told(lanzhou.service, WorkerLeftPostingV1)
    assert [(w.worker_id, w.locked, w.breach, w.remaining) for w in left] == [(c, True, False, 2), (b, True, True, 1)]


async def test_R_LZ_12_leaving_is_recorded_after_a_later_departure_of_another(lanzhou: Lanzhou) -> None:
    await lanzhou.declare()
    await lanzhou.start()
    _, b, c = lanzhou.team
    assert (await lanzhou.removal(c, "request", date(2023, 3, 2))).status_code == 200
    refused(await lanzhou.removal(b, "request", date(2023, 3, 1)), 409, "locked-minimum", "R-LZ-12")
    assert (await lanzhou.removal(b, "fact", date(2023, 3, 1))).status_code == 200


async def test_R_LZ_12_a_replacement_is_verified_again_and_locked(lanzhou: Lanzhou) -> None:
    await lanzhou.declare()
    await lanzhou.start()
    a, b, c = lanzhou.team
    await lanzhou.removal(c, "request")
    new = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲06", None, True)
    await lanzhou.declare(a, b, new)
    verdict = (await lanzhou.verdicts())[-1]
    assert isinstance(verdict, StaffingVerifiedV1)
    assert [w.worker_id for w in verdict.workers] == [a, b, new]
    item = await lanzhou.service.get(f"/v1/workers/{new}", Role.DISTRICT_BUREAU)
    assert item["locked"] is True


async def test_R_LZ_12_who_left_before_the_start_keeps_nobody_from_being_locked(lanzhou: Lanzhou) -> None:
    """Not even with another project by now; funding said who begins before it heard of that."""
    await lanzhou.declare()
    a, b, c = lanzhou.team
    assert (await lanzhou.removal(c, "request", SIGNED)).status_code == 200
    others = [
        await worker(lanzhou.service, lanzhou.organisation, f"演示社工甲0{n}", "intermediate", False) for n in (6, 7)
    ]
    await lanzhou.declare(*others, c, project=ProjectId(uuid4()))
    assert isinstance((await lanzhou.verdicts())[-1], StaffingVerifiedV1)
    await lanzhou.start()
    (lock,) = await told(lanzhou.service, PostingLockedV1)
    assert set(lock.worker_ids) == {a, b}


async def test_closing_releases_everyone(lanzhou: Lanzhou) -> None:
    await lanzhou.declare()
    await lanzhou.start()
    await lanzhou.close()
    await lanzhou.close()
    assert {w.worker_id for w in await told(lanzhou.service, WorkerReleasedV1)} == set(lanzhou.team)
    assert [ended.project_id for ended in await told(lanzhou.service, PostingEndedV1)] == [lanzhou.project]
    assert (await figures(lanzhou.service))["workers_locked"] == []


async def test_R_LZ_08_impersonation_revokes_lists_and_frees_in_one_change(lanzhou: Lanzhou) -> None:
    await lanzhou.declare()
    await lanzhou.start()
    culprit = lanzhou.team[1]
    await lanzhou.found(culprit)
    (revoked,) = await told(lanzhou.service, OrganisationQualificationRevokedV1)
    (listed,) = await told(lanzhou.service, OrganisationBlacklistedV1)
    assert (revoked.scheme_id, revoked.project_id) == (SCHEME, lanzhou.project)
    assert (listed.organisation_id, listed.reason) == (lanzhou.organisation, "credential-impersonation")
    history = await lanzhou.service.history()
    last = {row["type"] for row in history if row["command_id"] == history[-1]["command_id"]}
    assert last >= {"registry.organisation-qualification-revoked", "registry.organisation-blacklisted"}
    assert len(await told(lanzhou.service, WorkerReleasedV1)) == 3
    shown = await lanzhou.service.get("/v1/blacklist", Role.CITY_BUREAU, CITY)
    assert [(a["organisation_id"], a["listed_by"]) for a in shown["items"]] == [(str(lanzhou.organisation), CITY)]


async def test_R_LZ_08_a_finding_about_an_unknown_organisation_changes_nothing_at_all(lanzhou: Lanzhou) -> None:
    lanzhou.organisation = OrganisationId(uuid4())
    before = len(await lanzhou.service.history())
    with pytest.raises(OrganisationUnknown):
        await lanzhou.found(lanzhou.team[0])
    assert len(await lanzhou.service.history()) == before


async def test_two_declarations_at_once_cannot_both_get_a_worker(lanzhou: Lanzhou) -> None:
    await asyncio.gather(*(lanzhou.declare(project=ProjectId(uuid4())) for _ in range(4)))
    verdicts = await lanzhou.verdicts()
    assert sorted(type(v).__name__ for v in verdicts) == ["StaffingRejectedV1"] * 3 + ["StaffingVerifiedV1"]


async def test_a_message_that_comes_twice_is_judged_once(lanzhou: Lanzhou) -> None:
    event = uuid4()
    await lanzhou.approve(event=event)
    before = len(await lanzhou.service.history())
    await lanzhou.approve(event=event)
    assert len(await lanzhou.service.history()) == before
    await lanzhou.declare(event=event)
    await lanzhou.declare(event=event)
    assert len(await lanzhou.verdicts()) == 1


async def test_whom_a_new_declaration_leaves_out_is_free_for_another_project(lanzhou: Lanzhou) -> None:
    a, b, c = lanzhou.team
    await lanzhou.declare()
    third = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲08", None, True)
    await lanzhou.declare(a, b, third)
    await lanzhou.declare(c, project=ProjectId(uuid4()))
    verdicts = await lanzhou.verdicts()
    assert isinstance(verdicts[1], StaffingVerifiedV1)
    assert [w.worker_id for w in verdicts[1].workers] == [a, b, third]
    assert {r.code for r in verdicts[2].reasons} == {"headcount", "licensed-too-few", "intermediate-too-few"}
