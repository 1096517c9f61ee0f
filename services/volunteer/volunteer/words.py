"""What the values of enumerations are called in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.values import CORRECTION_NAMES
from volunteer.domain.activity import Organiser
from volunteer.domain.volunteer import Background

ORGANISERS = dict(zip(Organiser, ("党组织", "志愿服务队", "社区", "社工机构"), strict=True))
BACKGROUNDS = dict(zip(Background, ("村（居）民小组组长", "退役士兵", "党员", "大学生", "其他人员"), strict=True))

NAMES: tuple[Mapping[Any, str], ...] = (ORGANISERS, BACKGROUNDS, CORRECTION_NAMES)
