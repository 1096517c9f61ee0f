"""A running development issuer, and a portal that signs people in at it as its own code would."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jws

from kit.auth.issuer.sessions import challenge_of

BACK, OUT = "http://127.0.0.1:9/callback?from=issuer", "http://127.0.0.1:9/bye"
VERIFIER = "a-verifier_of.the~least-length-that-is-taken"
ORGANISATION, WORKER = "c78a1394-f16c-5d8c-b6c9-9218e6dd5aa6", "a7547e09-607a-5e0b-905f-0839194d1960"
CITY = {"tenant": "620100", "role": "city_bureau"}
DISTRICT = {"tenant": "620102", "role": "district_bureau"}
SOCIAL_WORKER = {"tenant": "620102", "role": "social_worker", "unit": ORGANISATION, "worker": WORKER}
PEOPLE = [
    {
        "sub": "demo-two-posts",
        "name": "示例·两岗",
        "posts": [{**DISTRICT, "label": "演示区 · 经办"}, {**CITY, "label": "演示市 · 经办"}],
    },
    {
        "sub": "demo-<b>'&\"",
        "name": "示例·<script>alert(1)</script>",
        "posts": [{**SOCIAL_WORKER, "label": "\"><img src=x onerror=alert(1)>'"}],
    },
]

Json = dict[str, Any]


@contextmanager
def running(folder: Path, *more: str) -> Iterator[str]:
    """The address of an issuer that runs as it does in `liandong up`, with people of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    people = folder / "people.json"
    people.write_text(json.dumps(PEOPLE, ensure_ascii=False), "utf-8")
    arguments = ["--port", str(port), "--key-file", str(folder / "key.jwk"), "--people", str(people)]
    arguments += ["--redirect-uri", BACK, "--signed-out-uri", OUT, *more]
    process = subprocess.Popen(
        [sys.executable, "-m", "kit.auth.issuer", *arguments], env={**os.environ, "LIANDONG_ENV": "dev"}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while not _answers(url):
            assert process.poll() is None, "the issuer ended"
            assert time.monotonic() < deadline, "the issuer does not answer"
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/jwks.json", trust_env=False).is_success
    except httpx.TransportError:
        return False


@dataclass
class Portal:
    """Sends what a portal sends.  A parameter given as None is left out."""

    issuer: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    def authorize(self, **changed: Any) -> httpx.Response:
        return self.http.get(f"{self.issuer}/authorize", params=wanted(**changed))

    def code(self, **changed: Any) -> str:
        code: str = sent_back(self.authorize(**changed))["code"]
        return code

    def redeem(self, code: str, **changed: Any) -> httpx.Response:
        form = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return self.ask(**{"grant_type": "authorization_code", **form, **changed})

    def refresh(self, token: str, **changed: Any) -> httpx.Response:
        return self.ask(**{"grant_type": "refresh_token", "refresh_token": token, **changed})

    def ask(self, **form: Any) -> httpx.Response:
        sent = {name: value for name, value in {"client_id": "portal", **form}.items() if value is not None}
        return self.http.post(f"{self.issuer}/token", data=sent)

    def signed_in(self, **changed: Any) -> Json:
        answer = self.redeem(self.code(**changed))
        assert answer.status_code == 200, answer.text
        given: Json = answer.json()
        return given

    def sign_out(self, **asked: Any) -> httpx.Response:
        return self.http.get(f"{self.issuer}/end-session", params=asked)


def wanted(**changed: Any) -> Json:
    """The parameters of a sign-in that needs no page."""
    asked = {
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": BACK,
        "scope": "openid profile",
        "state": "s1",
        "nonce": "n1",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "prompt": "none",
        "login_hint": "demo-two-posts",
    }
    return {name: value for name, value in {**asked, **changed}.items() if value is not None}


def sent_back(answer: httpx.Response) -> dict[str, str]:
    """What the browser brings back to the portal; only ever to the registered address."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{BACK}&")
    given = parse_qs(urlsplit(answer.headers["location"]).query, strict_parsing=True)
    assert given.pop("from") == ["issuer"]
    assert all(len(values) == 1 for values in given.values())
    return {name: values[0] for name, values in given.items()}


def says(token: str) -> Json:
    """The claims of a token, believed or not."""
    claims: Json = json.loads(jws.extract_compact(token.encode()).payload)
    return claims
