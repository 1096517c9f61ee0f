"""Volunteers."""

from __future__ import annotations

from fastapi import APIRouter, Response

from kit.service import Events, Sends, answered, listed, record
from volunteer import lists
from volunteer.commands import volunteer

router = APIRouter()


@router.post("/volunteers", summary="登记志愿者")
async def register_volunteer(cmd: volunteer.RegisterVolunteer, caller: Sends, store: Events) -> Response:
    return answered(await volunteer.register_volunteer(store, caller, cmd))


NAMED = "姓名只给其所在社区、所属机构的组织人员看。"
listed(router, "/volunteers", "志愿者清单", lists.VOLUNTEERS, NAMED)
record(router, "/volunteers/{volunteer_id}", "一名志愿者", lists.VOLUNTEERS, NAMED)
