"""What streets provide: the joint conference, officers, premises, equipment and the plaque of the station."""

from __future__ import annotations

from typing import Any

from liandong.demo.stage import Stage, together
from liandong.demo.story import Place

SEATS = {
    "government": "{street}",
    "social_work_organisation": "演示社工机构{letter}",
    "social_organisation": "演示社区社会组织联合会",
    "resident": "演示居民代表小组",
}


async def prepare(stage: Stage) -> None:
    """The conference of each project's street, and one officer for the street and one for the community."""
    await together([_conference(stage, place) for place in stage.story.places])
    stage.tell(None, "联席会议：十个街道（镇）已启动，社区和街道各明确一名负责人员")


async def furnish(stage: Stage) -> None:
    """Each project's position, and its street's station: furnished by the street and opened."""
    await together([_furnished(stage, place) for place in stage.story.places])
    stage.tell(None, "阵地：设备配齐、街道社工站已挂牌开放")


async def _conference(stage: Stage, place: Place) -> None:
    street, on = place.street, stage.story.day("conference")
    conferences = f"/tenants/{place.district.code}/conferences"
    path = f"{conferences}/{street.code}"

    async def do(step: str, where: str, body: dict[str, Any] | None = None) -> None:
        await stage.do(f"conference/{street.code}/{step}", "registry", where, place.officer, on, body)

    await do("establish", conferences, {"street": street.code, "office": "联席会议办公室"})
    for seat, body in SEATS.items():
        named = body.format(street=street.name, letter=place.organisation)
        await do(f"seat/{seat}", f"{path}/seats", {"seat": seat, "body": named})
    await do("liaison", f"{path}/liaisons", {"name": f"演示联动员{place.organisation}"})
    await do("officer/street", f"{path}/officers", {"unit": street.code, "name": f"演示街道负责人{place.organisation}"})
    officer = {"unit": place.community.code, "name": f"演示社区负责人{place.organisation}"}
    await do("officer/community", f"{path}/officers", officer)
    await do("open", f"{path}/open")
    await do("meeting", f"{path}/meetings", {"agenda": "研究试点启动准备工作（演示）"})


async def _furnished(stage: Stage, place: Place) -> None:
    story, street = stage.story, place.street
    position, station = await _planned(stage, place)
    project = stage.project(place)

    async def do(step: str, path: str, day: str, body: dict[str, Any] | None = None) -> None:
        on = story.day(day)
        await stage.do(f"site/{place.community.code}/{step}", "registry", f"/sites/{path}", place.officer, on, body)

    for name, site in (("position", position), ("station", station)):
        area = {"square_metres": "120", "provider": street.name}
        await do(f"{name}/premises", f"{site}/premises", "site", area)
    for item in story.raw["standard"]["equipment"]:
        body = {**item, "provider": street.name}
        await do(f"equipment/{item['device']}", f"{position}/equipment", "site", body)
    await do("position/plaque", f"{position}/plaques", "site", {"plaque": "社会工作室"})
    await do("station/plaque", f"{station}/plaques", "site", {"plaque": f"{street.name}社工站", "project_id": project})
    for name, site in (("position", position), ("station", station)):
        await do(f"{name}/open", f"{site}/open", "open")


async def _planned(stage: Stage, place: Place) -> tuple[str, str]:
    """The sites that the registry planned when it heard of the approval."""
    found: dict[str, str] = {}

    async def there() -> bool:
        for name, host in (("position", place.community.code), ("station", place.street.code)):
            async for site in stage.running.pages("registry", "/v1/sites", place.bureau, host=host):
                found[name] = site["site_id"]
        return len(found) == 2

    await stage.until(there, f"规划{place.label}的站点")
    return found["position"], found["station"]
