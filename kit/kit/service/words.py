"""GET /v1/words: what everything of a service is called in Chinese, each from where its code names it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.titles import TITLES
from contracts.values import ROLE_NAMES
from kit.service.http import AsksNow, shown
from kit.service.refusals import refusals
from kit.service.report import NAMES
from kit.service.runtime import runtime
from kit.store.tables import titles

router = APIRouter(prefix="/v1", tags=["words"])


@router.get("/words", summary="词表：本服务所用的中文名称")
async def read_words(request: Request, caller: AsksNow) -> Response:
    """Events, actions, refusals, roles, values of enumerations, fields, and indicators, by their codes."""
    caller.reads("read-words")
    held = runtime(request)
    definition, named = held.definition, held.named
    rows = {row.TABLE: titles(row) for view in definition.views for row in view.tables}
    said: dict[str, Any] = {
        "service": {"name": definition.name, "title": definition.title},
        "events": named.events,
        "actions": named.actions,
        "refusals": refusals(definition.package),
        "roles": ROLE_NAMES,
        "values": {type(next(iter(names))).__name__: names for names in (*definition.names, *NAMES)},
        "fields": TITLES,
        "rows": rows,
        "indicators": {one.id: one.name for one in definition.indicators},
    }
    return shown(said)
