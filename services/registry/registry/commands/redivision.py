"""Changes of a district's units: by its bureau or the city's, on the district's one stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from contracts.fields import Division, Name, Place, Text, like
from contracts.values import DocumentId, TenantId, UnitCode
from kit.auth import Caller
from kit.service import Command, Part
from kit.store import Answer, Store
from registry.commands.streams import DIVISIONS, TENANTS, city_of
from registry.domain import redivision, tenant
from registry.domain.division import Divisions, UnitTold
from registry.domain.redivision import NewUnit, Order


class Ordered(Command):
    """A change holds from `occurred_on` on."""

    document: DocumentId
    reason: Text


class RenameUnit(Ordered):
    name: Name


class NewUnitGiven(Part):
    """`parent` is that of the unit before where none is named."""

    unit: Annotated[Place, like("620102001099")]
    name: Name
    parent: Annotated[Division | None, like("620102001")] = None


class MergeUnits(Ordered):
    """`into` is the code of a unit that stands; for one that is founded, `founded` says its name as well."""

    units: Annotated[tuple[Place, ...], Field(min_length=1, max_length=100)]
    into: Annotated[Place | None, like("620102001002")] = None
    founded: NewUnitGiven | None = None


class SplitUnit(Ordered):
    """One of `into` may have the code of the unit itself, which then stands on."""

    into: Annotated[tuple[NewUnitGiven, ...], Field(min_length=1, max_length=20)]


class AbolishUnit(Ordered):
    """No more than the day, the document and the reason."""


async def rename(store: Store, caller: Caller, tenant_id: TenantId, unit: UnitCode, cmd: RenameUnit) -> Answer:
    return await _change(
        store, caller, "rename-unit", tenant_id, cmd, (),
        lambda known, order: redivision.rename(known, unit=unit, name=cmd.name, order=order),
    )  # fmt: skip


async def merge(store: Store, caller: Caller, tenant_id: TenantId, cmd: MergeUnits) -> Answer:
    founded = _new(cmd.founded) if cmd.founded else None
    return await _change(
        store, caller, "merge-units", tenant_id, cmd, (cmd.founded,) if cmd.founded else (),
        lambda known, order: redivision.merge(
            known, district=tenant_id, units=cmd.units, into=redivision.only(cmd.into, founded), order=order
        ),
    )  # fmt: skip


async def split(store: Store, caller: Caller, tenant_id: TenantId, unit: UnitCode, cmd: SplitUnit) -> Answer:
    into = [_new(part) for part in cmd.into]
    return await _change(
        store, caller, "split-unit", tenant_id, cmd, cmd.into,
        lambda known, order: redivision.split(known, district=tenant_id, unit=unit, into=into, order=order),
    )  # fmt: skip


async def abolish(store: Store, caller: Caller, tenant_id: TenantId, unit: UnitCode, cmd: AbolishUnit) -> Answer:
    return await _change(
        store, caller, "abolish-unit", tenant_id, cmd, (),
        lambda known, order: redivision.abolish(known, unit=unit, order=order),
    )  # fmt: skip


async def _change(
    store: Store,
    caller: Caller,
    action: str,
    district: TenantId,
    cmd: Ordered,
    new: Sequence[NewUnitGiven],
    decide: Callable[[Divisions, Order], Sequence[UnitTold]],
) -> Answer:
    """New units begin with the district's code, or with one that was lent to it."""
    cause, city = caller.may(action, cmd.occurred_on), city_of(caller, district)
    order = Order(cmd.document, cmd.reason, cmd.occurred_on)

    def decided(known: Divisions, above: tenant.Tenant) -> Sequence[UnitTold]:
        for code in {TenantId(one.unit[:6]) for one in new} - {district}:
            if above.lent.get(code) != district:
                raise tenant.ForeignCode(code=code, district=district)
        return decide(known, order)

    return await store.change(
        cause, decided, DIVISIONS.stream(district, tenant=district), reads=TENANTS.stream(city, tenant=city)
    )


def _new(given: NewUnitGiven) -> NewUnit:
    return NewUnit(given.unit, given.name, given.parent)
