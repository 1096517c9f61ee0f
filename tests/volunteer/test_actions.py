"""A record says what whoever asks may do with it now, with the address; following that alone, an activity is led on."""

from __future__ import annotations

from typing import Any

from tests.service import CITY, DAY, DISTRICT
from tests.volunteer.test_service import COMMUNITY, Project, project

from contracts.values import Role

__all__ = ["project"]


async def test_an_activity_is_led_on_by_what_its_record_says(project: Project) -> None:
    activity = await project.planned()
    path = f"/v1/activities/{activity}"

    async def told() -> dict[str, Any]:
        shown = await project.service.get(path, Role.PARTY_BRANCH, DISTRICT, COMMUNITY)
        return {one["action"]: one for one in shown["actions"]}

    waits = (await told())["record-residents-served"]
    assert (waits["allowed"], waits["code"]) == (False, "activity-not-held")
    body = {"residents_served": 41}
    refused = await project.post(waits["post_to"], body, 409)
    assert (refused["code"], refused["detail"]) == (waits["code"], waits["detail"])
    hold = (await told())["hold-activity"]
    assert (hold["allowed"], hold["due"], hold["post_to"]) == (True, DAY.isoformat(), f"{path}/hold")
    await project.post(hold["post_to"], {})
    assert "hold-activity" not in await told()
    await project.post((await told())["record-residents-served"]["post_to"], body)
    right = (await told())["correct-residents-served"]
    assert (right["allowed"], right["form"]) == (True, "#/components/schemas/CorrectResidentsServed")
    await project.post(right["post_to"], {"residents_served": 40, "reason": "typing_error"})
    gone = (await told())["annul-activity"]
    await project.post(gone["post_to"], {"reason": "not_so"})
    bureau = await project.service.get("/v1/activities", Role.CITY_BUREAU, CITY)
    assert bureau["items"] == []


async def test_of_a_moment_that_is_gone_and_for_who_only_reads_there_is_nothing_to_do(project: Project) -> None:
    path = f"/v1/activities/{await project.planned()}"
    past = await project.service.get(path, Role.PARTY_BRANCH, DISTRICT, COMMUNITY, as_of=DAY.isoformat())
    assert past["actions"] == []
    assert (await project.service.get(path, Role.CITY_BUREAU, CITY))["actions"] == []
