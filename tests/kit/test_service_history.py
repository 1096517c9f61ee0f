"""The history as it is asked for: filters, both orders, single events, and who may look into what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.conftest import Installed
from tests.kit.note_service import Served, served
from tests.kit.notes import HERE, MIGRATIONS, NOTES, THERE, NoteIsStruck, cause, write
from tests.kit.test_service_frame import said
from tests.kit.test_service_http import CITY, tree
from tests.settled import settled, settled_refusals

from contracts.values import Role
from kit.auth.unit import FORMS
from kit.errors import Refused
from kit.service.happened import HistoryPage, WholeEvent
from kit.store.answers import keep_refusal

ORGANISATION, OTHER = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
WRITTEN, STRUCK = "toy.note-written", "toy.note-struck"


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path, nats_url: str, region: str) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path, nats_url, region) as one:
        await tree(one)
        yield one


async def asked(toy: Served, by: Role = Role.AUDITOR, *, path: str = "/v1/history", **given: Any) -> httpx.Response:
    """`tenant`, `unit` and `sub` are the caller's; `of` is the tenant that is asked about."""
    how = {name: given.pop(name) for name in ("tenant", "unit", "sub") if name in given}
    await settled_refusals(toy.urls["rebuild"])
    return await toy.get(path, given | ({"tenant_id": given.pop("of")} if "of" in given else {}), role=by, **how)


async def items(toy: Served, by: Role = Role.AUDITOR, **given: Any) -> list[dict[str, Any]]:
    """Of one page, which fits what the service says of itself."""
    answer = await asked(toy, by, **given)
    assert answer.status_code == 200, answer.text
    HistoryPage.model_validate_json(answer.content)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def told(toy: Served, by: Role = Role.AUDITOR, **given: Any) -> list[str]:
    """What is in the history, in short: texts of lines, and codes."""
    return [short(one) for one in await items(toy, by, **given)]


def short(item: dict[str, Any]) -> str:
    return str(item.get("code") or item["data"].get("text") or item["type"])


@pytest.fixture
async def played(toy: Served) -> tuple[Served, UUID]:
    """A note of HERE that is written, struck and, in vain, written again; and one of THERE."""
    note = uuid4()
    await toy.post(f"/v1/notes/{note}", {"text": "一", "occurred_on": "2022-01-01"}, sub="one")
    await toy.post(f"/v1/notes/{note}", {"text": "二", "occurred_on": "2022-02-01"}, sub="two")
    await toy.post(f"/v1/notes/{note}/strike", {"occurred_on": "2022-03-01"}, role=Role.CITY_BUREAU, tenant=CITY)
    await toy.post(f"/v1/notes/{note}", {"text": "三", "occurred_on": "2022-04-01"}, sub="two")
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "别处", "occurred_on": "2022-05-01"}, tenant=THERE)
    return toy, note


EACH: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all": ({}, ["一", "二", STRUCK, "note-is-struck", "别处"]),
    "newest": ({"order": "newest"}, ["别处", "note-is-struck", STRUCK, "二", "一"]),
    "tenant": ({"of": HERE}, ["一", "二", STRUCK, "note-is-struck"]),
    "category": ({"category": "note"}, ["一", "二", STRUCK, "note-is-struck", "别处"]),
    "another-category": ({"category": "tenant-note"}, []),
    "type": ({"type": WRITTEN}, ["一", "二", "别处"]),
    "type-that-has-not-happened": ({"type": "toy.note-remarked"}, []),
    "actor": ({"actor": "two"}, ["二", "note-is-struck"]),
    "nobody": ({"actor": "nobody"}, []),
    "role": ({"role": "city_bureau"}, [STRUCK]),
    "action": ({"action": "write-note"}, ["一", "二", STRUCK, "note-is-struck", "别处"]),
    "action-that-nobody-did": ({"action": "read-notes"}, []),
    "code": ({"code": "note-is-struck"}, ["note-is-struck"]),
    "code-that-was-not-answered": ({"code": "busy"}, []),
    "rule": ({"rule": "R-LZ-01"}, ["一", "二", "别处"]),
    "rule-of-a-refusal": ({"rule": "R-LZ-99"}, ["note-is-struck"]),
    "occurred": ({"occurred_from": "2022-02-01", "occurred_to": "2022-04-01"}, ["二", STRUCK, "note-is-struck"]),
    "recorded-later": ({"recorded_from": "2299-01-01T00:00:00Z"}, []),
    "recorded": ({"recorded_to": "2299-01-01T00:00:00Z"}, ["一", "二", STRUCK, "note-is-struck", "别处"]),
    "events": ({"kind": "event"}, ["一", "二", STRUCK, "别处"]),
    "refusals": ({"kind": "refusal"}, ["note-is-struck"]),
    "both": ({"type": WRITTEN, "actor": "two"}, ["二"]),
    "neither": ({"kind": "event", "code": "busy"}, []),
    "as-of": ({"as_of": "2022-02-28", "order": "newest"}, ["二", "一"]),
    "caused-by-nothing": ({"caused_by": str(UUID(int=1))}, []),
}


