"""What each NATS user may do, and nothing else: the table that servers are configured from and tests try.

    python -m kit.bus.rights gansu-lanzhou registry casework funding volunteer

prints the users for the configuration of a server that is not ours (deploy/nats).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from textwrap import indent

from kit.bus.connect import PLATFORM
from kit.bus.declare import stream_of


@dataclass(frozen=True)
class Rights:
    """Subjects that a user may publish to, and listen to; `>` is all."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


EVERYTHING = Rights((">",), (">",))
"""The operator's: whoever repairs the bus."""


def of_service(service: str, region: str) -> Rights:
    """A service tells under its own name, and takes from its own consumer: others reach it by that alone."""
    stream = stream_of(region)
    return Rights(
        publish=(
            f"evt.{region}.*.{service}.>",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{service}",
            f"$JS.API.CONSUMER.RESET.{stream}.{service}",
            f"$JS.API.CONSUMER.INFO.{stream}.{service}",
            f"$JS.API.STREAM.INFO.{stream}",
            f"$JS.ACK.{stream}.{service}.>",
        ),
        subscribe=(f"_INBOX_{service}.>",),
    )


def of_platform(region: str) -> Rights:
    """Declares the region's stream and its consumers.  It may not delete a stream, nor empty it."""
    stream = stream_of(region)
    return Rights(
        publish=(
            f"$JS.API.STREAM.CREATE.{stream}",
            f"$JS.API.STREAM.UPDATE.{stream}",
            f"$JS.API.STREAM.INFO.{stream}",
            f"$JS.API.CONSUMER.CREATE.{stream}.>",
            f"$JS.API.CONSUMER.INFO.{stream}.*",
            f"$JS.API.CONSUMER.RESET.{stream}.*",
        ),
        subscribe=(f"_INBOX_{PLATFORM}.>",),
    )


def of_all(services: Sequence[str], region: str) -> dict[str, Rights]:
    """The platform's and each service's, by the user's name."""
    return {PLATFORM: of_platform(region), **{name: of_service(name, region) for name in services}}


def configuration(users: Mapping[str, Rights]) -> str:
    """The `authorization` of a server.  Each user's public key is the server's environment's: $FUNDING_NKEY, ….

    NATS's language is JSON, but that names stand bare, and variables must.
    """
    known = (
        f"{{nkey: ${name.upper()}_NKEY, permissions: {json.dumps(asdict(may), indent=2)}}}"
        for name, may in users.items()
    )
    return f"authorization {{\n  users: [\n{indent(chr(10).join(known), '    ')}\n  ]\n}}\n"


if __name__ == "__main__":
    region, *services = sys.argv[1:]
    sys.stdout.write(configuration(of_all(services, region)))
