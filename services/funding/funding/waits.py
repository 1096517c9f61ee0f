"""What projects wait for, over their rows: the steps of `funding.domain.project.steps` that somebody is to take next.

A step that may be taken at any time (to adjust, to end, to suspend) is waited for by nobody and is not here.
"""

from __future__ import annotations

from contracts.values import Role
from funding.domain.project.authority import LEVELS
from funding.domain.project.events import Opinion, Task
from funding.domain.terms import Level, Stage
from kit.service import Wait

IN_FORCE = (
    "select {what} from scheme_version v where v.scheme_id = {scheme} and v.effective_from <= {today}"
    " order by v.number desc limit 1"
)
"""Something of the version of a plan that is in force on the day."""
OF_PROJECT = "(r.tenant_id, r.project_id) = (t.tenant_id, t.project_id)"
OVER = ", ".join(f"'{stage}'" for stage in (Stage.REJECTED, Stage.WITHDRAWN, Stage.TERMINATED, Stage.CLOSED))
OPEN = f"t.stage not in ({OVER})"
"""Of a project: it is not over, one way or another."""
GOES_ON = f"{OPEN} and t.suspended_on is null"


def in_force(what: str, scheme: str = "t.scheme_id") -> str:
    return f"({IN_FORCE.replace('{what}', what).replace('{scheme}', scheme)})"


def calendar(day: str) -> str:
    return in_force(f"(v.terms #>> '{{calendar,{day}}}')::date")


def node(code: Stage) -> str:
    """The day of a node: the district's own, or back from the plan's calendar; null where the plan has no such node."""
    own = f"(select min(r.due) from project_milestone r where {OF_PROJECT} and r.code = '{code}')"
    plans = in_force(
        "(select (v.terms #>> array['calendar', m->>'anchor'])::date - (m->>'days_before')::integer"
        f" from jsonb_array_elements(v.terms->'milestones') m where m->>'code' = '{code}')"
    )
    return f"coalesce({own}, {plans})"


SOURCE, HEADCOUNT = in_force("v.terms->>'funding_source'"), in_force("(v.terms #>> '{staffing,headcount}')::integer")
PAYS = f"({{role}} = '{Role.CITY_BUREAU}') = ({SOURCE} = 'city')"
ACCOUNT = f"select from budget_account r where {OF_PROJECT}"
FROZEN = f"exists ({ACCOUNT} and r.frozen)"
MISSING = f"t.workers < {HEADCOUNT}"
RUNNING = f"{GOES_ON} and t.started_on is not null and t.rated_on is null"


def _reached(stage: Stage) -> str:
    return f"exists (select from project_stage r where {OF_PROJECT} and r.stage = '{stage}')"


def _at(action: str, stage: Stage, to: Stage, mine: str = "true") -> Wait:
    """Of a project whose facts have come to `stage`, and no further: it is to come to `to`."""
    return Wait(action, f"t.suspended_on is null and t.stage = '{stage}'", node(to), mine)


ASKED = in_force("v.terms->'self_assessments'")
NOT_ASSESSED = (
    f"exists (select from jsonb_array_elements_text({ASKED}) l(level) where not l.level = any (t.self_assessed))"
)
ASSESSES = " or ".join(
    f"({{role}} = '{role}' and {ASKED} ? '{level}' and not '{level}' = any (t.self_assessed))"
    for role, level in LEVELS.items()
)
"""The caller's own level is asked for, and has not assessed yet."""
UNNAMED = " or ".join(f"t.third_parties->>'{task}' is null" for task in Task)
OWES_ALL = (
    f"coalesce({node(Stage.MIDTERM_EVALUATED)}, {calendar('impl_to')})"
    f" >= (select r.reached_on from project_stage r where {OF_PROJECT} and r.stage = '{Stage.ORGANISATION_SELECTED}')"
)
"""Of a successor: it was selected before the earlier phases end (C-19)."""
FIRST_UNSUBMITTED = in_force(
    "(select bool_or(not p.there and not p.behind) from ("
    "select r.project_id is not null as there, coalesce(bool_or(r.closed_on is null) over ("
    "order by n.place rows between unbounded preceding and 1 preceding), false) as behind"
    " from jsonb_array_elements(v.terms->'phases') with ordinality n(phase, place)"
    f" left join project_phase r on {OF_PROJECT} and r.assignment = t.assignment and r.phase = n.phase->>'code'"
    f" where t.assignment = 1 or n.place = jsonb_array_length(v.terms->'phases') or {OWES_ALL}"
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
        f"{GOES_ON} and t.staffing = 'verified' and not exists ({ACCOUNT})",
        node(Stage.FUNDED),
        PAYS,
    ),
    Wait(
        "appropriate-funds",
        f"t.suspended_on is null and t.stage = '{Stage.STAFFED}' and exists ({ACCOUNT} and not r.frozen)",
        node(Stage.FUNDED),
        PAYS,
    ),
    Wait(
        "release-funds",
        f"{GOES_ON} and {FROZEN} and t.staffing = 'verified' and not t.impersonation",
        mine=PAYS,
    ),
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
    Wait("submit-report", f"{RUNNING} and {FIRST_UNSUBMITTED}", node(Stage.MIDTERM_EVALUATED)),
    Wait(
        "file-self-assessment",
        f"{RUNNING} and {{today}} >= {calendar('accept_from')} and {NOT_ASSESSED}",
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
        f" and {_reached(Stage.FINAL_EVALUATED)} and {{today}} > {calendar('impl_to')}",
        calendar("accept_to"),
        PAYS,
    ),
    Wait("close-project", f"{GOES_ON} and t.rated_on is not null", mine=PAYS),
    Wait("resume-project", "t.suspended_on is not null", mine=PAYS),
)


def _phase(action: str, so: str, mine: str = "true") -> Wait:
    last = in_force("v.terms #>> '{phases,-1,code}'")
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
