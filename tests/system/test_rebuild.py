"""I4: whatever is shown can be thrown away and made again from the events."""

from __future__ import annotations

import pytest
from tests.system import proof
from tests.system.conftest import Played


@pytest.mark.parametrize("service", proof.DEFINITIONS)
async def test_every_read_table_belongs_to_a_projection(calm: Played, service: str) -> None:
    assert await proof.read_tables(calm.region, service) == proof.tables(proof.DEFINITIONS[service])


async def test_every_projection_of_every_service_emptied_and_rebuilt_has_the_same_rows(calm: Played) -> None:
    region = calm.region
    live = await proof.rows(region)
    empty = {".".join(name) for name, found in live.items() if not found}
    assert len(live) - len(empty) > 15, f"hardly anything to compare: {sorted(empty)}"
    for service, definition in proof.DEFINITIONS.items():
        async with proof.database(region, service) as db:
            for table in proof.tables(definition):
                await db.execute(f"delete from {table}")
    assert len(proof.differences(live, await proof.rows(region))) == len(live) - len(empty)
    await proof.rebuild_as_an_operator_does(region)
    assert proof.differences(live, await proof.rows(region)) == {}


async def test_a_row_that_no_event_made_does_not_survive_a_rebuild(calm: Played) -> None:
    live = await proof.rows(calm.region)
    async with proof.database(calm.region, "funding") as db:
        await db.execute("update versions.project_list set community_name = '伪造' where true")
    assert proof.differences(live, await proof.rows(calm.region)).keys() == {"funding.versions.project_list"}
    await proof.rebuild(calm.region, "funding")
    assert proof.differences(live, await proof.rows(calm.region)) == {}
