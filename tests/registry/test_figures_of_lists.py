"""What the registry's figures are, on every day: what Python counts in the lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

from tests.lists import Row
from tests.registry.service import CITY
from tests.registry.stage import SCHEME, SECOND, Lanzhou, furnish, organisation, worker
from tests.registry.test_counted import another_site
from tests.registry.test_flags import DAYS, a_year_and_more
from tests.registry.test_lists import NEXT_YEAR, reader
from tests.synthetic import credit_code

from contracts.messages.funding import CredentialImpersonationFoundV1
from contracts.values import ProjectId, Role

Figures = dict[tuple[str, ...], Any]
"""By tenant and what each dimension says, in the order of their names."""


async def a_second_project(lanzhou: Lanzhou) -> None:
    """With more computers and no lock, until its organisation loses it; and a second site in the first's community."""
    await another_site(lanzhou)
    first, project = lanzhou.project, ProjectId(uuid4())
    await lanzhou.approve(project, SECOND)
    lanzhou.project = project
    await furnish(lanzhou, computers=4)
    other = await organisation(lanzhou.service, "演示社工服务中心丙", credit_code(3))
    levels = (("senior", False), ("junior", False), (None, True))
    team = [
        await worker(lanzhou.service, other, f"演示社工丙0{n}", level, graduate)
        for n, (level, graduate) in enumerate(levels)
    ]
    await lanzhou.declare(*team, project=project, organisation=other)
    lanzhou.project = first
    facts: dict[str, Any] = {"organisation_id": other, "scheme_id": SCHEME, "worker_id": team[1]}
    await lanzhou.service.hear(CredentialImpersonationFoundV1(project_id=project, **facts), on=NEXT_YEAR)


def counted(
    rows: Iterable[Row],
    *by: str,
    value: Callable[[Row], Any] = lambda _: 1,
    total: Callable[[Sequence[Any]], Any] = sum,
) -> Figures:
    """The total of the rows' values, by tenant and those fields."""
    values: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        values.setdefault((row["tenant_id"], *(str(row[name]) for name in sorted(by))), []).append(value(row))
    return {place: total(found) for place, found in values.items()}


def of(field: str) -> Callable[[Row], Any]:
    return lambda row: row[field]


def staffing(rows: list[Row], workers: list[Row]) -> dict[str, Figures]:
    staffed = [row for row in rows if row["verified_on"] is not None and row["ending"] != "organisation_revoked"]
    bound = [row for row in staffed if row["from_day"] is not None]
    return {
        "verified_projects": counted(staffed),
        "workers_per_project": counted(staffed, value=of("headcount"), total=max),
        "licensed_per_project": counted(staffed, value=of("licensed_min"), total=min),
        "intermediate_per_project": counted(staffed, value=of("intermediate_min"), total=min),
        "sw_graduates_per_project": counted(staffed, value=of("sw_graduate_min"), total=max),
        "locked_per_project": counted(bound, value=of("locked_min"), total=min),
        "posted_workers": counted(staffed, value=of("headcount")),
        "licensed_workers_required": counted(staffed, value=of("licensed_min")),
        "intermediate_workers_required": counted(staffed, value=of("intermediate_min")),
        "licensed_workers_posted": counted(staffed, value=of("licensed")),
        "intermediate_workers_posted": counted(staffed, value=of("intermediate")),
        "locked_worker_breaches": counted(rows, value=of("breaches")),
        "workers_locked": counted([row for row in workers if row["locked"]]),
    }


def places(sites: list[Row], units: list[Row]) -> dict[str, Figures]:
    pieces = Counter[tuple[str, str, str]]()
    for site in sites:
        for one in site["equipment"]:
            if one["project_id"] is not None:
                pieces[site["tenant_id"], one["project_id"], one["device"]] += one["count"]
    equipment = [{"tenant_id": tenant, "device": device, "n": n} for (tenant, _, device), n in pieces.items()]
    opened = [site for site in sites if site["status"] == "open"]
    covered = {(site["tenant_id"], site["host"]) for site in opened}
    declared = [unit for unit in units if unit["counted"]]
    return {
        "equipment_per_project": counted(equipment, "device", value=of("n"), total=min),
        "sites_open": counted(opened, "level"),
        "units_covered": counted(declared, "kind", value=lambda unit: (unit["tenant_id"], unit["unit"]) in covered),
        "units_declared": counted(declared, "kind"),
    }


def mechanism(people: list[Row], conferences: list[Row], groups: list[Row]) -> dict[str, Figures]:
    officers = Counter((one["tenant_id"], one["unit"]) for one in people if one["duty"] == "officer")
    units = [{"tenant_id": tenant, "n": n} for (tenant, _), n in officers.items()]
    return {
        "officers_per_unit": counted(units, value=of("n"), total=max),
        "units_with_officer": counted(units),
        "conferences_open": counted([one for one in conferences if one["opened_on"] is not None]),
        "leading_group_divisions": counted(groups, "scheme_id", value=lambda group: len(group["divisions"])),
    }


def papers(documents: list[Row], targets: list[Row]) -> dict[str, Figures]:
    return {
        "policy_target_year": counted(targets, "code", value=of("year"), total=min),
        "documents_issued": counted(documents, "published_at", "title"),
        "document_published_at": counted(documents, "title", value=of("published_at"), total=min),
    }


def people(organisations: list[Row], workers: list[Row]) -> dict[str, Figures]:
    employed = [one for one in workers if one["organisation_id"] is not None]
    return {
        "organisations": counted(organisations),
        "organisations_blacklisted": counted([one for one in organisations if one["listed_by"] is not None]),
        "employed_workers": counted(employed),
        "full_time_workers": counted(employed, value=lambda one: one["employment"] == "full_time"),
        "licensed_workers": counted(employed, value=of("licensed")),
    }


async def lists_say(lanzhou: Lanzhou, on: str) -> dict[str, Figures]:
    async def rows(name: str) -> list[Row]:
        page = await reader(lanzhou, name).page(limit=200, as_of=on)
        assert page["cursor"] is None
        found: list[Row] = page["items"]
        return found

    workers = await rows("WORKERS")
    return {
        **staffing(await rows("STAFFING"), workers),
        **places(await rows("SITES"), await rows("UNITS")),
        **mechanism(await rows("PEOPLE"), await rows("CONFERENCES"), await rows("GROUPS")),
        **papers(await rows("DOCUMENTS"), await rows("TARGETS")),
        **people(await rows("ORGANISATIONS"), workers),
    }


async def figures_say(lanzhou: Lanzhou, on: str) -> dict[str, Figures]:
    body = await lanzhou.service.get("/v1/indicators", Role.CITY_BUREAU, CITY, as_of=on)
    return {
        one["id"].removeprefix("registry."): {
            (figure["tenant_id"], *(value for _, value in sorted(figure["dimensions"].items()))): figure["value"]
            for figure in one["figures"]
        }
        for one in body["indicators"]
    }


async def test_every_figure_is_what_the_lists_say_on_every_day(lanzhou: Lanzhou) -> None:
    await a_second_project(lanzhou)
    await a_year_and_more(lanzhou)
    some: set[str] = set()
    for day in DAYS:
        listed, told = await lists_say(lanzhou, day.isoformat()), await figures_say(lanzhou, day.isoformat())
        assert told == listed, day
        some |= {name for name, found in told.items() if found}
    assert some == told.keys()
