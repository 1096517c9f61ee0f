"""Lists and records (REG-R1, R2, R3, R7, R8)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import create_model

from contracts.fields import Division, Street, Tenant
from contracts.values import PersonId, UnitCode
from kit.errors import NotFound
from kit.service import Asks, Events, listed, record, shown
from kit.service.access import tenants_of
from kit.service.listed import sights_of, version_of
from kit.service.lists import MOST_COUNTED, Asked
from kit.service.shapes import Shape, item_of, said
from kit.store import titled
from registry import lists
from registry.domain.linkage.standard import Seat
from registry.projections.linkage import Duty, seats_of

router = APIRouter(tags=["清单"])

listed(router, "/tenants", "租户清单", lists.TENANTS)
record(router, "/tenants/{tenant_id}", "租户", lists.TENANTS, key=Tenant)
listed(router, "/populations", "人口数", lists.POPULATIONS)
listed(router, "/units", "行政单元清单", lists.UNITS)
record(router, "/units/{unit}", "行政单元", lists.UNITS, key=Division)
listed(router, "/organisations", "机构清单", lists.ORGANISATIONS)
record(router, "/organisations/{organisation_id}", "机构", lists.ORGANISATIONS)
listed(router, "/blacklist", "黑名单", lists.BLACKLIST)
listed(
    router, "/findings", "资格核查事项", lists.FINDINGS, "同一证书编号登记给两名社工：双方、各自的用人单位和报告人。"
)
record(router, "/findings/{finding_id}", "一件资格核查事项", lists.FINDINGS)
listed(router, "/workers", "社工清单", lists.WORKERS, "姓名只给本人、用人单位和市、区民政局看。")
record(router, "/workers/{worker_id}", "社工", lists.WORKERS, "姓名只给本人、用人单位和市、区民政局看。")
listed(router, "/qualifications", "社工资格记录", lists.QUALIFICATIONS, "含不予认可的记录及原因。")
listed(router, "/workforce", "机构社工人数", lists.WORKFORCE)
listed(router, "/staffing", "试点人员配置", lists.STAFFING)
record(router, "/staffing/{project_id}", "一个试点的人员配置", lists.STAFFING, stream="staffing")
listed(router, "/staffing-attempts", "人员核验记录", lists.ATTEMPTS, "每次核验及全部不通过的原因，各注明所据条款。")
listed(router, "/sites", "站点清单", lists.SITES)
record(router, "/sites/{site_id}", "站点", lists.SITES)
listed(router, "/coverage", "站点覆盖", lists.COVERAGE, "按类别：计入覆盖的单元数，其中有开放站点的。")
listed(router, "/linkage-standards", "联动机制规范", lists.STANDARDS)
listed(router, "/leading-groups", "领导小组", lists.GROUPS)
listed(router, "/conferences", "联席会议清单", lists.CONFERENCES)
listed(
    router,
    "/conference-people",
    "联席会议联动人员和负责人员",
    lists.PEOPLE,
    "姓名只给所在街道、社区和市、区民政局看。",
)
listed(router, "/documents", "文件清单", lists.DOCUMENTS)
record(router, "/documents/{document_id}", "文件", lists.DOCUMENTS)
listed(router, "/targets", "政策目标清单", lists.TARGETS)


class SeatRecord(Shape):
    seat: Annotated[Seat, titled("席位")]
    body: Annotated[str, titled("成员单位")]


class PersonRecord(Shape):
    duty: Annotated[Duty, titled("职责")]
    unit: Annotated[UnitCode, titled("行政单元代码", "所在的单元")]
    person: Annotated[PersonId, titled("人员编号")]
    since: Annotated[date, titled("任职起始日期")]
    name: Annotated[str | None, said("姓名", "无权查看、或个人信息已删除时为空")]


class ConferenceParts(Shape):
    seats: Annotated[list[SeatRecord], titled("席位")]
    people: Annotated[list[PersonRecord], titled("联动人员和负责人员")]


ConferenceRecord = create_model("ConferenceRecord", __base__=(ConferenceParts, item_of(lists.CONFERENCES)))


@router.get(
    "/tenants/{district}/conferences/{street}",
    summary="联席会议",
    description="含席位、联动人员和负责人员。",
    response_model=ConferenceRecord,
    openapi_extra={"x-action": "read-registry"},
)
async def show_conference(request: Request, district: Tenant, street: Street, caller: Asks, store: Events) -> Response:
    """With its seats, officers and liaisons."""
    cause = caller.reads("read-registry")
    owner, asked = tenants_of(cause, district, caller.tree), Asked(MOST_COUNTED, values={"street": street})
    async with store.reading(cause) as tx:
        page = await lists.CONFERENCES.page(tx, store, caller, sights_of(request), owner, asked)
        if not page["items"]:
            raise NotFound
        (found,) = page["items"]
        seats = await seats_of(tx, district, street)
        people = await lists.PEOPLE.page(tx, store, caller, sights_of(request), owner, asked)
        version = await version_of(tx, caller, found)
    named = [{name: one[name] for name in PersonRecord.model_fields} for one in people["items"]]
    return shown({**found, "seats": seats, "people": named}, version)
