"""The volunteer bulletin."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from contracts.values import Qualifier, TenantId, UnitCode
from kit.service import Asks, Events, shown
from kit.service.moments import FromDay, ToDay
from kit.service.shapes import Shape, said
from kit.store import titled
from volunteer.projections import bulletin

router = APIRouter()


class BulletinLine(Shape):
    tenant_id: Annotated[TenantId, titled("所属租户")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    activities: Annotated[int, titled("志愿服务活动次数")]
    party_member_times: Annotated[int, said("参与党员人次", "与服务居民人次分开统计、不相加（R-KL-10）")]
    residents_served: Annotated[int, titled("服务居民人次")]
    residents_served_qualifier: Annotated[Qualifier, titled("服务居民人次的限定")]


class Bulletin(Shape):
    items: Annotated[list[BulletinLine], titled("各社区")]


@router.get(
    "/bulletin",
    summary="志愿服务统计公报",
    description="各社区的合计（VOL-R1）；起止日期均含当日。",
    response_model=Bulletin,
)
async def read_bulletin(caller: Asks, store: Events, from_day: FromDay = None, to_day: ToDay = None) -> Response:
    """Sums by community (VOL-R1)."""
    cause = caller.reads("read-bulletin")
    async with store.reading(cause) as tx:
        rows = await bulletin.bulletin(tx, list(cause.scope.reads), from_day, to_day)
    return shown({"items": [dict(row) for row in rows]})
