"""Steps 11 to 13."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Code, Money, Percent, Remark, ThirdParty
from contracts.values import DocumentId, Fen, ProjectId
from funding.commands.streams import PROJECTS, actor_of, scheme_of
from funding.domain.project import review
from funding.domain.project.events import CriterionScore, Opinion, Task
from kit.auth import Caller
from kit.service import Command, Part
from kit.store import Answer, Store


class NameThirdParty(Command):
    task: Task
    third_party: ThirdParty


class ReportSupervision(Command):
    report: DocumentId
    satisfactory: bool


class SubmitReport(Command):
    report: DocumentId


class ConfirmReport(Command):
    remark: Remark


class ReviewReport(Command):
    passed: bool
    remark: Remark = ""


class Score(Part):
    criterion: Code
    score: Percent


class CompleteEvaluation(Command):
    scores: Annotated[tuple[Score, ...], Field(max_length=100)]


class CompleteAudit(Command):
    opinion: Opinion
    questioned_fen: Money = Fen(0)


async def name_third_party(store: Store, caller: Caller, project_id: ProjectId, cmd: NameThirdParty) -> Answer:
    return await store.change(
        caller.may("name-third-party", cmd.occurred_on),
        lambda project, scheme: review.name_third_party(
            project,
            scheme,
            task=cmd.task,
            third_party=cmd.third_party,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def report_supervision(store: Store, caller: Caller, project_id: ProjectId, cmd: ReportSupervision) -> Answer:
    return await store.change(
        caller.may("report-supervision", cmd.occurred_on),
        lambda project, scheme: review.report_supervision(
            project,
            scheme,
            actor=actor_of(caller),
            report=cmd.report,
            satisfactory=cmd.satisfactory,
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def submit_report(store: Store, caller: Caller, project_id: ProjectId, phase: str, cmd: SubmitReport) -> Answer:
    return await store.change(
        caller.may("submit-report", cmd.occurred_on),
        lambda project, scheme: review.submit_report(
            project, scheme, phase=phase, report=cmd.report, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def confirm_report(store: Store, caller: Caller, project_id: ProjectId, phase: str, cmd: ConfirmReport) -> Answer:
    return await store.change(
        caller.may("confirm-report", cmd.occurred_on),
        lambda project, scheme: review.confirm_report(
            project, scheme, phase=phase, remark=cmd.remark, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def review_report(store: Store, caller: Caller, project_id: ProjectId, phase: str, cmd: ReviewReport) -> Answer:
    return await store.change(
        caller.may("review-report", cmd.occurred_on),
        lambda project, scheme: review.review_report(
            project,
            scheme,
            phase=phase,
            passed=cmd.passed,
            remark=cmd.remark,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def complete_evaluation(
    store: Store, caller: Caller, project_id: ProjectId, phase: str, cmd: CompleteEvaluation
) -> Answer:
    scores = tuple(CriterionScore(s.criterion, s.score) for s in cmd.scores)
    return await store.change(
        caller.may("complete-evaluation", cmd.occurred_on),
        lambda project, scheme: review.complete_evaluation(
            project, scheme, phase=phase, scores=scores, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def complete_audit(store: Store, caller: Caller, project_id: ProjectId, phase: str, cmd: CompleteAudit) -> Answer:
    return await store.change(
        caller.may("complete-audit", cmd.occurred_on),
        lambda project, scheme: review.complete_audit(
            project,
            scheme,
            phase=phase,
            opinion=cmd.opinion,
            questioned_fen=cmd.questioned_fen,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )
