"""What projects wait for, over their rows: the steps of `funding.domain.project.steps` that somebody is to take next.

A step that may be taken at any time (to adjust, to end, to suspend) is waited for by nobody and is not here.
"""

from __future__ import annotations

from contracts.values import Role
from funding.domain.project.authority import LEVELS
from funding.domain.project.events import Opinion, Task
from funding.domain.terms import Anchor, Level, Stage
from kit.service import Wait

OF_PROJECT = "(r.tenant_id, r.project_id) = (t.tenant_id, t.project_id)"
OVER = ", ".join(f"'{stage}'" for stage in (Stage.REJECTED, Stage.WITHDRAWN, Stage.TERMINATED, Stage.CLOSED))
OPEN = f"t.stage not in ({OVER})"
"""Of a project: it is not over, one way or another."""
GOES_ON = f"{OPEN} and t.suspended_on is null"


TO_SETTLE = (
    "exists (select from budget_line l cross join lateral jsonb_each_text(l.balances) one"
    " where (l.tenant_id, l.project_id) = (p.tenant_id, p.project_id) and one.value::bigint > 0"
    f" and (p.stage in ({OVER}) or p.organisation_id is null or one.key not in ('0', p.assignment::text)))"
)
"""Of a project `p`: it is over, or an assignment of its ended, and there is money left that nobody carries on with."""

HAS_MONEY = (
    f"exists (select from budget_line r where {OF_PROJECT} and r.appropriated_fen > r.spent_fen + r.written_off_fen)"
)


def own(what: str, project: str = "t") -> str:
    """Something of the version of a plan that a project is under."""
    row = f"({project}.scheme_id, {project}.scheme_version)"
    return f"(select {what} from scheme_version v where (v.scheme_id, v.number) = {row})"


PLAN = (
    "(select v.scheme_id, v.number, v.terms->>'funding_source' as plan_source,"
    " (v.terms #>> '{staffing,headcount}')::integer as plan_headcount,"
    " array(select jsonb_array_elements_text(v.terms->'self_assessments')) as plan_levels,"
    " array(select one->>'code' from jsonb_array_elements(v.terms->'phases') one) as plan_phases,"
    " (select jsonb_object_agg(one->>'code', one) from jsonb_array_elements(v.terms->'milestones') one) as plan_nodes, "
    + ", ".join(f"(v.terms #>> '{{calendar,{day}}}')::date as plan_{day}" for day in Anchor)
    + " from scheme_version v offset 0)"
)
"""What is asked of each version of a plan, read out of it once and not for each project (`offset 0` keeps it apart)."""
PLANNED = ", ".join(
    f"v.plan_{one}" for one in ("source", "headcount", "levels", "phases", "nodes", *(str(day) for day in Anchor))
)
WITH_PLAN = f" left join {PLAN} v on (v.scheme_id, v.number) = (p.scheme_id, p.scheme_version)"
"""Of a project `p`: that of the version that it is under."""
EXTENDED = {"impl_to": "extended_to", "accept_from": "extended_accept_from", "accept_to": "extended_accept_to"}
"""What an extension lays over a day of the calendar."""


def day_of(day: str) -> str:
    """A day of the project's own calendar."""
    return f"coalesce(t.{EXTENDED[day]}, t.plan_{day})" if day in EXTENDED else f"t.plan_{day}"


DAYS = " ".join(f"when '{day}' then {day_of(day)}" for day in Anchor)


def node(code: Stage) -> str:
    """The day of a node: the district's own, or back from the plan's calendar; null where the plan has no such node."""
    planned = f"(select min(r.due) from project_milestone r where {OF_PROJECT} and r.code = '{code}')"
    rule = f"t.plan_nodes->'{code}'"
    return f"coalesce({planned}, case {rule}->>'anchor' {DAYS} end - ({rule}->>'days_before')::integer)"


