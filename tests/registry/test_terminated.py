"""A project that is terminated needs its own site no more; its street's station stays."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from tests.registry.stage import SPRING, STREET, Lanzhou
from tests.service import CITY, DISTRICT

from contracts.messages.funding import ProjectTerminatedV1
from contracts.values import ProjectId, Role, UnitCode
from registry.commands.streams import position_id, station_id

COMMUNITY = UnitCode("620102001001")


async def test_R_LZ_30_the_site_of_a_terminated_project_is_given_up_and_the_station_stays(lanzhou: Lanzhou) -> None:
    project = ProjectId(uuid4())
    await lanzhou.approve(project, COMMUNITY)
    own, shared = position_id(project), station_id(DISTRICT, STREET)
    gone = SPRING + timedelta(days=3)
    before = await status(lanzhou, str(own)), await status(lanzhou, str(shared))
    for _ in range(2):
        await lanzhou.service.hear(ProjectTerminatedV1(project_id=project), on=gone)
    assert before == ("planned", "planned")
    assert (await status(lanzhou, str(own)), await status(lanzhou, str(shared))) == ("closed", "planned")
    await lanzhou.service.hear(ProjectTerminatedV1(project_id=ProjectId(uuid4())), on=gone)


async def status(lanzhou: Lanzhou, site: str) -> str:
    shown = await lanzhou.service.get(f"/v1/sites/{site}", Role.CITY_BUREAU, CITY)
    return str(shown["status"])
