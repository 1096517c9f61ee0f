"""Bad input at the development issuer: what goes back to the client, what stops at a page, what /token answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.kit.issuing import BACK, VERIFIER, Portal, running, sent_back, wanted


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running(tmp_path_factory.mktemp("issuer")) as url:
        yield Portal(url)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"client_id": None}, "缺少参数 client_id"),
        ({"client_id": "other"}, "没有登记这个应用"),
        ({"client_id": "p" * 65}, "client_id 格式不符或过长"),
        ({"client_id": ["portal", "portal"]}, "client_id 重复"),
        ({"redirect_uri": None}, "缺少参数 redirect_uri"),
        ({"redirect_uri": ""}, "缺少参数 redirect_uri"),
        ({"redirect_uri": "http://portal.example/callback"}, "没有登记这个返回地址"),
        ({"redirect_uri": BACK.replace("127.0.0.1", "localhost")}, "没有登记这个返回地址"),
        ({"redirect_uri": BACK.replace(":9", ":10")}, "没有登记这个返回地址"),
        ({"redirect_uri": BACK.replace("callback", "callback/")}, "没有登记这个返回地址"),
        ({"redirect_uri": BACK.replace("callback", "CALLBACK")}, "没有登记这个返回地址"),
        ({"redirect_uri": f"{BACK}#part"}, "不能带 #"),
        ({"redirect_uri": f"{BACK}#"}, "不能带 #"),
        ({"redirect_uri": "javascript:alert(1)"}, "没有登记这个返回地址"),
        ({"redirect_uri": f"{BACK}\r\nset-cookie: a=b"}, "redirect_uri 格式不符或过长"),
        ({"redirect_uri": f"{BACK}{'x' * 512}"}, "redirect_uri 格式不符或过长"),
        ({"redirect_uri": [BACK, BACK]}, "redirect_uri 重复"),
        ({"state": "s" * 17_000}, "请求过长"),
        ({f"more{n}": "x" for n in range(30)}, "参数过多"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_nobody_is_sent_back_to_where_the_client_is_not_known_to_be(
    portal: Portal, changed: dict[str, Any], says: str
) -> None:
    answer = portal.authorize(**changed)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert says in answer.text
    assert 'lang="zh-CN"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("changed", "error", "why"),
    [
        ({"response_type": None}, "invalid_request", "response_type is missing"),
        ({"response_type": "token"}, "unsupported_response_type", "code"),
        ({"response_type": "code id_token"}, "unsupported_response_type", "code"),
        ({"response_type": ["code", "code"]}, "invalid_request", "more than once"),
        ({"response_mode": "fragment"}, "invalid_request", "response_mode"),
        ({"scope": None}, "invalid_scope", "openid"),
        ({"scope": "profile"}, "invalid_scope", "openid"),
        ({"scope": "openid admin"}, "invalid_scope", "openid"),
        ({"scope": "openid " * 50}, "invalid_request", "scope"),
        ({"nonce": "n" * 257}, "invalid_request", "nonce"),
        ({"nonce": "示例"}, "invalid_request", "nonce"),
        ({"code_challenge": None}, "invalid_request", "code_challenge is missing"),
        ({"code_challenge": "c" * 42}, "invalid_request", "code_challenge"),
        ({"code_challenge": "c" * 44}, "invalid_request", "code_challenge"),
        ({"code_challenge": f"{'c' * 42}="}, "invalid_request", "code_challenge"),
        ({"code_challenge_method": None}, "invalid_request", "code_challenge_method is missing"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER[:43]}, "invalid_request", "S256"),
        ({"prompt": "none login"}, "invalid_request", "prompt"),
        ({"prompt": "create"}, "invalid_request", "prompt"),
        ({"login_hint": "d" * 129}, "invalid_request", "login_hint"),
        ({"post": "p" * 129}, "invalid_request", "post"),
        ({"post": "mayor:620100"}, "invalid_request", "post"),
        ({"request": "x"}, "request_not_supported", "request"),
        ({"request_uri": "http://127.0.0.1/x"}, "request_uri_not_supported", "request_uri"),
        ({"unknown": ["1", "2"]}, "invalid_request", "more than once"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_the_client_is_told_what_is_wrong(portal: Portal, changed: dict[str, Any], error: str, why: str) -> None:
    back = sent_back(portal.authorize(**changed))
    assert (back["error"], back["state"], "code" in back) == (error, "s1", False)
    assert why in back["error_description"]
    assert back["error_description"].isascii()


@pytest.mark.parametrize("state", ["s" * 10_000, "示例", "a\nb", ["s1", "s2"]], ids=lambda state: str(state)[:10])
def test_a_state_that_is_not_taken_does_not_come_back(portal: Portal, state: Any) -> None:
    back = sent_back(portal.authorize(state=state))
    assert (back["error"], "state" in back, "code" in back) == ("invalid_request", False, False)


def test_an_empty_parameter_is_an_absent_one(portal: Portal) -> None:
    back = sent_back(portal.authorize(state="", nonce=""))
    assert back.keys() == {"code", "iss"}
    assert sent_back(portal.authorize(code_challenge=""))["error_description"] == "code_challenge is missing"


@pytest.mark.parametrize("query", ["client_id=%FF", "%80=1", "state=%ED%A0%80"])
def test_what_is_no_utf_8_is_refused(portal: Portal, query: str) -> None:
    answer = portal.http.get(f"{portal.issuer}/authorize?{urlencode(wanted())}&{query}")
    assert (answer.status_code, "编码有误" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/authorize"), ("PUT", "/authorize"), ("DELETE", "/end-session"), ("POST", "/end-session")],
)
def test_a_wrong_method_is_a_page(portal: Portal, method: str, path: str) -> None:
    answer = portal.http.request(method, f"{portal.issuer}{path}", params=wanted())
    assert (answer.status_code, answer.headers["allow"], "location" in answer.headers) == (405, "GET", False)
    assert "不能用这种方式访问" in answer.text


def test_an_unknown_place_is_a_page(portal: Portal) -> None:
    answer = portal.http.get(f"{portal.issuer}/userinfo")
    assert (answer.status_code, "没有这个页面" in answer.text) == (404, True)


CODE = {"grant_type": "authorization_code", "code": "c", "redirect_uri": BACK, "code_verifier": VERIFIER}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "r"}


@pytest.mark.parametrize(
    ("form", "status", "error", "why"),
    [
        ({}, 400, "invalid_request", "grant_type is missing"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", "grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type", "grant_type"),
        ({**CODE, "client_id": None}, 400, "invalid_request", "client_id is missing"),
        ({**CODE, "client_id": "other"}, 401, "invalid_client", "no such client"),
        ({**CODE, "client_secret": "x"}, 401, "invalid_client", "no secret"),
        ({**CODE, "code": None}, 400, "invalid_request", "code is missing"),
        ({**CODE, "code": "c" * 129}, 400, "invalid_request", "code is malformed or too long"),
        ({**CODE, "code": ["c", "c"]}, 400, "invalid_request", "more than once"),
        ({**CODE, "redirect_uri": None}, 400, "invalid_request", "redirect_uri is missing"),
        ({**CODE, "code_verifier": None}, 400, "invalid_request", "code_verifier is missing"),
        ({**CODE, "code_verifier": "v" * 42}, 400, "invalid_request", "code_verifier is malformed or too long"),
        ({**CODE, "code_verifier": "v" * 129}, 400, "invalid_request", "code_verifier is malformed or too long"),
        ({**CODE, "code_verifier": "示" * 43}, 400, "invalid_request", "code_verifier is malformed or too long"),
        (CODE, 400, "invalid_grant", "nothing of ours"),
        ({**REFRESH, "refresh_token": None}, 400, "invalid_request", "refresh_token is missing"),
        ({**REFRESH, "refresh_token": "r" * 129}, 400, "invalid_request", "refresh_token is malformed or too long"),
        ({**REFRESH, "post": ["a", "b"]}, 400, "invalid_request", "more than once"),
        (REFRESH, 400, "invalid_grant", "nothing of ours"),
        ({**REFRESH, "state": "s" * 17_000}, 413, "invalid_request", "longer than 16384 bytes"),
        ({**REFRESH, **{f"more{n}": "x" for n in range(30)}}, 400, "invalid_request", "more than 32 parameters"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_token_endpoint_answers_in_json(
    portal: Portal, form: dict[str, Any], status: int, error: str, why: str
) -> None:
    answer = portal.ask(**form)
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert why in answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_verifier_of_a_wrong_length_spends_no_code(portal: Portal) -> None:
    code = portal.code()
    assert portal.redeem(code, code_verifier="v" * 42).json()["error"] == "invalid_request"
    assert portal.redeem(code).status_code == 200


def test_a_token_is_asked_for_by_post_in_a_body_of_a_known_kind(portal: Portal) -> None:
    url, form = f"{portal.issuer}/token", {"client_id": "portal", **REFRESH}
    for asked in (
        portal.http.get(url, params=form),
        portal.http.post(url, params=form, data=form),
        portal.http.post(url, content=urlencode(form)),
        portal.http.post(url, content=urlencode(form), headers={"content-type": "text/plain"}),
        portal.http.post(url, files={name: (None, value) for name, value in form.items()}),
        portal.http.post(url, content=b"a=%FF", headers={"content-type": "application/x-www-form-urlencoded"}),
    ):
        assert asked.status_code in (400, 405)
        assert asked.json()["error"] == "invalid_request"
    assert portal.http.get(url).headers["allow"] == "POST"


def test_a_client_that_shows_a_secret_is_refused(portal: Portal) -> None:
    answer = portal.http.post(f"{portal.issuer}/token", data={"client_id": "portal", **REFRESH}, auth=("portal", "x"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'{"sub": 1}', b"{}" * 9_000], ids=lambda body: repr(body[:9])
)
def test_json_that_speaks_for_nobody_is_refused(portal: Portal, body: bytes) -> None:
    answer = portal.http.post(f"{portal.issuer}/token", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == (413 if len(body) > 9_000 else 422)
    assert answer.json().keys() & {"detail", "error"}
