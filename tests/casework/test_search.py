"""Finding the persons of the ledger: for the organisation that works with them now, and for nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from tests.casework.stage import COMMUNITY, Project
from tests.service import CITY, DAY, DISTRICT, OTHER_DISTRICT, headers

from contracts.messages.registry import SiteOpenedV1, WorkerPlacedV1, WorkerPlacementEndedV1
from contracts.values import OrganisationId, Role, SiteId, WorkerId
from kit import telemetry
from kit.store import rebuild_names
from kit.telemetry import spans

NAME = "单演示"


async def ask(
    project: Project,
    typed: str,
    role: Role = Role.SOCIAL_WORKER,
    unit: str | None = None,
    tenant: str = DISTRICT,
    **asked: Any,
) -> httpx.Response:
    sent = headers(role, tenant, unit or str(project.organisation), None)
    return await project.service.http.get("/v1/search", params={"q": typed, **asked}, headers=sent)


async def found(project: Project, typed: str, *who: Any, **asked: Any) -> list[str]:
    answer = await ask(project, typed, *who, **asked)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def person_of(project: Project, entry: UUID) -> UUID:
    told = [orjson.loads(raw)["data"] for raw in await project.service.history("raw")]
    (name,) = [data["name"] for data in told if data.get("entry_id") == str(entry) and "name" in data]
    return UUID(name["$sealed"]["person"])


async def prefixes_of(project: Project, person: UUID) -> int:
    keys = project.service.held.vault._pool
    return int(await keys.fetchval("select count(*) from person_prefix where person_id = $1", person))


async def test_a_worker_finds_whom_the_organisation_serves_by_every_beginning(project: Project) -> None:
    entry = await project.enrol(NAME)
    for typed in ("单", "单演", NAME, "d", "sys", "cys", "danyan", "shanyanshi", "Ｄｙ"):
        assert await found(project, typed) == [NAME], typed
        assert await found(project, typed, Role.SUPERVISOR) == [NAME], typed
    (item,) = (await ask(project, "单")).json()["items"]
    assert (item["id"], item["path"], item["code"]) == (str(entry), f"/v1/entries/{entry}", COMMUNITY)
    for typed in ("演示", "anyan", "单演示甲", "x"):
        assert await found(project, typed) == [], typed


async def test_nobody_else_can_tell_whether_there_is_such_a_person(project: Project) -> None:
    await project.enrol(NAME)
    for who in (
        (Role.SOCIAL_WORKER, str(uuid4())),
        (Role.SUPERVISOR, str(uuid4())),
        (Role.SOCIAL_WORKER, str(project.organisation), OTHER_DISTRICT),
        (Role.SOCIAL_WORKER, str(uuid4()), OTHER_DISTRICT),
    ):
        there, nobody = await ask(project, NAME, *who), await ask(project, "无此人", *who)
        assert (there.status_code, there.content) == (nobody.status_code, nobody.content)
        assert there.json() == {"items": [], "more": False}
    for role in set(Role) - {Role.SOCIAL_WORKER, Role.SUPERVISOR, Role.SYSTEM}:
        answer = await ask(project, NAME, role)
        assert answer.status_code == 403 or answer.json() == {"items": [], "more": False}, role


async def test_who_lost_the_project_finds_nobody_and_whoever_took_it_over_does(project: Project) -> None:
    await project.enrol(NAME)
    other = await project.taken_over()
    assert await found(project, NAME) == []
    assert await found(project, NAME, as_of=DAY.isoformat()) == []
    assert await found(project, NAME, Role.SOCIAL_WORKER, str(other)) == [NAME]


async def test_who_is_placed_at_the_site_finds_its_persons_until_the_last_one_left(project: Project) -> None:
    site, organisation, worker = SiteId(uuid4()), OrganisationId(uuid4()), WorkerId(uuid4())
    await project.service.hear(SiteOpenedV1(site_id=site, level=4, community=COMMUNITY, project_id=None))
    placed = WorkerPlacedV1(
        worker_id=worker, organisation_id=organisation, site_id=site, project_id=None, community=COMMUNITY
    )
    await project.service.hear(placed, tenant=CITY)
    entry = await project.enrol(NAME)
    there = (Role.SOCIAL_WORKER, str(organisation))
    assert await found(project, NAME, *there) == []
    body = {"place_id": str(site), "findings": "走访记录正文", "worker_id": str(worker)}
    answer = await project.service.post(f"/v1/entries/{entry}/visits", body, Role.SOCIAL_WORKER, unit=str(organisation))
    assert answer.status_code == 200, answer.text
    assert await found(project, NAME, *there) == [NAME]
    assert (
        await project.service.http.get(f"/v1/entries/{entry}", headers=headers(there[0], DISTRICT, there[1], None))
    ).is_success
    await project.service.hear(WorkerPlacementEndedV1(worker_id=worker, site_id=site), tenant=CITY)
    assert await found(project, NAME, *there) == []
    assert await found(project, NAME) == [NAME]


async def test_an_erased_person_is_found_by_nobody_and_no_rebuild_brings_one_back(project: Project) -> None:
    entry, kept = await project.enrol(NAME), await project.enrol("单演示乙")
    person, held = await person_of(project, entry), project.service.held
    assert await prefixes_of(project, person) > 10
    await held.vault.destroy(DISTRICT, person)
    assert (await prefixes_of(project, person), await found(project, "单")) == (0, ["单演示乙"])
    await project.visit(entry)  # seals again, under a new key
    async with project.service.open_rebuild() as pool:
        assert await rebuild_names(pool, held.store.mapper, held.vault, held.store.people) == 2
    assert (await prefixes_of(project, person), await found(project, "单")) == (0, ["单演示乙"])
    assert await prefixes_of(project, await person_of(project, kept)) > 10


async def test_a_key_that_is_in_memory_elsewhere_brings_no_beginning_back(project: Project) -> None:
    """Another process destroys it; this one still holds it, and rebuilds."""
    entry = await project.enrol(NAME)
    person, held = await person_of(project, entry), project.service.held
    await held.vault._pool.execute("delete from data_key where person_id = $1", person)
    async with project.service.open_rebuild() as pool:
        assert await rebuild_names(pool, held.store.mapper, held.vault, held.store.people) == 1
    assert await prefixes_of(project, person) == 0


async def test_names_are_found_again_by_a_rebuild(project: Project) -> None:
    entry = await project.enrol(NAME)
    person, held = await person_of(project, entry), project.service.held
    before = await prefixes_of(project, person)
    async with project.service.open_rebuild() as pool:
        await rebuild_names(pool, held.store.mapper, held.vault, held.store.people)
    assert await prefixes_of(project, person) == before


async def test_no_log_span_metric_or_table_has_what_was_typed(project: Project, capfd: Any) -> None:
    canary = "龘演示金丝雀"
    ring = spans.Ring()  # of this test: the process may send its spans to a collector instead of keeping them
    spans.provider().add_span_processor(SimpleSpanProcessor(ring))
    await project.enrol(canary)
    assert await found(project, canary) == [canary]
    assert (await ask(project, canary, Role.ORGANISATION_MANAGER)).status_code == 403
    assert (await ask(project, canary, kind="planet")).status_code == 422
    assert (await ask(project, f"{canary}\n")).status_code == 422
    telemetry.flush()
    logged = "".join(capfd.readouterr())
    traced = "".join(span.to_json(indent=None) for span in ring.recent())
    metrics = (await project.service.http.get("/metrics")).text
    assert "/v1/search" in traced
    assert "/v1/search" in metrics
    async with project.service.open_rebuild() as pool:
        tables = await pool.fetch(
            "select oid::regclass::text as name from pg_class where relkind = 'r'"
            " and relnamespace::regnamespace::text = any ('{public,versions}') and has_table_privilege(oid, 'select')"
        )
        kept = [str([tuple(row) for row in await pool.fetch(f"select * from {t['name']}")]) for t in tables]
    said = [logged, traced, metrics, *kept]
    for typed in (canary, "%E9%BE%98", "龘", canary.encode("unicode-escape").decode()):
        assert [text for text in said if typed in text] == [], typed
