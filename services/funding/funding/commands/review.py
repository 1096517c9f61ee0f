"""Steps 11 to 13."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from contracts.fields import Code, Money, Percent, Remark, ThirdParty
from contracts.values import DocumentId, Fen, PilotId
from funding.commands.streams import matter, payer
from funding.domain.pilot import review
from funding.domain.pilot.events import CriterionScore, Opinion, Task
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


async def name_third_party(store: Store, caller: Caller, pilot_id: PilotId, cmd: NameThirdParty) -> Answer:
    about = await matter(store, caller, "name-third-party", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme: (
            review.name_third_party(
                pilot,
                scheme,
                task=cmd.task,
                third_party=cmd.third_party,
                by=payer(caller),
                occurred_on=cmd.occurred_on,
            ),
            (),
        ),
        about.pilot,
        about.scheme,
    )


async def report_supervision(store: Store, caller: Caller, pilot_id: PilotId, cmd: ReportSupervision) -> Answer:
    about = await matter(store, caller, "report-supervision", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, _: (
            review.report_supervision(
                pilot,
                acts_for=caller.acts_for,
                report=cmd.report,
                satisfactory=cmd.satisfactory,
                occurred_on=cmd.occurred_on,
            ),
            (),
        ),
        about.pilot,
        about.scheme,
    )


async def submit_report(store: Store, caller: Caller, pilot_id: PilotId, phase: str, cmd: SubmitReport) -> Answer:
    about = await matter(store, caller, "submit-report", pilot_id, cmd.occurred_on)
    facts: dict[str, Any] = {"phase": phase, "acts_for": caller.acts_for, "occurred_on": cmd.occurred_on}
    return await about.change(
        store,
        lambda pilot, scheme: (review.submit_report(pilot, scheme, report=cmd.report, **facts), ()),
        about.pilot,
        about.scheme,
    )


async def confirm_report(store: Store, caller: Caller, pilot_id: PilotId, phase: str, cmd: ConfirmReport) -> Answer:
    about = await matter(store, caller, "confirm-report", pilot_id, cmd.occurred_on)
    facts: dict[str, Any] = {"phase": phase, "acts_for": caller.acts_for, "occurred_on": cmd.occurred_on}
    return await about.change(
        store,
        lambda pilot, scheme: (review.confirm_report(pilot, scheme, remark=cmd.remark, **facts), ()),
        about.pilot,
        about.scheme,
    )


async def review_report(store: Store, caller: Caller, pilot_id: PilotId, phase: str, cmd: ReviewReport) -> Answer:
    about = await matter(store, caller, "review-report", pilot_id, cmd.occurred_on)
    verdict: dict[str, Any] = {
        "passed": cmd.passed,
        "remark": cmd.remark,
        "phase": phase,
        "occurred_on": cmd.occurred_on,
    }
    return await about.change(
        store,
        lambda pilot, scheme: (review.review_report(pilot, scheme, **verdict), ()),
        about.pilot,
        about.scheme,
    )


async def complete_evaluation(
    store: Store, caller: Caller, pilot_id: PilotId, phase: str, cmd: CompleteEvaluation
) -> Answer:
    about = await matter(store, caller, "complete-evaluation", pilot_id, cmd.occurred_on)
    scores = tuple(CriterionScore(s.criterion, s.score) for s in cmd.scores)
    facts: dict[str, Any] = {"phase": phase, "acts_for": caller.acts_for, "occurred_on": cmd.occurred_on}
    return await about.change(
        store,
        lambda pilot, scheme: (review.complete_evaluation(pilot, scheme, scores=scores, **facts), ()),
        about.pilot,
        about.scheme,
    )


async def complete_audit(store: Store, caller: Caller, pilot_id: PilotId, phase: str, cmd: CompleteAudit) -> Answer:
    about = await matter(store, caller, "complete-audit", pilot_id, cmd.occurred_on)
    facts: dict[str, Any] = {"phase": phase, "acts_for": caller.acts_for, "occurred_on": cmd.occurred_on}
    found: dict[str, Any] = {"opinion": cmd.opinion, "questioned_fen": cmd.questioned_fen}
    return await about.change(
        store,
        lambda pilot, scheme: (review.complete_audit(pilot, scheme, **found, **facts), ()),
        about.pilot,
        about.scheme,
    )
