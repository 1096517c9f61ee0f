"""What the values of enumerations are called in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.domain.division import UnitChange, UnitKind
from registry.domain.finding import OUTCOME_NAMES
from registry.domain.linkage.standard import Seat
from registry.domain.organisation import RESULT_NAMES, Condition
from registry.domain.posting import Departure, Ending
from registry.domain.site import DEVICE_NAMES, SiteLevel, Status
from registry.domain.tenant import LEVEL_NAMES, PopulationBasis
from registry.domain.worker import Employment, Qualified
from registry.projections.finding import State
from registry.projections.linkage import Duty

CONDITIONS = dict(
    zip(
        Condition,
        ("法人治理结构健全", "内部规章制度健全", "财务制度健全", "有独立的银行账号", "有专业社工队伍"),
        strict=True,
    )
)
UNITS = dict(zip(UnitKind, ("街道（乡镇）", "社区（村）", "村民小组（社）"), strict=True))
CHANGES = dict(zip(UnitChange, ("申报", "设立", "更名", "并入其他单元", "拆分", "撤销"), strict=True))
SEATS = dict(zip(Seat, ("政府部门", "社工机构", "社会组织", "居民", "志愿者", "慈善力量"), strict=True))
DEPARTURES = dict(zip(Departure, ("事前申请", "事后告知"), strict=True))
ENDINGS = dict(zip(Ending, ("试点结项", "机构资格被撤销", "承接任期结束"), strict=True))
STATUSES = dict(zip(Status, ("未规划", "已规划", "已开放", "已暂停", "已关闭"), strict=True))
BASES = dict(zip(PopulationBasis, ("户籍人口", "城镇常住人口"), strict=True))
EMPLOYMENTS = dict(zip(Employment, ("专职", "兼职"), strict=True))
QUALIFICATIONS = dict(zip(Qualified, ("助理社会工作师", "社会工作师", "高级社会工作师"), strict=True))
DUTIES = dict(zip(Duty, ("专职联动人员", "责任人"), strict=True))
STATES = dict(zip(State, ("核查中", "已办结"), strict=True))
SITES = dict(zip(SiteLevel, ("中心", "区级站", "街道站", "社工室"), strict=True))

NAMES: tuple[Mapping[Any, str], ...] = (
    LEVEL_NAMES,
    RESULT_NAMES,
    OUTCOME_NAMES,
    DEVICE_NAMES,
    CONDITIONS,
    UNITS,
    CHANGES,
    SEATS,
    DEPARTURES,
    ENDINGS,
    STATUSES,
    BASES,
    EMPLOYMENTS,
    QUALIFICATIONS,
    DUTIES,
    STATES,
    SITES,
)