PAYS = f"({{role}} = '{Role.CITY_BUREAU}') = (t.plan_source = 'city')"
ACCOUNT = f"select from budget_account r where {OF_PROJECT}"
FROZEN = f"exists ({ACCOUNT} and r.frozen)"
MISSING = "t.workers < t.plan_headcount"
RUNNING = f"{GOES_ON} and t.started_on is not null and t.rated_on is null"


def _reached(stage: Stage) -> str:
    return f"exists (select from project_stage r where {OF_PROJECT} and r.stage = '{stage}')"


def _at(action: str, stage: Stage, to: Stage, mine: str = "true") -> Wait:
    """Of a project whose facts have come to `stage`, and no further: it is to come to `to`."""
    return Wait(action, f"t.suspended_on is null and t.stage = '{stage}'", node(to), mine)


NOT_ASSESSED = "not t.plan_levels <@ t.self_assessed"
ASSESSES = " or ".join(
    f"({{role}} = '{role}' and '{level}' = any (t.plan_levels) and not '{level}' = any (t.self_assessed))"
    for role, level in LEVELS.items()
)
"""The caller's own level is asked for, and has not assessed yet."""
UNNAMED = " or ".join(f"t.third_parties->>'{task}' is null" for task in Task)
OWES_ALL = (
    f"coalesce({node(Stage.MIDTERM_EVALUATED)}, {day_of('impl_to')})"
    f" >= (select r.reached_on from project_stage r where {OF_PROJECT} and r.stage = '{Stage.ORGANISATION_SELECTED}')"
)
"""Of a successor: it was selected before the earlier phases end (C-19)."""


def _phases(so: str) -> str:
    """Whether of the phases that the assignment owes one is `so`: there, closed, behind an open one."""
    return (
        f"(select coalesce(bool_or({so}), false) from ("
        "select r.project_id is not null as there, r.closed_on is not null as closed,"
        " coalesce(bool_or(r.closed_on is null) over ("
        "order by n.place rows between unbounded preceding and 1 preceding), false) as behind"
        " from unnest(t.plan_phases) with ordinality n(phase, place)"
        f" left join project_phase r on {OF_PROJECT} and r.assignment = t.assignment and r.phase = n.phase"
        f" where t.assignment = 1 or n.place = cardinality(t.plan_phases) or {OWES_ALL}"
        ") p)"
    )


