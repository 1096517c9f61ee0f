"""REG-R3 in numbers: how many workers each agency has, and of what kind.  Many workers feed one agency's row.

Full-time and licensed are independent attributes; neither implies the other (R-TC-03).
"""

from __future__ import annotations

from typing import Any, assert_never
from uuid import UUID

from kit.store import Meta, Projection, Tx
from registry.domain import worker
from registry.domain.worker import SOCIAL_WORK, Employment, Qualified, WorkerEvent

ONE = "where tenant_id = $1 and worker_id = $2"
LICENCES = f"""
update workforce_member set
  licences = (select count(*) from workforce_licence {ONE}),
  higher = (select count(*) from workforce_licence {ONE} and higher)
{ONE}"""
COUNT = """
insert into workforce (tenant_id, agency, workers, full_time, licensed, intermediate, sw_graduates)
select $1, $2::uuid::text, count(*), count(*) filter (where full_time),
  count(*) filter (where licences > 0 and not impersonated),
  count(*) filter (where higher > 0 and not impersonated), count(*) filter (where graduate)
from workforce_member where tenant_id = $1 and agency_id = $2::uuid
on conflict (tenant_id, agency) do update set workers = excluded.workers, full_time = excluded.full_time,
  licensed = excluded.licensed, intermediate = excluded.intermediate, sw_graduates = excluded.sw_graduates"""


async def apply(tx: Tx, event: WorkerEvent, meta: Meta) -> None:
    key = (meta.tenant, event.worker_id)
    before = await _agency(tx, key)
    match event:
        case worker.SocialWorkerRegistered():
            degree = event.degree
            await tx.execute(
                "insert into workforce_member (tenant_id, worker_id, graduate) values ($1, $2, $3)",
                *key,
                degree is not None and degree.graduated and degree.major == SOCIAL_WORK,
            )
        case worker.WorkerEmploymentRecorded():
            await tx.execute(
                f"update workforce_member set agency_id = $3, full_time = $4 {ONE}",
                *key,
                event.agency_id,
                event.employment is Employment.FULL_TIME,
            )
        case worker.WorkerEmploymentEnded():
            await tx.execute(f"update workforce_member set agency_id = null, full_time = false {ONE}", *key)
        case worker.QualificationRecorded():
            await tx.execute(
                "insert into workforce_licence (tenant_id, worker_id, qualification_id, higher)"
                " values ($1, $2, $3, $4)",
                *key,
                event.qualification_id,
                event.level is not Qualified.JUNIOR,
            )
            await tx.execute(LICENCES, *key)
        case worker.QualificationRejected():
            await tx.execute(
                f"delete from workforce_licence {ONE} and qualification_id = $3", *key, event.qualification_id
            )
            await tx.execute(LICENCES, *key)
        case worker.WorkerImpersonationRecorded():
            await tx.execute(f"update workforce_member set impersonated = true {ONE}", *key)
        case (
            worker.WorkerAssigned()
            | worker.WorkerUnassigned()
            | worker.WorkerLocked()
            | worker.WorkerReleased()
            | worker.LockedWorkerMoved()
            | worker.WorkerPlaced()
            | worker.WorkerPlacementEnded()
        ):
            return  # whose workers they are, and of what kind, stays
        case _:
            assert_never(event)
    for agency in {before, await _agency(tx, key)} - {None}:
        await tx.execute(COUNT, meta.tenant, agency)


async def _agency(tx: Tx, key: tuple[Any, ...]) -> UUID | None:
    found: UUID | None = await tx.fetchval(f"select agency_id from workforce_member {ONE}", *key)
    return found


WORKFORCE = Projection("workforce", 1, ("workforce_member", "workforce_licence", "workforce"), ("worker",), apply)
