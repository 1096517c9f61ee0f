"""Volunteering, put together."""

from __future__ import annotations

from pathlib import Path

from kit.service import Definition
from volunteer import commands, projections
from volunteer.api import router
from volunteer.indicators import INDICATORS
from volunteer.policy import POLICY
from volunteer.publish import to_contract
from volunteer.subscribers import HANDLERS

VOLUNTEER = Definition(
    name="volunteer",
    title="志愿服务",
    categories=commands.STREAMS,
    inline=(projections.VOLUNTEERS, projections.ACTIVITIES),
    tailed=(),
    publish=to_contract,
    handlers=HANDLERS,
    policy=POLICY,
    router=router,
    indicators=INDICATORS,
    migrations=Path(__file__).parent / "migrations",
)
