"""Projects as they stand (FUN-R2), and what is waiting at them (FUN-R4)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from contracts.values import ProjectId
from funding import lists
from funding.api.records import ProjectRecord, actions_of, whole
from funding.projections.project.records import parts
from kit.service import Asks, Events, listed
from kit.service.lists import day_of

router = APIRouter(tags=["projects"])

Project = Annotated[ProjectId, Path(description="试点编号")]
"""The project that a path names."""

listed(router, "/projects", "试点列表", lists.PROJECTS, "机构、街道、社区和第三方只看到自己的试点（FUN-R2）。")


@router.get(
    "/projects/{project_id}",
    summary="一个试点的进度、节点、人员、评估和提示",
    response_model=ProjectRecord,
    openapi_extra={"x-action": lists.PROJECTS.action},
)
async def show_project(request: Request, project_id: Project, caller: Asks, store: Events) -> Response:
    async def more() -> dict[str, Any]:
        return {"actions": await actions_of(request, caller, store, project_id)}

    return await whole(
        request, caller, store, lists.PROJECTS, project_id, lambda tx: parts(tx, project_id, day_of(caller)), more
    )


listed(router, "/milestones", "倒推工期节点清单", lists.MILESTONES, "各试点的节点，按应完成日期（R-LZ-29）。")
listed(router, "/reports", "评估阶段清单", lists.REPORTS, "各试点的报告、评估和审计办到哪一步（R-LZ-25，FUN-R4）。")
listed(router, "/project-workers", "试点专业社工清单", lists.STAFF, "现任承接机构经核验的社工，已离开的也在内。")
