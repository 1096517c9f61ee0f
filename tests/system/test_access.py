"""I5: every route, every bureau: who gets in, and what those who do not get in can tell.

Who may do what is the policy's, action by action and role by role (tests/test_authority.py).  What is seen here is that
a route asks for its action: by the answers to the few roles that tell it from every other, and in a soak to all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
import pytest
from tests.authority import expected, roles_of
from tests.soak import SOAK
from tests.system import proof
from tests.system.bureau import Bureau, SignIn
from tests.system.conftest import Played
from tests.system.expected import ACTIONS, Route
from tests.system.programme import CITY, DISTRICTS, FAR, PROVINCE
from tests.units import unit_of

from contracts.values import Role

TOKENS = [role for role in Role if role is not Role.SYSTEM]
HOME = {Role.PROVINCE_IT: PROVINCE, Role.PROVINCE_BUREAU: PROVINCE, Role.CITY_BUREAU: CITY}
RANDOM = "0b5a3c7e-1111-4222-8333-444455556666"

THE_CITYS = frozenset({"/v1/workers"})
"""Rows of the city, for all its districts: at which project a worker is locked is what the others must know."""

ASKED = {"/v1/search": tuple(f"?q={typed}&limit=50" for typed in (DISTRICTS[0], "qxjk", "y", "yanshi", "演示"))}
"""What is asked of routes that answer nothing of themselves."""


async def routes(bureau: Bureau) -> list[Route]:
    """What the running services say they answer."""
    found = []
    for service in proof.DEFINITIONS:
        document = (await bureau.ask("GET", service, "/openapi.json", None)).json()
        for path, item in document["paths"].items():
            found += [(service, method.upper(), path) for method in item if path.startswith("/v1")]
    return found


def filled(path: str, value: str) -> str:
    fixed = path.replace("{phase}", "midterm").replace("{tenant_id}", FAR[2]).replace("{district}", FAR[2])
    fixed = (
        fixed.replace("{street}", f"{FAR[2]}901")
        .replace("{unit}", f"{FAR[2]}901")
        .replace("{item_id}", "999999")
        .replace("{parked_id}", "999999")
        .replace("{held_id}", "999999")
    )
    return re.sub(r"\{[a-z_]+\}", value, fixed)


async def test_every_route_has_an_expectation(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        live = set(await routes(bureau))
    assert live - ACTIONS.keys() == set(), "a route that nobody has thought about"
    assert ACTIONS.keys() - live == set(), "an expectation of no route"
    unknown = {(r, a) for r, a in ACTIONS.items() if not set(a.split()) <= expected(r[0]).keys()}
    assert unknown == set()


async def test_without_a_token_nothing_is_told(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        for service, method, path in ACTIONS:
            answer = await bureau.ask(method, service, filled(path, RANDOM), None)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (service, method, path)


def may(service: str, action: str) -> frozenset[str]:
    """Who is let in by an action, or by one of several."""
    return frozenset[str]().union(*(roles_of(expected(service)[one]) for one in action.split()))


def telling(service: str, action: str) -> list[Role]:
    """The fewest roles, near enough, of which one is answered otherwise by whatever asks for other roles than these.

    Nobody and everybody are such others: so one that gets in is among them, and one that does not.
    """
    lets_in = {name: frozenset(roles_of(entry)) for name, entry in expected(service).items()}
    others = {may(service, action) ^ roles for roles in (*lets_in.values(), frozenset(), frozenset(TOKENS))}
    left, chosen = [one & frozenset(TOKENS) for one in others if one & frozenset(TOKENS)], list[Role]()
    while left:
        best = max(TOKENS, key=lambda role: sum(role in one for one in left))
        chosen.append(best)
        left = [one for one in left if best not in one]
    return chosen


async def strays(bureau: Bureau, actions: dict[Route, str]) -> list[str]:
    """Every route as the roles that tell its action: 403 exactly for those whom the requirements do not list."""
    found = []
    for (service, method, path), action in actions.items():
        body = await shape(bureau, service, method, path)
        for role in TOKENS if SOAK > 1 else telling(service, action):
            who = SignIn(role, HOME.get(role, DISTRICTS[0]), unit_of(role))
            answer = await send(bureau, (service, method, path), filled(path, RANDOM), who, body)
            forbidden = answer.status_code == 403 and answer.json()["code"] == "forbidden"
            listed = role in may(service, action)
            if forbidden == listed and answer.status_code != 422:
                found.append(f"{role} {method} {service} {path}: {answer.status_code} {answer.text[:120]}")
            if answer.status_code >= 500:
                found.append(f"{role} {method} {service} {path}: {answer.status_code}")
    return found


async def send(bureau: Bureau, route: Route, path: str, who: SignIn, body: Any) -> Any:
    service, method, _ = route
    headers = {"idempotency-key": str(uuid5(NAMESPACE_URL, f"{route}{path}{who}"))}
    sent = {"json": body} if method == "POST" else {}
    return await bureau.ask(method, service, path, who, headers=headers, **sent)


_shapes: dict[tuple[str, str], Any] = {}


async def shape(bureau: Bureau, service: str, method: str, path: str) -> Any:
    """A body that fits the command: one that was said, or for commands that no load says, made from the schema."""
    if method != "POST":
        return None
    if service not in {name for name, _ in _shapes}:
        document = (await bureau.ask("GET", service, "/openapi.json", None)).json()
        said = [one for one in bureau.said.values() if one.service == service]
        for where, item in document["paths"].items():
            schema = item.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
            like = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(where)))
            fits = next((one.body for one in said if like.fullmatch(one.path)), None)
            _shapes[service, where] = fits or _example(document, schema.get("schema", {}))
    return _shapes[service, path]


def _example(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """The least value that fits a schema, near enough."""
    if "$ref" in schema:
        return _example(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return _example(document, schema["anyOf"][0])
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            return {name: _example(document, schema["properties"][name]) for name in schema.get("required", [])}
        case "array":
            return [_example(document, schema.get("items", {}))] * schema.get("minItems", 0)
        case "integer" | "number":
            return max(schema.get("minimum", 0), schema.get("exclusiveMinimum", -1) + 1)
        case "boolean":
            return True
        case "string":
            return _text(schema)
    return None


def _text(schema: dict[str, Any]) -> str:
    known = {"date": "2022-05-05", "uuid": RANDOM, "date-time": "2022-05-05T00:00:00Z"}
    if schema.get("format") in known:
        return known[schema["format"]]
    tries = ("x", DISTRICTS[0], f"{DISTRICTS[0]}901", "2022-05-05", "ABCDEFGH12", "0" * 64)
    return next((t for t in tries if re.search(schema.get("pattern", ""), t)), "x") * (
        schema.get("minLength", 1) if not schema.get("pattern") else 1
    )


@pytest.mark.soak
async def test_a_role_that_the_requirements_do_not_list_is_refused_and_no_other(calm: Played) -> None:
    async with Bureau.calls(calm.region, calm.said) as bureau:
        assert await strays(bureau, ACTIONS) == []


async def test_the_matrix_sees_a_route_that_lets_the_wrong_ones_in(calm: Played) -> None:
    doctored = {
        ("registry", "POST", "/v1/organisations"): "blacklist-organisation",
        ("funding", "GET", "/v1/projects"): "read-parked",
    }
    async with Bureau.calls(calm.region, calm.said) as bureau:
        found = await strays(bureau, doctored)
    assert any("POST registry /v1/organisations" in one for one in found)
    assert any("GET funding /v1/projects" in one for one in found)


def ids_of(calm: Played) -> Iterator[tuple[str, str, str]]:
    """Service, kind and id of the first district's records; public codes of places are no secret."""
    for one in calm.said.values():
        kind, _, id = orjson.loads(one.answer)["stream"].partition("/")
        if one.who.tenant == DISTRICTS[0] and len(id) == len(RANDOM):
            yield one.service, kind, id


