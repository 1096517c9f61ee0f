"""The development issuer: what it gives, and where it refuses to run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib import error, request

import pytest
from tests.kit.issuing import running

from contracts.values import Role, TenantId
from kit import clock
from kit.auth import Actor, Verifier
from kit.auth.issuer.__main__ import main
from kit.auth.issuer.signing import key_at

OFFICER = {"sub": "demo-officer-01", "role": "city_bureau", "tenant": "620100"}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("issuer")) as url:
        yield url


def ask(url: str, body: Any = None, **headers: str) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = request.Request(url, data, {"content-type": "application/json", **headers})  # noqa: S310
    with request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


async def test_its_tokens_are_believed(issuer: str) -> None:
    configuration = ask(f"{issuer}/.well-known/openid-configuration")
    given = ask(configuration["token_endpoint"], {**OFFICER, "role": "street_officer", "unit": "620102001"})
    verifier = Verifier(issuer=configuration["issuer"], audience="liandong", jwks_url=configuration["jwks_uri"])
    claims = await verifier.verify(given["access_token"], clock.now())
    assert claims.actor == Actor("demo-officer-01", Role.STREET_OFFICER, TenantId("620100"), "620102001")
    assert claims.posts == ()
    assert given["expires_in"] == 8 * 3600


def test_its_private_key_is_not_published(issuer: str) -> None:
    (key,) = ask(f"{issuer}/.well-known/jwks.json")["keys"]
    assert key.keys() == {"kty", "crv", "x", "kid", "use", "alg"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "system"},
        {"role": "mayor"},
        {"tenant": "6201"},
        {"sub": "演示社工甲01"},
        {"sub": None},
        {"unit": "620102001"},
        {"role": "street_officer"},
    ],
)
def test_it_gives_no_token_that_would_be_refused(issuer: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(error.HTTPError) as caught:
        ask(f"{issuer}/token", {**OFFICER, **wrong})
    assert caught.value.code == 422


def test_a_page_under_another_name_does_not_reach_it(issuer: str) -> None:
    with pytest.raises(error.HTTPError) as caught:
        ask(f"{issuer}/token", OFFICER, host="liandong.example")
    assert caught.value.code == 400


@pytest.mark.parametrize("environment", [None, "", "prod", "DEV"])
def test_it_starts_in_development_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], environment: str | None
) -> None:
    monkeypatch.delenv("LIANDONG_ENV", raising=False)
    if environment is not None:
        monkeypatch.setenv("LIANDONG_ENV", environment)
    assert main(["--port", "1", "--key-file", str(tmp_path / "key.jwk")]) == 2
    assert "LIANDONG_ENV=dev" in capsys.readouterr().err
    assert not (tmp_path / "key.jwk").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost", "issuer.example", ""])  # noqa: S104
def test_it_listens_on_the_loopback_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    monkeypatch.setenv("LIANDONG_ENV", "dev")
    assert main(["--host", host, "--port", "1", "--key-file", str(tmp_path / "key.jwk")]) == 2
    assert "loopback" in capsys.readouterr().err
    assert not (tmp_path / "key.jwk").exists()


def test_its_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "key.jwk"
    first = key_at(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_at(path).as_dict(private=True) == first.as_dict(private=True)
    path.chmod(0o640)
    with pytest.raises(PermissionError, match="read by others"):
        key_at(path)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--redirect-uri", "http://portal.example/callback"], "loopback"),
        (["--redirect-uri", "http://localhost:9/callback"], "loopback"),
        (["--redirect-uri", "http://127.0.0.1@portal.example/"], "loopback"),
        (["--redirect-uri", "http://portal.example\\@127.0.0.1/"], "loopback"),
        (["--redirect-uri", "https://127.0.0.1:9/callback"], "loopback"),
        (["--redirect-uri", "javascript://127.0.0.1/"], "loopback"),
        (["--redirect-uri", "/callback"], "loopback"),
        (["--redirect-uri", "http://127.0.0.1:9/#part"], "fragment"),
        (["--signed-out-uri", "http://portal.example/"], "loopback"),
        (["--audience", "portal"], "audience"),
    ],
    ids=repr,
)
def test_it_starts_with_safe_settings_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], why: str
) -> None:
    monkeypatch.setenv("LIANDONG_ENV", "dev")
    assert main(["--port", "1", "--key-file", str(tmp_path / "key.jwk"), *given]) == 2
    assert why in capsys.readouterr().err


POST = {"tenant": "620100", "role": "city_bureau", "label": "演示"}
PERSON = {"sub": "demo-1", "name": "示例·一", "posts": [POST]}


@pytest.mark.parametrize(
    "wrong",
    [
        "no list",
        [{**PERSON, "posts": []}],
        [{**PERSON, "posts": [POST, POST]}],
        [{**PERSON, "posts": [{**POST, "tenant": f"6201{n:02}"} for n in range(17)]}],
        [{**PERSON, "posts": [{**POST, "role": "system"}]}],
        [{**PERSON, "posts": [{**POST, "unit": "620102001"}]}],
        [{**PERSON, "posts": [{**POST, "tennant": "620100"}]}],
        [{**PERSON, "sub": "示例"}],
        [PERSON, PERSON],
        [{**PERSON, "sub": f"demo-{n}"} for n in range(201)],
    ],
    ids=lambda wrong: str(wrong)[:60],
)
def test_it_starts_with_people_whom_a_token_can_speak_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: Any
) -> None:
    monkeypatch.setenv("LIANDONG_ENV", "dev")
    people = tmp_path / "people.json"
    people.write_text(json.dumps(wrong), "utf-8")
    assert main(["--port", "1", "--key-file", str(tmp_path / "key.jwk"), "--people", str(people)]) == 2
    assert "does not start" in capsys.readouterr().err
