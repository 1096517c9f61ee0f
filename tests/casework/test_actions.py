"""A case's record says what whoever asks may do with it now, with the address; following that alone, it is closed."""

from __future__ import annotations

from typing import Any

import httpx
from tests.casework.stage import Project
from tests.casework.test_leaving import opened
from tests.casework.test_moments import day
from tests.service import DAY, DISTRICT, headers

from contracts.values import Role


async def test_a_case_is_led_to_its_closure_by_what_its_record_says(project: Project) -> None:
    case = await opened(project, await project.enrol())
    path, unit = f"/v1/cases/{case}", str(project.organisation)

    async def asked(role: Role, **params: Any) -> list[dict[str, Any]]:
        answer = await project.service.http.get(path, params=params, headers=headers(role, DISTRICT, unit, None))
        found: list[dict[str, Any]] = answer.json()["actions"]
        return found

    async def told() -> dict[tuple[str, str], dict[str, Any]]:
        return {(one["action"], one["of"]): one for one in await asked(Role.SOCIAL_WORKER)}

    async def sent(one: dict[str, Any], body: dict[str, Any]) -> httpx.Response:
        return await project.post(one["post_to"], body, on=DAY)

    early = (await told())["advance-case", "closure"]
    assert (early["allowed"], early["code"], early["rule"]) == (False, "case-stage-out-of-order", "R-JX-03")
    refused = await sent(early, {"text": "记录"})
    assert (refused.json()["code"], refused.json()["detail"]) == (early["code"], early["detail"])
    for stage in ("pre_assessment", "planning", "intervention", "intervention", "evaluation", "closure"):
        one = (await told())["advance-case", stage]
        assert (one["allowed"], one["form"]) == (True, "#/components/schemas/CompleteStage"), one
        assert (await sent(one, {"text": "记录"})).status_code == 200
    over = await told()
    assert {action for action, _ in over} == {"end-case", "correct-case"}
    assert over["end-case", ""]["code"] == "case-closed"
    assert {one["action"] for one in await asked(Role.SUPERVISOR)} == {"correct-case"}
    assert await asked(Role.SOCIAL_WORKER, as_of=day(0).isoformat()) == []


async def test_a_referral_says_what_may_be_done_to_who_serves_and_nothing_to_who_reads(project: Project) -> None:
    entry, unit = await project.enrol(), str(project.organisation)
    asked = {"entry_id": str(entry), "place_id": str(project.project), "catalogue_id": str(project.catalogue)}
    made = await project.made("/v1/referrals", {**asked, "kind": "civil_affairs", "reason": "正文"})
    path = f"/v1/referrals/{made}"

    async def told(role: Role, unit: str | None = unit) -> dict[str, Any]:
        shown = await project.service.get(path, role, DISTRICT, unit)
        return {one["action"]: one for one in shown["actions"]}

    first = await told(Role.SOCIAL_WORKER)
    assert {action: one["allowed"] for action, one in first.items()} == {
        "record-assistance-outcome": True,
        "correct-referral": True,
        "annul-referral": True,
    }
    answer = await project.post(first["record-assistance-outcome"]["post_to"], {"outcome": "granted"})
    assert answer.status_code == 200, answer.text
    assert set(await told(Role.SUPERVISOR)) == {"correct-referral", "annul-referral"}
    assert await told(Role.DISTRICT_BUREAU, None) == {}
