"""Funding, put together."""

from __future__ import annotations

from funding.api import router
from funding.commands import streams
from funding.indicators import INDICATORS
from funding.policy import POLICY
from funding.projections import VIEWS
from funding.publish import to_contract
from funding.sights import SIGHTS
from funding.subscribers import HANDLERS
from funding.words import NAMES
from kit.service import Definition

UNITS = (
    "select community as code, community_name as name from project_list"
    " union select street, street_name from project_list"
)

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
    names=NAMES,
    units=UNITS,
)
