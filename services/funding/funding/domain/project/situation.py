"""The steps of a project: what may be done, by whom, once what is there, and by when.

One table says it for the commands, which begin with `require`, and for people, whom `next_actions` tells what they may
do or why not.  A step asks for facts, never for a place in an order: what runs side by side in the plan does so here.
What depends on the command's own payload (an area, a price, a purpose) stays in its decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from contracts.values import Role, TenantId
from funding.domain.budget.account import BudgetAccount
from funding.domain.project.stage import STAGE_NAMES, stage_of
from funding.domain.project.state import Project
from funding.domain.project.version import terms_of
from funding.domain.scheme import Scheme
from funding.domain.terms import Payer, Stage, Terms
from funding.domain.window import IN_TIME, DaysOff, Window
from kit.errors import ActsFor, Refused


class Act(StrEnum):
    """What is done to a project; the code is the action's, by which the policy says who may."""

    SUBMIT = "submit-application"
    SIGN_OFF = "sign-off-application"
    RECOMMEND = "recommend-project"
    APPROVE = "approve-project"
    REJECT = "reject-project"
    RETURN = "return-application"
    WITHDRAW = "withdraw-application"
    PUBLISH_PURCHASE = "publish-purchase"
    REVIEW_PLAN = "review-service-plan"
    FAIL_PURCHASE = "fail-purchase"
    SELECT = "select-organisation"
    SIGN = "sign-agreement"
    DECLARE_STAFFING = "declare-staffing"
    ALLOT = "allot-budget"
    APPROPRIATE = "appropriate-funds"
    ADJUST = "adjust-budget"
    RETURN_FUNDS = "return-funds"
    WRITE_OFF = "write-off-funds"
    SPEND = "record-expense"
    REVERSE = "reverse-expense"
    START = "start-implementation"
    NAME_THIRD_PARTY = "name-third-party"
    SUPERVISE = "report-supervision"
    SUBMIT_REPORT = "submit-report"
    CONFIRM_REPORT = "confirm-report"
    REVIEW_REPORT = "review-report"
    EVALUATE = "complete-evaluation"
    AUDIT = "complete-audit"
    SELF_ASSESS = "file-self-assessment"
    ACCEPT = "complete-acceptance"
    FAIL_ACCEPTANCE = "fail-acceptance"
    RECTIFY = "report-rectification"
    FILE_ACCEPTANCE = "file-acceptance-report"
    WITHDRAW_ACCEPTANCE = "withdraw-acceptance"
    RATE = "rate-project"
    PUBLICISE = "publicise-experience"
    CLOSE = "close-project"
    END_ASSIGNMENT = "end-assignment"
    SUSPEND = "suspend-project"
    RESUME = "resume-project"
    TERMINATE = "terminate-project"
    MOVE = "move-project"
    EXTEND = "extend-project"
    PROPOSE_REOPENING = "propose-reopening"
    REOPEN = "reopen-project"
    REPORT_IMPERSONATION = "report-impersonation"
    PLAN_MILESTONES = "plan-milestones"
    ISSUE_NOTICE = "issue-node-notice"
    ASSIGN_PLACE = "assign-place"


@dataclass(frozen=True)
class Actor:
    """Who acts, as far as rules ask: a role of a tenant, and perhaps a unit within it."""

    role: Role
    tenant: TenantId
    acts_for: ActsFor
    id: str = ""
    """The issuer's opaque subject: that two decisions are two persons'."""

    @property
    def pays(self) -> Payer | None:
        """On whose behalf the actor moves money; None for who moves none."""
        return PAYERS.get(self.role)

    @property
    def on_whose_behalf(self) -> Payer:
        """Of a step that only those take who move money."""
        return PAYERS[self.role]


PAYERS = {
    Role.CITY_BUREAU: Payer.CITY,
    Role.DISTRICT_BUREAU: Payer.DISTRICT,
    Role.ORGANISATION_MANAGER: Payer.ORGANISATION,
}


@dataclass(frozen=True)
class Situation:
    """All that the steps of one project ask about, on a day."""

    project: Project
    terms: Terms
    day: date
    account: BudgetAccount = field(default_factory=BudgetAccount)

    @classmethod
    def on(cls, day: date, project: Project, scheme: Scheme, account: BudgetAccount | None = None) -> Situation:
        """Under the project's own terms; of a first application, those of the day, or NoSchemeInForce."""
        terms = scheme.in_force(day)[1] if project.version is None else terms_of(project, scheme)
        return cls(project, terms, day, account or BudgetAccount())


