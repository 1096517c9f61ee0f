"""What projects and their money came to."""

from __future__ import annotations

from contracts.values import Unit
from funding.indicators.queries import ALLOTTED, of_district, of_lines, of_programme
from funding.projections.quota import HELD
from kit.service import Counted, Indicator
from kit.service.figures import Total


def of_projects(value: str, *dimensions: str, where: str, total: Total = Total.SUM) -> Counted:
    """A value of each project."""
    return of_district(
        value, "project_list", *dimensions, shown="project_id, community, community_name", where=where, total=total
    )


def of_staff(value: str) -> Counted:
    """A value of each worker who is there, by project."""
    staff = (
        "(select w.*, p.scheme_id from project_worker w join project_list p using (tenant_id, project_id)"
        " where w.left_on is null) as staff"
    )
    return of_district(f"{value}::int", staff, "project_id", shown="worker_id", item="worker_id::text")


def of_expenses(value: str, *dimensions: str, where: str) -> Counted:
    """A value of each expense, less what was reversed of it."""
    names = ("project_id", "expense_id", "line", "purpose", "booked_on", "amount_fen", "reversed_fen")
    shown = ", ".join(name for name in names if name not in dimensions)
    return of_district(value, EXPENSES, *dimensions, shown=shown, item="expense_id::text", where=where)


def of_allotments(*dimensions: str) -> Counted:
    """What each line of each project is allotted."""
    shown = "line" if "project_id" in dimensions else "project_id, line"
    return of_district("counted_fen", f"{ALLOTTED} as lines", *dimensions, shown=shown, item="line")


EXPENSES = """(
  select e.*, a.scheme_id, coalesce((
    select sum(r.amount_fen) from budget_reversal r
    where (r.tenant_id, r.project_id, r.expense_id) = (e.tenant_id, e.project_id, e.expense_id)
  ), 0)::bigint as reversed_fen
  from budget_expense e join budget_account a using (tenant_id, project_id)
) as expenses"""

PLACES = f"(select * from quota_use q where {HELD})"
"""Those that were taken and not given back."""
PHASES = """(
  select f.tenant_id, f.project_id, f.phase, f.closed_on, f.row_stream, f.row_version, p.scheme_id
  from project_phase f join project_list p using (tenant_id, project_id)
) as phases"""

