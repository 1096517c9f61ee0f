"""Funding, put together."""

from __future__ import annotations

from pathlib import Path

from funding.api import router
from funding.commands import streams
from funding.domain.pilot.acceptance import LEVEL_NAMES
from funding.domain.pilot.state import STAGE_NAMES
from funding.domain.terms import PAYER_NAMES
from funding.indicators import INDICATORS
from funding.policy import POLICY
from funding.projections import agency, budget, district, pilot, quota, review, scheme
from funding.publish import to_contract
from funding.subscribers import HANDLERS
from kit.service import Definition

FUNDING = Definition(
    name="funding",
    title="方案与经费服务",
    categories=streams.ALL,
    inline=(scheme.SCHEMES, quota.QUOTAS, pilot.PILOTS, review.PHASES, budget.BUDGETS, agency.AGENCIES),
    tailed=(district.DISTRICTS,),
    publish=to_contract,
    handlers=HANDLERS,
    policy=POLICY,
    router=router,
    indicators=INDICATORS,
    migrations=Path(__file__).parent / "migrations",
    names=(PAYER_NAMES, LEVEL_NAMES, STAGE_NAMES),
)
