"""Steps 11 to 13: supervision, the midterm and final reports with their chain, evaluation and audit."""

from __future__ import annotations

from contracts.values import Role
from liandong.demo.acts.money import carrying
from liandong.demo.acts.staffing import manager
from liandong.demo.stage import Stage, together
from liandong.demo.story import Place, paper
from liandong.running import SignIn

SUPERVISED = {"midterm": "supervise_first", "final": "supervise_second"}
SCORES = {"midterm": 82, "final": 90}


async def play(stage: Stage, phase: str) -> None:
    await together([_phase(stage, place, phase) for place in stage.story.places])
    name = next(one["name"] for one in stage.story.terms["phases"] if one["code"] == phase)
    stage.tell(None, f"{name}：督导、报告、社区确认、区级审核、第三方评估和审计已完成")


async def _phase(stage: Stage, place: Place, phase: str) -> None:
    story, code, path = stage.story, place.community.code, f"/projects/{stage.project(place)}"
    on = story.day(phase)
    supervisor = _third_party(stage, place, Role.THIRD_PARTY_EVALUATOR, "supervision")
    seen = {"report": paper(f"supervision/{code}/{phase}"), "satisfactory": True}
    await stage.do(
        f"supervise/{code}/{phase}", "funding", f"{path}/supervisions", supervisor, story.day(SUPERVISED[phase]), seen
    )
    report = f"{path}/reports/{phase}"
    organisation = manager(stage, place, carrying(stage, place))
    written = {"report": paper(f"report/{code}/{phase}")}
    await stage.do(f"report/{code}/{phase}", "funding", report, organisation, on, written)
    remark = {"remark": "服务内容属实，居民反映良好（演示意见）"}
    await stage.do(f"confirm/{code}/{phase}", "funding", f"{report}/confirm", place.committee, on, remark)
    passed = {"passed": True, "remark": "同意（演示意见）"}
    await stage.do(f"review-report/{code}/{phase}", "funding", f"{report}/review", place.bureau, on, passed)
    await _results(stage, place, phase)


async def _results(stage: Stage, place: Place, phase: str) -> None:
    """By the third parties that the city named: a score for each ability and linkage, and an audit opinion."""
    story, code, path = stage.story, place.community.code, f"/projects/{stage.project(place)}"
    on = story.day(f"{phase}_results")
    criteria = [*story.terms["abilities"], *story.terms["linkages"]]
    scores = {"scores": [{"criterion": one["code"], "score": SCORES[phase] + n} for n, one in enumerate(criteria)]}
    evaluator = _third_party(stage, place, Role.THIRD_PARTY_EVALUATOR, "evaluation")
    await stage.do(f"evaluate/{code}/{phase}", "funding", f"{path}/evaluations/{phase}", evaluator, on, scores)
    auditor = _third_party(stage, place, Role.THIRD_PARTY_AUDITOR, "audit")
    opinion = {"opinion": "clean"}
    await stage.do(f"audit/{code}/{phase}", "funding", f"{path}/audits/{phase}", auditor, on, opinion)


def _third_party(stage: Stage, place: Place, role: Role, task: str) -> SignIn:
    return SignIn(role, place.district.code, stage.story.raw["third_parties"][task])
