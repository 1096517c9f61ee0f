"""Which tokens are believed.  Every refusal looks the same from outside."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from contracts.values import Role, TenantId
from kit.auth import Actor, Post, Unauthenticated, Verifier, bearer, tokens
from kit.auth.keys import MAX_AGE, RETRY, Keys

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # what Keycloak still calls Ed25519

ISSUER, AUDIENCE = "https://issuer.example", "liandong"
NOW = datetime(2022, 9, 27, 2, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY = OKPKey.generate_key("Ed25519", {"kid": "one"})
OTHER = OKPKey.generate_key("Ed25519", {"kid": "two"})
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "demo-officer-01",
    "role": "street_officer",
    "tenant": "620102",
    "unit": "620102001",
    "iat": AT,
    "nbf": AT,
    "exp": AT + 3600,
}
BODY, WORKER = "0d9f6a3e-6a0a-4a51-9d5b-6a3f0c6f8e01", "5c6e0f0a-13d4-4d0e-8a53-3f0c6f8e0102"
ACTOR = Actor("demo-officer-01", Role.STREET_OFFICER, TenantId("620102"), "620102001")


def signed(key: Any = KEY, *, alg: str = "EdDSA", header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token; a claim given as None is left out."""
    body = {k: v for k, v in {**CLAIMS, **claims}.items() if v is not None}
    head = {k: v for k, v in {"typ": "JWT", "alg": alg, "kid": "one", **(header or {})}.items() if v is not None}
    return jws.serialize_compact(head, json.dumps(body), key, algorithms=[alg])


def publish(path: Path, *keys: Any) -> str:
    path.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))
    return path.as_uri()


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    return Verifier(issuer=ISSUER, audience=AUDIENCE, jwks_url=publish(tmp_path / "jwks.json", KEY))


async def refused(verifier: Verifier, token: str, now: datetime = NOW) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token, now)
    assert (caught.value.status, caught.value.detail, caught.value.facts) == (401, Unauthenticated.text, {})
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
async def test_a_good_token_names_its_actor(verifier: Verifier, alg: str) -> None:
    assert (await verifier.verify(signed(alg=alg), NOW)).actor == ACTOR
    assert (await verifier.verify(signed(alg=alg), NOW)).actor == ACTOR


async def test_a_unit_is_not_required_and_audiences_may_be_several(verifier: Verifier) -> None:
    actor = (await verifier.verify(signed(unit=None, role="city_bureau", aud=["other", AUDIENCE]), NOW)).actor
    assert (actor.role, actor.unit) == (Role.CITY_BUREAU, None)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://issuer.example/"},
        {"iss": None},
        {"aud": "elsewhere"},
        {"aud": ["elsewhere"]},
        {"aud": None},
        {"exp": AT - 31},
        {"exp": None},
        {"exp": str(AT + 3600)},
        {"exp": True},
        {"iat": AT + 31},
        {"iat": None},
        {"iat": AT - 12 * 3600},
        {"nbf": AT + 31},
        {"nbf": "soon"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "演示社工甲01"},
        {"sub": "x" * 129},
        {"role": None},
        {"role": "mayor"},
        {"role": "system"},
        {"role": ["city_bureau"]},
        {"tenant": None},
        {"tenant": 620102},
        {"tenant": "6201"},
        {"tenant": "６２０１０２"},
        {"tenant": "620102\n"},
        {"unit": "a b"},
        {"unit": 620102001},
        {"unit": None},
        {"unit": "6"},
        {"unit": "620102"},
        {"unit": "6201020010"},
        {"unit": "620102001001"},
        {"unit": "62010200١"},
        {"unit": "620102001\n"},
        {"role": "city_bureau"},
        {"worker": WORKER},
        {"role": "social_worker", "unit": BODY, "worker": "w"},
        {"aud": "liandong-test"},
        {"aud": "lian"},
        {"aud": ["liandong-test", "lian"]},
    ],
    ids=repr,
)
async def test_an_unfit_claim_is_refused(verifier: Verifier, claims: dict[str, Any]) -> None:
    await refused(verifier, signed(**claims))


POST = {"tenant": "620100", "role": "city_bureau"}


async def test_a_token_may_list_the_posts_of_its_bearer_and_acts_at_its_own(verifier: Verifier) -> None:
    claims = await verifier.verify(signed(posts=[POST] * 16), NOW)
    assert claims.posts == (Post(tenant="620100", role=Role.CITY_BUREAU),) * 16
    assert claims.actor == ACTOR
    assert (await verifier.verify(signed(), NOW)).posts == ()


