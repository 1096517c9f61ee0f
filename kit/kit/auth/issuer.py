"""The development issuer: gives anyone a token for any role, so it runs on a developer's own machine and nowhere else.

`LIANDONG_ENV=dev python -m kit.auth.issuer --port 9000 --key-file .data/issuer.jwk`.  It refuses to start without
LIANDONG_ENV=dev, or on an address that others can reach.  In production the issuer is the province's OIDC server.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.middleware.trustedhost import TrustedHostMiddleware

from kit import clock
from kit.auth.tokens import Subject

EXPIRES_IN = 8 * 3600
"""Seconds."""


def create(key: OKPKey, *, issuer: str, audience: str) -> FastAPI:
    """The issuer's app: POST /token, and the two documents that say where its key is (OpenID Connect Discovery)."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # A page in the developer's browser must not reach us under a name that it pointed at the loopback.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])

    @app.post("/token")
    async def token(subject: Subject) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        times = {"iat": now, "nbf": now, "exp": now + EXPIRES_IN}
        claims = {"iss": issuer, "aud": audience, **times, **subject.model_dump(mode="json", exclude_none=True)}
        header = {"typ": "at+jwt", "alg": "Ed25519", "kid": key.kid}
        signed = jwt.encode(header, claims, key, algorithms=["Ed25519"])
        return {"access_token": signed, "token_type": "Bearer", "expires_in": EXPIRES_IN}

    @app.get("/.well-known/jwks.json")
    async def jwks() -> dict[str, Any]:
        return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": "Ed25519"}]}

    @app.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "token_endpoint": f"{issuer}/token",
            "id_token_signing_alg_values_supported": ["Ed25519"],
            "subject_types_supported": ["public"],
            "response_types_supported": ["token"],
        }

    return app


def key_at(path: Path) -> OKPKey:
    """The key in `path`, made there (0600) the first time.  PermissionError if others may read it."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} can be read by others; chmod 600 it or delete it") from None
        return OKPKey.import_key(json.loads(path.read_bytes()))
    with os.fdopen(opened, "w") as file:
        key = OKPKey.generate_key("Ed25519", auto_kid=True)
        json.dump(key.as_dict(private=True), file)
    return key


def refusal(host: str, environment: str | None) -> str | None:
    """Why this issuer must not start here, or None."""
    if environment != "dev":
        return "the development issuer starts only with LIANDONG_ENV=dev"
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:  # a name may point anywhere, even localhost
        loopback = False
    return None if loopback else f"the development issuer listens on a loopback address only, not on {host}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m kit.auth.issuer", description="Development token issuer.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key-file", type=Path, required=True)
    parser.add_argument("--issuer", help="the iss claim; default: the address it listens on")
    parser.add_argument("--audience", default="liandong")
    given = parser.parse_args(arguments)
    why = refusal(given.host, os.environ.get("LIANDONG_ENV"))
    if why:
        print(why, file=sys.stderr)
        return 2
    host = f"[{given.host}]" if ":" in given.host else given.host
    app = create(key_at(given.key_file), issuer=given.issuer or f"http://{host}:{given.port}", audience=given.audience)
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