async def test_a_filter_finds_what_it_says_and_nothing_else(played: tuple[Served, UUID]) -> None:
    found = {name: await told(played[0], tenant=CITY, **given) for name, (given, _) in EACH.items()}
    assert found == {name: expected for name, (_, expected) in EACH.items()}


async def test_a_stream_and_instants_are_filters_as_well(played: tuple[Served, UUID]) -> None:
    toy, note = played
    whole = await items(toy, tenant=CITY, stream=f"note/{note}")
    assert [short(one) for one in whole] == ["一", "二", STRUCK, "note-is-struck"]
    second = whole[1]["recorded_at"]
    assert await told(toy, tenant=CITY, recorded_from=second, recorded_to=second) == ["二"]
    assert await told(toy, tenant=CITY, stream=f"note/{note}", category="tenant-note") == []


async def test_a_code_that_does_not_exist_is_an_error_and_says_what_there_is(toy: Served) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"type": "toy.note-writen"}, WRITTEN),
        ({"action": "write-notes"}, "write-note"),
        ({"code": "note-struck"}, "note-is-struck"),
        ({"rule": "R-LZ" + "-98"}, "R-LZ-99"),
        ({"category": "notes"}, "note"),
    ]
    for given, near in cases:
        answer = await asked(toy, **given)
        said(answer, 422, "invalid-request")
        (problem,) = answer.json()["errors"]
        assert problem["field"] == f"query.{next(iter(given))}"
        assert near in problem["problem"]
    wrongs: list[dict[str, Any]] = [
        {"kind": "x"},
        {"role": "x"},
        {"order": "up"},
        {"caused_by": "x"},
        {"occurred_from": "0"},
    ]
    for wrong in wrongs:
        said(await asked(toy, **wrong), 422, "invalid-request")


async def test_what_is_shown_of_who_was_turned_away_can_be_asked_for(toy: Served) -> None:
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "一"}, role=Role.AUDITOR)
    await toy.get("/v1/parked/1", role=Role.PROVINCE_IT)
    for shown in await items(toy, kind="refusal"):
        assert [one["action"] for one in await items(toy, action=shown["action"])] == [shown["action"]]


@pytest.mark.parametrize("order", ["oldest", "newest"])
async def test_pages_meet_while_others_write(toy: Served, order: str) -> None:
    note = uuid4()
    for n in range(5):
        await toy.post(f"/v1/notes/{note}", {"text": f"{n}"})
    await toy.post(f"/v1/notes/{note}/strike", {})
    await toy.post(f"/v1/notes/{note}", {"text": "在作废之后"})
    whole = await items(toy, order=order)
    assert len(whole) == 7
    paged: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = (await asked(toy, order=order, limit=2, **more)).json()
        paged += page["items"]
        if page["cursor"] is None:
            break
        more = {"cursor": page["cursor"]}
        if len(paged) < 7:
            await toy.post(f"/v1/notes/{uuid4()}", {"text": "其间"})
    assert paged[:7] == whole
    assert {short(one) for one in paged[7:]} == ({"其间"} if order == "oldest" else set())


async def test_a_cursor_is_of_one_question_and_one_caller(played: tuple[Served, UUID]) -> None:
    toy, _ = played
    cursor = (await asked(toy, limit=1, tenant=CITY)).json()["cursor"]
    assert (await asked(toy, limit=2, tenant=CITY, cursor=cursor)).status_code == 200
    others: list[dict[str, Any]] = [
        {"order": "newest"}, {"type": WRITTEN}, {"of": HERE}, {"as_of": "2022-05-01"}, {"sub": "another"},
        {"tenant": HERE}, {"by": Role.CITY_BUREAU},
    ]  # fmt: skip
    for given in others:
        said(await asked(toy, **{"tenant": CITY, **given}, limit=1, cursor=cursor), 422, "invalid-request")


