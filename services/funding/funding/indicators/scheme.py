"""What plans say."""

from __future__ import annotations

from contracts.values import Unit
from funding.indicators.queries import LEAST, LINES, PLAN, PURPOSE, PURPOSES, SCHEME, each, number, of_plan
from kit.service import Counted, Indicator
from kit.service.figures import Kind, Total


def staff(code: str) -> str:
    return number(f"staffing.{code}")


PROGRAMME_STAFF = f"""{PLAN}
select tenant_id, scheme_id, kind, qualifier, n * (terms->>'total_projects')::bigint as value, number, title,
    row_stream,
  row_version, kind as item from plan
cross join lateral (values
  ('workers', 'exact', {staff("headcount")}),
  ('licensed', 'at_least', {staff("licensed_min")}),
  ('intermediate', 'at_least', {staff("intermediate_min")})
) as k (kind, qualifier, n)
"""


def day(path: str, *edges: str) -> Counted:
    """Days of the calendar; with edges, one figure per end of a window."""
    if not edges:
        return of_plan(f"(terms #>> '{{calendar,{path}}}')::date", total=Total.LEAST)
    ends = ", ".join(f"('{edge}', (terms #>> '{{calendar,{path}_{edge}}}')::date)" for edge in edges)
    return of_plan(
        "day", "edge", "edge", over=f"cross join lateral (values {ends}) as w (edge, day)", total=Total.LEAST
    )


