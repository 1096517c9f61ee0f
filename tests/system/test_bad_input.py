"""Bad input to a real service: an answer of its own for each kind, and nothing half-done behind it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from tests.synthetic import credit_code, identity_number
from tests.system import proof
from tests.system.bureau import Bureau
from tests.system.conftest import Played
from tests.system.programme import CITY, CITY_BUREAU


@dataclass(frozen=True)
class Bad:
    """What is sent, and the status and code that it must get."""

    name: str
    status: int
    code: str
    content: bytes | None = None
    change: dict[str, Any] | None = None
    path: str = "/v1/organisations"
    headers: dict[str, str] | None = None


ORGANISATION = {
    "name": "演示坏输入机构",
    "authority": "演示民政局",
    "civil_affairs": True,
    "registered_on": "2015-03-01",
    "number": credit_code(9999),
    "occurred_on": "2022-06-06",
}
BLACKLIST = f"/v1/organisations/{uuid4()}/blacklist"


def blacklisting(reason: str) -> bytes:
    return json.dumps({"reason": reason, "occurred_on": "2022-06-06"}).encode()


CASES = (
    Bad("not JSON", 400, "malformed-json", content=b'{"name": '),
    Bad("a key twice", 400, "malformed-json", content=b'{"name": "a", "name": "b"}'),
    Bad("not UTF-8", 400, "malformed-json", content=b'{"name": "\xff"}'),
    Bad("too deep", 400, "json-too-deep", content=b"[" * 40 + b"]" * 40),
    Bad("too large", 413, "body-too-large", content=b'{"name": "' + b"x" * 300_000 + b'"}'),
    Bad("another media type", 415, "unsupported-media-type", headers={"content-type": "text/plain"}),
    Bad("an unknown field", 422, "invalid-request", change={"surplus": 1}),
    Bad("a missing field", 422, "invalid-request", content=b"{}"),
    Bad("a text too long", 422, "invalid-request", change={"name": "长" * 101}),
    Bad("NUL in a text", 422, "invalid-request", change={"name": "a\0b"}),
    Bad("half a surrogate pair", 422, "invalid-request", content=b'{"name": "\\ud800"}'),
    Bad("a future day", 422, "occurred-on-in-future", change={"occurred_on": "2999-01-01"}),
    Bad("a name of nothing visible", 422, "invalid-request", change={"name": "\u3000\u200b"}),
    Bad("a name that reads backwards", 422, "invalid-request", change={"name": "演示\u202e构机"}),
    Bad("a name of two lines", 422, "invalid-request", change={"name": "演示\n机构"}),
    Bad("a person's number in a name", 422, "invalid-request", change={"name": f"演示机构{identity_number(1)}"}),
    Bad("letters that no credit code has", 422, "invalid-request", change={"number": "IIIIOOOO"}),
    Bad("a credit code with one wrong digit", 422, "invalid-request", change={"number": credit_code(1)[:-1] + "X"}),
    Bad("registered after it is recorded", 422, "invalid-request", change={"registered_on": "2022-06-07"}),
    Bad("a reason that is a number", 422, "invalid-request", path=BLACKLIST, content=blacklisting("20220901")),
    Bad("a reason with a number in it", 422, "invalid-request", path=BLACKLIST, content=blacklisting("2023-00012")),
    Bad("no day", 422, "invalid-request", change={"occurred_on": "2022-02-30"}),
    Bad("no id in the path", 404, "not-found", path="/v1/organisations/none/penalties"),
    Bad("an id of nothing", 404, "not-found", path=f"/v1/organisations/{uuid4()}/inspections"),
    Bad("no such route", 404, "no-such-route", path="/v1/nothing"),
    Bad("no key", 400, "idempotency-key-missing", headers={"idempotency-key": ""}),
    Bad("no uuid as key", 400, "idempotency-key-invalid", headers={"idempotency-key": "1"}),
    Bad("no version", 400, "if-match-invalid", headers={"if-match": "3"}),
    Bad("no token", 401, "unauthenticated", headers={"authorization": "Bearer x.y.z"}),
)


def body(bad: Bad) -> bytes:
    if bad.content is not None:
        return bad.content
    sent: dict[str, Any] = {**ORGANISATION, **(bad.change or {})}
    if bad.path.endswith("inspections"):
        sent = {"year": 2022, "result": "passed", "occurred_on": "2022-06-06"}
    return json.dumps(sent).encode()


async def history(calm: Played) -> dict[str, int]:
    """All tables of record but refusals: a refused command may leave its row there."""
    return {name: n for name, n in (await proof.sizes(calm.region)).items() if not name.endswith(".refusal")}


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
async def test_bad_input_gets_its_own_answer_and_leaves_nothing(calm: Played, bad: Bad) -> None:
    before = await history(calm)
    async with Bureau.calls(calm.region) as bureau:
        headers = {
            "content-type": "application/json",
            "idempotency-key": str(uuid4()),
            "authorization": f"Bearer {await bureau.token(CITY_BUREAU)}",
            **(bad.headers or {}),
        }
        sent = {name: value for name, value in headers.items() if value}
        answer = await bureau.ask("POST", "registry", bad.path, None, headers=sent, content=body(bad))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (bad.status, bad.code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == bad.status
    assert problem["detail"]
    assert await history(calm) == before


def forged(calm: Played, **claims: Any) -> str:
    """A token with the issuer's own key that says something else."""
    key = OKPKey.import_key(json.loads((Path(calm.region.data) / "services" / "issuer.jwk").read_bytes()))
    now = int(time.time())
    said = {
        "iss": calm.region.programs["issuer"].url,
        "aud": "liandong",
        "iat": now,
        "exp": now + 600,
        "sub": "test",
        "role": "city_bureau",
        "tenant": CITY,
        **claims,
    }
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, said, key, algorithms=["Ed25519"])


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"exp": 1_600_000_000, "iat": 1_599_999_000}, 401),
        ({"aud": "another"}, 401),
        ({"iss": "http://another.example"}, 401),
        ({"role": "system"}, 401),
        ({"tenant": "62"}, 401),
        ({"exp": int(time.time()) + 10**6}, 401),
    ],
    ids=["good", "expired", "another audience", "another issuer", "as a service", "no tenant", "for ever"],
)
async def test_only_a_token_for_us_and_for_now_opens(calm: Played, claims: dict[str, Any], status: int) -> None:
    async with Bureau.calls(calm.region) as bureau:
        headers = {"authorization": f"Bearer {forged(calm, **claims)}"}
        for service in proof.DEFINITIONS:
            answer = await bureau.ask("GET", service, "/v1/indicators", None, headers=headers)
            assert answer.status_code == status


async def test_a_stale_version_and_a_key_used_for_something_else_change_nothing(calm: Played) -> None:
    said = next(one for one in calm.said.values() if one.path == "/v1/organisations")
    organisation = orjson.loads(said.answer)["stream"].partition("/")[2]
    before = await history(calm)
    inspection = {"year": 2022, "result": "passed", "occurred_on": "2022-06-06"}
    async with Bureau.calls(calm.region) as bureau:
        stale = await bureau.ask(
            "POST",
            "registry",
            f"/v1/organisations/{organisation}/inspections",
            CITY_BUREAU,
            headers={"if-match": '"99"', "idempotency-key": str(uuid4())},
            json=inspection,
        )
        assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
        other = {**said.body, "name": "别的名称"}
        key = {"idempotency-key": str(said.key)}
        reused = await bureau.ask("POST", "registry", said.path, said.who, headers=key, json=other)
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")
        same = await bureau.ask("POST", "registry", said.path, said.who, headers=key, json=said.body)
        assert same.content == said.answer
    assert await history(calm) == before