async def test_a_refusal_keeps_the_sentence_that_was_answered(played: tuple[Served, UUID]) -> None:
    toy, note = played
    answer = await toy.post(f"/v1/notes/{note}", {"text": "四"})
    (first, second) = await items(toy, code="note-is-struck")
    assert first["detail"] == second["detail"] == answer.json()["detail"] == NoteIsStruck.text

    class Long(Refused):
        code, name, text = "toy-long", "太长", "{what}"

    pool = toy.app.state.runtime.store.pool
    await keep_refusal(pool, cause(HERE), Long(what="长" * 600), [f"note/{note}"])
    await settled_refusals(toy.urls["rebuild"])
    (long,) = await items(toy, order="newest", limit=1)
    assert (len(long["detail"]), long["detail"][-2:]) == (500, "长…")
    async with pool.acquire() as connection, connection.transaction():  # as a release did that kept none
        await connection.execute(
            "select set_config('app.reads', $1, true), set_config('app.writes', $1, true)", f"{{{HERE}}}"
        )
        actor = '{"id": "tester", "role": "district_bureau", "tenant": "620102", "unit": null}'
        old = "select refuse($1, $2, 'busy', null, 'write-note', '{}', $3, '2022-01-01', null)"
        await connection.execute(old, HERE, uuid4(), actor)
    assert [one["detail"] for one in await items(toy, code="busy")] == [None]


async def one(toy: Served, event: Any, by: Role = Role.AUDITOR, **given: Any) -> dict[str, Any]:
    answer = await asked(toy, by, path=f"/v1/events/{event}", **given)
    assert answer.status_code == 200, answer.text
    WholeEvent.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


async def test_an_event_is_shown_whole_with_what_hangs_together(toy: Served) -> None:
    note, name = uuid4(), "演示社工甲01"
    sent = await toy.post(f"/v1/notes/{note}", {"text": "一", "signer": name})
    written, signed = await items(toy, category="note")
    shown = await one(toy, written["event_id"])
    assert {key: shown[key] for key in written} == written
    assert (shown["action"], shown["action_name"], shown["rule"]) == ("write-note", "写便条", "R-LZ-01")
    assert [(other["event_id"], other["type"]) for other in shown["together"]] == [
        (next(iter(await items(toy, category="data-key")))["event_id"], "kit.data-key-committed"),
        (signed["event_id"], "toy.note-signed"),
    ]
    assert (await toy.get(shown["together"][1]["href"], role=Role.AUDITOR)).json()["data"] == {
        "signer": {"sealed": True}
    }
    assert (shown["caused_by"], shown["causation"], shown["caused"]) == (None, None, [])
    assert shown["correlation"] == shown["command_id"] == written["command_id"]
    history = (await toy.get(shown["links"]["history"], role=Role.AUDITOR)).json()
    assert [item["event_id"] for item in history["items"]] == [written["event_id"], signed["event_id"]]
    assert (shown["links"]["record"], sent.json()["event_id"]) == (None, signed["event_id"])


async def test_an_event_leads_to_what_caused_it_and_what_it_caused(toy: Served) -> None:
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "因"})
    (first,) = await items(toy)
    because = cause(HERE, causation=UUID(first["event_id"]))
    await toy.app.state.runtime.store.change(because, write, NOTES.stream(uuid4(), HERE))
    await settled(toy.urls["relay"])
    (_, second) = await items(toy)
    shown = await one(toy, first["event_id"])
    assert [other["event_id"] for other in shown["caused"]] == [second["event_id"]]
    caused = (await toy.get(shown["links"]["caused"], role=Role.AUDITOR)).json()["items"]
    assert caused == [second]
    shown = await one(toy, second["event_id"])
    assert (shown["caused_by"]["event_id"], shown["causation"]) == (first["event_id"], first["event_id"])


async def test_an_event_is_there_for_its_own_bureau_and_at_its_own_moments(played: tuple[Served, UUID]) -> None:
    toy, _ = played
    event = (await items(toy))[1]["event_id"]
    for role, tenant in ((Role.AUDITOR, HERE), (Role.CITY_BUREAU, CITY), (Role.DISTRICT_BUREAU, HERE)):
        assert (await one(toy, event, role, tenant=tenant))["data"]["text"] == "二"
    path = f"/v1/events/{event}"
    said(await asked(toy, tenant=THERE, path=path), 404, "not-found")
    said(await asked(toy, path=f"/v1/events/{uuid4()}"), 404, "not-found")
    said(await asked(toy, path="/v1/events/x"), 404, "not-found")
    said(await asked(toy, path=path, as_of="2022-01-31"), 404, "not-found")
    assert (await one(toy, event, as_of="2022-02-01"))["data"]["text"] == "二"


@pytest.fixture
async def shared(toy: Served) -> tuple[Served, dict[str, UUID]]:
    """A note of either organisation, and one that was the first one's until the second got it."""
    notes = {"mine": uuid4(), "theirs": uuid4(), "lost": uuid4()}
    for name, unit in (("mine", ORGANISATION), ("theirs", OTHER), ("lost", ORGANISATION)):
        await toy.post(f"/v1/notes/{notes[name]}", {"text": unit, "occurred_on": "2022-01-01"})
    await toy.post(f"/v1/notes/{notes['lost']}", {"text": OTHER, "occurred_on": "2022-06-01"})
    return toy, notes


