"""Steps 11 to 13: supervision, the chain of reports, evaluation and audit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.values import Fen, Role
from funding.domain.project import events as e
from funding.domain.project.authority import NotTheThirdParty, ThirdPartyNotNamed, WrongPayer
from funding.domain.project.needs import (
    EarlierPhaseOpen,
    OutOfTurn,
    ReportAlreadySubmitted,
    ReportNotReviewed,
    ReportNotSubmitted,
    UnknownPhase,
)
from funding.domain.project.review import (
    CarriesOutTheProject,
    RemarkMissing,
    ReturnedWithoutRemark,
    ScoresIncomplete,
    complete_audit,
    complete_evaluation,
    confirm_report,
    name_third_party,
    report_supervision,
    review_report,
    submit_report,
)
from funding.domain.project.situation import StepDone, StepMissing
from funding.domain.project.stage import stage_of
from funding.domain.project.state import Project, evolve
from funding.domain.terms import Stage
from kit.errors import NotYourUnit, TooEarly
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
AT = {"phase": "midterm", "occurred_on": h.MIDTERM}
SUBMIT = {**AT, "report": h.PAPER, "actor": h.OURS}
CONFIRM = {**AT, "remark": "服务到位，同意。", "actor": h.COMMITTEE}
REVIEW = {**AT, "actor": h.BUREAU, "passed": True, "remark": ""}
EVALUATE = {**AT, "scores": h.SCORES, "actor": h.EVALUATES}
AUDIT = {**AT, "opinion": e.Opinion.CLEAN, "questioned_fen": Fen(0), "actor": h.AUDITS}
SUBMITTED, CONFIRMED, PASSED = h.report("midterm")


def test_the_city_names_the_third_party() -> None:
    ask = {"task": e.Task.AUDIT, "third_party": h.AUDITOR, "actor": h.CITY, "occurred_on": h.MIDTERM}
    project.given(*h.FUNDED).when(name_third_party, h.SCHEME, **ask).then(h.auditor_named)
    project.given(*h.RUNNING).when(name_third_party, h.SCHEME, **ask).then_nothing()
    project.given(*h.FUNDED).when(name_third_party, h.SCHEME, **{**ask, "actor": h.BUREAU}).then_refused(WrongPayer)


@pytest.mark.parametrize("task", list(e.Task))
def test_R_LZ_16_who_carries_the_project_out_is_no_third_party_to_it(task: e.Task) -> None:
    ask = {"task": task, "actor": h.CITY, "occurred_on": h.MIDTERM}
    own = project.given(*h.SELECTED).when(name_third_party, h.SCHEME, third_party=h.UNIT, **ask)
    own.then_refused(CarriesOutTheProject, "R-LZ-16")
    assert h.said(own) == "该机构承接或承接过本试点，不能担任本试点的第三方机构。请另行确定第三方机构。"
    gone = e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM)
    former = project.given(*h.SELECTED, gone).when(name_third_party, h.SCHEME, third_party=h.UNIT, **ask)
    former.then_refused(CarriesOutTheProject, "R-LZ-16")
    other = str(h.OTHER_ORGANISATION)
    project.given(*h.SELECTED).when(name_third_party, h.SCHEME, third_party=other, **ask).then(
        e.ThirdPartyNamed(h.PROJECT, task, other)
    )


def test_R_LZ_16_only_the_named_third_party_reports() -> None:
    ask = {
        "actor": h.who(Role.THIRD_PARTY_EVALUATOR, "third-party-3"),
        "report": h.PAPER,
        "satisfactory": True,
        "occurred_on": h.STARTED,
    }
    project.given(*h.RUNNING).when(report_supervision, h.SCHEME, **ask).then_refused(ThirdPartyNotNamed, "R-LZ-16")
    named = e.ThirdPartyNamed(h.PROJECT, e.Task.SUPERVISION, h.EVALUATOR)
    project.given(*h.RUNNING, named).when(report_supervision, h.SCHEME, **ask).then_refused(NotTheThirdParty, "R-LZ-16")
    project.given(*h.RUNNING, named).when(report_supervision, h.SCHEME, **{**ask, "actor": h.EVALUATES}).then(
        e.ThirdPartySupervisionReported(h.PROJECT, h.EVALUATOR, h.PAPER, satisfactory=True)
    )
    before = {**ask, "actor": h.EVALUATES, "occurred_on": h.STARTED - timedelta(days=1)}
    project.given(*h.RUNNING, named).when(report_supervision, h.SCHEME, **before).then_refused(TooEarly)


def test_the_organisation_submits_a_phases_report_once() -> None:
    project.given(*h.RUNNING).when(submit_report, h.SCHEME, **SUBMIT).then(SUBMITTED)
    project.given(*h.RUNNING, SUBMITTED).when(submit_report, h.SCHEME, **SUBMIT).then_refused(ReportAlreadySubmitted)
    project.given(*h.RUNNING).when(submit_report, h.SCHEME, **{**SUBMIT, "actor": h.THEIRS}).then_refused(NotYourUnit)
    project.given(*h.RUNNING).when(submit_report, h.SCHEME, **{**SUBMIT, "phase": "weekly"}).then_refused(UnknownPhase)
    project.given(*h.FUNDED).when(submit_report, h.SCHEME, **SUBMIT).then_refused(StepMissing)


def test_the_final_report_waits_for_the_midterm_to_end() -> None:
    final = {**SUBMIT, "phase": "final"}
    project.given(*h.RUNNING).when(submit_report, h.SCHEME, **final).then_refused(EarlierPhaseOpen)
    project.given(*h.RUNNING, *h.evaluated("midterm")).when(submit_report, h.SCHEME, **final).then(h.report("final")[0])


def test_R_LZ_25_the_community_confirms_with_a_remark() -> None:
    project.given(*h.RUNNING, SUBMITTED).when(confirm_report, h.SCHEME, **CONFIRM).then(CONFIRMED)
    project.given(*h.RUNNING, SUBMITTED).when(confirm_report, h.SCHEME, **{**CONFIRM, "remark": " 　"}).then_refused(
        RemarkMissing, "R-LZ-25"
    )
    project.given(*h.RUNNING, SUBMITTED).when(confirm_report, h.SCHEME, **{**CONFIRM, "actor": h.THEIRS}).then_refused(
        NotYourUnit
    )
    project.given(*h.RUNNING).when(confirm_report, h.SCHEME, **CONFIRM).then_refused(ReportNotSubmitted, "R-LZ-25")


def test_R_LZ_25_the_district_reviews_after_the_community_confirmed() -> None:
    project.given(*h.RUNNING, SUBMITTED).when(review_report, h.SCHEME, **REVIEW).then_refused(OutOfTurn, "R-LZ-25")
    project.given(*h.RUNNING, SUBMITTED, CONFIRMED).when(review_report, h.SCHEME, **REVIEW).then(PASSED)
    project.given(*h.RUNNING, *h.report("midterm")).when(review_report, h.SCHEME, **REVIEW).then_refused(OutOfTurn)
    project.given(*h.RUNNING, SUBMITTED, CONFIRMED).when(confirm_report, h.SCHEME, **CONFIRM).then_refused(OutOfTurn)


def test_R_LZ_25_a_returned_report_comes_again_through_the_whole_chain() -> None:
    returned = e.ReportReviewedByDistrict(h.PROJECT, "midterm", passed=False, remark="请补充服务数据")
    history = (*h.RUNNING, SUBMITTED, CONFIRMED, returned)
    second = e.ReportSubmitted(h.PROJECT, "midterm", h.PAPER, revision=2)
    project.given(*history).when(submit_report, h.SCHEME, **SUBMIT).then(second)
    project.given(*history).when(complete_evaluation, h.SCHEME, **EVALUATE).then_refused(ReportNotReviewed)
    project.given(*history, second).when(review_report, h.SCHEME, **REVIEW).then_refused(OutOfTurn)


def test_R_LZ_25_a_report_is_returned_with_a_remark() -> None:
    history = (*h.RUNNING, SUBMITTED, CONFIRMED)
    silent = project.given(*history).when(review_report, h.SCHEME, **{**REVIEW, "passed": False, "remark": " 　"})
    silent.then_refused(ReturnedWithoutRemark, "R-LZ-25")
    assert h.said(silent) == "退回报告须注明意见。请写明需要补充或修改的内容后再退回。"
    returned = e.ReportReviewedByDistrict(h.PROJECT, "midterm", passed=False, remark="请补充服务数据")
    said = {**REVIEW, "passed": False, "remark": "请补充服务数据"}
    project.given(*history).when(review_report, h.SCHEME, **said).then(returned)
    project.given(*history).when(review_report, h.SCHEME, **REVIEW).then(PASSED)


@pytest.mark.parametrize("done", range(3))
def test_R_LZ_25_no_evaluation_or_audit_before_the_chain_is_through(done: int) -> None:
    history = (*h.RUNNING, *h.report("midterm")[:done])
    project.given(*history).when(complete_evaluation, h.SCHEME, **EVALUATE).then_refused(ReportNotReviewed, "R-LZ-25")
    project.given(*history).when(complete_audit, h.SCHEME, **AUDIT).then_refused(ReportNotReviewed, "R-LZ-25")


def test_a_phase_ends_with_both_evaluation_and_audit() -> None:
    reviewed = (*h.RUNNING, *h.report("midterm"))
    evaluation, audit = h.evaluation("midterm"), h.audit("midterm")
    ended = e.PhaseEvaluated(h.PROJECT, "midterm", last=False)
    project.given(*reviewed).when(complete_evaluation, h.SCHEME, **EVALUATE).then(evaluation)
    project.given(*reviewed, evaluation).when(complete_audit, h.SCHEME, **AUDIT).then(audit, ended)
    project.given(*reviewed, audit).when(complete_evaluation, h.SCHEME, **EVALUATE).then(evaluation, ended)
    project.given(*reviewed, evaluation).when(complete_evaluation, h.SCHEME, **EVALUATE).then_refused(StepDone)
    assert stage_of(project.state(*reviewed, evaluation, audit, ended)) is Stage.MIDTERM_EVALUATED


def test_R_LZ_36_every_ability_and_linkage_is_scored() -> None:
    assert len(h.TERMS.abilities) == 3
    assert len(h.TERMS.linkages) == 4
    short = {**EVALUATE, "scores": h.SCORES[:-1]}
    project.given(*h.RUNNING, *h.report("midterm")).when(complete_evaluation, h.SCHEME, **short).then_refused(
        ScoresIncomplete, "R-LZ-36"
    )


def test_R_LZ_12_breaches_stand_in_the_evaluation() -> None:
    breach = e.StaffingBreachNoted(h.PROJECT, h.WORKERS[0], remaining=2)
    project.given(*h.RUNNING, breach, *h.report("midterm")).when(complete_evaluation, h.SCHEME, **EVALUATE).then(
        replace(h.evaluation("midterm"), breaches=1)
    )


def test_R_LZ_25_who_is_out_of_turn_is_told_whose_turn_it_is() -> None:
    early = project.given(*h.RUNNING, SUBMITTED).when(review_report, h.SCHEME, **REVIEW)
    late = project.given(*h.RUNNING, SUBMITTED, CONFIRMED).when(confirm_report, h.SCHEME, **CONFIRM)
    over = project.given(*h.RUNNING, SUBMITTED, CONFIRMED, PASSED).when(review_report, h.SCHEME, **REVIEW)
    assert [h.said(one).rpartition("：")[2] for one in (early, late, over)] == [
        *("社区确认。", "区民政局审核。", "无（已审核通过）。")
    ]
