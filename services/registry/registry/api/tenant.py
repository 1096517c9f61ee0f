"""Tenants and divisions."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.fields import Tenant
from kit.service import Events, Sends, answered
from registry.commands import tenant

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
