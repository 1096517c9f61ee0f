"""Casework, put together."""

from __future__ import annotations

from pathlib import Path

from casework.api import router
from casework.commands import streams
from casework.indicators import INDICATORS
from casework.policy import POLICY
from casework.projections import bulletin, lists, placements
from casework.publish import to_contract
from casework.subscribers import HANDLERS
from kit.service import Definition

CASEWORK = Definition(
    name="casework",
    title="个案与台账服务",
    categories=streams.ALL,
    inline=(lists.CATALOGUE, lists.LEDGER, lists.CASES, lists.REFERRALS, placements.PLACEMENTS),
    tailed=(bulletin.BULLETIN,),
    publish=to_contract,
    handlers=HANDLERS,
    policy=POLICY,
    router=router,
    indicators=INDICATORS,
    migrations=Path(__file__).parent / "migrations",
)