@pytest.mark.parametrize(
    "posts",
    [
        *("all", {}, [None], [[]], [POST] * 17, [{"tenant": "620100"}], [{**POST, "role": "system"}]),
        *([{**POST, "tenant": "6201"}], [{**POST, "unit": "620102001"}], [{**POST, "worker": WORKER}]),
    ],
    ids=lambda posts: str(posts)[:60],
)
async def test_posts_that_no_token_could_act_at_are_refused(verifier: Verifier, posts: Any) -> None:
    await refused(verifier, signed(posts=posts))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
async def test_an_access_token_says_that_it_is_one(verifier: Verifier, typ: str) -> None:
    assert (await verifier.verify(signed(header={"typ": typ}), NOW)).actor == ACTOR


@pytest.mark.parametrize("typ", [None, "", "logout+jwt", "dpop+jwt", "JOSE"])
async def test_another_type_of_token_is_refused(verifier: Verifier, typ: str | None) -> None:
    await refused(verifier, signed(header={"typ": typ}))


async def test_a_social_workers_token_may_name_the_worker(verifier: Verifier) -> None:
    who: Any = {"role": "social_worker", "unit": BODY}
    assert (await verifier.verify(signed(**who, worker=WORKER), NOW)).actor.worker == UUID(WORKER)
    assert (await verifier.verify(signed(**who), NOW)).actor.worker is None


async def test_only_so_many_tokens_are_remembered(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    for n in range(5):
        await verifier.verify(signed(sub=f"demo-{n}"), NOW)
    assert [seen.claims.sub for seen in verifier._seen.values()] == ["demo-2", "demo-3", "demo-4"]
    await verifier.verify(signed(sub="demo-2"), NOW)
    await verifier.verify(signed(sub="demo-5"), NOW)
    assert [seen.claims.sub for seen in verifier._seen.values()] == ["demo-4", "demo-2", "demo-5"]


async def test_clocks_may_differ_by_the_leeway(verifier: Verifier) -> None:
    assert (await verifier.verify(signed(exp=AT - 29, iat=AT - 60, nbf=None), NOW)).actor == ACTOR
    assert (await verifier.verify(signed(iat=AT + 29, nbf=AT + 29), NOW)).actor == ACTOR


async def test_a_remembered_token_still_expires(verifier: Verifier) -> None:
    token = signed()
    await verifier.verify(token, NOW)
    await refused(verifier, token, NOW + timedelta(hours=1, seconds=31))


async def test_no_algorithm_is_no_signature(verifier: Verifier) -> None:
    head = urlsafe_b64encode(json.dumps({"alg": "none", "kid": "one"}).encode()).decode()
    body = signed().split(".")[1]
    for token in (f"{head}.{body}.", f"{head}.{body}.{signed().split('.')[2]}", f"{head}.{body}"):
        await refused(verifier, token)


async def test_a_public_key_is_no_shared_secret(verifier: Verifier) -> None:
    published = KEY.as_dict(private=False)
    raw = urlsafe_b64decode(str(published["x"]).encode())
    for secret in (raw, KEY.as_pem(private=False), json.dumps(published).encode()):
        head = urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "one"}).encode()).decode()
        signing = f"{head}.{signed().split('.')[1]}"
        mac = urlsafe_b64encode(hmac.digest(secret, signing.encode(), "sha256")).decode()
        await refused(verifier, f"{signing}.{mac}")


async def test_other_algorithms_are_refused_even_when_their_keys_are_published(tmp_path: Path) -> None:
    rsa, ec = RSAKey.generate_key(2048, {"kid": "one"}), ECKey.generate_key("P-256", {"kid": "two"})
    ed448 = OKPKey.generate_key("Ed448", {"kid": "three"})
    good = OKPKey.generate_key("Ed25519", {"kid": "four"})
    url = publish(tmp_path / "jwks.json", rsa, ec, ed448, good)
    verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, jwks_url=url)
    assert (await verifier.verify(signed(good, header={"kid": "four"}), NOW)).actor == ACTOR
    await refused(verifier, signed(rsa, alg="RS256"))
    await refused(verifier, signed(ec, alg="ES256", header={"kid": "two"}))
    await refused(verifier, signed(ed448, header={"kid": "three"}))


async def test_a_token_has_a_greatest_length(verifier: Verifier) -> None:
    await refused(verifier, signed(groups=["x" * 9000]))


async def test_a_signature_by_another_key_is_refused(verifier: Verifier) -> None:
    await refused(verifier, signed(OTHER))


