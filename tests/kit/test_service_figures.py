"""Figures of any moment, the rows that they count, and an answer that is not sent twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from pydantic import TypeAdapter, ValidationError
from tests.conftest import Installed
from tests.kit.note_service import WRITTEN, Served, headers, served
from tests.kit.notes import MIGRATIONS
from tests.kit.test_service_frame import said

from contracts.values import Role, Unit
from kit.service import Indicator
from kit.service.indicators import _only
from kit.service.problems import InvalidRequest
from kit.service.wording import field_errors


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path) as one:
        yield one


async def test_a_figure_leads_to_the_rows_that_it_counts_at_every_moment(toy: Served) -> None:
    note = uuid4()
    await toy.post(f"/v1/notes/{note}", {"text": "早", "occurred_on": "2022-01-01"})
    await toy.post(f"/v1/notes/{note}", {"text": "晚", "occurred_on": "2022-06-01"})
    for moment, lines, version in (({"as_of": "2022-05-31"}, 1, 1), ({}, 2, 2)):
        asked = {"id": "toy.lines_written", **moment}
        (one,) = (await toy.get("/v1/indicators", asked, role=Role.AUDITOR)).json()["indicators"]
        (figure,) = one["figures"]
        assert (one["kind"], one["aggregate"], figure["value"]) == ("found", "sum", lines)
        (row,) = (await toy.get(figure["rows"], role=Role.AUDITOR)).json()["items"]
        assert (row["value"], row["stream"], row["version"]) == (lines, f"note/{note}", version)
        events = (await toy.get(row["history"], role=Role.AUDITOR)).json()["items"]
        assert [event["version"] for event in events] == list(range(1, version + 1))
        (last,) = [event for event in events if event["version"] == row["version"]]
        assert (await toy.get(last["href"], role=Role.AUDITOR)).json()["event_id"] == last["event_id"]
    said(await toy.get("/v1/indicators", {"id": "toy.nothing"}), 404, "unknown-indicator")
    said(await toy.get("/v1/indicators", {"id": ["toy.lines_written"] * 101}), 422, "invalid-request")
    rows = "/v1/indicators/toy.lines_written/rows"
    said(await toy.get(rows, {"dimension": "district:620102"}), 422, "invalid-request")
    said(await toy.get(rows, {"cursor": "abc"}), 422, "invalid-request")


async def test_the_same_question_is_answered_by_its_tag(toy: Served) -> None:
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "早"})
    first = await toy.get("/v1/indicators")
    seen = headers(Role.DISTRICT_BUREAU) | {"if-none-match": first.headers["etag"]}
    again = await toy.http.get("/v1/indicators", headers=seen)
    assert (again.status_code, again.content) == (304, b"")
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "晚"})
    assert (await toy.http.get("/v1/indicators", headers=seen)).status_code == 200


@pytest.mark.parametrize("offset", ["+23:59", "-23:59", "+16:00", "Z"])
async def test_an_instant_may_be_said_with_any_offset(toy: Served, offset: str) -> None:
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "早"})
    for path in ("/v1/notes", "/v1/indicators", "/v1/indicators/toy.lines_written/rows", "/v1/history"):
        answer = await toy.get(path, {"known_at": f"2022-01-02T00:00:00{offset}"})
        assert answer.status_code == 200, answer.text


def test_a_dimension_has_one_value() -> None:
    counted = replace(WRITTEN, dimensions=("kind", "level"))
    one = Indicator("toy.lines", "行数", Unit.THINGS, "行数", 1, counted)
    assert _only(one, ["kind:a:b", "level:"]) == {"kind": "a:b", "level": ""}
    for twice in (["kind:a", "kind:b"], ["kind:a", "kind:a"], ["kind", "level:1", "kind:"]):
        with pytest.raises(InvalidRequest):
            _only(one, twice)


def test_what_a_field_may_be_is_listed_in_chinese() -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Literal["opened_on", "-opened_on", "name"]).validate_python("x")
    (problem,) = field_errors(refused.value.errors())
    assert problem["problem"] == "只能是：opened_on、-opened_on、name"


async def test_a_cursor_of_rows_is_of_one_question_and_one_caller(toy: Served) -> None:
    for text in ("一", "二"):
        await toy.post(f"/v1/notes/{uuid4()}", {"text": text})
    path = "/v1/indicators/toy.lines_written/rows"
    first = (await toy.get(path, {"limit": 1})).json()
    cursor = {"limit": 1, "cursor": first["cursor"]}
    (second,) = (await toy.get(path, cursor)).json()["items"]
    assert second["stream"] != first["items"][0]["stream"]
    for asked, how in (({"as_of": "2299-01-01"}, {}), ({}, {"sub": "another"})):
        answer = await toy.get(path, {**cursor, **asked}, **how)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.cursor")


async def test_a_figure_that_is_there_has_not_changed_for_who_has_any(toy: Served) -> None:
    answer = await toy.http.get("/v1/indicators", headers={**headers(), "if-none-match": "*"})
    assert answer.status_code == 304
