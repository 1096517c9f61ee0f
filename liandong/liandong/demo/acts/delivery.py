"""The year of work: the ledger, home visits, cases and referrals, volunteers and their activities, and the counts."""

from __future__ import annotations

from typing import Any

from contracts.values import Role
from liandong.demo.acts.money import carrying
from liandong.demo.stage import Stage, together
from liandong.demo.story import Place
from liandong.running import SignIn

RESIDENTS = 4
CATEGORIES = ("poor_elder", "elder_living_alone", "child_in_difficulty", "disabled_elder")
DOMAINS = ("elderly_care", "child_welfare")
STAGES = {
    "pre-assess": "2022-11-09",
    "plan": "2022-11-16",
    "interventions": "2023-02-15",
    "evaluate": "2023-05-10",
    "close": "2023-06-01",
}
VOLUNTEERS = (("party_member", True), ("student", False), ("retired_soldier", True))


async def play(stage: Stage) -> None:
    await together([_served(stage, place) for place in stage.story.places])
    stage.tell(None, "服务：台账、走访、个案、救助协助和志愿服务已登记")


async def publish(stage: Stage, day: str) -> None:
    """Totals of a day, from casework and volunteering, noted in funding."""
    await together([_counted(stage, place, day) for place in stage.story.places])
    stage.tell(None, f"统计：{stage.story.day(day)} 的服务统计和志愿服务统计已发布")


async def _served(stage: Stage, place: Place) -> None:
    await together([_casework(stage, place), _volunteering(stage, place)])
    stage.tell(place, "服务已开展")


def worker(stage: Stage, place: Place, number: int) -> tuple[SignIn, str]:
    """Who signs in for one of the project's workers, and the worker's id."""
    letter = carrying(stage, place)
    who = SignIn(Role.SOCIAL_WORKER, place.district.code, stage.cast.organisations[letter])
    return who, stage.cast.workers[f"{letter}{number:02}"]


async def _casework(stage: Stage, place: Place) -> None:
    story, code = stage.story, place.community.code
    who, worker_id = worker(stage, place, 1)
    here = {"place_id": stage.project(place), "worker_id": worker_id}

    async def do(step: str, path: str, on: str, body: dict[str, Any]) -> str:
        return await stage.do(f"casework/{code}/{step}", "casework", path, who, on, body)

    entries = []
    for n in range(RESIDENTS):
        person = {"categories": [CATEGORIES[n]], "name": f"演示居民{place.organisation}{n + 1:02}"}
        body = {**here, **person, "catalogue_id": stage.cast.catalogue}
        entries.append(await do(f"enrol/{n + 1}", "/entries", story.day("enrol"), body))
    for n, entry in enumerate((*entries, entries[0])):
        body = {**here, "findings": "演示走访记录"}
        await do(f"visit/{n + 1}", f"/entries/{entry}/visits", story.day("visit"), body)
    for n, domain in enumerate(DOMAINS):
        opening = {"entry_id": entries[n], "domain": domain, "problem": "演示个案问题"}
        body = {**here, **opening, "catalogue_id": stage.cast.catalogue}
        case = await do(f"case/{n + 1}", "/cases", story.day("case"), body)
        for step, on in list(STAGES.items())[: len(STAGES) if n == 0 else 2]:
            await do(f"case/{n + 1}/{step}", f"/cases/{case}/{step}", on, {"worker_id": worker_id, "text": "演示记录"})
    await _referrals(stage, place, entries)


async def _referrals(stage: Stage, place: Place, entries: list[str]) -> None:
    """One of civil affairs' own, one of another department under the declared "8+1"."""
    who, worker_id = worker(stage, place, 1)
    on, code = stage.story.day("case"), place.community.code
    for n, (kind, policy) in enumerate((("civil_affairs", None), ("other_department", "core_1")), start=1):
        body = {
            "entry_id": entries[n],
            "place_id": stage.project(place),
            "catalogue_id": stage.cast.catalogue,
            "kind": kind,
            "policy": policy,
            "worker_id": worker_id,
            "reason": "演示救助协助",
        }
        referral = await stage.do(f"referral/{code}/{n}", "casework", "/referrals", who, on, body)
        outcome = {"outcome": "granted", "worker_id": worker_id}
        path = f"/referrals/{referral}/outcome"
        await stage.do(f"referral/{code}/{n}/outcome", "casework", path, who, "2022-12-08", outcome)


async def _volunteering(stage: Stage, place: Place) -> None:
    story, code, project = stage.story, place.community.code, stage.project(place)

    async def do(step: str, path: str, on: str, body: dict[str, Any] | None = None) -> str:
        return await stage.do(f"volunteer/{code}/{step}", "volunteer", path, place.committee, on, body)

    came = []
    for n, (background, member) in enumerate(VOLUNTEERS, start=1):
        name = f"演示志愿者{place.organisation}{n:02}"
        body = {"project_id": project, "background": background, "is_party_member": member, "name": name}
        came.append(await do(f"register/{n}", "/volunteers", story.day("volunteers"), body))
    for n, day in enumerate(("activity", "activity_second"), start=1):
        on = story.day(day)
        plan = {"project_id": project, "title": f"演示志愿服务活动{n}", "organiser": "community", "planned_for": on}
        activity = await do(f"activity/{n}", "/activities", story.day("volunteers"), plan)
        path = f"/activities/{activity}"
        await do(f"activity/{n}/hold", f"{path}/hold", on)
        await do(f"activity/{n}/attendance", f"{path}/attendance", on, {"volunteer_ids": came})
        served = {"residents_served": 30 + 10 * n, "qualifier": "more_than"}
        mistyped = n == 1 and code == story.raw["corrected"]
        first = {**served, "residents_served": 400} if mistyped else served
        await do(f"activity/{n}/served", f"{path}/served", on, first)
        if mistyped:
            right = {**served, "reason": "typing_error"}
            await do(f"activity/{n}/served/correct", f"{path}/served/correct", on, right)
            stage.tell(place, "服务居民人次误登为 400 余，已更正为 40 余")


async def _counted(stage: Stage, place: Place, day: str) -> None:
    """Published by the district in both services; then funding has noted both."""
    on, project = stage.story.day(day), stage.project(place)
    for service in ("casework", "volunteer"):
        step = f"counts/{service}/{place.community.code}/{day}"
        await stage.do(step, service, f"/projects/{project}/counts", place.bureau, on)
        await stage.happened(
            "funding", f"project/{project}", "funding.project-counts-noted", place.bureau, source=service, day=on
        )
