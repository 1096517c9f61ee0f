"""Steps 14 and 15: three self-assessments, the district's acceptance, once only after rectification, and its report."""

from __future__ import annotations

from liandong.demo.acts.money import carrying
from liandong.demo.acts.staffing import manager
from liandong.demo.stage import Stage, together
from liandong.demo.story import Place, paper


async def play(stage: Stage) -> None:
    await together([_accepted(stage, place) for place in stage.story.places])


async def _accepted(stage: Stage, place: Place) -> None:
    story, code, path = stage.story, place.community.code, f"/projects/{stage.project(place)}"
    for level, who in (("community", place.committee), ("street", place.officer), ("district", place.bureau)):
        summary = {"summary": paper(f"summary/{code}/{level}")}
        step = f"self-assess/{code}/{level}"
        await stage.do(step, "funding", f"{path}/self-assessments", who, story.day("self_assess"), summary)
    if code == story.raw["rectifies"]:
        await _rectified(stage, place)
    await stage.do(f"accept/{code}", "funding", f"{path}/acceptance", place.bureau, story.day("accept"))
    report = {"report": paper(f"acceptance/{code}")}
    step = f"acceptance-report/{code}"
    await stage.do(step, "funding", f"{path}/acceptance-report", place.bureau, story.day("accept_report"), report)
    stage.tell(place, "三级自评完成，区级验收通过并上报")


async def _rectified(stage: Stage, place: Place) -> None:
    story, code, path = stage.story, place.community.code, f"/projects/{stage.project(place)}"
    failed = {"reasons": ["records-incomplete"], "rectify_by": story.day("rectify")}
    await stage.do(
        f"fail/{code}", "funding", f"{path}/acceptance-failures", place.bureau, story.day("accept_fail"), failed
    )
    who = manager(stage, place, carrying(stage, place))
    report = {"report": paper(f"rectification/{code}")}
    await stage.do(f"rectify/{code}", "funding", f"{path}/rectification", who, story.day("rectify"), report)
    stage.tell(place, "首次验收未通过，已整改")
