"""Corrections over HTTP: lists, figures and what funding is told follow, as of their day and known from then on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from tests.casework.test_moments import recorded, settled
from tests.service import CITY, DAY
from tests.volunteer.test_service import HERE, Project, figures, project

from contracts.messages.volunteer import VolunteerCountsPublishedV1
from contracts.values import Role

__all__ = ["project"]
LATER = DAY + timedelta(days=2)
WHY = {"reason": "typing_error"}


async def told(project: Project) -> list[tuple[int, int, int]]:
    """Activities, Party-member times and residents of each publication."""
    return [
        (int(m.totals.activities.value), int(m.totals.party_member_times.value), int(m.totals.residents_served.value))
        for m in await project.service.told()
        if isinstance(m, VolunteerCountsPublishedV1)
    ]


async def served(project: Project, **asked: Any) -> list[tuple[int, str, dict[str, str]]]:
    return (await figures(project.service, **asked))["residents_served"]


async def test_R_KL_10_forty_typed_for_forty_one_is_counted_as_forty_one_and_told_once(project: Project) -> None:
    activity = await project.activity(served=40)
    await project.publish(LATER)
    then = await recorded(cast(Any, project))
    path = f"/v1/activities/{activity}/served/correct"
    body = WHY | {"residents_served": 41}
    dry = await project.post(f"{path}?dry_run=true", body)
    assert dry["dry_run"] is True
    assert await told(project) == [(1, 0, 40)]
    for _ in range(2):
        await project.post(path, body)
    assert await told(project) == [(1, 0, 40), (1, 0, 41)]
    await settled(cast(Any, project))
    assert await served(project) == await served(project, as_of=DAY.isoformat()) == [(41, "exact", HERE)]
    assert await served(project, as_of=(DAY - timedelta(days=1)).isoformat()) == []
    assert await served(project, known_at=then) == [(40, "exact", HERE)]
    (row,) = (await project.service.get("/v1/activities", Role.CITY_BUREAU, CITY))["items"]
    assert (int(row["residents_served"]), row["served_on"]) == (41, DAY.isoformat())
    (line,) = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY))["items"]
    assert line["residents_served"] == 41
    history = await project.service.get("/v1/history", Role.CITY_BUREAU, CITY, stream=f"activity/{activity}")
    kinds = [one["type"] for one in history["items"]]
    assert {"volunteer.residents-served-recorded", "volunteer.residents-served-corrected"} <= set(kinds)
    late = await project.post(path, body, 422, on=LATER)
    assert late["code"] == "not-the-day-of-the-record"
    assert (await project.post(path, body, 403, unit="620102001009"))["code"] == "not-your-unit"


async def test_what_is_taken_away_counts_no_longer_and_nothing_goes_on_with_it(project: Project) -> None:
    member = await project.volunteer("演示志愿者甲01", party=True)
    activity, other = await project.activity(member, served=40), await project.activity(served=3)
    await project.publish()
    at = f"/v1/activities/{activity}"
    listed = await project.post(f"{at}/annul", WHY, 409)
    assert listed["code"] == "attendance-listed"
    for _ in range(2):
        await project.post(f"{at}/attendance/{member}/annul", WHY)
    assert (await figures(project.service))["party_member_times"] == []
    assert (await project.service.get("/v1/attendance", Role.CITY_BUREAU, CITY))["items"] == []
    await project.post(f"{at}/attendance", {"volunteer_ids": [str(member)]})
    assert (await figures(project.service))["party_member_times"] == [(1, "exact", HERE)]
    await project.post(f"{at}/attendance/{member}/annul", WHY)
    await project.post(f"{at}/served/annul", WHY)
    assert await served(project) == [(3, "exact", HERE)]
    assert (await project.post(f"{at}/served/correct", WHY | {"residents_served": 41}, 409))[
        "code"
    ] == "record-annulled"
    for _ in range(2):
        await project.post(f"{at}/annul", WHY)
    assert (await project.post(f"{at}/served", {"residents_served": 1}, 409))["code"] == "record-annulled"
    (row,) = (await project.service.get("/v1/activities", Role.CITY_BUREAU, CITY))["items"]
    assert row["activity_id"] == str(other)
    assert (await figures(project.service))["activities"] == [(1, "exact", HERE)]
    assert await told(project) == [(2, 1, 43), (2, 0, 43), (2, 0, 3), (1, 0, 3)]


async def test_totals_of_a_day_before_the_correction_are_left_and_nothing_is_told_of_what_was_never_published(
    project: Project,
) -> None:
    activity = await project.activity(served=40, on=LATER)
    path, body = f"/v1/activities/{activity}/served/correct", WHY | {"residents_served": 41}
    await project.post(path, body, on=LATER)
    await project.publish()
    await project.post(path, WHY | {"residents_served": 42}, on=LATER)
    assert await told(project) == [(0, 0, 0)]


async def test_a_volunteer_is_put_right_and_found_by_the_right_name(project: Project) -> None:
    volunteer = await project.volunteer("演示志愿者甲01", party=False)
    path = f"/v1/volunteers/{volunteer}"
    right = WHY | {"background": "party_member", "is_party_member": True, "name": "演示志愿者甲02"}
    for _ in range(2):
        await project.post(f"{path}/correct", right)
    shown = await project.service.get(path, Role.PARTY_BRANCH, project.tenant, project.community)
    assert (shown["name"], shown["background"], shown["is_party_member"]) == ("演示志愿者甲02", "party_member", True)
    assert shown["version"] == 2
    raws = [raw.decode() for raw in await project.service.history("raw")]
    assert not [raw for raw in raws if "演示志愿者" in raw]
    wrong = await project.post(f"{path}/correct", WHY | {"is_party_member": False}, 422)
    assert wrong["code"] == "background-inconsistent"
