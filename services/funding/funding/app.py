"""Funding, put together."""

from __future__ import annotations

from funding.api import router
from funding.commands import streams
from funding.domain.pilot.acceptance import LEVEL_NAMES
from funding.domain.pilot.state import STAGE_NAMES
from funding.domain.terms import PAYER_NAMES
from funding.indicators import INDICATORS
from funding.policy import POLICY
from funding.projections import VIEWS
from funding.publish import to_contract
from funding.sights import SIGHTS
from funding.subscribers import HANDLERS
from kit.service import Definition

FUNDING = Definition(
    name="funding",
    title="方案与经费服务",
    categories=streams.ALL,
    views=VIEWS,
    sights=SIGHTS,
    publish=to_contract,
    handlers=HANDLERS,
    policy=POLICY,
    router=router,
    indicators=INDICATORS,
    names=(PAYER_NAMES, LEVEL_NAMES, STAGE_NAMES),
)