EVERY: list[dict[str, Any]] = [given for given, _ in EACH.values()]
EVERY += [{"stream": "{theirs}"}, {"stream": "{lost}"}, {"stream": "{lost}", "as_of": "2022-05-01"}]
EVERY += [{"stream": "{lost}", "category": "note"}, {"occurred_to": "2022-05-01"}, {"actor": "tester", "limit": 200}]


async def test_a_role_within_a_unit_sees_what_is_its_own_now(shared: tuple[Served, dict[str, UUID]]) -> None:
    """Whatever it asks for: what is the neighbour's, and what was its own once, is not there."""
    toy, notes = shared
    names = {name: f"note/{note}" for name, note in notes.items()}
    found = 0
    for given in EVERY:
        put: dict[str, Any] = {
            key: value.format(**names) if isinstance(value, str) else value for key, value in given.items()
        }
        seen = await items(toy, Role.SOCIAL_WORKER, unit=ORGANISATION, **put)
        assert seen == [one for one in await items(toy, **put) if one.get("stream") == names["mine"]], given
        found += len(seen)
        elsewhere = {key: value for key, value in put.items() if key != "of"}
        assert await items(toy, Role.SOCIAL_WORKER, unit=str(uuid4()), **put) == [], given
        assert await items(toy, Role.SOCIAL_WORKER, unit=ORGANISATION, tenant=THERE, **elsewhere) == [], given
    assert found > 8


async def test_a_role_of_which_nothing_is_said_sees_nothing_and_no_event(
    shared: tuple[Served, dict[str, UUID]],
) -> None:
    toy, notes = shared
    events = {one["stream"]: one["event_id"] for one in await items(toy)}
    path = f"/v1/events/{events['note/' + str(notes['mine'])]}"
    for role in FORMS.keys() - {Role.SOCIAL_WORKER, Role.SUPERVISOR}:
        assert await items(toy, role) == []
        said(await asked(toy, role, path=path), 404, "not-found")
        assert [(own["code"], own["streams"]) for own in await items(toy, role)] == [("not-found", [f"GET {path}"])]


async def test_a_sight_of_a_whole_category_is_of_the_line(shared: tuple[Served, dict[str, UUID]]) -> None:
    toy, _ = shared
    assert len(await items(toy, Role.SUPERVISOR)) == 4
    assert len(await items(toy, Role.SUPERVISOR, tenant=CITY)) == 4
    assert await items(toy, Role.SUPERVISOR, tenant=THERE) == []
    assert await items(toy, Role.SUPERVISOR, category="tenant-note") == []


async def test_an_event_out_of_sight_is_as_one_that_is_not(shared: tuple[Served, dict[str, UUID]]) -> None:
    toy, notes = shared
    for item in await items(toy):
        for moment in ({}, {"as_of": "2022-05-01"}):
            answer = await asked(
                toy, Role.SOCIAL_WORKER, unit=ORGANISATION, path=f"/v1/events/{item['event_id']}", **moment
            )
            mine = item["stream"] == f"note/{notes['mine']}"
            assert answer.status_code == (200 if mine else 404), item
    nothing = await asked(toy, Role.SOCIAL_WORKER, unit=ORGANISATION, path=f"/v1/events/{uuid4()}")
    theirs = await asked(toy, Role.SOCIAL_WORKER, unit=OTHER, path=f"/v1/events/{(await items(toy))[0]['event_id']}")
    assert (theirs.status_code, theirs.content) == (nothing.status_code, nothing.content)


async def test_what_was_refused_is_shown_to_who_asked_and_to_the_bureau(toy: Served) -> None:
    for unit, sub in ((ORGANISATION, "one"), (ORGANISATION, "two"), (OTHER, "one")):
        said(await toy.get("/v1/notes", role=Role.SOCIAL_WORKER, unit=unit, sub=sub), 403, "forbidden")
    assert len(await items(toy, kind="refusal")) == 3
    for given in ({}, {"code": "forbidden"}, {"action": "read-notes"}, {"kind": "refusal"}, {"actor": "one"}):
        (mine,) = await items(toy, Role.SOCIAL_WORKER, unit=ORGANISATION, sub="one", **given)
        assert (mine["actor"]["id"], mine["actor"]["unit"], mine["code"]) == ("one", ORGANISATION, "forbidden")
        assert "社工" in mine["detail"]
    for stranger in ({"unit": ORGANISATION, "sub": "three"}, {"unit": str(uuid4()), "sub": "one"}):
        assert await items(toy, Role.SOCIAL_WORKER, **stranger) == []
    assert await items(toy, Role.SUPERVISOR, unit=ORGANISATION, sub="one") == []
    assert await items(toy, Role.SOCIAL_WORKER, unit=ORGANISATION, sub="one", tenant=CITY) == []
