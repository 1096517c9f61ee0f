"""Social workers."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from contracts.values import WorkerId
from kit.service import Events, Sends, answered
from registry.commands import worker

router = APIRouter(tags=["社工"])


@router.post("/workers", summary="社工登记")
async def register_worker(cmd: worker.RegisterWorker, caller: Sends, store: Events) -> Response:
    return answered(await worker.register_worker(store, caller, cmd))


@router.post("/workers/{worker_id}/employment", summary="用人单位登记")
async def record_employment(
    worker_id: WorkerId, cmd: worker.RecordEmployment, caller: Sends, store: Events
) -> Response:
    return answered(await worker.record_employment(store, caller, worker_id, cmd))


@router.post("/workers/{worker_id}/employment/end", summary="用人关系终止")
async def end_employment(worker_id: WorkerId, cmd: worker.EndEmployment, caller: Sends, store: Events) -> Response:
    return answered(await worker.end_employment(store, caller, worker_id, cmd))


@router.post("/workers/{worker_id}/qualifications", summary="取证登记")
async def record_qualification(
    worker_id: WorkerId, cmd: worker.RecordQualification, caller: Sends, store: Events
) -> Response:
    return answered(await worker.record_qualification(store, caller, worker_id, cmd))


@router.post("/workers/{worker_id}/qualifications/{qualification_id}/reject", summary="资格不予认定")
async def reject_qualification(
    worker_id: WorkerId, qualification_id: UUID, cmd: worker.RejectQualification, caller: Sends, store: Events
) -> Response:
    return answered(await worker.reject_qualification(store, caller, worker_id, qualification_id, cmd))


@router.post("/workers/{worker_id}/place", summary="派驻站点")
async def place_worker(worker_id: WorkerId, cmd: worker.PlaceWorker, caller: Sends, store: Events) -> Response:
    return answered(await worker.place_worker(store, caller, worker_id, cmd))


@router.post("/workers/{worker_id}/remove", summary="退出试点")
async def remove_worker(worker_id: WorkerId, cmd: worker.RemoveWorker, caller: Sends, store: Events) -> Response:
    return answered(await worker.remove_worker(store, caller, worker_id, cmd))
