"""The issuer's public keys (JWKS, RFC 7517): fetched bounded in size, time and rate, and kept while unreachable."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from urllib import request
from urllib.parse import urlsplit

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

log = structlog.get_logger("kit.auth")

MAX_BYTES = 65_536
TIMEOUT = 5.0
"""Seconds for connecting, and for each read."""

RETRY = timedelta(seconds=30)
"""Least time between two fetches, so that made-up key ids cannot make us hammer the issuer."""

MAX_AGE = timedelta(minutes=5)
"""How long a key that the issuer has withdrawn may still be believed."""

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class _Stay(request.HTTPRedirectHandler):
    """The keys come from the configured address or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Keys:
    """The keys at `url` by key id.  Only Ed25519 signing keys are kept, whatever else is published."""

    def __init__(self, url: str) -> None:
        """ValueError unless `url` is https, file, or http on the loopback: fetched in the clear, keys can be forged."""
        parts = urlsplit(url)
        if parts.scheme not in ("https", "file") and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError(f"keys are not fetched from {parts.scheme}://{parts.hostname}")
        self.url = url
        self._opener = request.build_opener(request.ProxyHandler({}), _Stay())
        self._keys: dict[str, OKPKey] = {}
        self._tried: datetime | None = None
        self._lock = asyncio.Lock()

    async def get(self, kid: str, now: datetime) -> OKPKey | None:
        """The key, or None if the issuer does not publish it.  Never waits for more than one fetch."""
        known, fetching = kid in self._keys, self._lock.locked()
        due = MAX_AGE if known else RETRY
        # A process that has just started is asked by many at once: who comes second waits for the first one's fetch.
        if (self._older(now, due) and not fetching) or (fetching and not known):
            async with self._lock:
                if self._older(now, due):
                    self._tried = now
                    await self._fetch()
        return self._keys.get(kid)

    def _older(self, now: datetime, age: timedelta) -> bool:
        return self._tried is None or now - self._tried >= age

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(2 * TIMEOUT):  # an issuer may send a byte at a time
                self._keys = _signing_keys(await asyncio.to_thread(self._read))
        except (OSError, ValueError, JoseError) as e:
            log.warning("auth.keys_unreachable", error=type(e).__name__, kept=len(self._keys))

    def _read(self) -> bytes:
        with self._opener.open(self.url, timeout=TIMEOUT) as answer:
            body: bytes = answer.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise ValueError("the key set is too long")
        return body


def _signing_keys(body: bytes) -> dict[str, OKPKey]:
    document = json.loads(body)
    published = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(published, list):
        raise ValueError("no key set")
    keys = {}
    for key in published:
        if not isinstance(key, dict) or (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
            continue
        if isinstance(key.get("kid"), str) and key.get("use", "sig") == "sig":
            keys[key["kid"]] = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": key.get("x", "")})
    return keys
