"""Before the plan: bureaus, divisions, organisations and workers; then the plan itself and what it asks of the city."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.normal import credit_check
from contracts.values import Role
from liandong.demo.stage import Stage, together
from liandong.demo.story import Unit
from liandong.running import SignIn

AT_ONCE = 150
"""Units in one declaration; the interface takes 300."""
SERVICES = ("registry", "casework", "funding", "volunteer")
CONDITIONS = ("sound_governance", "internal_rules", "finance_system", "own_bank_account", "professional_team")
KINDS = {"township": "township", "village": "village"}


@dataclass(frozen=True)
class Part:
    """What a worker brings: a licence of some level, a degree in social work."""

    number: int
    level: str | None
    graduate: bool


TEAM = (Part(1, "intermediate", False), Part(2, "junior", False), Part(3, None, True))
UNFIT = Part(4, None, False)
"""Neither licensed nor a graduate: with this one a team is refused."""


async def play(stage: Stage) -> None:
    await _bureaus(stage)
    await together([_units(stage, district) for district in stage.story.districts])
    declared = sum(len(list(stage.story.below(district))) for district in stage.story.districts)
    stage.tell(None, f"行政区划：{declared} 个单元已申报")
    await _plan(stage)
    await together([_organisation(stage, n, letter) for n, letter in enumerate(stage.story.letters, start=1)])
    stage.tell(
        None, f"机构 {len(stage.cast.organisations)} 家、社工 {len(stage.cast.workers)} 名已登记（均为演示数据）"
    )


async def _bureaus(stage: Stage) -> None:
    """Each below its parent; then every service has heard of all of them."""
    story = stage.story
    province, city = story.raw["province"], story.raw["city"]
    await _tenant(stage, province["code"], province["name"], "province", None)
    await _tenant(stage, city["code"], city["name"], "city", province["code"])
    for district in story.districts:
        await _tenant(stage, district.code, district.name, "district", city["code"])
    wanted = {city["code"], *(district.code for district in story.districts)}

    async def known(service: str) -> None:
        async def heard() -> bool:
            shown = await stage.running.get(service, "/v1/indicators", story.city)
            return wanted <= set(shown["tenants"])

        await stage.until(heard, f"让 {service} 获知全部民政局")

    await together([known(service) for service in SERVICES])
    stage.tell(None, "租户：甘肃省、兰州市和五个试点区已登记，四个服务均已获知")


async def _tenant(stage: Stage, code: str, name: str, level: str, parent: str | None) -> None:
    body = {"tenant_id": code, "name": name, "level": level, "parent": parent, "region": stage.story.raw["region"]}
    await stage.do(f"tenant/{code}", "registry", "/tenants", stage.story.it, stage.story.day("tenants"), body)


async def _units(stage: Stage, district: Unit) -> None:
    who = SignIn(Role.DISTRICT_BUREAU, district.code)
    units = list(stage.story.below(district))
    for start in range(0, len(units), AT_ONCE):
        body = {"units": [_unit(unit) for unit in units[start : start + AT_ONCE]]}
        path = f"/tenants/{district.code}/units"
        await stage.do(f"units/{district.code}/{start}", "registry", path, who, stage.story.day("units"), body)


def _unit(unit: Unit) -> dict[str, str]:
    return {"unit": unit.code, "kind": KINDS[unit.level], "name": unit.name, "parent": unit.parent}


async def _plan(stage: Stage) -> None:
    """The document and its target, the scheme, the standard, the leading group and the service catalogue."""
    story, city, raw = stage.story, stage.story.city, stage.story.raw
    on = story.day("document")
    stage.cast.document = await stage.do("document", "registry", "/documents", city, on, raw["document"])
    await stage.do("target", "registry", f"/documents/{stage.cast.document}/targets", city, on, raw["target"])
    stage.cast.scheme = await stage.do(
        "scheme", "funding", "/schemes", city, story.day("scheme"), {"terms": story.terms}
    )
    stage.tell(None, f"方案：《{story.terms['title']}》已发布，编号 {stage.cast.scheme}")
    standard = {**raw["standard"], "scheme_id": stage.cast.scheme}
    await stage.do("standard", "registry", "/linkage-standards", city, story.day("standard"), standard)
    group = {
        **raw["leading_group"],
        "scheme_id": stage.cast.scheme,
        "divisions": raw["standard"]["divisions"],
        "districts": [district.code for district in story.districts],
        "office": raw["standard"]["office"],
    }
    await stage.do("leading-group", "registry", "/leading-groups", city, story.day("group"), group)
    stage.cast.catalogue = await stage.do(
        "catalogue", "casework", "/catalogues", city, story.day("group"), raw["catalogue"]
    )
    stage.tell(None, "机制：联动规范、领导小组和服务目录已建立")


async def _organisation(stage: Stage, number: int, letter: str) -> None:
    story = stage.story
    attested = [{"condition": condition, "attester": "演示民政局", "evidence": "演示材料"} for condition in CONDITIONS]
    body = {
        "name": f"演示社工机构{letter}",
        "authority": "兰州市民政局",
        "civil_affairs": True,
        "registered_on": "2015-03-01",
        "number": _credit_code(number),
        "attestations": attested,
    }
    organisation = await stage.do(
        f"organisation/{letter}", "registry", "/organisations", story.city, story.day("organisations"), body
    )
    stage.cast.organisations[letter] = organisation
    unfit = [UNFIT] if letter == _redeclaring(stage) else []
    await together([_worker(stage, letter, organisation, part) for part in (*TEAM, *unfit)])


def _credit_code(number: int) -> str:
    """A made-up one, whose check character is right."""
    first = f"52620100DEM{number:06}"
    return first + credit_check(first)


def _redeclaring(stage: Stage) -> str:
    """The organisation whose first declaration will be refused."""
    community = stage.story.raw["redeclares"]
    return next(place.organisation for place in stage.story.places if place.community.code == community)


async def _worker(stage: Stage, letter: str, organisation: str, part: Part) -> None:
    story, name = stage.story, f"{letter}{part.number:02}"
    manager, on = SignIn(Role.ORGANISATION_MANAGER, story.city.tenant, organisation), story.day("workers")
    body = {
        "name": f"演示社工{name}",
        "organisation_id": organisation,
        "major": "social_work" if part.graduate else None,
        "graduated": part.graduate,
    }
    worker = await stage.do(f"worker/{name}", "registry", "/workers", manager, on, body)
    stage.cast.workers[name] = worker
    if part.level is None:
        return
    licence = {
        "level": part.level,
        "licence": f"DEMO-{letter}-{part.number:04}",
        "issued_on": "2020-01-01",
        "evidence": "0" * 64,
    }
    await stage.do(f"licence/{name}", "registry", f"/workers/{worker}/qualifications", manager, on, licence)
