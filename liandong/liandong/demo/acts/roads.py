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
