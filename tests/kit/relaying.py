"""A relay of the toy service, and what the broker has of what it told."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from prometheus_client import REGISTRY
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, NoteWritten, cause, write
from tests.kit.peer import Peer, approved
from tests.settled import settled

from contracts.messages import Message
from kit.bus import stream_of
from kit.relay import Relay
from kit.store import Meta, Tail


def publish(event: Any, meta: Meta) -> Message | None:
    """Every line of a note is told; that it was struck is our own affair."""
    return approved(meta.stream_id) if isinstance(event, NoteWritten) else None


def relay(toy: Toy, nats_url: str, region: str, **more: Any) -> Relay:
    given = {"publish": publish, "wake": toy.store.wake, **more}
    return Relay(
        service="funding",  # whose messages they are
        region=region,
        pool=toy.relay,
        database_url=toy.urls["relay"],
        nats_url=nats_url,
        mapper=toy.store.mapper,
        **given,
    )


async def write_lines(toy: Toy, note: UUID, count: int) -> None:
    for _ in range(count):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))


async def stored(peer: Peer, region: str) -> dict[str, list[int]]:
    """Versions by stream, as the broker has them in its order."""
    found: dict[str, list[int]] = defaultdict(list)
    for headers in await told(peer, region):
        found[headers["ce-subject"]].append(int(headers["ce-streamversion"]))
    return found


async def told(peer: Peer, region: str) -> list[dict[str, str]]:
    """The headers of each message that the broker has, in its order."""
    state = (await peer.js.stream_info(stream_of(region, "funding"))).state
    return [
        (await peer.js.get_msg(stream_of(region, "funding"), sequence)).headers or {}
        for sequence in range(state.first_seq or 1, state.last_seq + 1)
    ]


async def count(peer: Peer, region: str) -> int:
    return int((await peer.js.stream_info(stream_of(region, "funding"))).state.messages)


async def published(peer: Peer, region: str, expected: int) -> bool:
    try:
        return await count(peer, region) >= expected
    except Exception:
        return False  # the broker is away


async def passed(toy: Toy) -> bool:
    """Whether the relay's cursor is past every event, those too that another's transaction keeps unsettled a moment."""
    await settled(toy.relay)
    return await Tail(toy.relay, "relay").next(1) == []


async def held_back(toy: Toy) -> dict[str, tuple[int, str]]:
    """The streams that the relay holds, from which version on, and why."""
    rows = await toy.relay.fetch("select stream, version, code from held where released_at is null")
    return {row["stream"]: (row["version"], row["code"]) for row in rows}


def figure(name: str, labels: dict[str, str]) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0
