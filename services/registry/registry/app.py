"""The registry, put together."""

from __future__ import annotations

from kit.service import Definition
from registry.api import router
from registry.commands.streams import CATEGORIES
from registry.domain.agency import RESULT_NAMES
from registry.domain.finding import OUTCOME_NAMES
from registry.domain.site import DEVICE_NAMES
from registry.domain.tenant import LEVEL_NAMES
from registry.domain.worker import SocialWorkerRegistered
from registry.indicators import INDICATORS
from registry.policy import POLICY
from registry.projections import VIEWS
from registry.publish import to_contract
from registry.subscribers import HANDLERS

REGISTRY = Definition(
    name="registry",
    title="站点、机构与社工登记服务",
    categories=CATEGORIES,
    views=VIEWS,
    publish=to_contract,
    handlers=HANDLERS,
    policy=POLICY,
    router=router,
    indicators=INDICATORS,
    people={SocialWorkerRegistered: "name"},
    names=(LEVEL_NAMES, RESULT_NAMES, OUTCOME_NAMES, DEVICE_NAMES),
)
