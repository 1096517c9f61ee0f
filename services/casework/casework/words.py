"""What the values of enumerations are called in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.domain.catalogue import Target
from casework.domain.entry_events import ENTRY_END_NAMES
from casework.domain.referral import ReferralKind, ReferralOutcome
from casework.domain.stage import CASE_END_NAMES, STAGE_NAMES
from contracts.values import CORRECTION_NAMES

TARGETS = dict(zip(Target, ("儿童", "老年人", "一般对象"), strict=True))
KINDS = dict(zip(ReferralKind, ("民政救助", "其他部门救助"), strict=True))
OUTCOMES = dict(zip(ReferralOutcome, ("已获救助", "未获救助", "已撤回"), strict=True))

NAMES: tuple[Mapping[Any, str], ...] = (
    STAGE_NAMES,
    CASE_END_NAMES,
    ENTRY_END_NAMES,
    TARGETS,
    KINDS,
    OUTCOMES,
    CORRECTION_NAMES,
)