FAR_OFF = [Role.DISTRICT_BUREAU, Role.AUDITOR, Role.SOCIAL_WORKER]


def strangers() -> list[SignIn]:
    """Bureaus beside and far from the first district, and people there.

    Every role asks from beside, from where one bureau is over both; of those far off, in a soak only.
    """
    found = []
    for tenant, roles in ((DISTRICTS[1], TOKENS), (FAR[2], TOKENS if SOAK > 1 else FAR_OFF)):
        found += [SignIn(role, tenant, unit_of(role)) for role in roles if role not in HOME]
    return [
        *found,
        SignIn(Role.CITY_BUREAU, FAR[1]),
        SignIn(Role.PROVINCE_BUREAU, FAR[0]),
        SignIn(Role.PROVINCE_IT, FAR[0]),
    ]


@pytest.mark.soak
async def test_another_bureaus_record_and_no_record_look_the_same(calm: Played) -> None:
    """Also to the sibling in the same city, whatever the route.

    Ids are of what the route is about, where the district has any.  Of those whom the route lets in everybody asks; the
    others are refused before anything is looked up, and one of them shows it.
    """
    shown = set()
    async with Bureau.calls(calm.region) as bureau:
        for route, action in ACTIONS.items():
            service, method, path = route
            if "_id}" not in path or "{tenant_id}" in path or method != "GET":
                continue
            roles = may(service, action)
            kept_out = [who for who in strangers() if who.role not in roles]
            ids = sorted({(f"{{{kind}_id}}" not in path, id) for _, kind, id in ids_of(calm)})[: 1 + SOAK]
            own = [SignIn(role, DISTRICTS[0], unit_of(role)) for role in TOKENS if role in roles and role not in HOME]
            for other, id in ids:
                if not other:
                    answers = [await send(bureau, route, filled(path, id), who, None) for who in own]
                    shown |= {path for answer in answers if answer.status_code == 200}
            for who in [*(who for who in strangers() if who.role in roles), *kept_out[:1]]:
                nothing = await send(bureau, route, filled(path, RANDOM), who, None)
                for _, id in ids:
                    answer = await send(bureau, route, filled(path, id), who, None)
                    assert (answer.status_code, answer.content.replace(id.encode(), b"")) == (
                        nothing.status_code,
                        nothing.content.replace(RANDOM.encode(), b""),
                    ), (who, path)
                    assert answer.status_code in (403, 404) or not answer.json()["items"], (who, path)
    assert len(shown) > 4, f"what is hidden from others is there: {shown}"


