"""What every route takes, and how rows and pages leave."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse, Response

from contracts.fields import Code
from contracts.values import PilotId
from kit.auth import Caller
from kit.service import caller, reader, store
from kit.service.paging import refused, unwrapped, wrapped
from kit.store import Store

Caller_ = Annotated[Caller, Depends(caller)]
Reader = Annotated[Caller, Depends(reader)]
Store_ = Annotated[Store, Depends(store)]
Pilot = Annotated[PilotId, Path(description="试点编号")]
Phase = Annotated[Code, Path(description="评估阶段，如 midterm、final")]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]


def place(cursor: str | None) -> tuple[str, UUID] | None:
    """Tenant and id that a page begins after; InvalidRequest for what no route handed out."""
    if cursor is None:
        return None
    tenant, key = unwrapped(cursor, (str, str))
    try:
        return tenant, UUID(key)
    except ValueError:
        raise refused() from None


def page(rows: list[dict[str, Any]], limit: int, tenant: str, key: str) -> Response:
    """`rows` holds one more than `limit` where there is another page."""
    shown, more = rows[:limit], len(rows) > limit
    cursor = wrapped([str(shown[-1][tenant]), str(shown[-1][key])]) if more else None
    return JSONResponse({"items": [plain(row) for row in shown], "cursor": cursor})


def document(row: dict[str, Any]) -> Response:
    return JSONResponse(plain(row))


def plain(value: Any) -> Any:
    """Ids and days as text, decimals as decimal text: never a float."""
    match value:
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case UUID() | date():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case _:
            return value
