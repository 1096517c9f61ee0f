"""Steps 16 and 17: the city's overall rating, publicity, and the end of the project in every service."""

from __future__ import annotations

from liandong.demo.stage import Stage, together
from liandong.demo.story import Place


async def play(stage: Stage) -> None:
    await together([_rated(stage, place) for place in stage.story.places])
    await together([_heard(stage, place) for place in stage.story.places])


async def _rated(stage: Stage, place: Place) -> None:
    story, code, path = stage.story, place.community.code, f"/projects/{stage.project(place)}"
    rating = story.raw["ratings"].get(code, story.raw["rating"])
    body = {"rating": rating}
    await stage.do(f"rate/{code}", "funding", f"{path}/rating", story.city, story.day("rate"), body)
    known = {one["code"]: one["name"] for one in story.terms["ratings"]}
    stage.tell(place, f"市级综合评价：{known[rating]}")
    publicity = {"title": f"{place.community.name}试点经验（演示）", "medium": "briefing"}
    await stage.do(f"publicise/{code}", "funding", f"{path}/publicity", story.city, story.day("publicise"), publicity)
    await stage.do(f"close/{code}", "funding", f"{path}/close", story.city, story.day("close"))


async def _heard(stage: Stage, place: Place) -> None:
    """The registry released the workers, casework and volunteering take nothing new on there."""
    project = stage.project(place)
    await stage.happened(
        "registry", f"staffing/{project}", "registry.posting-ended", place.bureau, cause="project_closed"
    )
    await stage.happened("casework", f"place/{project}", "casework.place-closure-noted", place.bureau)
    await stage.happened("volunteer", f"project/{project}", "volunteer.project-closure-noted", place.bureau)
