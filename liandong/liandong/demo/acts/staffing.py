"""Step 8 and step x: three workers for each project, one refused and declared again, one contractor replaced."""

from __future__ import annotations

from uuid import uuid5

from contracts.values import Role
from liandong.demo.acts.procurement import contract
from liandong.demo.stage import Stage, together
from liandong.demo.story import Place, key
from liandong.running import SignIn


async def play(stage: Stage) -> None:
    await together([_staffed(stage, place) for place in stage.story.places])


def manager(stage: Stage, place: Place, letter: str) -> SignIn:
    """The manager of an organisation, in the district of its project."""
    return SignIn(Role.ORGANISATION_MANAGER, place.district.code, stage.cast.organisations[letter])


async def _staffed(stage: Stage, place: Place) -> None:
    code, raw = place.community.code, stage.story.raw
    if code == raw["redeclares"]:
        await _refused_first(stage, place)
        return
    await _declare(
        stage, place, place.organisation, stage.cast.team(place.organisation), "declare", "staffing-verified"
    )
    stage.tell(place, "三名社工核验通过")
    if code == raw["impersonates"]:
        await _caught(stage, place)


async def _refused_first(stage: Stage, place: Place) -> None:
    """Two of the three unlicensed at first."""
    letter = place.organisation
    unfit = [stage.cast.workers[f"{letter}{n:02}"] for n in (1, 3, 4)]
    await _declare(stage, place, letter, unfit, "declare", "staffing-rejected")
    stage.tell(place, "人员核验未通过：持证社工不足（R-LZ-10）")
    await _declare(stage, place, letter, stage.cast.team(letter), "redeclare", "staffing-verified")
    stage.tell(place, "重新申报，三名社工核验通过")


async def _caught(stage: Stage, place: Place) -> None:
    """Before any money: the organisation loses the project and is blacklisted, another one takes over."""
    story, code, path = stage.story, place.community.code, f"/projects/{stage.project(place)}"
    letter, organisation = place.organisation, stage.cast.organisations[place.organisation]
    found = {"worker_id": stage.cast.workers[f"{letter}01"]}
    on = story.day("impersonation")
    await stage.do(f"impersonation/{code}", "funding", f"{path}/impersonation", story.city, on, found)
    stream = f"project/{stage.project(place)}"
    await stage.happened("funding", stream, "funding.assignment-ended", place.bureau, organisation_id=organisation)
    await stage.happened("funding", f"organisation/{organisation}", "funding.organisation-barred", story.city)
    stage.tell(place, f"演示社工机构{letter}借用资质冒名顶替，已取消资格并列入黑名单（R-LZ-08）")
    await _knocks_again(stage, place)
    replacement = story.raw["replacement"]
    await contract(stage, place, replacement, "re_")
    team = stage.cast.team(replacement)
    await _declare(stage, place, replacement, team, "re_declare", "staffing-verified")
    stage.tell(place, f"已更换为演示社工机构{replacement}，协议重签，三名社工核验通过")


async def _knocks_again(stage: Stage, place: Place) -> None:
    """The blacklisted organisation applies again and is refused; only while the project is looking for one."""
    project = stage.project(place)
    shown = await stage.running.get("funding", f"/v1/projects/{project}", place.bureau)
    if shown["stage"] != "procuring":
        return
    body = {"organisation_id": stage.cast.organisations[place.organisation], "passed": True}
    denied = await stage.refused(
        f"knocks-again/{place.community.code}",
        "funding",
        f"/projects/{project}/plan-reviews",
        place.bureau,
        stage.story.day("re_review"),
        ("organisation-blacklisted",),
        body,
    )
    stage.tell(place, f"被驳回{denied.ground}：{denied.problem['detail']}")


async def _declare(stage: Stage, place: Place, letter: str, team: list[str], day: str, verdict: str) -> None:
    """Declares, and waits for the registry's verdict to arrive in funding."""
    step = f"{day}/{place.community.code}"
    project, who = stage.project(place), manager(stage, place, letter)
    on = stage.story.day(day)
    await stage.do(step, "funding", f"/projects/{project}/staffing", who, on, {"worker_ids": team})
    declaration = str(uuid5(key(step), f"{who.tenant}/declaration"))
    await stage.happened(
        "funding", f"project/{project}", f"funding.{verdict}", place.bureau, declaration_id=declaration
    )