PROJECT_WAITS = (
    Wait("submit-application", f"t.stage = '{Stage.RETURNED}'"),
    _at("sign-off-application", Stage.APPLIED, Stage.RECOMMENDED, f"{{role}} = '{Role.STREET_PRINCIPAL_LEADER}'"),
    _at("recommend-project", Stage.STREET_ENDORSED, Stage.RECOMMENDED),
    _at("approve-project", Stage.RECOMMENDED, Stage.APPROVED, PAYS),
    _at("publish-purchase", Stage.APPROVED, Stage.PROCURING),
    _at("review-service-plan", Stage.PROCURING, Stage.ORGANISATION_SELECTED),
    _at("select-organisation", Stage.PROCURING, Stage.ORGANISATION_SELECTED, PAYS),
    _at("sign-agreement", Stage.ORGANISATION_SELECTED, Stage.CONTRACTED, PAYS),
    Wait(
        "declare-staffing",
        f"{GOES_ON} and t.rated_on is null and t.agreement_signed_on is not null"
        f" and (t.staffing in ('none', 'rejected') or (t.staffing = 'verified' and {MISSING}))",
        node(Stage.STAFFED),
    ),
    Wait(
        "allot-budget",
        f"{GOES_ON} and t.staffing = 'verified' and not exists ({ACCOUNT} and r.scheme_version = t.scheme_version)",
        node(Stage.FUNDED),
        PAYS,
    ),
    Wait(
        "appropriate-funds",
        f"t.suspended_on is null and t.stage = '{Stage.STAFFED}' and exists ({ACCOUNT} and not r.frozen)",
        node(Stage.FUNDED),
        PAYS,
    ),
    Wait("return-funds", f"({TO_SETTLE.replace('p.', 't.')} or (t.rated_on is not null and {HAS_MONEY}))", mine=PAYS),
    Wait(
        "start-implementation",
        f"t.suspended_on is null and t.stage = '{Stage.FUNDED}' and not {FROZEN} and not {MISSING}",
        node(Stage.RUNNING),
    ),
    Wait(
        "plan-milestones",
        f"{OPEN} and t.approved_on is not null and t.rated_on is null"
        f" and not exists (select from project_milestone r where {OF_PROJECT})",
    ),
    Wait("name-third-party", f"{RUNNING} and ({UNNAMED})", node(Stage.MIDTERM_EVALUATED), PAYS),
    Wait("submit-report", f"{RUNNING} and {_phases('not there and not behind')}", node(Stage.MIDTERM_EVALUATED)),
    Wait(
        "file-self-assessment",
        f"{RUNNING} and {{today}} >= {day_of('accept_from')} and {NOT_ASSESSED}",
        node(Stage.SELF_ASSESSED),
        ASSESSES,
    ),
    Wait(
        "complete-acceptance",
        f"{RUNNING} and {_reached(Stage.SELF_ASSESSED)} and t.accepted_on is null and not t.rectifying",
        node(Stage.DISTRICT_ACCEPTED),
    ),
    Wait("report-rectification", f"{RUNNING} and t.rectifying", node(Stage.DISTRICT_ACCEPTED)),
    Wait(
        "file-acceptance-report",
        f"{RUNNING} and t.accepted_on is not null and t.acceptance_report_on is null and not t.rectifying",
        node(Stage.DISTRICT_ACCEPTED),
    ),
    Wait(
        "rate-project",
        f"{RUNNING} and t.acceptance_report_on is not null and not t.rectifying and not t.impersonation"
        f" and not {_phases('not closed')} and {{today}} > {day_of('impl_to')}",
        day_of("accept_to"),
        PAYS,
    ),
    Wait("close-project", f"{GOES_ON} and t.rated_on is not null and not {HAS_MONEY}", mine=PAYS),
    Wait("resume-project", "t.suspended_on is not null", mine=PAYS),
    Wait(
        "reopen-project",
        "t.reopening_proposed_on is not null",
        mine=f"{PAYS} and t.reopening_proposed_by is distinct from {{actor}}",
    ),
)


def _phase(action: str, so: str, mine: str = "true") -> Wait:
    last = "t.plan_phases[cardinality(t.plan_phases)]"
    by = f"case when t.phase = {last} then {node(Stage.FINAL_EVALUATED)} else {node(Stage.MIDTERM_EVALUATED)} end"
    return Wait(action, f"t.goes_on and {so}", by, mine)


REPORT_WAITS = (
    _phase("submit-report", "t.returned"),
    _phase("confirm-report", f"coalesce(t.next_step = '{Level.COMMUNITY}', false)"),
    _phase("review-report", f"coalesce(t.next_step = '{Level.DISTRICT}', false)"),
    _phase(
        "complete-evaluation",
        "not t.returned and t.next_step is null and t.evaluated_on is null",
        f"t.third_parties->>'{Task.EVALUATION}' = {{unit}}",
    ),
    _phase(
        "complete-audit",
        "not t.returned and t.next_step is null and t.closed_on is null"
        f" and (t.audited_on is null or t.opinion = '{Opinion.ADVERSE}')",
        f"t.third_parties->>'{Task.AUDIT}' = {{unit}}",
    ),
)
"""Over the rows of reports, with what of their project is asked: `goes_on`, `third_parties`, `next_step`."""
MILESTONE_WAITS = (
    Wait(
        "issue-node-notice",
        f"t.noticed_on is null and t.reached <> '{Stage.TERMINATED}'"
        " and (t.reached_on is not null or {today} > t.due)",
        "t.due",
    ),
)
