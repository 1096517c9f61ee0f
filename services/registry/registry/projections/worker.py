"""REG-R3: social workers and their licences.  Names stay in their events; a row says which one."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain import worker
from registry.domain.worker import WorkerEvent

ONE = "where tenant_id = $1 and worker_id = $2"
FREE = "pilot_id = null, from_day = null, to_day = null, locked = false"


async def apply(tx: Tx, event: WorkerEvent, meta: Meta) -> None:
    key = (meta.tenant, event.worker_id)
    match event:
        case worker.SocialWorkerRegistered():
            await _register(tx, event, meta)
        case worker.WorkerEmploymentRecorded():
            await tx.execute(
                f"update worker_list set agency_id = $3, employment = $4 {ONE}",
                *key,
                event.agency_id,
                event.employment.value,
            )
        case worker.WorkerEmploymentEnded():
            await tx.execute(f"update worker_list set agency_id = null, employment = null {ONE}", *key)
        case worker.QualificationRecorded():
            await tx.execute(
                "insert into qualification (tenant_id, worker_id, qualification_id, level, issued_on, evidence)"
                " values ($1, $2, $3, $4, $5, $6)",
                *key,
                event.qualification_id,
                event.level.value,
                event.issued_on,
                event.evidence,
            )
        case worker.QualificationRejected():
            await tx.execute(
                f"update qualification set rejected = $4 {ONE} and qualification_id = $3",
                *key,
                event.qualification_id,
                event.reason,
            )
        case worker.WorkerImpersonationRecorded():
            await tx.execute(f"update worker_list set impersonated = true {ONE}", *key)
        case worker.WorkerAssigned() | worker.WorkerLocked():
            await tx.execute(
                f"update worker_list set pilot_id = $3, from_day = $4, to_day = $5, locked = $6 {ONE}",
                *key,
                event.pilot_id,
                event.from_day,
                event.to_day,
                isinstance(event, worker.WorkerLocked),
            )
        case worker.WorkerUnassigned() | worker.WorkerReleased() | worker.LockedWorkerMoved():
            await tx.execute(f"update worker_list set {FREE} {ONE} and pilot_id = $3", *key, event.pilot_id)
        case worker.WorkerPlaced():
            await tx.execute(
                f"update worker_list set community = $3, site_id = $4 {ONE}", *key, event.community, event.site_id
            )
        case worker.WorkerPlacementEnded():
            await tx.execute(
                f"update worker_list set community = null, site_id = null {ONE} and site_id = $3", *key, event.site_id
            )
        case _:
            assert_never(event)


async def _register(tx: Tx, event: worker.SocialWorkerRegistered, meta: Meta) -> None:
    await tx.execute(
        "insert into worker_list (tenant_id, worker_id, person, name_event, major, graduated)"
        " values ($1, $2, $3, $4, $5, $6)",
        meta.tenant,
        event.worker_id,
        event.name.person,
        meta.event_id,
        event.degree.major if event.degree else None,
        event.degree.graduated if event.degree else False,
    )


WORKER_LIST = Projection("worker_list", 1, ("worker_list", "qualification"), ("worker",), apply)
