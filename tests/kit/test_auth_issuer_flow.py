"""The code flow of the development issuer, end to end, as a portal walks through it."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from joserfc import jws
from tests.kit.issuing import (
    BACK,
    CITY,
    DISTRICT,
    ORGANISATION,
    OUT,
    PEOPLE,
    SOCIAL_WORKER,
    WORKER,
    Portal,
    running,
    says,
    sent_back,
    wanted,
)

from contracts.values import Role, TenantId
from kit import clock
from kit.auth import Actor, Post, Unauthenticated, Verifier

HOSTILE = str(PEOPLE[1]["sub"])


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("issuer")) as url:
        yield url


@pytest.fixture
def portal(issuer: str) -> Portal:
    return Portal(issuer)


def verifier(issuer: str, audience: str = "liandong") -> Verifier:
    return Verifier(issuer=issuer, audience=audience, jwks_url=f"{issuer}/.well-known/jwks.json")


def test_discovery_says_all_that_a_client_must_know(issuer: str) -> None:
    known = httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False).json()
    assert known["issuer"] == issuer
    for name in ("authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri"):
        assert httpx.get(known[name], trust_env=False).status_code in (200, 400, 405)
    assert known["response_types_supported"] == ["code"]
    assert known["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert known["code_challenge_methods_supported"] == ["S256"]
    assert known["token_endpoint_auth_methods_supported"] == ["none"]
    assert known["scopes_supported"] == ["openid", "profile"]
    assert known["request_uri_parameter_supported"] is False


def test_discovery_names_the_claims_that_id_tokens_have(issuer: str, portal: Portal) -> None:
    known = httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False).json()
    assert says(portal.signed_in()["id_token"]).keys() == set(known["claims_supported"])


async def test_a_person_signs_in_and_is_believed_at_their_first_post(issuer: str, portal: Portal) -> None:
    back = sent_back(portal.authorize())
    assert back.keys() == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == ("s1", issuer)
    answer = portal.redeem(back["code"])
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 600, "openid profile")
    claims = await verifier(issuer).verify(given["access_token"], clock.now())
    assert claims.actor == Actor("demo-two-posts", Role.DISTRICT_BUREAU, TenantId("620102"), None)
    posts = (Post(tenant="620102", role=Role.DISTRICT_BUREAU), Post(tenant="620100", role=Role.CITY_BUREAU))
    assert claims.posts == posts


def test_the_id_token_is_of_this_sign_in_and_for_the_client(issuer: str, portal: Portal) -> None:
    before = int(time.time())
    first, other = portal.signed_in(), portal.signed_in(nonce=None, scope="openid")
    told = says(first["id_token"])
    assert (told["iss"], told["aud"], told["nonce"], told["sub"]) == (issuer, "portal", "n1", "demo-two-posts")
    assert before <= told["auth_time"] <= told["iat"] <= int(time.time())
    assert told["posts"] == [DISTRICT, CITY]
    assert told["name"] == "示例·两岗"
    assert told["sid"] == says(first["access_token"])["sid"] != says(other["id_token"])["sid"]
    assert not {"nonce", "name"} & says(other["id_token"]).keys()


async def test_an_id_token_is_no_access_token(issuer: str, portal: Portal) -> None:
    """Not even at a service whose audience was set to the client by mistake."""
    token = portal.signed_in()["id_token"]
    for audience in ("liandong", "portal"):
        with pytest.raises(Unauthenticated):
            await verifier(issuer, audience).verify(token, clock.now())


async def test_a_post_is_chosen_at_sign_in(issuer: str, portal: Portal) -> None:
    token = portal.signed_in(post="city_bureau:620100")["access_token"]
    assert (await verifier(issuer).verify(token, clock.now())).actor.role is Role.CITY_BUREAU
    post = f"social_worker:620102:{ORGANISATION}"
    worker = portal.signed_in(login_hint=HOSTILE, post=post)["access_token"]
    actor = (await verifier(issuer).verify(worker, clock.now())).actor
    assert actor == Actor(HOSTILE, Role.SOCIAL_WORKER, TenantId("620102"), ORGANISATION, UUID(WORKER))
    assert says(worker)["posts"] == [SOCIAL_WORKER]


def test_a_refresh_gives_new_tokens_of_the_same_sign_in(portal: Portal) -> None:
    first = portal.signed_in()
    second = portal.refresh(first["refresh_token"]).json()
    assert second.keys() == first.keys()
    assert second["refresh_token"] != first["refresh_token"]
    old, new = says(first["id_token"]), says(second["id_token"])
    for same in ("iss", "sub", "aud", "sid", "auth_time", "posts"):
        assert new[same] == old[same]
    assert "nonce" not in new
    assert says(first["access_token"])["jti"] != says(second["access_token"])["jti"]


def test_a_post_is_switched_at_a_refresh_and_stays(portal: Portal) -> None:
    first = portal.signed_in()
    second = portal.refresh(first["refresh_token"], post="city_bureau:620100").json()
    third = portal.refresh(second["refresh_token"]).json()
    acts = [says(given["access_token"])["role"] for given in (first, second, third)]
    assert acts == ["district_bureau", "city_bureau", "city_bureau"]


def test_a_post_of_somebody_else_is_refused_and_spends_nothing(portal: Portal) -> None:
    token = portal.signed_in()["refresh_token"]
    refused = portal.refresh(token, post=f"social_worker:620102:{ORGANISATION}")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert portal.refresh(token).status_code == 200
    assert sent_back(portal.authorize(post="auditor:620100"))["error"] == "invalid_request"


def grant_refused(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    why: str = answer.json()["error_description"]
    return why


def test_a_code_used_twice_is_refused_and_what_it_gave_is_revoked(portal: Portal) -> None:
    code = portal.code()
    given = portal.redeem(code).json()
    assert "spent" in grant_refused(portal.redeem(code))
    assert "ended" in grant_refused(portal.refresh(given["refresh_token"]))


def test_a_code_used_again_after_refreshes_ends_the_session_too(portal: Portal) -> None:
    code = portal.code()
    later = portal.refresh(portal.redeem(code).json()["refresh_token"]).json()
    grant_refused(portal.redeem(code))
    grant_refused(portal.refresh(later["refresh_token"]))


def test_a_code_that_many_bring_at_once_is_good_once(portal: Portal) -> None:
    code = portal.code()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Portal(portal.issuer).redeem(code), range(8)))
    good = [answer for answer in answers if answer.is_success]
    assert len(good) == 1
    grant_refused(portal.refresh(good[0].json()["refresh_token"]))


def test_a_refresh_token_used_twice_ends_its_session_and_no_other(portal: Portal) -> None:
    first, other = portal.signed_in(), portal.signed_in()
    second = portal.refresh(first["refresh_token"]).json()
    assert "before" in grant_refused(portal.refresh(first["refresh_token"]))
    grant_refused(portal.refresh(second["refresh_token"]))
    assert portal.refresh(other["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"code_verifier": "b" * 43}, "code_verifier"),
        ({"redirect_uri": "http://127.0.0.1:9/callback"}, "redirect_uri"),
        ({"redirect_uri": f"{BACK}&more=1"}, "redirect_uri"),
    ],
    ids=repr,
)
def test_a_code_goes_with_its_verifier_and_address_and_one_try_spends_it(
    portal: Portal, changed: dict[str, str], why: str
) -> None:
    code = portal.code()
    assert why in grant_refused(portal.redeem(code, **changed))
    assert "spent" in grant_refused(portal.redeem(code))


def test_a_code_is_no_refresh_token_and_the_other_way_round(portal: Portal) -> None:
    code = portal.code()
    grant_refused(portal.refresh(code))
    token = portal.redeem(code).json()["refresh_token"]
    grant_refused(portal.redeem(token))
    assert portal.refresh(token).status_code == 200


def test_a_made_up_token_ends_nothing(portal: Portal) -> None:
    token = portal.signed_in()["refresh_token"]
    sid, generation, mac = token.split(".")
    for made_up in (
        f"{sid}.0.{mac}",
        f"{sid}.2.{mac}",
        f"{sid}.01.{mac}",
        f"{sid}.1.{mac[::-1]}",
        f"{sid}.1.",
        sid,
        "x",
    ):
        assert grant_refused(portal.refresh(made_up))
        assert grant_refused(portal.redeem(made_up))
    assert generation == "1"
    assert portal.refresh(token).status_code == 200


def test_signing_out_ends_the_session(portal: Portal) -> None:
    given, other = portal.signed_in(), portal.signed_in()
    answer = portal.sign_out(id_token_hint=given["id_token"], post_logout_redirect_uri=OUT, state="s2&x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OUT}?state=s2%26x%3D1")
    assert "ended" in grant_refused(portal.refresh(given["refresh_token"]))
    assert portal.refresh(other["refresh_token"]).status_code == 200
    again = portal.sign_out(id_token_hint=given["id_token"])
    assert again.status_code == 200
    assert "已退出登录" in again.text


def test_a_sign_out_that_is_refused_changes_nothing_and_sends_nowhere(portal: Portal) -> None:
    given = portal.signed_in()
    hint = given["id_token"]
    forged = f"{hint.rpartition('.')[0]}.{'A' * 86}"
    for asked in (
        {},
        {"id_token_hint": given["access_token"], "post_logout_redirect_uri": OUT},
        {"id_token_hint": forged, "post_logout_redirect_uri": OUT},
        {"id_token_hint": "x", "post_logout_redirect_uri": OUT},
        {"id_token_hint": hint, "post_logout_redirect_uri": "http://127.0.0.1:9/by"},
        {"id_token_hint": hint, "post_logout_redirect_uri": BACK},
        {"id_token_hint": hint, "post_logout_redirect_uri": f"{OUT}#x"},
        {"id_token_hint": hint, "post_logout_redirect_uri": ""},
        {"id_token_hint": hint, "post_logout_redirect_uri": OUT, "client_id": "other"},
        {"id_token_hint": hint, "post_logout_redirect_uri": OUT, "state": "s" * 10_000},
        {"id_token_hint": [hint, hint], "post_logout_redirect_uri": OUT},
        {"post_logout_redirect_uri": OUT, "state": "s"},
        {"id_token_hint": hint, "post_logout_redirect_uri": OUT, "unknown": ["1", "2"]},
    ):
        answer = portal.sign_out(**asked)
        assert (answer.status_code, "location" in answer.headers) == (400, False), asked
        assert 'lang="zh-CN"' in answer.text
    assert portal.refresh(given["refresh_token"]).status_code == 200


def test_a_page_lets_one_choose_a_person_and_a_post(portal: Portal) -> None:
    page = portal.authorize(prompt=None, login_hint=None, state='"><script>')
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "选择登录人员" in page.text
    assert "示例·两岗" in page.text
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*)"', page.text)]
    assert len(links) == 3
    asked = parse_qs(urlsplit(links[1]).query, strict_parsing=True)
    assert (asked["login_hint"], asked["post"]) == (["demo-two-posts"], ["city_bureau:620100"])
    back = sent_back(portal.http.get(f"{portal.issuer}{links[1]}"))
    assert back["state"] == '"><script>'
    assert says(portal.redeem(back["code"]).json()["access_token"])["role"] == "city_bureau"
    of_the_hostile = sent_back(portal.http.get(f"{portal.issuer}{links[2]}"))
    assert says(portal.redeem(of_the_hostile["code"]).json()["access_token"])["sub"] == HOSTILE


def test_the_page_runs_nothing_and_loads_nothing(portal: Portal) -> None:
    page = portal.authorize(prompt=None, state="'\"><script>alert(1)</script>", login_hint=HOSTILE)
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert page.text.index("&lt;script&gt;") < page.text.index("示例·两岗"), "who is hinted at comes first"
    assert not re.search(r"""(src|action|onerror)=["']|javascript:|//""", page.text)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    kept = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}
    assert kept.items() <= dict(page.headers).items()