INDICATORS = (
    Indicator(
        "funding.projects_approved",
        "已确定试点数",
        Unit.THINGS,
        "已确定为试点的社区个数，终止后名额已退还的不计（R-LZ-01）。",
        2,
        of_projects("1", where="approved_on is not null and not place_given_back"),
    ),
    Indicator(
        "funding.projects_by_stage",
        "试点数（按阶段）",
        Unit.THINGS,
        "处于各阶段的试点个数。",
        1,
        of_projects("1", "stage", where="true"),
    ),
    Indicator(
        "funding.projects_rated",
        "已综合评价试点数",
        Unit.THINGS,
        "市级已作出综合评价的试点，按等次（R-LZ-26）。",
        1,
        of_projects("1", "rating", where="rating is not null"),
    ),
    Indicator(
        "funding.smallest_service_area",
        "试点社区最小服务面积",
        Unit.SQUARE_METRES,
        "已确定试点中服务面积的最小值。",
        1,
        of_projects("area_m2", where="approved_on is not null", total=Total.LEAST),
        adds=False,
    ),
    Indicator(
        "funding.workers_verified",
        "已核验专业社工人数",
        Unit.PERSONS,
        "现任承接机构经核验的专业社工（R-LZ-09）。",
        1,
        of_staff("true"),
    ),
    Indicator(
        "funding.licensed_verified",
        "已核验持证社工人数",
        Unit.PERSONS,
        "其中持证的人数（R-LZ-10）。",
        1,
        of_staff("licensed"),
    ),
    Indicator(
        "funding.intermediate_verified",
        "已核验中级社工人数",
        Unit.PERSONS,
        "其中中级及以上的人数（R-LZ-10，C-14）。",
        1,
        of_staff("intermediate"),
    ),
    Indicator(
        "funding.sw_graduates_verified",
        "已核验社工专业毕业人数",
        Unit.PERSONS,
        "其中社会工作专业毕业的人数（R-LZ-11）。",
        1,
        of_staff("sw_graduate"),
    ),
    Indicator(
        "funding.workers_locked",
        "已锁定社工人数",
        Unit.PERSONS,
        "登记为试点期间不得流动的社工（R-LZ-12）。",
        1,
        of_staff("locked"),
    ),
    Indicator(
        "funding.staffing_breaches",
        "社工流动违约次数",
        Unit.THINGS,
        "锁定社工实际流动的次数（R-LZ-12）。",
        1,
        of_projects("breaches", where="approved_on is not null"),
    ),
    Indicator(
        "funding.budget_allotted",
        "已下达预算",
        Unit.FEN,
        "各试点已下达的预算，终止后名额已退还的按已拨付计（R-LZ-13）。",
        2,
        of_allotments("project_id"),
    ),
    Indicator(
        "funding.district_allotted",
        "各区已下达预算",
        Unit.FEN,
        "本区各试点已下达预算之和，终止后名额已退还的按已拨付计。",
        2,
        of_allotments(),
    ),
    Indicator(
        "funding.programme_projects",
        "方案已确定试点数",
        Unit.THINGS,
        "全方案已确定的试点社区个数，终止后名额已退还的不计（R-LZ-01）。",
        2,
        of_programme("1", PLACES, item="s.project_id::text", shown="s.project_id, s.district, s.taken_on"),
    ),
    Indicator(
        "funding.programme_allotted",
        "方案已下达预算",
        Unit.FEN,
        "全方案各试点已下达预算之和，终止后名额已退还的按已拨付计（R-LZ-13）。",
        2,
        of_lines("counted_fen"),
    ),
    Indicator(
        "funding.programme_line_allotted",
        "方案分项已下达预算",
        Unit.FEN,
        "全方案按经费项的已下达预算，终止后名额已退还的按已拨付计。",
        2,
        of_lines("counted_fen", "line"),
    ),
    Indicator(
        "funding.programme_line_appropriated",
        "方案分项已拨付",
        Unit.FEN,
        "全方案按经费项的已拨付经费。",
        1,
        of_lines("appropriated_fen", "line"),
    ),
    Indicator(
        "funding.programme_line_spent",
        "方案分项已支出",
        Unit.FEN,
        "全方案按经费项的支出，已扣除冲销。",
        1,
        of_lines("spent_fen", "line"),
    ),
    Indicator(
        "funding.trainings_charged",
        "已列支培训次数",
        Unit.SESSIONS,
        "各试点已列支且未全部冲销的培训（R-LZ-15）。",
        1,
        of_expenses("1", "project_id", "purpose", where="kind = 'training' and reversed_fen < amount_fen"),
    ),
    Indicator(
        "funding.training_charged",
        "已列支培训经费",
        Unit.FEN,
        "各试点已列支的培训经费，已扣除冲销（R-LZ-15）。",
        1,
        of_expenses("amount_fen - reversed_fen", "project_id", "purpose", where="kind = 'training'"),
    ),
    Indicator(
        "funding.wage_grades_paid",
        "按岗位等级支付的工资",
        Unit.FEN,
        "按薪资对应岗位等级的工资支出（R-LZ-17）。",
        1,
        of_expenses("amount_fen - reversed_fen", "wage_grade", where="wage_grade is not null"),
    ),
    Indicator(
        "funding.phases_evaluated",
        "已完成评估审计次数",
        Unit.SESSIONS,
        "评估和审计均已完成的阶段，按试点（R-LZ-16，R-LZ-25）。",
        1,
        of_district("1", PHASES, "project_id", shown="phase, closed_on", item="phase", where="closed_on is not null"),
    ),
)
