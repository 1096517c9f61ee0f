"""Lists over HTTP on real engines: what they can be asked for, in which order, and a page at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.funding import stage
from tests.funding.lists_stage import BOOKED_ON, REPORTED_ON, REVERSED_ON, City
from tests.funding.stage import Project
from tests.funding.test_service import refused
from tests.lists import Reader, answers_as_python_does, listings, refuses_what_it_cannot_answer, sorts_never_change
from tests.service import CITY, DISTRICT, OTHER_DISTRICT, headers

from contracts.values import Role, TenantId
from funding import lists
from funding.api import records
from kit.service import Listing
from kit.service.shapes import page_of

LISTS: dict[str, Listing] = {
    "schemes": lists.SCHEMES,
    "projects": lists.PROJECTS,
    "milestones": lists.MILESTONES,
    "reports": lists.REPORTS,
    "project-workers": lists.STAFF,
    "budgets": lists.BUDGETS,
    "budget-lines": lists.LINES,
    "expenses": lists.EXPENSES,
    "reversals": lists.REVERSALS,
}
Json = dict[str, Any]


async def asked(city: City, name: str, role: Role = Role.CITY_BUREAU, unit: str | None = None, **params: Any) -> Json:
    """A page, which fits what is said of it."""
    tenant = params.pop("at", CITY)
    answer = await city.service.http.get(f"/v1/{name}", params=params, headers=headers(role, tenant, unit, None))
    assert answer.status_code == 200, answer.text
    page_of(LISTS[name]).model_validate_json(answer.content)
    page: Json = answer.json()
    return page


async def paged(
    city: City, name: str, between: Callable[[], Awaitable[None]] | None = None, **params: Any
) -> list[Json]:
    """All of a list, page by page, with something that happens between the first two."""
    page = await asked(city, name, limit=2, **params)
    found, total = page["items"], page["total"]
    if between:
        await between()
    while page["cursor"]:
        page = await asked(city, name, limit=2, cursor=page["cursor"], **params)
        assert page["total"] == total
        found += page["items"]
    return list(found)


def keys(name: str, items: list[Json]) -> list[tuple[Any, ...]]:
    return [tuple(item[key] for key in LISTS[name].keys) for item in items]


def reader(city: City, name: str, role: Role = Role.CITY_BUREAU, tenant: TenantId = CITY) -> Reader:
    """Of a list, by all that it shows; `without` are filters that cannot be looked up in an answer."""
    listing = LISTS[name]
    shown = tuple(one for one in listing.filters if one not in listing.without)
    return Reader(city.service, f"/v1/{name}", replace(listing, filters=shown), role, tenant)


async def test_whatever_a_list_may_be_asked_is_answered_of_the_whole(city: City, subtests: pytest.Subtests) -> None:
    for name in LISTS:
        with subtests.test(name):
            await answers_as_python_does(reader(city, name))
            await refuses_what_it_cannot_answer(reader(city, name), reader(city, name, Role.AUDITOR))


async def test_whatever_a_list_may_be_asked_of_a_day_is_answered_of_the_whole(
    city: City, subtests: pytest.Subtests
) -> None:
    for name in LISTS:
        with subtests.test(name):
            mine = reader(city, name, Role.DISTRICT_BUREAU, DISTRICT)
            await answers_as_python_does(mine, as_of=REPORTED_ON.isoformat())


async def test_no_row_changes_what_it_is_sorted_by(city: City, subtests: pytest.Subtests) -> None:
    await city.far.local("milestones", stage.BOUGHT_ON, earlier={"contracted": "2022-08-01"})
    for name in LISTS:
        with subtests.test(name):
            if hasattr(LISTS[name].item, "TABLE"):
                await sorts_never_change(city.service, LISTS[name])


async def test_who_pages_while_communities_apply_misses_none_and_sees_none_twice(city: City) -> None:
    for way in ("first_applied_on", "-first_applied_on", "community", "-community"):
        before = [item["project_id"] for item in (await asked(city, "projects", limit=200))["items"]]

        async def applies() -> None:
            assert (await city.plan.apply()).status_code == 200
            assert (await city.plan.apply(OTHER_DISTRICT)).status_code == 200
            await city.far.local("node-notices", stage.BOUGHT_ON, milestone="contracted")

        seen = [item["project_id"] for item in await paged(city, "projects", applies, sort=way)]
        assert len(seen) == len(set(seen))
        assert set(before) <= set(seen)


async def test_a_community_that_applies_again_keeps_its_place_among_the_pages(city: City) -> None:
    project = await city.plan.recommended()
    await project.city("reject", stage.APPROVED_ON, reason="area")

    async def applies_again() -> None:
        city.plan.used -= 1
        answer = await city.plan.apply(occurred_on="2022-07-01")
        assert answer.json().get("stream") == f"project/{project.id}", answer.text

    seen = [item["project_id"] for item in await paged(city, "projects", applies_again, sort="first_applied_on")]
    assert (len(seen), len(set(seen))) == (4, 4)


@pytest.mark.parametrize("way", ["booked_on", "-booked_on", "amount_fen", "-amount_fen"])
async def test_who_pages_while_bills_come_misses_none_and_sees_none_twice(city: City, way: str) -> None:
    before = {item["expense_id"] for item in (await asked(city, "expenses"))["items"]}

    async def booked() -> None:
        for fen, on in ((1, BOOKED_ON[0]), (900_000, BOOKED_ON[3])):
            assert (await city.one.book("service", "casework", fen, on=on)).status_code == 200

    seen = [item["expense_id"] for item in await paged(city, "expenses", booked, sort=way)]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_every_list_is_looked_at() -> None:
    assert {*LISTS.values()} == {*listings("funding").values()}


async def test_a_node_that_is_planned_anew_is_another_row(city: City) -> None:
    async def planned() -> None:
        await city.far.local("milestones", stage.BOUGHT_ON, earlier={"contracted": "2022-08-01"})

    seen = keys("milestones", await paged(city, "milestones", planned, sort="-due", code="contracted"))
    assert len(seen) == len(set(seen)) == 2


OF_PROJECTS: tuple[tuple[Json, str], ...] = (
    ({}, "one near far"),
    ({"stage": "running"}, "one"),
    ({"tenant_id": DISTRICT}, "one near"),
    ({"street": f"{DISTRICT}001"}, "one near"),
    ({"staffing": "none"}, "near far"),
    ({"flag": "open"}, "one near far"),
    ({"flag": "funds_frozen"}, ""),
    ({"flag": ["open", "milestones_overdue"]}, "one far"),
    ({"flag": "milestones_overdue", "as_of": "2022-07-01"}, ""),
    ({"flag": "agreement_overdue"}, "far"),
    ({"flag": "agreement_overdue", "as_of": "2022-08-30"}, ""),
    ({"flag": "acceptance_overdue"}, "one near far"),
    ({"flag": "acceptance_overdue", "as_of": "2023-09-30"}, ""),
    ({"started_on_from": "2022-09-27", "started_on_to": "2022-09-27"}, "one"),
    ({"started_on_from": "2022-09-28"}, ""),
    ({"agreement_signed_on_to": "2022-08-29"}, ""),
    ({"approved_on_from": "2022-06-20"}, "one near far"),
    ({"third_party": stage.EVALUATOR}, "one"),
    ({"third_party": stage.AUDITOR}, ""),
    ({"rating": "good"}, ""),
)


async def test_projects_are_found_by_what_they_are(city: City, subtests: pytest.Subtests) -> None:
    for ask, names in OF_PROJECTS:
        with subtests.test(str(ask)):
            page = await asked(city, "projects", sort="community", **ask)
            found = [item["project_id"] for item in page["items"]]
            assert found == [str(getattr(city, name).id) for name in names.split()]
            assert page["total"] == len(page["items"])
            for flag in [ask["flag"]] if isinstance(ask.get("flag"), str) else ask.get("flag", ()):
                assert all(item["flags"][flag] for item in page["items"])


async def test_projects_are_found_by_scheme_organisation_community_and_worker(city: City) -> None:
    one, near = city.one, city.near
    asks: tuple[tuple[Json, list[Project]], ...] = (
        ({"scheme_id": city.plan.scheme}, [one, near, city.far]),
        ({"scheme_id": uuid4()}, []),
        ({"organisation_id": near.organisation}, [near]),
        ({"community": near.community}, [near]),
        ({"worker_id": one.workers[1]}, [one]),
        ({"worker_id": one.workers[1], "as_of": "2022-09-01"}, []),
        ({"worker_id": uuid4()}, []),
    )
    for ask, projects in asks:
        found = (await asked(city, "projects", sort="community", **ask))["items"]
        assert [item["project_id"] for item in found] == [str(project.id) for project in projects]


LOOKED_FOR: tuple[tuple[str, Json, int], ...] = (
    ("schemes", {"year": 2022, "kind": "three_society_pilot", "funding_source": "city"}, 1),
    ("schemes", {"year": 2021}, 0),
    ("schemes", {"quota_districts": OTHER_DISTRICT}, 1),
    ("schemes", {"quota_districts": "620199"}, 0),
    ("schemes", {"flag": ["in_force", "places_left"]}, 1),
    ("schemes", {"flag": "implementing", "as_of": "2022-09-26"}, 0),
    ("schemes", {"flag": "implementing", "as_of": "2022-09-27"}, 1),
    ("schemes", {"first_published_on_to": "2022-05-30"}, 0),
    ("milestones", {}, 24),
    ("milestones", {"code": "contracted"}, 2),
    ("milestones", {"code": "contracted", "flag": "overdue"}, 1),
    ("milestones", {"flag": ["overdue", "open", "not_noticed"], "as_of": "2022-08-31", "code": "contracted"}, 1),
    ("milestones", {"flag": "overdue", "as_of": "2022-07-01"}, 0),
    ("milestones", {"due_from": "2022-08-30", "due_to": "2022-08-30", "code": "contracted"}, 2),
    ("milestones", {"reached_on_from": "2022-08-30", "reached_on_to": "2022-08-30"}, 1),
    ("milestones", {"notice": "overdue"}, 0),
    ("project-workers", {"licensed": True}, 2),
    ("project-workers", {"intermediate": True, "locked": True}, 1),
    ("project-workers", {"flag": "there", "moved": False}, 3),
    ("project-workers", {"left_on_from": "2022-01-01"}, 0),
    ("reports", {"phase": "midterm", "flag": "to_confirm"}, 1),
    ("reports", {"phase": "final"}, 0),
    ("reports", {"first_submitted_on_from": "2023-03-20", "submitted_on_to": "2023-03-20"}, 1),
    ("budgets", {"frozen": True}, 0),
    ("budgets", {"flag": "not_spent", "frozen": False}, 1),
    ("budgets", {"flag": "not_paid_out"}, 0),
    ("budgets", {"allotted_on_from": "2022-09-20", "allotted_on_to": "2022-09-20"}, 1),
    ("budget-lines", {"booked_by": "city"}, 2),
    ("budget-lines", {"line": "service", "flag": "not_spent"}, 1),
    ("expenses", {"kind": "training"}, 1),
    ("expenses", {"line": "personnel", "purpose": "wage"}, 2),
    ("expenses", {"wage_grade": 10}, 1),
    ("expenses", {"booked_by": "city"}, 1),
    ("expenses", {"flag": "reversed"}, 1),
    ("expenses", {"flag": "without_voucher"}, 2),
    ("expenses", {"flag": "before_term"}, 0),
    ("expenses", {"flag": "after_term"}, 0),
    ("expenses", {"late_booking": False}, 4),
    ("expenses", {"booked_on_from": BOOKED_ON[1], "booked_on_to": BOOKED_ON[2]}, 2),
    ("expenses", {"tenant_id": OTHER_DISTRICT}, 0),
    ("reversals", {"reason": "refund", "reversed_on_from": REVERSED_ON}, 1),
    ("reversals", {"reason": "correction"}, 0),
)


async def test_each_list_can_be_asked_for_what_one_looks_for(city: City, subtests: pytest.Subtests) -> None:
    for name, ask, count in LOOKED_FOR:
        with subtests.test(f"{name} {ask}"):
            page = await asked(city, name, limit=200, **ask)
            assert (len(page["items"]), page["total"]) == (count, count)


async def test_rows_of_projects_are_found_by_their_project_and_its_place(city: City, subtests: pytest.Subtests) -> None:
    one = city.one
    mine: Json = {
        "project_id": str(one.id),
        "scheme_id": str(city.plan.scheme),
        "community": one.community,
        "organisation_id": str(one.organisation),
    }
    others: tuple[Json, ...] = (
        {"project_id": uuid4()},
        {"organisation_id": city.near.organisation},
        {"community": city.near.community},
    )
    for name in LISTS.keys() - {"schemes", "projects"}:
        with subtests.test(name):
            whole = await asked(city, name, limit=200, **mine, street=one.street)
            assert whole["items"]
            assert all(mine.items() <= item.items() for item in whole["items"])
            for other in others:
                assert (await asked(city, name, **other))["items"] == []


async def test_expenses_of_a_worker_are_found_and_one_is_opened_with_its_reversals(city: City) -> None:
    (wage,) = (await asked(city, "expenses", worker_id=city.one.workers[0]))["items"]
    assert (wage["purpose"], wage["amount_fen"], wage["reversed_fen"]) == ("wage", 500_000, 0)
    (bill,) = (await asked(city, "expenses", flag="reversed"))["items"]
    answer = await opened(city, f"expenses/{bill['expense_id']}")
    shown = answer.json()
    records.ExpenseRecord.model_validate_json(answer.content)
    assert [(one["amount_fen"], one["reversed_on"]) for one in shown.pop("reversals")] == [(1_000, "2023-02-10")]
    assert shown == bill
    (back,) = (await asked(city, "reversals", expense_id=bill["expense_id"]))["items"]
    assert back["amount_fen"] == 1_000


async def test_a_report_waits_for_one_after_the_other(city: City) -> None:
    one, on = city.one, REPORTED_ON

    async def waits() -> list[str]:
        (item,) = (await asked(city, "reports"))["items"]
        found = [name for name, so in item["flags"].items() if so]
        for name in found:
            assert (await asked(city, "reports", flag=name))["total"] == 1
        return [*found, str(item["next_step"])]

    async def confirmed() -> None:
        said = {"unit": one.community, "remark": "服务到位，同意。"}
        await one.done("reports/midterm/confirm", Role.COMMUNITY_COMMITTEE, on, **said)

    assert await waits() == ["to_confirm", "community"]
    await confirmed()
    assert await waits() == ["to_review", "district"]
    await one.local("reports/midterm/review", on, passed=False, remark="请补充")
    assert await waits() == ["to_resubmit", "None"]
    await one.own("reports/midterm", on, report=str(uuid4()))
    assert await waits() == ["to_confirm", "community"]
    await confirmed()
    await one.local("reports/midterm/review", on, passed=True)
    assert await waits() == ["to_evaluate", "to_audit", "None"]
    await one.phase_results("midterm", on)
    assert await waits() == ["None"]


async def opened(
    city: City, path: str, role: Role = Role.CITY_BUREAU, unit: str | None = None, tenant: str = CITY, **params: Any
) -> httpx.Response:
    return await city.service.http.get(f"/v1/{path}", params=params, headers=headers(role, tenant, unit, None))


async def test_a_record_fits_its_shape_and_has_the_version_that_a_command_may_have_seen(city: City) -> None:
    one = city.one
    for path, shape, stream in (
        (f"projects/{one.id}", records.ProjectRecord, f"project/{one.id}"),
        (f"projects/{one.id}/budget", records.BudgetRecord, f"budget/{one.id}"),
        (f"schemes/{city.plan.scheme}", records.SchemeRecord, f"scheme/{city.plan.scheme}"),
    ):
        answer = await opened(city, path)
        assert answer.status_code == 200, answer.text
        shape.model_validate_json(answer.content)
        assert answer.json()["stream"] == stream
        assert answer.headers["etag"] == f'"{await _version(city, stream)}"'
        past = await opened(city, path, as_of="2023-03-01")
        assert (past.status_code, "etag" in past.headers) == (200, False)
    sent = {**headers(Role.DISTRICT_BUREAU, DISTRICT, None, None)}
    seen = (await opened(city, f"projects/{one.id}")).headers["etag"]
    body = {"occurred_on": REPORTED_ON.isoformat(), "milestone": "contracted"}
    path = f"/v1/projects/{one.id}/node-notices"
    stale = await city.service.http.post(path, json=body, headers={**sent, "if-match": '"1"'})
    assert stale.status_code == 412
    done = await city.service.http.post(path, json=body, headers={**sent, "if-match": seen})
    assert done.status_code == 200, done.text


async def _version(city: City, stream: str) -> int:
    history = await city.service.get("/v1/history", Role.CITY_BUREAU, CITY, stream=stream, limit=200)
    return max(int(event["version"]) for event in history["items"] if "version" in event)


async def test_what_a_list_does_not_have_cannot_be_asked_for(city: City, subtests: pytest.Subtests) -> None:
    for name in LISTS:
        with subtests.test(name):
            for wrong in (
                {"nobody": "x"},
                {"sort": "version"},
                {"flag": "nothing"},
                {"cursor": "x"},
                {"district": DISTRICT},
            ):
                refused(await opened(city, name, **wrong), 422, "invalid-request")


async def test_a_cursor_is_good_for_the_one_question_that_it_was_given_for(city: City) -> None:
    mine = (Role.CITY_BUREAU, CITY)
    others = ((Role.PROVINCE_BUREAU, "620000"), (Role.DISTRICT_BUREAU, DISTRICT), (Role.AUDITOR, CITY))
    asks: tuple[dict[str, str], ...] = (
        {"flag": "open"},
        {"stage": "running"},
        {"approved_on_from": "2022-01-01"},
        {"tenant_id": DISTRICT},
        {"as_of": "2023-01-01"},
        {"sort": "first_applied_on"},
    )

    async def answers(who: tuple[Role, str], name: str = "projects", **ask: str) -> httpx.Response:
        return await city.service.http.get(f"/v1/{name}", params=ask, headers=headers(*who, None, None))

    cursor = (await asked(city, "projects", limit=1, sort="community"))["cursor"]
    same = {"cursor": cursor, "sort": "community"}
    assert (await answers(mine, **same)).status_code == 200
    for who in others:
        refused(await answers(who, **same), 422, "invalid-request")
    for ask in asks:
        refused(await answers(mine, **{**same, **ask}), 422, "invalid-request")
    for name in LISTS.keys() - {"projects"}:
        refused(await answers(mine, name, cursor=cursor), 422, "invalid-request")
