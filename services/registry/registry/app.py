"""The registry, put together."""

from __future__ import annotations

from kit.service import Definition
from registry.api import router
from registry.commands.streams import CATEGORIES
from registry.domain.worker import SocialWorkerRegistered
from registry.indicators import INDICATORS
from registry.lists import WORKERS
from registry.policy import POLICY
from registry.projections import VIEWS
from registry.publish import to_contract
from registry.sights import SIGHTS
from registry.subscribers import HANDLERS
from registry.words import NAMES

UNITS = "select organisation_id::text as code, name from organisation_list union select unit, name from unit_list"

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
    sights=SIGHTS,
    people={SocialWorkerRegistered: "name"},
    names=NAMES,
    units=UNITS,
    workers=WORKERS,
)
