"""The table of steps is what commands go by: what it says may be done is accepted, what not is refused so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.values import Fen, OrganisationId, Role, TenantId, UnitCode
from funding.domain import budget as b
from funding.domain.budget import allotment, expenses, settlement
from funding.domain.organisation import Organisation
from funding.domain.organisation import evolve as organisation_after
from funding.domain.project import acceptance, amend, application, delivery, end, milestone, place, procurement, review
from funding.domain.project import events as e
from funding.domain.project.authority import NotOwnDistrict
from funding.domain.project.needs import AcceptanceReportMissing, EarlierPhaseOpen, ThirdPartyResultsMissing
from funding.domain.project.situation import Act, Actor, Situation, StepDone
from funding.domain.project.stage import stage_of
from funding.domain.project.state import Project, evolve
from funding.domain.project.steps import STEPS, next_actions
from funding.domain.quota import QuotaUse
from funding.domain.scheme import Scheme
from funding.domain.terms import Level, Stage
from funding.domain.unit import Unit
from funding.domain.window import IN_TIME
from funding.policy import POLICY
from kit.errors import Refused
from kit.testing import Given, Spec

from . import histories as h
from .test_state import REACHED

project = Spec(Project(), evolve)
GOOD = organisation_after(Organisation(), h.organisation_noted)
NEXT = OrganisationId(UUID(int=77))
HEIR = UnitCode("620102001099")
NODES = e.MilestonesPlanned(h.PROJECT, (e.Milestone(Stage.CONTRACTED, "签订购买协议", h.PREP_DUE),))
SUPERVISOR = e.ThirdPartyNamed(h.PROJECT, e.Task.SUPERVISION, h.EVALUATOR)
BILL = expenses.Bill(UUID(int=9), "service", "casework", Fen(100))
SPENT = expenses.record_expense(
    Spec(b.BudgetAccount(), b.evolve).state(*h.PAID), project.state(*h.RUNNING), h.SCHEME, bill=BILL, actor=h.OURS,
    occurred_on=h.STARTED,
)  # fmt: skip
FAILED = e.DistrictAcceptanceFailed(h.PROJECT, ("x",), h.AFTER, IN_TIME, failed_on=h.WINDOW)
MOVE: dict[str, Any] = {"from_line": "service", "to_line": "management", "amount_fen": Fen(1), "reference": h.PAPER}

Decide = Callable[[Situation, Actor, str], Any]


def under(s: Situation) -> Scheme:
    """The scheme whose terms the situation is under."""
    return replace(h.SCHEME, versions=(s.terms,) * (s.project.version or 1))


def _with(decide: Callable[..., Any], *others: Any, **payload: Any) -> Decide:
    """A command of the project, with a payload that nothing is wrong with."""
    return lambda s, actor, _: decide(
        s.project, *(under(s) if one is h.SCHEME else one for one in others), **payload, actor=actor, occurred_on=s.day
    )


def _for(decide: Callable[..., Any], name: str, kind: Callable[[str], Any] = str, **payload: Any) -> Decide:
    return lambda s, actor, of: decide(
        s.project, under(s), **{name: kind(of)}, **payload, actor=actor, occurred_on=s.day
    )


def _money(decide: Callable[..., Any], **payload: Any) -> Decide:
    return lambda s, actor, _: decide(s.account, s.project, under(s), **payload, actor=actor, occurred_on=s.day)


def _apply(s: Situation, actor: Actor, _: str) -> Any:
    return application.submit(
        s.project, under(s), s.account, h.HERE, project_id=h.PROJECT, district=h.DISTRICT, street=h.STREET,
        street_name="演示街道", community=h.COMMUNITY, community_name="演示社区", area_m2=Decimal(320),
        attestations=h.ATTESTED, actor=actor, occurred_on=s.day,
    )  # fmt: skip


def _part(s: Situation, actor: Actor, _: str) -> Any:
    """What is left of a line."""
    open_fen = s.account.lines["service"].open if s.account.lines else 1
    amounts = (b.LineAmount("service", Fen(open_fen or 1)),)
    return allotment.appropriate(s.account, s.project, under(s), amounts=amounts, actor=actor, occurred_on=s.day)


ORG, ID = {"organisation_id": h.ORGANISATION}, {"id": h.PAPER}
COMMANDS: dict[Act, Decide] = {
    Act.SUBMIT: _apply,
    Act.SIGN_OFF: _with(application.sign_off, h.SCHEME),
    Act.RECOMMEND: _with(application.recommend, h.SCHEME),
    Act.APPROVE: _with(application.approve, QuotaUse(), h.SCHEME),
    Act.REJECT: _with(application.reject, h.SCHEME, reason="quota_used"),
    Act.PUBLISH_PURCHASE: _with(procurement.publish_purchase, h.SCHEME, scope=h.SCOPE),
    Act.REVIEW_PLAN: _with(procurement.review_plan, h.SCHEME, GOOD, passed=True, preferences=(), **ORG),
    Act.SELECT: _with(procurement.select_organisation, h.SCHEME, GOOD, **ORG),
    Act.SIGN: lambda s, actor, _: procurement.sign_agreement(
        s.project, under(s), s.account, actor=actor, occurred_on=s.day
    ),
    Act.DECLARE_STAFFING: _with(delivery.declare_staffing, h.SCHEME, declaration_id=h.PAPER, worker_ids=h.WORKERS),
    Act.ALLOT: _money(allotment.allot),
    Act.APPROPRIATE: _part,
    Act.ADJUST: _money(allotment.adjust, **MOVE),
    Act.RETURN_FUNDS: _money(settlement.take_back, amounts=(b.LineAmount("service", Fen(1)),)),
    Act.WRITE_OFF: _money(
        settlement.write_off, amounts=(b.LineAmount("service", Fen(1)),), reason="dissolved", document=h.PAPER
    ),
    Act.SPEND: _money(expenses.record_expense, bill=replace(BILL, expense_id=UUID(int=10))),
    Act.REVERSE: _money(
        expenses.reverse_expense,
        reversal_id=UUID(int=8),
        expense_id=BILL.expense_id,
        amount_fen=Fen(1),
        reason=b.ReversalReason.REFUND,
    ),
    Act.START: lambda s, actor, _: delivery.start(s.project, under(s), s.account, actor=actor, occurred_on=s.day),
    Act.NAME_THIRD_PARTY: _for(review.name_third_party, "task", e.Task, third_party="third-party-3"),
    Act.SUPERVISE: _with(review.report_supervision, h.SCHEME, report=h.PAPER, satisfactory=True),
    Act.SUBMIT_REPORT: _for(review.submit_report, "phase", report=h.PAPER),
    Act.CONFIRM_REPORT: _for(review.confirm_report, "phase", remark="同意。"),
    Act.REVIEW_REPORT: _for(review.review_report, "phase", passed=True, remark=""),
    Act.EVALUATE: _for(review.complete_evaluation, "phase", scores=h.SCORES),
    Act.AUDIT: _for(review.complete_audit, "phase", opinion=e.Opinion.CLEAN, questioned_fen=Fen(0)),
    Act.SELF_ASSESS: _for(acceptance.file_self_assessment, "level", Level, summary=h.PAPER),
    Act.ACCEPT: _with(acceptance.complete_acceptance, h.SCHEME),
    Act.FAIL_ACCEPTANCE: _with(acceptance.fail_acceptance, h.SCHEME, reasons=("x",), rectify_by=date(2023, 12, 1)),
    Act.RECTIFY: _with(acceptance.report_rectification, h.SCHEME, report=h.PAPER),
    Act.FILE_ACCEPTANCE: _with(acceptance.file_acceptance_report, h.SCHEME, report=h.PAPER),
    Act.WITHDRAW_ACCEPTANCE: _with(acceptance.withdraw_acceptance, h.SCHEME, reason="accepted_by_mistake"),
    Act.RATE: _with(acceptance.rate, h.SCHEME, rating="good"),
    Act.PUBLICISE: _with(acceptance.publicise, h.SCHEME, title="试点经验", medium="briefing"),
    Act.CLOSE: lambda s, actor, _: acceptance.close(
        s.project, GOOD, under(s), s.account, actor=actor, occurred_on=s.day
    ),
    Act.RETURN: _with(application.return_application, h.SCHEME, reason="incomplete"),
    Act.WITHDRAW: _with(application.withdraw, h.SCHEME, reason="not_wanted"),
    Act.FAIL_PURCHASE: _with(procurement.fail_purchase, h.SCHEME, failure=e.PurchaseFailure.TOO_FEW_BIDS),
    Act.END_ASSIGNMENT: lambda s, actor, _: procurement.end_assignment(
        s.project,
        GOOD,
        s.account,
        under(s),
        cause=e.EndCause.CONSENT,
        reason="by_consent",
        actor=actor,
        occurred_on=s.day,
    ),
    Act.SUSPEND: _with(end.suspend, h.SCHEME, reason="flood"),
    Act.RESUME: _with(end.resume, h.SCHEME),
    Act.TERMINATE: lambda s, actor, _: end.terminate(
        s.project,
        QuotaUse(),
        under(s),
        s.account,
        reason="abandoned",
        document=h.PAPER,
        give_back_place=False,
        actor=actor,
        occurred_on=s.day,
    ),
    Act.MOVE: lambda s, actor, _: amend.move(
        s.project,
        replace(h.SCHEME, versions=(*under(s).versions, replace(s.terms, title="修订"))),
        version=(s.project.version or 1) + 1,
        document=h.PAPER,
        reason="better_plan",
        actor=actor,
        occurred_on=s.day,
    ),
    Act.EXTEND: lambda s, actor, _: amend.extend(
        s.project,
        under(s),
        ends=e.Ends(*(day + timedelta(days=30) for day in vars(h.ENDS).values())),
        document=h.PAPER,
        reason="flood",
        actor=actor,
        occurred_on=s.day,
    ),
    Act.PROPOSE_REOPENING: _with(end.propose_reopening, h.SCHEME, reason="wrong_books", document=h.PAPER),
    Act.REOPEN: _with(end.reopen, QuotaUse(), h.SCHEME),
    Act.REPORT_IMPERSONATION: lambda s, actor, _: procurement.report_impersonation(
        s.project, s.account, under(s), GOOD, worker_id=h.WORKERS[0], actor=actor, occurred_on=s.day
    ),
    Act.PLAN_MILESTONES: _with(milestone.plan, h.SCHEME),
    Act.ISSUE_NOTICE: _for(milestone.issue_notice, "milestone", Stage),
    Act.ASSIGN_PLACE: _with(
        place.assign,
        h.SCHEME,
        Unit(h.unit(HEIR, h.STREET)),
        Unit(h.unit(h.STREET, "620102")),
        {},
        unit=HEIR,
        document=h.PAPER,
        reason="split",
    ),
}
ACTORS = {
    "the city": h.CITY,
    "another of the city": h.SECOND,
    "the district": h.BUREAU,
    "another district": h.who(Role.DISTRICT_BUREAU, tenant=TenantId("620103")),
    "the contractor": h.OURS,
    "another organisation": h.THEIRS,
    "the community": h.COMMITTEE,
    "the leader": h.LEADER,
    "an officer": h.OFFICER,
    "the evaluator": h.EVALUATES,
    "the auditor": h.AUDITS,
}
PAYLOADS = {
    "earlier-than-the-fact", "not-your-line", "project-closed", "unknown-expense", "unknown-line",
    "balance-exceeded", "line-not-adjustable", "worker-not-of-this-project", "appropriation-over-cap",
    "locked-workers-leave", "assignment-over",
    "organisation-is-third-party", "service-plan-not-passed", "training-booked-centrally", "voucher-booked",
}  # fmt: skip
"""What a command may still be refused for by its own payload, where the step as such may be taken."""
CLOSED = (*h.RATED, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY))
PROPOSED = e.ReopeningProposed(h.PROJECT, "wrong_books", h.PAPER, h.CITY.id)
REOPENED = e.ProjectReopened(h.PROJECT, "wrong_books", h.PAPER, place_taken=False)
HISTORIES = {
    **{stage.value: history for stage, history in REACHED.items()},
    "report waits": (*h.RUNNING, SUPERVISOR, *h.report("midterm")[:1]),
    "report confirmed": (*h.RUNNING, NODES, *h.report("midterm")[:2]),
    "failed": (*h.RUNNING, *h.ASSESSED, FAILED),
    "disqualified": (*h.RUNNING, e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM)),
    "returned": (*h.RECOMMENDED, e.ApplicationReturned(h.PROJECT, "incomplete")),
    "withdrawn": (*h.RECOMMENDED, e.ApplicationWithdrawn(h.PROJECT, "not_wanted")),
    "purchase failed": (*h.PROCURING, e.PurchaseFailed(h.PROJECT, e.PurchaseFailure.VOID)),
    "suspended": (*h.RUNNING, e.ProjectSuspended(h.PROJECT, "flood")),
    "resumed": (*h.RUNNING, e.ProjectSuspended(h.PROJECT, "flood"), e.ProjectResumed(h.PROJECT)),
    "terminated": (*h.APPROVED, e.ProjectTerminated(h.PROJECT, "abandoned", h.PAPER, place_given_back=True)),
    "moved": (*h.RUNNING, *h.report("midterm")[:2], h.moved),
    "extended": (*h.RUNNING, NODES, h.extended),
    "place divided": (*h.RUNNING, e.ProjectPlaceDivided(h.PROJECT, (HEIR,), ended=True, divided_on=h.STARTED)),
    "closed": CLOSED,
    "reopening proposed": (*CLOSED, PROPOSED),
    "reopened": (*CLOSED, PROPOSED, REOPENED),
    "rejected": (*h.RECOMMENDED, e.ProjectRejected(h.PROJECT, "quota_used")),
}


def test_every_act_has_a_step_a_command_and_a_rule_of_the_policy() -> None:
    assert [step.act for step in STEPS] == list(Act)
    assert set(COMMANDS) == set(Act)
    assert {act.value for act in Act} <= set(POLICY)
    assert {step.act.value: step.name for step in STEPS} == {act.value: POLICY[act.value].name for act in Act}


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("history", HISTORIES)
def test_what_actions_allow_the_command_accepts_and_what_they_deny_it_refuses_so(history: str, actor: str) -> None:
    state = project.state(*HISTORIES[history])
    if state.project_id is None:
        return
    account = Spec(b.BudgetAccount(), b.evolve).state(*h.PAID, *SPENT) if state.former or (
        state.assignment and state.assignment.funded
    ) else b.BudgetAccount()  # fmt: skip
    s, who = Situation(state, h.TERMS, h.AFTER, account), ACTORS[actor]
    told = next_actions(s, who, {act.value for act in Act})
    assert told
    for one in told:
        try:
            COMMANDS[one.act](s, who, one.of)
            refused = None
        except Refused as error:
            refused = error
        if one.refusal is not None:
            assert refused is not None, f"{one.act} {one.of}: denied with {one.refusal}, and done"
            assert refused.code == one.refusal.code, f"{one.act} {one.of}"
        elif refused is not None:
            assert refused.code in PAYLOADS, f"{one.act} {one.of}: allowed, and refused with {refused.code}"


REPLACED = (
    *h.RUNNING,
    *h.evaluated("midterm"),
    *h.ASSESSED,
    h.accepted,
    h.report_filed,
    e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM),
    replace(h.plan_reviewed, organisation_id=NEXT),
)


def succeeded(selected_on: date) -> tuple[e.ProjectEvent, ...]:
    """The project of another contractor, which runs again."""
    again: Any = (h.agreement_signed, h.declared, h.verified, h.funded, h.started)
    chosen = e.OrganisationSelected(h.PROJECT, NEXT, h.ORGANISATION, listed_elsewhere=False, selected_on=selected_on)
    theirs: Any = (replace(one, organisation_id=NEXT) if hasattr(one, "organisation_id") else one for one in again)
    return (*REPLACED, chosen, *theirs)


def test_a_successor_inherits_no_verdict() -> None:
    after = project.state(*succeeded(h.MIDTERM))
    assert stage_of(after) is Stage.RUNNING
    rating = {"rating": "good", "actor": h.CITY, "occurred_on": h.AFTER}
    project.given(*succeeded(h.MIDTERM)).when(acceptance.rate, h.SCHEME, **rating).then_refused(AcceptanceReportMissing)
    filing = {"report": h.PAPER, "actor": h.BUREAU, "occurred_on": h.WINDOW}
    ask = project.given(*succeeded(h.MIDTERM)).when(acceptance.file_acceptance_report, h.SCHEME, **filing)
    assert ask.refused is not None


@pytest.mark.parametrize(("days", "owed"), [(0, ["midterm", "final"]), (1, ["final"])])
def test_a_successor_owes_the_phases_that_end_after_it_began_and_the_last(days: int, owed: list[str]) -> None:
    ends = h.TERMS.due(next(rule for rule in h.TERMS.milestones if rule.code is Stage.MIDTERM_EVALUATED))
    state = project.state(*succeeded(ends + timedelta(days=days)))
    s = Situation(state, h.TERMS, h.AFTER)
    assert [one.of for one in next_actions(s, act_for(state), {Act.SUBMIT_REPORT})] == owed
    report = {"phase": "final", "report": h.PAPER, "actor": act_for(state), "occurred_on": h.AFTER}
    asked = Given(state).when(review.submit_report, h.SCHEME, **report)
    assert asked.refused is None if owed == ["final"] else isinstance(asked.refused, EarlierPhaseOpen)


def act_for(state: Project) -> Actor:
    """Whoever manages the organisation that carries the project out."""
    return h.of(str(state.organisation))


def test_an_adverse_opinion_keeps_a_phase_open_until_it_is_audited_again() -> None:
    adverse = replace(h.audit("final"), opinion=e.Opinion.ADVERSE)
    until = (*h.RUNNING, *h.evaluated("midterm"), *h.report("final"), h.evaluation("final"))
    audit = {"phase": "final", "questioned_fen": Fen(0), "actor": h.AUDITS, "occurred_on": h.AFTER}
    bad = project.given(*until).when(review.complete_audit, h.SCHEME, opinion=e.Opinion.ADVERSE, **audit)
    bad.then(adverse)
    held = (*until, adverse, *h.ASSESSED, h.accepted, h.report_filed)
    rating = {"rating": "good", "actor": h.CITY, "occurred_on": h.AFTER}
    project.given(*held).when(acceptance.rate, h.SCHEME, **rating).then_refused(ThirdPartyResultsMissing)
    again = project.given(*held).when(review.complete_audit, h.SCHEME, opinion=e.Opinion.QUALIFIED, **audit)
    closed = e.PhaseEvaluated(h.PROJECT, "final", last=True)
    again.then(replace(adverse, opinion=e.Opinion.QUALIFIED), closed)
    cured = (*held, *again.events)
    assert project.given(*cured).when(acceptance.rate, h.SCHEME, **rating).refused is None
    twice = project.given(*cured).when(review.complete_audit, h.SCHEME, opinion=e.Opinion.CLEAN, **audit)
    twice.then_refused(StepDone)


def test_R_LZ_26_an_acceptance_is_withdrawn_until_the_rating_and_its_report_falls_with_it() -> None:
    withdrawn = e.AcceptanceWithdrawn(h.PROJECT, "accepted_by_mistake", h.AFTER)
    ask = {"reason": "accepted_by_mistake", "actor": h.BUREAU, "occurred_on": h.AFTER}
    project.given(*h.ACCEPTED).when(acceptance.withdraw_acceptance, h.SCHEME, **ask).then(withdrawn)
    after = project.state(*h.ACCEPTED, withdrawn)
    assert (after.assigned.accepted, after.assigned.report_filed) == (False, False)
    fail = {"reasons": ("x",), "rectify_by": h.AFTER, "actor": h.BUREAU, "occurred_on": h.AFTER}
    assert project.given(*h.ACCEPTED, withdrawn).when(acceptance.fail_acceptance, h.SCHEME, **fail).refused is None
    project.given(*h.RATED).when(acceptance.withdraw_acceptance, h.SCHEME, **ask).then_refused(StepDone)
    other = {**ask, "actor": ACTORS["another district"]}
    project.given(*h.ACCEPTED).when(acceptance.withdraw_acceptance, h.SCHEME, **other).then_refused(NotOwnDistrict)


def test_R_LZ_29_a_node_is_reached_by_its_own_fact_alone() -> None:
    """Self-assessed, and no phase closed: the evaluations are not reached, though a later stage is."""
    nodes = tuple(e.Milestone(code, code.value, h.ENDED) for code in (Stage.MIDTERM_EVALUATED, Stage.SELF_ASSESSED))
    history = (*h.RUNNING, *h.ASSESSED, e.MilestonesPlanned(h.PROJECT, nodes))
    for node, status in ((Stage.MIDTERM_EVALUATED, e.NodeStatus.PENDING), (Stage.SELF_ASSESSED, e.NodeStatus.REACHED)):
        ask = {"milestone": node, "actor": h.BUREAU, "occurred_on": h.WINDOW}
        project.given(*history).when(milestone.issue_notice, h.SCHEME, **ask).then(
            e.NodeNoticeIssued(h.PROJECT, node, status)
        )
