"""The tree of bureaus that requests are judged by: never older than what this process has committed."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, THERE

from contracts.values import TenantId
from kit.service.runtime import Trees
from kit.store.tenants import ADD

CITY = TenantId("620100")


async def test_nobody_is_judged_by_the_tree_from_before_a_commit(toy: Toy) -> None:
    """Also not who comes while the first one to notice is still reading."""
    trees = Trees(toy.app, toy.store.tenants)
    assert HERE not in await trees.now()
    other = await asyncpg.connect(toy.urls["owner"])
    transaction = other.transaction()
    await transaction.start()
    await other.execute("lock table tenant in access exclusive mode")
    await other.execute(ADD, HERE, "演示", "any", None)
    toy.store.tenants.ring()
    both = [asyncio.create_task(trees.now()) for _ in range(2)]
    done, _ = await asyncio.wait(both, timeout=0.3)
    assert done == set(), "answered with a tree that was not read since"
    await transaction.commit()
    await other.close()
    assert all(HERE in tree for tree in await asyncio.gather(*both))


async def test_many_who_come_at_once_share_one_reading(toy: Toy) -> None:
    trees = Trees(toy.app, toy.store.tenants)
    toy.store.tenants.ring()
    found = await asyncio.gather(*(trees.now() for _ in range(20)))
    assert len({id(tree) for tree in found}) == 1


async def test_what_another_process_committed_is_seen_after_a_second(toy: Toy) -> None:
    trees = Trees(toy.app, toy.store.tenants)
    await trees.now()
    await toy.app.execute(ADD, HERE, "演示", "any", None)
    await asyncio.sleep(Trees.SECONDS)
    assert HERE in await trees.now()


async def test_a_database_that_is_away_leaves_no_old_tree_behind(toy: Toy) -> None:
    trees = Trees(toy.app, toy.store.tenants)
    await trees.now()
    toy.store.tenants.ring()
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("alter table tenant rename to elsewhere")
    with pytest.raises(asyncpg.UndefinedTableError):
        await trees.now()
    with pytest.raises(asyncpg.UndefinedTableError):
        await trees.now()
    await owner.execute("alter table elsewhere rename to tenant")
    await owner.close()
    assert HERE not in await trees.now()


async def test_a_circle_in_the_table_leaves_the_others_alone(toy: Toy) -> None:
    """Not even where somebody took the table's own guard away."""
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("alter table tenant drop constraint tenant_parent_fkey")
    await owner.close()
    for tenant, parent in ((CITY, None), (HERE, CITY), (THERE, TenantId("620199")), (TenantId("620199"), THERE)):
        await toy.app.execute(ADD, tenant, "演示", "any", parent)
    tree = await Trees(toy.app, toy.store.tenants).now()
    assert tree.ancestors(HERE) == (CITY,)
    assert tree.circles == {THERE, TenantId("620199")}
    assert tree.line(THERE) == (THERE,)