async def test_an_unknown_or_missing_key_id_is_refused(verifier: Verifier) -> None:
    await refused(verifier, signed(OTHER, header={"kid": "two"}))
    await refused(verifier, signed(header={"kid": ""}))
    head = urlsafe_b64encode(b'{"typ":"JWT","alg":"EdDSA"}').decode()
    await refused(verifier, ".".join([head, *signed().split(".")[1:]]))


async def test_a_key_that_the_token_brings_along_is_not_used(verifier: Verifier) -> None:
    await refused(verifier, signed(OTHER, header={"jwk": OTHER.as_dict(private=False)}))


async def test_a_changed_byte_is_refused(verifier: Verifier) -> None:
    head, body, signature = signed().split(".")
    forged = signed(OTHER, role="city_bureau").split(".")[1]
    await refused(verifier, f"{head}.{forged}.{signature}")
    await refused(verifier, f"{head}.{body}.{signature[:-2]}")
    await refused(verifier, f"{head}.{body}.")


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "演示.演示.演示", "e30.e30.e30", "x" * 9000, "\x00.\x00.\x00"]
)
async def test_what_is_no_token_is_refused(verifier: Verifier, token: str) -> None:
    await refused(verifier, token)


@pytest.mark.parametrize(
    "headers",
    [[], [""], ["Bearer"], ["Bearer "], ["Basic YTpi"], ["token"], ["Bearer a", "Bearer a"], ["", "Bearer a"]],
)
def test_not_exactly_one_bearer_token_is_refused(headers: list[str]) -> None:
    with pytest.raises(Unauthenticated):
        bearer(headers)


def test_the_scheme_is_read_in_any_case() -> None:
    assert bearer(["bearer abc"]) == "abc"


async def test_a_withdrawn_key_is_believed_no_longer_than_its_age(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, jwks_url=publish(path, KEY))
    token = signed()
    await verifier.verify(token, NOW)
    publish(path, OTHER)
    assert (await verifier.verify(token, NOW + MAX_AGE - timedelta(seconds=1))).actor == ACTOR
    await refused(verifier, token, NOW + MAX_AGE)


async def test_another_key_under_the_same_id_does_not_vouch_for_what_the_old_one_signed(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, jwks_url=publish(path, KEY))
    await verifier.verify(signed(), NOW)
    publish(path, OKPKey.generate_key("Ed25519", {"kid": "one"}))
    await refused(verifier, signed(), NOW + MAX_AGE)


async def test_a_new_key_is_found_and_an_unreachable_issuer_keeps_the_old(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, jwks_url=publish(path, KEY))
    await verifier.verify(signed(), NOW)
    publish(path, KEY, OTHER)
    assert (await verifier.verify(signed(OTHER, header={"kid": "two"}), NOW + RETRY)).actor == ACTOR
    path.unlink()
    assert (await verifier.verify(signed(), NOW + MAX_AGE + RETRY)).actor == ACTOR


@contextmanager
def serving(body: bytes, status: int = 200, location: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """A key server on the loopback, and the paths that it was asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            if location:
                self.send_header("location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


JWKS = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()


async def test_made_up_key_ids_do_not_hammer_the_issuer() -> None:
    with serving(JWKS) as (url, asked):
        keys = Keys(url)
        assert await keys.get("one", NOW) is not None
        for n in range(50):
            assert await keys.get(f"made-up-{n}", NOW + timedelta(seconds=n % 30)) is None
        assert len(asked) == 1
        await keys.get("made-up", NOW + RETRY)
        assert len(asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys":7}',
        b'{"keys":[7]}',
        b'{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"!"}]}',
        JWKS + b" " * 70_000,
    ],
    ids=lambda b: repr(b[:30]),
)
async def test_what_is_no_key_set_gives_no_key(body: bytes) -> None:
    with serving(body) as (url, _):
        assert await Keys(url).get("one", NOW) is None


async def test_a_redirect_is_not_followed() -> None:
    with serving(JWKS) as (there, asked), serving(b"", 302, there) as (url, _):
        assert await Keys(url).get("one", NOW) is None
        assert asked == []


async def test_an_issuer_that_fails_gives_no_key() -> None:
    with serving(JWKS, 500) as (url, _):
        assert await Keys(url).get("one", NOW) is None


async def test_many_who_ask_a_new_process_at_once_wait_for_the_one_fetch(tmp_path: Path) -> None:
    keys = Keys(publish(tmp_path / "jwks.json", KEY))
    assert all(await asyncio.gather(*(keys.get("one", NOW) for _ in range(5))))


@pytest.mark.parametrize("url", ["http://issuer.example/jwks.json", "ftp://127.0.0.1/jwks.json", "jwks.json"])
def test_keys_are_not_fetched_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="not fetched"):
        Keys(url)
