"""Other roads than the plan's straight one, each lived once: they end where the plan's ten projects stand as before."""

from __future__ import annotations

from liandong.demo.acts.application import apply, recommend
from liandong.demo.stage import Stage
from liandong.demo.story import paper


async def withdraw(stage: Stage) -> None:
    """A community applies and takes its application back; the plan's own community of the district is approved."""
    story, place = stage.story, stage.story.withdrawn
    await apply(stage, place)
    path = f"/projects/{stage.project(place)}/withdrawal"
    reason = {"reason": "premises-not-ready"}
    await stage.do(f"withdraw/{place.community.code}", "funding", path, place.committee, story.day("withdraw"), reason)
    stage.tell(place, "街道签字后撤回申请，改由本区另一社区进入试点")


async def terminate(stage: Stage) -> None:
    """Approved, given more time, and ended before anybody was selected or paid: its place is the next community's."""
    story, place = stage.story, stage.story.terminated
    await recommend(stage, place)
    code, path = place.community.code, f"/projects/{stage.project(place)}"
    await stage.do(f"approve/{code}", "funding", f"{path}/approve", story.city, story.day("early_approve"))
    longer = {"reason": "premises-late", "document": paper(f"extension/{code}"), **story.raw["extension"]}
    await stage.do(f"extend/{code}", "funding", f"{path}/extension", story.city, story.day("extend"), longer)
    ended = {"reason": "premises-lost", "document": paper(f"termination/{code}")}
    await stage.do(f"terminate/{code}", "funding", f"{path}/termination", story.city, story.day("terminate"), ended)
    stage.tell(place, "已确定并延长期限，场地落空后终止，未下达预算，名额退还，由方案所列社区承接")


async def suspend(stage: Stage) -> None:
    """One of the ten stands still for some days, and goes on."""
    story = stage.story
    place = next(one for one in story.places if one.community.code == story.raw["suspended"])
    code, path = place.community.code, f"/projects/{stage.project(place)}"
    reason = {"reason": "premises-under-repair"}
    await stage.do(f"suspend/{code}", "funding", f"{path}/suspension", story.city, story.day("suspend"), reason)
    await stage.do(f"resume/{code}", "funding", f"{path}/resumption", story.city, story.day("resume"))
    stage.tell(place, "因场地维修暂停，已恢复实施")


async def merge(stage: Stage) -> None:
    """A community that is no project's goes into its neighbour."""
    story, raw = stage.story, stage.story.raw["merged"]
    unit, into = story.units[raw["unit"]], story.units[raw["into"]]
    district = story.units[unit.parent].parent
    body = {
        "units": [unit.code],
        "into": into.code,
        "document": paper(f"merge/{unit.code}"),
        "reason": "社区规模调整（演示）",
    }
    path = f"/tenants/{district}/unit-mergers"
    await stage.do(f"merge/{unit.code}", "registry", path, story.city, story.day("merge"), body)
    stage.tell(None, f"区划：{unit.name}并入{into.name}，与试点无涉")
