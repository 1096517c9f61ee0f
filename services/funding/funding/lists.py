"""The lists of funding: schemes, projects with their nodes, reports and workers, and their money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from contracts.values import OrganisationId, SchemeId, TenantId, UnitCode, WorkerId
from funding.domain.project.events import Opinion
from funding.domain.project.situation import Act
from funding.domain.terms import Level, Payer, SchemeKind, Stage
from funding.projections.budget import AccountRow, ExpenseRow, LineRow, ReversalRow
from funding.projections.project.rows import MilestoneRow, ProjectRow, WorkerRow
from funding.projections.quota import HELD
from funding.projections.review import PhaseRow
from funding.waits import (
    MILESTONE_WAITS,
    OF_PROJECT,
    OPEN,
    OVER,
    PLANNED,
    PROJECT_WAITS,
    REPORT_WAITS,
    TO_SETTLE,
    WITH_PLAN,
    day_of,
    own,
)
from kit.service import Flag, Listing, More
from kit.store import titled


@dataclass(frozen=True)
class SchemeItem:
    """The version of a scheme that was published last."""

    scheme_id: Annotated[SchemeId, titled("方案编号")]
    number: Annotated[int, titled("版次")]
    title: Annotated[str, titled("方案名称")]
    year: Annotated[int, titled("年份")]
    kind: Annotated[SchemeKind, titled("方案类别")]
    funding_source: Annotated[Payer, titled("出资级别")]
    first_published_on: Annotated[date, titled("首版发布日期")]
    published_on: Annotated[date, titled("发布日期")]
    effective_from: Annotated[date, titled("生效日期")]
    impl_from: Annotated[date, titled("试点实施起始日")]
    impl_to: Annotated[date, titled("试点实施截止日")]
    quota_districts: Annotated[tuple[TenantId, ...], titled("有名额的区县")]
    total_projects: Annotated[int, titled("试点名额")]
    taken_projects: Annotated[int, titled("已占用名额")]
    withdrawn_on: Annotated[date | None, titled("停止实施日期")]
    unit_budget_fen: Annotated[int, titled("单个试点经费（分）")]


SCHEMES = Listing(
    "Scheme",
    SchemeItem,
    action="read-schemes",
    category="scheme",
    source=f"""(
      select distinct on (v.tenant_id, v.scheme_id) v.tenant_id, v.scheme_id, v.number, v.title, v.year, v.kind,
        v.funding_source, v.published_on, v.effective_from, v.row_stream, v.row_version,
        min(v.published_on) over (partition by v.tenant_id, v.scheme_id) as first_published_on,
        (v.terms #>> '{{calendar,impl_from}}')::date as impl_from,
        (v.terms #>> '{{calendar,impl_to}}')::date as impl_to,
        array(select q->>'district' from jsonb_array_elements(v.terms->'quotas') q) as quota_districts,
        (v.terms->>'total_projects')::bigint as total_projects,
        (v.terms->>'unit_budget_fen')::bigint as unit_budget_fen,
        (select count(*) from quota_use q
            where (q.tenant_id, q.scheme_id) = (v.tenant_id, v.scheme_id) and {HELD}) as taken_projects,
        (select w.withdrawn_on from scheme_withdrawal w
            where (w.tenant_id, w.scheme_id) = (v.tenant_id, v.scheme_id)) as withdrawn_on
      from scheme_version v order by v.tenant_id, v.scheme_id, v.number desc
    )""",
    key=("scheme_id",),
    flags=(
        Flag("in_force", "已生效", "t.effective_from <= {today}"),
        Flag("implementing", "在实施期内", "{today} between t.impl_from and t.impl_to"),
        Flag("places_left", "尚有名额", "t.taken_projects < t.total_projects"),
        Flag("withdrawn", "已停止实施", "t.withdrawn_on is not null"),
    ),
    filters=("year", "kind", "funding_source", "quota_districts"),
    spans=("first_published_on", "effective_from"),
    sorts=("-first_published_on",),
)


def _passed(day: str, reached: Stage) -> str:
    """A project is going on, the day of its calendar is over, and the stage is not reached."""
    earlier = ", ".join(f"'{stage}'" for stage in Stage if stage.before(reached) and not stage.before(Stage.APPLIED))
    return f"t.stage in ({earlier}) and coalesce({{today}} > {day_of(day)}, false)"


def _off(how: str, *acts: Act) -> str:
    """One of these steps was taken so, counted from its window."""
    return "(" + " or ".join(f"coalesce((t.steps_off->>'{act}')::int {how}, false)" for act in acts) + ")"


OF_ACCEPTANCE = (Act.SELF_ASSESS, Act.ACCEPT, Act.FAIL_ACCEPTANCE, Act.FILE_ACCEPTANCE, Act.RATE)
"""The steps that the plan sets the days of its acceptance."""

REACHED = "project_stage s on (s.tenant_id, s.project_id, s.stage) = (r.tenant_id, r.project_id, r.code)"

PROJECTS = Listing(
    "Project",
    ProjectRow,
    action="read-projects",
    category="project",
    source=f"(select p.*, {PLANNED} from project_list p{WITH_PLAN})",
    more=(
        More(
            "worker_id",
            Annotated[tuple[WorkerId, ...], titled("社工编号", "在岗的专业社工")],
            f"array(select r.worker_id from project_worker r where {OF_PROJECT} and r.left_on is null)",
        ),
        More(
            "third_party",
            Annotated[tuple[str, ...], titled("第三方机构编号")],
            "array(select named.value from jsonb_each_text(t.third_parties) named)",
        ),
    ),
    without=("worker_id", "third_party", "reopening_proposed_by"),
    flags=(
        Flag("open", "未终结", OPEN),
        Flag(
            "place_shared",
            "同一社区有多个试点",
            f"{OPEN} and t.stage <> '{Stage.RETURNED}' and exists (select from project_list o"
            " where (o.tenant_id, o.scheme_id, o.community) = (t.tenant_id, t.scheme_id, t.community)"
            f" and o.project_id <> t.project_id and o.stage not in ({OVER}, '{Stage.RETURNED}'))",
        ),
        Flag("place_to_assign", "所在社区已拆分或撤销，待确定承接社区", f"{OPEN} and t.divided_on is not null"),
        Flag("suspended", "已暂停", "t.suspended_on is not null"),
        Flag("extended", "已延长期限", "t.extended_to is not null"),
        Flag("to_confirm_reopening", "重新打开待确认", "t.reopening_proposed_on is not null"),
        Flag(
            "agreement_overdue",
            "协议逾期",
            f"({_off('> 0', Act.SIGN)} or {_passed('prep_due', Stage.CONTRACTED)})",
        ),
        Flag("start_early", "提前启动", _off("< 0", Act.START)),
        Flag("start_late", "启动逾期", _off("> 0", Act.START)),
        Flag("acceptance_overdue", "验收逾期", _passed("accept_to", Stage.DISTRICT_ACCEPTED)),
        Flag("acceptance_early", "早于验收期办理", _off("< 0", *OF_ACCEPTANCE)),
        Flag("acceptance_late", "晚于验收期办理", _off("> 0", *OF_ACCEPTANCE)),
        Flag(
            "milestones_overdue",
            "有逾期节点",
            f"exists (select from project_milestone r left join {REACHED} where {OF_PROJECT}"
            f" and coalesce(s.reached_on, case when {OPEN} then {{today}} end) > r.due)",
        ),
        Flag("staffing_breach", "有社工违约流动", "t.breaches > 0"),
        Flag("impersonation_found", "发现冒名顶替", "t.impersonation"),
        Flag(
            "organisation_listed_elsewhere",
            "承接机构在外地列入黑名单",
            "exists (select from organisation_standing a"
            " where a.organisation_id = t.organisation_id and a.listed_by <> '{}')",
        ),
        Flag("funds_frozen", "经费冻结", f"exists (select from budget_account r where {OF_PROJECT} and r.frozen)"),
        Flag("to_settle", "经费待结清", TO_SETTLE.replace("p.", "t.")),
        Flag("rectification_open", "整改未报告", "t.rectifying"),
    ),
    waits=PROJECT_WAITS,
    filters=(
        "scheme_id",
        "scheme_version",
        "stage",
        "street",
        "community",
        "organisation_id",
        "staffing",
        "worker_id",
        "third_party",
        "rating",
    ),
    spans=("applied_on", "approved_on", "agreement_signed_on", "started_on", "accepted_on", "rated_on", "closed_on"),
    sorts=("-first_applied_on", "community"),
)


def _joined(rows: str, scheme: str = ", p.scheme_id", more: str = "", join: str = "") -> str:
    """Rows that belong to projects, each with where its project is and who carries it out."""
    return (
        f"(select r.*{scheme}, p.street, p.community, p.community_name, p.organisation_id{more}"
        f" from {rows} r join project_list p using (tenant_id, project_id){join})"
    )


PLACE = (
    More("street", Annotated[UnitCode, titled("街道（乡镇）代码")], "t.street"),
    More("community", Annotated[UnitCode, titled("社区（村）代码")], "t.community"),
    More("community_name", Annotated[str, titled("社区名称")], "t.community_name"),
    More("organisation_id", Annotated[OrganisationId | None, titled("机构编号", "现任承接机构")], "t.organisation_id"),
)
SCHEME = More("scheme_id", Annotated[SchemeId, titled("方案编号")], "t.scheme_id")
WHICH = ("project_id", "scheme_id", "street", "community", "organisation_id")
"""By what the rows of projects can be asked for."""

MILESTONES = Listing(
    "Milestone",
    MilestoneRow,
    action="read-projects",
    category="project",
    source=_joined("project_milestone", more=", s.reached_on, p.stage as reached", join=f" left join {REACHED}"),
    more=(
        More("reached_on", Annotated[date | None, titled("到达日期")], "t.reached_on"),
        More("project_stage", Annotated[Stage, titled("试点阶段")], "t.reached"),
        SCHEME,
        *PLACE,
    ),
    flags=(
        Flag("overdue", "逾期", f"coalesce(t.reached_on > t.due, t.reached not in ({OVER}) and {{today}} > t.due)"),
        Flag("open", "未到达", f"t.reached_on is null and t.reached not in ({OVER})"),
        Flag("not_noticed", "未通报", "t.noticed_on is null"),
    ),
    waits=MILESTONE_WAITS,
    filters=(*WHICH, "code", "notice"),
    spans=("due", "reached_on", "noticed_on"),
    sorts=("due",),
)
REPORTS = Listing(
    "Report",
    PhaseRow,
    action="read-projects",
    category="project",
    source=_joined(
        "project_phase",
        more=", case when not (r.returned or r.chain_passed) then "
        + own("v.terms #>> array['report_chain', r.steps::text, 'by']", "p")
        + " end as next_step, p.third_parties, p.started_on is not null and p.suspended_on is null"
        f" and p.stage not in ({OVER}) and r.assignment = p.assignment as goes_on,"
        f" p.scheme_version, p.extended_to, p.extended_accept_from, p.extended_accept_to, {PLANNED}",
        join=WITH_PLAN,
    ),
    more=(More("next_step", Annotated[Level | None, titled("待办理的层级")], "t.next_step"), SCHEME, *PLACE),
    flags=(
        Flag("to_confirm", "待社区确认", f"coalesce(t.next_step = '{Level.COMMUNITY}', false)"),
        Flag("to_review", "待区民政局审核", f"coalesce(t.next_step = '{Level.DISTRICT}', false)"),
        Flag("to_resubmit", "待机构重报", "t.returned"),
        Flag("to_evaluate", "待评估", "not t.returned and t.next_step is null and t.evaluated_on is null"),
        Flag(
            "to_audit",
            "待审计",
            "not t.returned and t.next_step is null and t.closed_on is null"
            f" and (t.audited_on is null or t.opinion = '{Opinion.ADVERSE}')",
        ),
    ),
    waits=REPORT_WAITS,
    filters=(*WHICH, "phase", "evaluator", "auditor", "opinion"),
    spans=("first_submitted_on", "submitted_on", "evaluated_on", "audited_on", "closed_on"),
    sorts=("-first_submitted_on",),
)
STAFF = Listing(
    "ProjectWorker",
    WorkerRow,
    action="read-projects",
    category="project",
    source=_joined("project_worker"),
    more=(SCHEME, *PLACE),
    flags=(Flag("there", "在岗", "t.left_on is null"),),
    filters=(*WHICH, "worker_id", "licensed", "intermediate", "sw_graduate", "locked", "moved"),
    spans=("left_on",),
)

SUMS = {
    "allotted_fen": "下达预算（分）",
    "appropriated_fen": "已拨付（分）",
    "open_fen": "未拨付（分）",
    "spent_fen": "已支出（分）",
    "written_off_fen": "已核销（分）",
    "balance_fen": "余额（分）",
}
"""Those of I8: allotted = appropriated + open, appropriated = spent + written off + balance."""
OF_MONEY = (
    Flag("not_paid_out", "尚有未拨付", "t.open_fen > 0"),
    Flag("not_spent", "尚有余额", "t.balance_fen > 0"),
)

BUDGETS = Listing(
    "Budget",
    AccountRow,
    action="read-budgets",
    category="budget",
    source=_joined(
        "budget_account",
        scheme="",
        more=", of_lines.*, of_lines.allotted_fen - of_lines.appropriated_fen as open_fen,"
        " of_lines.appropriated_fen - of_lines.spent_fen - of_lines.written_off_fen as balance_fen,"
        f" {TO_SETTLE} as owed",
        join=" cross join lateral (select sum(l.allotted_fen)::bigint as allotted_fen,"
        " sum(l.appropriated_fen)::bigint as appropriated_fen, sum(l.spent_fen)::bigint as spent_fen,"
        " sum(l.written_off_fen)::bigint as written_off_fen"
        " from budget_line l where (l.tenant_id, l.project_id) = (r.tenant_id, r.project_id)) of_lines",
    ),
    more=(*PLACE, *(More(name, Annotated[int, titled(title)], f"t.{name}") for name, title in SUMS.items())),
    flags=(*OF_MONEY, Flag("to_settle", "待结清", "t.owed")),
    filters=(*WHICH, "frozen"),
    spans=("allotted_on",),
    sorts=("-allotted_on",),
)
LINES = Listing(
    "BudgetLine",
    LineRow,
    action="read-budgets",
    category="budget",
    source=_joined(
        "budget_line",
        scheme="",
        more=", a.frozen, r.allotted_fen - r.appropriated_fen as open_fen,"
        " r.appropriated_fen - r.spent_fen - r.written_off_fen as balance_fen",
        join=" join budget_account a using (tenant_id, project_id)",
    ),
    key=("project_id", "position"),
    more=(
        More("open_fen", Annotated[int, titled(SUMS["open_fen"])], "t.open_fen"),
        More("balance_fen", Annotated[int, titled(SUMS["balance_fen"])], "t.balance_fen"),
        More("frozen", Annotated[bool, titled("是否冻结")], "t.frozen"),
        *PLACE,
    ),
    flags=OF_MONEY,
    filters=(*WHICH, "line", "booked_by", "frozen"),
)
EXPENSES = Listing(
    "Expense",
    ExpenseRow,
    action="read-budgets",
    category="budget",
    source=_joined(
        "budget_expense",
        more=", coalesce((select sum(b.amount_fen) from budget_reversal b"
        " where (b.tenant_id, b.project_id, b.expense_id)"
        " = (r.tenant_id, r.project_id, r.expense_id)), 0)::bigint as reversed_fen",
    ),
    key=("expense_id",),
    more=(More("reversed_fen", Annotated[int, titled("已冲销金额（分）")], "t.reversed_fen"), SCHEME, *PLACE),
    flags=(
        Flag("reversed", "有冲销", "t.reversed_fen > 0"),
        Flag("without_voucher", "无凭证", "t.voucher is null"),
        Flag("before_term", "早于实施期", "t.days_off < 0"),
        Flag("after_term", "晚于实施期", "t.days_off > 0"),
    ),
    filters=(
        *WHICH,
        "line",
        "purpose",
        "kind",
        "booked_by",
        "worker_id",
        "wage_grade",
        "phase",
        "third_party",
        "late_booking",
    ),
    spans=("booked_on",),
    sorts=("-booked_on", "amount_fen"),
)
REVERSALS = Listing(
    "Reversal",
    ReversalRow,
    action="read-budgets",
    category="budget",
    source=_joined("budget_reversal"),
    key=("reversal_id",),
    more=(SCHEME, *PLACE),
    filters=(*WHICH, "expense_id", "reason"),
    spans=("reversed_on",),
    sorts=("-reversed_on",),
)
