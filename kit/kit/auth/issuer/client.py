"""The one client of the development issuer: a portal on the same machine, without a secret (OAuth 2.1 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import ClassVar
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Client:
    """Where it may be sent back to, after sign-in and after sign-out: these URIs exactly, and no other."""

    redirect_uris: frozenset[str] = frozenset()
    signed_out_uris: frozenset[str] = frozenset()
    id: ClassVar = "portal"

    def __post_init__(self) -> None:
        """ValueError for a URI that is not http on a loopback address, or has a fragment."""
        for uri in self.redirect_uris | self.signed_out_uris:
            parts = urlsplit(uri)
            # As it was written: an address in front of an @, or behind a backslash, is not where a browser goes.
            plain = uri.startswith((f"http://{parts.hostname}", f"http://[{parts.hostname}]")) and "\\" not in uri
            if not plain or "#" in uri or not is_loopback(parts.hostname or ""):
                raise ValueError(f"no redirect to {uri}: only to http on a loopback address, without a fragment")


def is_loopback(host: str) -> bool:
    """Whether this is the address of a loopback interface.  A name is not: it may point anywhere, even localhost."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
