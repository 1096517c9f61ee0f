"""Tenants and divisions."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.fields import Place, Tenant
from kit.service import Events, Sends, answered
from registry.commands import redivision, tenant

router = APIRouter(tags=["租户"])


@router.post("/tenants", summary="租户登记")
async def register_tenant(cmd: tenant.RegisterTenant, caller: Sends, store: Events) -> Response:
    return answered(await tenant.register_tenant(store, caller, cmd))


@router.post("/tenants/{tenant_id}/populations", summary="人口数申报")
async def declare_population(
    tenant_id: Tenant, cmd: tenant.DeclarePopulation, caller: Sends, store: Events
) -> Response:
    return answered(await tenant.declare_population(store, caller, tenant_id, cmd))


@router.post("/tenants/{tenant_id}/units", summary="行政单元申报")
async def declare_administrative_units(
    tenant_id: Tenant, cmd: tenant.DeclareAdministrativeUnits, caller: Sends, store: Events
) -> Response:
    return answered(await tenant.declare_units(store, caller, tenant_id, cmd))


@router.post("/tenants/{tenant_id}/units/{unit}/name", summary="行政单元更名")
async def rename_unit(
    tenant_id: Tenant, unit: Place, cmd: redivision.RenameUnit, caller: Sends, store: Events
) -> Response:
    return answered(await redivision.rename(store, caller, tenant_id, unit, cmd))


@router.post("/tenants/{tenant_id}/unit-mergers", summary="行政单元合并")
async def merge_units(tenant_id: Tenant, cmd: redivision.MergeUnits, caller: Sends, store: Events) -> Response:
    return answered(await redivision.merge(store, caller, tenant_id, cmd))


@router.post("/tenants/{tenant_id}/units/{unit}/split", summary="行政单元拆分")
async def split_unit(
    tenant_id: Tenant, unit: Place, cmd: redivision.SplitUnit, caller: Sends, store: Events
) -> Response:
    return answered(await redivision.split(store, caller, tenant_id, unit, cmd))


@router.post("/tenants/{tenant_id}/units/{unit}/abolition", summary="行政单元撤销")
async def abolish_unit(
    tenant_id: Tenant, unit: Place, cmd: redivision.AbolishUnit, caller: Sends, store: Events
) -> Response:
    return answered(await redivision.abolish(store, caller, tenant_id, unit, cmd))
