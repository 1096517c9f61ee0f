"""What a service believes of an announced bureau, and what its database never holds."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy

from contracts.messages.registry import TenantLevel, TenantRegisteredV1
from contracts.values import TenantId
from kit import clock
from kit.bus import Envelope
from kit.errors import NotKnownYet
from kit.service.access import KIT_POLICY
from kit.service.tenants import ParentChanged, ParentItself, TenantOfAnother, note_tenant
from kit.store import rebuild_tenants
from kit.store.tenants import ADD
from kit.tenancy import tree

CITY, HERE, THERE = TenantId("620100"), TenantId("620102"), TenantId("620104")


async def hear(toy: Toy, tenant: TenantId, parent: TenantId | None, *, teller: TenantId | None = None) -> None:
    """The announcement of `tenant`, on the stream of `teller`; its own if not said otherwise."""
    message = TenantRegisteredV1(tenant_id=tenant, name="演示民政局", level=TenantLevel.DISTRICT, parent=parent)
    envelope = Envelope(
        event_id=uuid4(),
        type=message.TYPE,
        version=message.VERSION,
        region="test",
        tenant=teller or tenant,
        stream=f"tenant/{teller or tenant}",
        stream_version=1,
        sequence=1,
        occurred_on=date(2022, 6, 1),
        recorded_at=clock.now(),
        correlation=uuid4(),
        consumer="toy",
        policy=KIT_POLICY,
        tree=await tree(toy.app),
    )
    await note_tenant(toy.store, message, envelope)


async def known(toy: Toy) -> dict[str, str | None]:
    return {row["tenant_id"]: row["parent"] for row in await toy.app.fetch("select tenant_id, parent from tenant")}


async def test_a_bureau_is_noted_below_its_parent_once(toy: Toy) -> None:
    await hear(toy, CITY, None)
    await hear(toy, HERE, CITY)
    await hear(toy, HERE, CITY)
    assert await known(toy) == {CITY: None, HERE: CITY}
    assert await toy.rebuild.fetchval("select count(*) from event where stream = $1", f"tenant-note/{HERE}") == 1


async def test_no_bureau_speaks_of_another(toy: Toy) -> None:
    await hear(toy, CITY, None)
    await hear(toy, HERE, CITY)
    with pytest.raises(TenantOfAnother):
        await hear(toy, THERE, HERE, teller=HERE)
    assert await known(toy) == {CITY: None, HERE: CITY}


async def test_a_child_waits_for_its_parent(toy: Toy) -> None:
    with pytest.raises(NotKnownYet):
        await hear(toy, HERE, CITY)
    await hear(toy, CITY, None)
    await hear(toy, HERE, CITY)
    assert await known(toy) == {CITY: None, HERE: CITY}


async def test_no_messages_make_a_circle(toy: Toy) -> None:
    for tenant, parent in ((HERE, THERE), (THERE, HERE)):
        with pytest.raises(NotKnownYet):
            await hear(toy, tenant, parent)
    with pytest.raises(ParentItself):
        await hear(toy, HERE, HERE)
    await hear(toy, HERE, None)
    await hear(toy, THERE, HERE)
    with pytest.raises(ParentChanged):
        await hear(toy, HERE, THERE)
    assert await known(toy) == {HERE: None, THERE: HERE}


async def test_the_table_holds_no_circle_and_no_service_moves_a_bureau(toy: Toy) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await toy.app.execute(ADD, HERE, "演示", "any", HERE)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await toy.app.execute(ADD, HERE, "演示", "any", THERE)
    await toy.app.execute(ADD, HERE, "演示", "any", None)
    await toy.app.execute(ADD, THERE, "演示", "any", HERE)
    for statement in ("update tenant set parent = '620104' where tenant_id = '620102'", "delete from tenant"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await toy.app.execute(statement)
    await toy.app.execute("update tenant set name = '演示二' where tenant_id = '620102'")


@pytest.mark.parametrize("role", ["app", "rebuild"])
@pytest.mark.parametrize("depths", [(1, 1), (1, 2), (2, 1), (0, 0), (0, 1), (-1, 0), (-32768, 32767)])
async def test_no_two_rows_of_one_statement_make_a_circle(toy: Toy, role: str, depths: tuple[int, int]) -> None:
    """A foreign key alone is looked at when the statement ends, and finds both."""
    circle = (
        "insert into tenant (tenant_id, name, level, parent, depth)"
        f" values ('999991', 'a', 'city', '999992', {depths[0]}), ('999992', 'b', 'city', '999991', {depths[1]})"
    )
    with pytest.raises((asyncpg.IntegrityConstraintViolationError, asyncpg.NumericValueOutOfRangeError)):
        await getattr(toy, role).execute(circle)


@pytest.mark.parametrize("role", ["app", "relay", "rebuild"])
async def test_no_running_role_gives_a_bureau_another_parent(toy: Toy, role: str) -> None:
    await toy.app.execute(ADD, HERE, "演示", "any", None)
    for change in ("parent = null, depth = 0", "parent = '620103'", "depth = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await getattr(toy, role).execute(f"update tenant set {change}")


async def test_the_tree_rebuilt_from_what_was_noted_is_the_same(toy: Toy) -> None:
    for tenant, parent in ((CITY, None), (HERE, CITY), (THERE, HERE)):
        await hear(toy, tenant, parent)
    live = await toy.app.fetch("select * from tenant order by 1")
    assert [(row["tenant_id"], row["depth"]) for row in live] == [(CITY, 0), (HERE, 1), (THERE, 2)]
    assert await rebuild_tenants(toy.rebuild, toy.store.mapper) == 3
    assert await toy.app.fetch("select * from tenant order by 1") == live