Need = Callable[[Situation, str], None]
"""Raises a Refused where the situation does not have what a step needs; the str is what of the step is meant (`of`)."""
By = Callable[[Situation, Actor, str], None]
"""Raises a Refused for an actor whose step it is not."""


def _once(_: Situation) -> Sequence[str]:
    return ("",)


def _no_node(_: Situation, __: str) -> Stage | None:
    return None


def _no_window(_: Terms) -> Window | None:
    return None


def _never(_: Situation, __: str) -> bool:
    return False


@dataclass(frozen=True)
class Step:
    act: Act
    name: str
    by: By
    needs: tuple[Need, ...] = ()
    done: Callable[[Situation, str], bool] = _never
    """Its fact is there."""
    silent: bool = False
    """To do it again is to say nothing new; of other steps it is refused."""
    of: Callable[[Situation], Sequence[str]] = _once
    """What it is done for, each apart: phases, levels, nodes, tasks."""
    node: Callable[[Situation, str], Stage | None] = _no_node
    """The node of the plan by whose day it is due."""
    window: Callable[[Terms], Window | None] = _no_window
    """The days that the plan's calendar sets it.  Another day is told, and refused nowhere."""
    after_end: bool = False
    """It may be done when the project is over, too."""
    in_pause: bool = False
    """It may be done while the project is suspended, too."""
    in_books: bool = False
    """It may be done when the project was over and is open again for its books, too.  After the end, as well."""


@dataclass(frozen=True)
class Action:
    """`refusal` is why it may not be done now; None where it may.

    `opens` and `due`: the first and the last of its days, if the plan sets it any.
    """

    act: Act
    name: str
    of: str
    refusal: Refused | None
    opens: date | None
    due: date | None


class StepMissing(Refused):
    code = "step-missing"
    name = "前序环节未完成"
    text = "须先完成“{missing}”，才能办理该事项。请先办理“{missing}”，或核对试点。"


class StepDone(Refused):
    code = "step-already-done"
    name = "环节已办理"
    text = "“{done}”已经办理，不能再办理该事项。请核对试点。"


class ProjectOver(Refused):
    code = "project-over"
    name = "试点已终结"
    text = "该试点{stage}，不能再办理该事项。请核对试点。"


class OpenForBooks(Refused):
    code = "open-for-books"
    name = "重新打开后不再实施"
    text = "该试点终结后重新打开，只办理经费结清、更正和推广，不再实施。请办理完毕后重新结项或终止。"


class ProjectPaused(Refused):
    code = "project-suspended"
    name = "试点已暂停"
    text = "该试点已暂停，恢复之前不能办理该事项。请由出资的民政局先恢复试点。"


def why_not(step: Step, s: Situation, actor: Actor, of: str = "") -> Refused | None:
    """Why the actor may not take the step now; None if nothing stands against it."""
    try:
        if step.act is not Act.SUBMIT:
            _ = s.project.id  # refuses what nobody applied for
        step.by(s, actor, of)
        if s.project.over and not step.after_end:
            raise ProjectOver(stage=STAGE_NAMES[stage_of(s.project)])
        if s.project.suspended and not step.in_pause:
            raise ProjectPaused
        if s.project.reopened and not (step.in_books or step.after_end):
            raise OpenForBooks
        if step.done(s, of) and not step.silent:
            raise StepDone(done=step.name)
        if not step.done(s, of):
            for need in step.needs:
                need(s, of)
    except Refused as refused:
        refused.clause = s.terms.clause(refused.rule)
        return refused
    return None


def due(step: Step, s: Situation, of: str = "") -> date | None:
    """By when the step is to be done: the day of its node in the project's plan, or in the scheme's; else its window's.

    What may be done again and again is due on no day.
    """
    node, window = step.node(s, of), step.window(s.terms)
    own = next((one.due for one in s.project.milestones if one.code is node), None)
    planned = own or next((s.terms.due(rule) for rule in s.terms.milestones if rule.code is node), None)
    return planned or (window.last if window and step.done is not _never else None)


def opens(step: Step, s: Situation) -> date | None:
    """From when the plan has the step done."""
    window = step.window(s.terms)
    return window.first if window else None


def days_off(step: Step, s: Situation) -> DaysOff:
    """How far the day lies from those that the plan sets the step; 0 where it sets it none."""
    window = step.window(s.terms)
    return window.off(s.day) if window else IN_TIME