async def leaks(calm: Played, bureau: Bureau, people: list[SignIn]) -> list[str]:
    """What lists and histories show these people of the first district's records and residents, where they may look."""
    own = {id for *_, id in ids_of(calm)}
    names = {word for word, tenant in calm.canaries.items() if tenant == DISTRICTS[0] and "worker" not in word}
    found = []
    for (service, method, path), action in ACTIONS.items():
        if method != "GET" or "{" in path:
            continue
        roles = may(service, action)
        for who in (who for who in people if who.role in roles):
            text = ""
            for asked in ASKED.get(path, ("",)):
                answer = await bureau.ask("GET", service, path + asked, who)
                assert answer.status_code in (200, 403), (path, who, answer.text)
                text += OF_OTHERS.get(path, orjson.dumps)(answer.json()).decode()
            ids = own if path not in THE_CITYS else set()
            shown = [word for word in ids | names if word in text]
            found += [f"{who.role} of {who.tenant} sees {word} at {service} {path}" for word in shown]
    return found


def _of_others(history: Any) -> bytes:
    """A history without what strangers were refused: that names what they asked for, to their own bureaus."""
    items = history.get("items", ())
    kept = [one for one in items if one["kind"] != "refusal" or one["actor"]["tenant"] == DISTRICTS[0]]
    return orjson.dumps(kept)


def _but_workers(found: Any) -> bytes:
    """What a search found, without the city's workers."""
    return orjson.dumps([one for one in found.get("items", ()) if one["kind"] != "worker"])


OF_OTHERS = {"/v1/history": _of_others, "/v1/search": _but_workers}


@pytest.mark.soak
async def test_no_list_shows_another_bureaus_records(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        assert await leaks(calm, bureau, strangers()) == []
        own = [SignIn(Role.DISTRICT_BUREAU, DISTRICTS[0])]
        assert len(await leaks(calm, bureau, own)) > 10, "the look itself finds what is there"


async def test_a_widened_row_policy_would_be_seen(calm: Played) -> None:
    """The net beneath the queries is what holds: with the policies of one table wide open, strangers see its rows."""
    async with proof.database(calm.region, "casework") as db, Bureau.calls(calm.region) as bureau:
        bulletin = await bureau.ask("GET", "casework", "/v1/cases", SignIn(Role.DISTRICT_BUREAU, DISTRICTS[0]))
        assert bulletin.json()["items"]
        scoped = "select set_config('app.reads', $1, false), set_config('app.writes', '{}', false)"
        await db.execute("set role casework_app")
        await db.execute(scoped.replace("$1", f"'{{{DISTRICTS[1]}}}'"))
        count = "select count(*) from case_list where tenant_id = $1"
        assert await db.fetchval(count, DISTRICTS[0]) == 0
        await db.execute("reset role")
        async with db.transaction():
            await db.execute("create policy leak on versions.case_list for select using (true)")
            await db.execute("set local role casework_app")
            assert await db.fetchval(count, DISTRICTS[0]) > 0
            await db.execute("reset role")
            await db.execute("drop policy leak on versions.case_list")


def test_random_is_nobodys(calm: Played) -> None:
    assert UUID(RANDOM) not in {UUID(id) for *_, id in ids_of(calm)}