INDICATORS = (
    Indicator(
        "funding.project_places",
        "试点名额",
        Unit.THINGS,
        "方案安排的试点社区总数（R-LZ-01）。",
        1,
        of_plan(number("total_projects")),
        kind=Kind.PLAN,
    ),
    Indicator(
        "funding.project_districts",
        "试点区数",
        Unit.THINGS,
        "方案分配了名额的区的个数。",
        1,
        of_plan("jsonb_array_length(terms->'quotas')"),
        kind=Kind.PLAN,
    ),
    Indicator(
        "funding.district_quota",
        "各区名额",
        Unit.THINGS,
        "方案分配给各区的试点社区个数（R-LZ-01）。",
        1,
        of_plan("(quota->>'projects')::bigint", "district", "quota->>'district'", over=each("quotas", "quota")),
        kind=Kind.PLAN,
    ),
    Indicator(
        "funding.district_plan_budget",
        "各区经费安排",
        Unit.FEN,
        "名额乘以单个试点经费标准，按区计算。",
        1,
        of_plan(
            f"(quota->>'projects')::bigint * {number('unit_budget_fen')}",
            "district",
            "quota->>'district'",
            over=each("quotas", "quota"),
        ),
        kind=Kind.PLAN,
    ),
    Indicator(
        "funding.unit_budget",
        "单个试点经费标准",
        Unit.FEN,
        "方案规定的每个试点社区经费（R-LZ-13）。",
        1,
        of_plan(number("unit_budget_fen")),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.plan_budget",
        "方案经费总额",
        Unit.FEN,
        "试点总数乘以单个试点经费标准。",
        1,
        of_plan(f"{number('unit_budget_fen')} * {number('total_projects')}"),
        kind=Kind.PLAN,
    ),
    Indicator(
        "funding.line_cap",
        "分项经费标准",
        Unit.FEN,
        "单个试点各经费项的标准（R-LZ-13）。",
        1,
        of_plan("(line->>'cap_fen')::bigint", "line", "line->>'code'", over=LINES),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.line_plan_total",
        "分项经费合计",
        Unit.FEN,
        "各经费项标准乘以试点总数。",
        1,
        of_plan(f"(line->>'cap_fen')::bigint * {number('total_projects')}", "line", "line->>'code'", over=LINES),
        kind=Kind.PLAN,
    ),
    Indicator(
        "funding.subline_cap",
        "经费明细标准",
        Unit.FEN,
        "单个试点评估、审计等明细的标准（R-LZ-16）。",
        1,
        of_plan(
            "(purpose->>'cap_fen')::bigint",
            "purpose",
            "purpose->>'code'",
            over=PURPOSES,
            item=PURPOSE,
        ),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.training_price",
        "培训单次标准",
        Unit.FEN,
        "每次培训的经费标准（R-LZ-15）。",
        1,
        of_plan(
            "(purpose->>'unit_price_fen')::bigint",
            "purpose",
            "purpose->>'code'",
            over=PURPOSES,
            item=PURPOSE,
            total=Total.MOST,
        ),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.training_times",
        "培训次数标准",
        Unit.SESSIONS,
        "每个试点培训的次数（R-LZ-15）。",
        1,
        of_plan(
            "(purpose->>'times')::bigint",
            "purpose",
            "purpose->>'code'",
            over=PURPOSES,
            item=PURPOSE,
        ),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.evaluation_rounds",
        "评估审计次数",
        Unit.SESSIONS,
        "方案规定的评估、审计阶段数（R-LZ-16）。",
        1,
        of_plan("jsonb_array_length(terms->'phases')"),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.min_service_area",
        "社区服务面积下限",
        Unit.SQUARE_METRES,
        "申报社区服务面积的下限（R-LZ-03）。",
        1,
        of_plan("(terms #>> '{community,min_area_m2}')::numeric", qualifier=LEAST),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "funding.staff_headcount",
        "每个试点专业社工人数",
        Unit.PERSONS,
        "每个试点社区配备的专业社工（R-LZ-09）。",
        1,
        of_plan(staff("headcount")),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.staff_licensed_min",
        "每个试点持证社工下限",
        Unit.PERSONS,
        "其中持证社工不少于的人数（R-LZ-10）。",
        1,
        of_plan(staff("licensed_min"), qualifier=LEAST),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "funding.staff_intermediate_min",
        "每个试点中级社工下限",
        Unit.PERSONS,
        "持证社工中至少的中级人数（R-LZ-10）。",
        1,
        of_plan(staff("intermediate_min"), qualifier=LEAST),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "funding.staff_sw_graduates",
        "每个试点社工专业毕业人员",
        Unit.PERSONS,
        "另外配备的社会工作专业毕业人员（R-LZ-11）。",
        1,
        of_plan(staff("sw_graduate_min")),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.staff_locked_min",
        "每个试点不得流动人数下限",
        Unit.PERSONS,
        "试点期间不得流动的专职社工（R-LZ-12）。",
        1,
        of_plan(staff("locked_min"), qualifier=LEAST),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "funding.programme_staff_plan",
        "全部试点社工配备",
        Unit.PERSONS,
        "每个试点的配备人数乘以试点总数。",
        1,
        Counted(PROGRAMME_STAFF, (SCHEME, "kind"), qualifier=None),
        kind=Kind.PLAN,
    ),
    Indicator(
        "funding.wage_grade",
        "薪资对应岗位等级",
        Unit.POST_GRADES,
        "各级社工对应的专业技术岗位等级（R-LZ-17）。",
        1,
        of_plan(
            "(grade->>'post_grade')::bigint",
            "level",
            "grade->>'level'",
            over=each("wage_grades", "grade"),
            total=Total.MOST,
        ),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.preparation_due",
        "前期准备截止日",
        Unit.DAY,
        "含当日（R-LZ-27）。",
        1,
        day("prep_due"),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.implementation_window",
        "试点实施期",
        Unit.DAY,
        "起止日均含当日（R-LZ-28）。",
        1,
        day("impl", "from", "to"),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.acceptance_window",
        "考核验收期",
        Unit.DAY,
        "起止日均含当日（R-LZ-28）。",
        1,
        day("accept", "from", "to"),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.term_years",
        "项目期限",
        Unit.YEARS,
        "方案所称的项目期限；起止以实施期为准（C-01）。",
        1,
        of_plan(number("calendar.term_years")),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "funding.ability_goals",
        "意识与能力目标数",
        Unit.THINGS,
        "方案要提升的意识与能力（R-LZ-36）。",
        1,
        of_plan("jsonb_array_length(terms->'abilities')"),
        kind=Kind.TARGET,
    ),
    Indicator(
        "funding.linkage_goals",
        "联动发展目标数",
        Unit.THINGS,
        "方案要促进的联动方面（R-LZ-36）。",
        1,
        of_plan("jsonb_array_length(terms->'linkages')"),
        kind=Kind.TARGET,
    ),
)
