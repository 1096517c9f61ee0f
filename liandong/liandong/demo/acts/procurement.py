"""Steps 5 to 7: the purchase is published, plans are reviewed, an organisation is selected and the agreement signed."""

from __future__ import annotations

from liandong.demo.stage import Stage, together
from liandong.demo.story import Place


async def play(stage: Stage) -> None:
    await together([_bought(stage, place) for place in stage.story.places])


async def _bought(stage: Stage, place: Place) -> None:
    code = place.community.code
    await stage.do(
        f"purchase/{code}",
        "funding",
        f"/projects/{stage.project(place)}/purchase",
        place.bureau,
        stage.story.day("publish"),
        {"scope": stage.story.raw["purchase"]},
    )
    if code == stage.story.raw["declined"]["community"]:
        await _declined(stage, place, stage.story.raw["declined"]["organisation"])
    await contract(stage, place, place.organisation, "")
    stage.tell(place, f"购买服务已发布，演示社工机构{place.organisation}已选定并签订协议")


async def contract(stage: Stage, place: Place, letter: str, again: str) -> None:
    """From the review of an organisation's plan to the agreement; `again` is "re_" for a replacement's days."""
    await _select(stage, place, letter, again)
    code, path = place.community.code, f"/projects/{stage.project(place)}/agreement"
    await stage.do(f"sign/{code}/{letter}", "funding", path, stage.story.city, stage.story.day(f"{again}sign"))


async def _select(stage: Stage, place: Place, letter: str, again: str) -> None:
    code, path, story = place.community.code, f"/projects/{stage.project(place)}", stage.story
    organisation = {"organisation_id": stage.cast.organisations[letter]}
    review = {**organisation, "passed": True, "preferences": ["project_experience"]}
    await stage.do(
        f"review/{code}/{letter}", "funding", f"{path}/plan-reviews", place.bureau, story.day(f"{again}review"), review
    )
    await stage.do(
        f"select/{code}/{letter}",
        "funding",
        f"{path}/organisation",
        story.city,
        story.day(f"{again}select"),
        organisation,
    )


async def _declined(stage: Stage, place: Place, letter: str) -> None:
    """Selected, and unwilling before there was an agreement: the payer ends its assignment, and looks for another."""
    await _select(stage, place, letter, "declined_")
    story, project, code = stage.story, stage.project(place), place.community.code
    body = {"cause": "declined", "reason": "organisation-declines"}
    path = f"/projects/{project}/assignment-end"
    await stage.do(f"decline/{code}/{letter}", "funding", path, story.city, story.day("decline"), body)
    stage.tell(place, f"演示社工机构{letter}选定后放弃承接，市民政局结束其承接任期，另行选定")
