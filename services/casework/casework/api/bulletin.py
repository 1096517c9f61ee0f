"""The service bulletin."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from casework.projections import bulletin
from contracts.values import TenantId, UnitCode
from kit.service import Asks, Events, shown
from kit.service.moments import FromDay, ToDay
from kit.service.shapes import Shape, said
from kit.store import titled

router = APIRouter()


class BulletinLine(Shape):
    tenant_id: Annotated[TenantId, titled("所属租户")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    ledger_persons: Annotated[
        int, said("建立台账人数", "期间内建立台账的人数，含此后去世、迁出和不再属于服务对象的，不含误登的")
    ]
    persons_visited: Annotated[int, said("走访人数", "期间内第一次走访的人数；各期间可以相加，同一人不重复计算")]
    home_visits: Annotated[int, titled("入户走访次数")]
    cases_opened: Annotated[int, titled("接案数")]
    cases_closed: Annotated[int, titled("结案数")]
    cases_ended_early: Annotated[int, said("提前终止个案数", "未结案而终止的个案，不计入结案数")]
    referrals: Annotated[int, titled("救助协助人次")]


class Bulletin(Shape):
    items: Annotated[list[BulletinLine], titled("各社区")]


@router.get(
    "/bulletin",
    summary="服务统计公报",
    description="各社区的合计（CAS-R1）；起止日期均含当日。",
    response_model=Bulletin,
)
async def read_bulletin(caller: Asks, store: Events, from_day: FromDay = None, to_day: ToDay = None) -> Response:
    """Counts by community (CAS-R1)."""
    cause = caller.reads("read-bulletin")
    async with store.reading(cause) as tx:
        rows = await bulletin.bulletin(tx, list(cause.scope.reads), from_day, to_day)
    return shown({"items": [dict(row) for row in rows]})
