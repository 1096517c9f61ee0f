"""What each NATS user may do, and nothing else: the table that servers are configured from and tests try."""

from __future__ import annotations

from dataclasses import dataclass

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
        subscribe=("_INBOX_platform.>",),
    )
