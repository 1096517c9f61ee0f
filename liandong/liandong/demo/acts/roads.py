"""Other roads than the plan's straight one, each lived once: they end where the plan's ten projects stand as before."""

from __future__ import annotations

from liandong.demo.acts.application import apply
from liandong.demo.stage import Stage


async def withdraw(stage: Stage) -> None:
    """A community applies and takes its application back; the plan's own community of the district is approved."""
    story, place = stage.story, stage.story.withdrawn
    await apply(stage, place)
    path = f"/projects/{stage.project(place)}/withdrawal"
    reason = {"reason": "premises-not-ready"}
    await stage.do(f"withdraw/{place.community.code}", "funding", path, place.committee, story.day("withdraw"), reason)
    stage.tell(place, "街道签字后撤回申请，改由本区另一社区进入试点")


async def suspend(stage: Stage) -> None:
    """One of the ten stands still for some days, and goes on."""
    story = stage.story
    place = next(one for one in story.places if one.community.code == story.raw["suspended"])
    code, path = place.community.code, f"/projects/{stage.project(place)}"
    reason = {"reason": "premises-under-repair"}
    await stage.do(f"suspend/{code}", "funding", f"{path}/suspension", story.city, story.day("suspend"), reason)
    await stage.do(f"resume/{code}", "funding", f"{path}/resumption", story.city, story.day("resume"))
    stage.tell(place, "因场地维修暂停，已恢复实施")
