"""What the values of enumerations are called in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funding.domain.budget.events import ReversalReason
from funding.domain.organisation import EndReason, Inspection
from funding.domain.project.events import EndCause, NodeStatus, Opinion, PurchaseFailure, Task
from funding.domain.project.stage import STAGE_NAMES
from funding.domain.terms import LEVEL_NAMES, PAYER_NAMES, Anchor, PurposeKind, SchemeKind, WorkerLevel
from funding.projections.budget import ExpenseKind
from funding.projections.project.rows import Staffing

SCHEMES = dict(zip(SchemeKind, ("三社联动试点", "五社联动试点", "三区计划", "公益创投", "微创投", "培训"), strict=True))
PURPOSES = dict(zip(PurposeKind, ("服务支出", "人员工资", "人员奖励", "培训", "评估", "审计"), strict=True))
WORKERS = dict(zip(WorkerLevel, ("中级（社会工作师）", "助理级（助理社会工作师）"), strict=True))
ANCHORS = dict(
    zip(
        Anchor,
        ("前期准备截止日", "试点实施起始日", "试点实施截止日", "考核验收起始日", "考核验收截止日"),
        strict=True,
    )
)
TASKS = dict(zip(Task, ("监督", "评估", "审计"), strict=True))
OPINIONS = dict(zip(Opinion, ("无保留意见", "保留意见", "否定意见"), strict=True))
NODES = dict(zip(NodeStatus, ("已完成", "未到期", "已逾期"), strict=True))
REVERSALS = dict(zip(ReversalReason, ("更正误记", "退款"), strict=True))
ENDS = dict(zip(EndReason, ("取消承接资格", "试点结项", "出资局结束任期"), strict=True))
CAUSES = dict(zip(EndCause, ("机构放弃承接", "未能签约", "协商一致", "违约", "机构注销", "取消承接资格"), strict=True))
FAILURES = dict(zip(PurchaseFailure, ("流标", "废标"), strict=True))
INSPECTIONS = dict(zip(Inspection, ("合格", "不合格", "不接受年检"), strict=True))
STAFFINGS = dict(zip(Staffing, ("尚未申报", "已申报", "已核验", "未通过"), strict=True))
EXPENSES = dict(zip(ExpenseKind, ("支出", "统一培训"), strict=True))

NAMES: tuple[Mapping[Any, str], ...] = (
    PAYER_NAMES,
    LEVEL_NAMES,
    STAGE_NAMES,
    SCHEMES,
    PURPOSES,
    WORKERS,
    ANCHORS,
    TASKS,
    OPINIONS,
    NODES,
    REVERSALS,
    ENDS,
    CAUSES,
    FAILURES,
    INSPECTIONS,
    STAFFINGS,
    EXPENSES,
)
