"""What pilots and their money came to."""

from __future__ import annotations

from contracts.values import Unit
from funding.indicators.queries import SCHEME, of_district, of_programme
from kit.service import Indicator, figures

PHASES = """
select p.tenant_id, p.scheme_id, f.pilot_id, count(*) as value from pilot_phase f
join pilot_list p on p.tenant_id = f.tenant_id and p.pilot_id = f.pilot_id
where p.{scope} and f.closed_on is not null group by 1, 2, 3 order by 1, 2, 3
"""

INDICATORS = (
    Indicator(
        "funding.pilots_approved",
        "已确定试点数",
        Unit.THINGS,
        "已确定为试点的社区个数（R-LZ-01）。",
        1,
        of_district("count(*)", "pilot_list", where="approved_on is not null"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.pilots_by_stage",
        "试点数（按阶段）",
        Unit.THINGS,
        "处于各阶段的试点个数。",
        1,
        of_district("count(*)", "pilot_list", "stage"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.pilots_rated",
        "已综合评价试点数",
        Unit.THINGS,
        "市级已作出综合评价的试点，按等次（R-LZ-26）。",
        1,
        of_district("count(*)", "pilot_list", "rating", where="rating is not null"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.smallest_service_area",
        "试点社区最小服务面积",
        Unit.SQUARE_METRES,
        "已确定试点中服务面积的最小值。",
        1,
        of_district("min(area_m2)", "pilot_list", where="approved_on is not null"),
        "/v1/pilots",
        adds=False,
    ),
    Indicator(
        "funding.workers_verified",
        "已核验专业社工人数",
        Unit.PERSONS,
        "现任承接机构经核验的专业社工（R-LZ-09）。",
        1,
        of_district("sum(workers)::bigint", "pilot_list", "pilot_id", where="workers > 0"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.licensed_verified",
        "已核验持证社工人数",
        Unit.PERSONS,
        "其中持证的人数（R-LZ-10）。",
        1,
        of_district("sum(licensed)::bigint", "pilot_list", "pilot_id", where="workers > 0"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.intermediate_verified",
        "已核验中级社工人数",
        Unit.PERSONS,
        "其中中级及以上的人数（R-LZ-10，C-14）。",
        1,
        of_district("sum(intermediate)::bigint", "pilot_list", "pilot_id", where="workers > 0"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.sw_graduates_verified",
        "已核验社工专业毕业人数",
        Unit.PERSONS,
        "其中社会工作专业毕业的人数（R-LZ-11）。",
        1,
        of_district("sum(sw_graduates)::bigint", "pilot_list", "pilot_id", where="workers > 0"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.workers_locked",
        "已锁定社工人数",
        Unit.PERSONS,
        "登记为试点期间不得流动的社工（R-LZ-12）。",
        1,
        of_district("sum(locked)::bigint", "pilot_list", "pilot_id", where="workers > 0"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.staffing_breaches",
        "社工流动违约次数",
        Unit.THINGS,
        "锁定社工实际流动的次数（R-LZ-12）。",
        1,
        of_district("sum(breaches)::bigint", "pilot_list", where="approved_on is not null"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.budget_allotted",
        "已下达预算",
        Unit.FEN,
        "各试点已下达的预算（R-LZ-13）。",
        1,
        of_district("sum(cap_fen)::bigint", "budget_line", "pilot_id"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.district_allotted",
        "各区已下达预算",
        Unit.FEN,
        "本区各试点已下达预算之和。",
        1,
        of_district("sum(cap_fen)::bigint", "budget_line"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.programme_pilots",
        "方案已确定试点数",
        Unit.THINGS,
        "全方案已确定的试点社区个数（R-LZ-01）。",
        1,
        of_programme("count(*)", "quota_use"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.programme_allotted",
        "方案已下达预算",
        Unit.FEN,
        "全方案各试点已下达预算之和（R-LZ-13）。",
        1,
        of_programme("sum(s.cap_fen)::bigint", "budget_line"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.programme_line_allotted",
        "方案分项已下达预算",
        Unit.FEN,
        "全方案按经费项的已下达预算。",
        1,
        of_programme("sum(s.cap_fen)::bigint", "budget_line", "s.line"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.programme_line_appropriated",
        "方案分项已拨付",
        Unit.FEN,
        "全方案按经费项的已拨付经费。",
        1,
        of_programme("sum(s.appropriated_fen)::bigint", "budget_line", "s.line"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.programme_line_spent",
        "方案分项已支出",
        Unit.FEN,
        "全方案按经费项的支出，已扣除冲销。",
        1,
        of_programme("sum(s.spent_fen)::bigint", "budget_line", "s.line"),
        "/v1/pilots",
    ),
    Indicator(
        "funding.trainings_charged",
        "已列支培训次数",
        Unit.SESSIONS,
        "各试点已列支且未全部冲销的培训（R-LZ-15）。",
        1,
        of_district(
            "count(*)", "budget_expense", "pilot_id", "purpose", where="kind = 'training' and reversed_fen < amount_fen"
        ),
    ),
    Indicator(
        "funding.training_charged",
        "已列支培训经费",
        Unit.FEN,
        "各试点已列支的培训经费，已扣除冲销（R-LZ-15）。",
        1,
        of_district(
            "sum(amount_fen - reversed_fen)::bigint", "budget_expense", "pilot_id", "purpose", where="kind = 'training'"
        ),
    ),
    Indicator(
        "funding.wage_grades_paid",
        "按岗位等级支付的工资",
        Unit.FEN,
        "按薪资对应岗位等级的工资支出（R-LZ-17）。",
        1,
        of_district(
            "sum(amount_fen - reversed_fen)::bigint", "budget_expense", "wage_grade", where="wage_grade is not null"
        ),
    ),
    Indicator(
        "funding.phases_evaluated",
        "已完成评估审计次数",
        Unit.SESSIONS,
        "评估和审计均已完成的阶段，按试点（R-LZ-16，R-LZ-25）。",
        1,
        figures(PHASES, SCHEME, "pilot_id"),
        "/v1/pilots",
    ),
)