def test_a_sign_in_without_a_page_needs_a_known_person(portal: Portal) -> None:
    for hint in (None, "", "demo-nobody"):
        back = sent_back(portal.authorize(login_hint=hint))
        assert (back["error"], back["state"]) == ("login_required", "s1")
        assert "code" not in back


def test_a_token_for_anybody_needs_no_sign_in_and_cannot_be_refreshed(portal: Portal) -> None:
    given = portal.http.post(f"{portal.issuer}/token", json={"sub": "demo", **CITY}).json()
    assert given.keys() == {"access_token", "token_type", "expires_in"}
    assert says(given["access_token"])["role"] == "city_bureau"


def test_access_tokens_say_that_they_are(portal: Portal) -> None:
    given = portal.signed_in()
    heads = [jws.extract_compact(given[name].encode()).headers() for name in ("access_token", "id_token")]
    assert [head["typ"] for head in heads] == ["at+jwt", "JWT"]


def test_a_restarted_issuer_knows_no_session_of_before(tmp_path: Path) -> None:
    with running(tmp_path) as url:
        given = Portal(url).signed_in()
    with running(tmp_path) as url:
        assert grant_refused(Portal(url).refresh(given["refresh_token"])) == "nothing of ours"


def test_what_is_asked_for_is_carried_by_the_page_and_nothing_else_is(portal: Portal) -> None:
    page = portal.authorize(prompt="select_account", login_hint="demo-nobody", ui_locales="zh-CN")
    (first, *_) = (html.unescape(link) for link in re.findall(r'href="([^"]*)"', page.text))
    given = {name: values[0] for name, values in parse_qs(urlsplit(first).query).items()}
    assert given == {**wanted(), "post": "district_bureau:620102"}
