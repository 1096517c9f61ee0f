"""Volunteering, put together."""

from __future__ import annotations

from kit.service import Definition
from volunteer.api import router
from volunteer.commands.streams import CATEGORIES
from volunteer.indicators import INDICATORS
from volunteer.policy import POLICY
from volunteer.projections import VIEWS
from volunteer.publish import to_contract
from volunteer.sights import SIGHTS
from volunteer.subscribers import HANDLERS
from volunteer.words import NAMES

VOLUNTEER = Definition(
    name="volunteer",
    title="志愿服务",
    categories=CATEGORIES,
    views=VIEWS,
    sights=SIGHTS,
    publish=to_contract,
    handlers=HANDLERS,
    policy=POLICY,
    router=router,
    indicators=INDICATORS,
    names=NAMES,
)
