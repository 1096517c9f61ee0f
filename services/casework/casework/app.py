"""Casework, put together."""

from __future__ import annotations

from casework.api import router
from casework.commands.streams import CATEGORIES
from casework.domain.corrections import EntryCorrected
from casework.domain.entry_events import BeneficiaryEnrolled
from casework.indicators import INDICATORS
from casework.policy import POLICY
from casework.projections import VIEWS
from casework.publish import to_contract
from casework.sights import SIGHTS
from casework.subscribers import HANDLERS
from casework.words import NAMES
from kit.service import Definition

CASEWORK = Definition(
    name="casework",
    title="个案与台账服务",
    categories=CATEGORIES,
    views=VIEWS,
    sights=SIGHTS,
    publish=to_contract,
    handlers=HANDLERS,
    policy=POLICY,
    router=router,
    indicators=INDICATORS,
    people={BeneficiaryEnrolled: "name", EntryCorrected: "name"},
    names=NAMES,
)
