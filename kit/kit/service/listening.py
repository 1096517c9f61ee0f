"""What a listener gives strangers before anything is known of them: so much time, so many bytes, so many connections.

uvicorn bounds none of it for the parser that is fast enough for us (docs/adr/0020, docs/benchmarks.md).  Bodies are
bounded behind it, in `kit.service.body`.
"""

from __future__ import annotations

import asyncio
from asyncio import get_running_loop
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_BYTES: Final = 32 * 1024
"""Of a request line with all its headers.  The longest token believed is a quarter of it."""

HEADERS: Final = 100
AHEAD: Final = 4
"""Requests that a client may send before the one in hand is answered."""

PATIENCE: Final = 10.0
"""Seconds within which a head is complete, and after an answer, the next one's."""

FLUSH: Final = 20.0
"""Seconds within which a peer has taken what it asked for."""


@dataclass(frozen=True)
class Room:
    """Connections at once: of all peers, and of one address.  Behind a gateway all come from few addresses."""

    total: int
    peer: int


API: Final = Room(total=512, peer=256)
PROBES: Final = Room(total=64, peer=32)


FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _Refused(Exception):
    """The head is longer than anybody needs."""


class Bounded(HttpToolsProtocol):
    """A connection that must come to the point.

    When there is no room, the connection of that crowd that has waited longest without a request gives way: strangers
    who hold sockets and say nothing keep nobody out.  Only if every connection is at work is a new one refused.
    """

    room = API

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_head = False
        self._fed = 0
        self._waiting: asyncio.TimerHandle | None = None
        self._flushing: asyncio.TimerHandle | None = None
        self._wait()
        if not self._makes_room():
            transport.write(FULL)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_flushing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # The parser hands over whole headers: of one that does not end, nothing is seen but what was fed.
        goes_on = self._in_head
        super().data_received(data)
        self._fed = self._fed + len(data) if goes_on and self._in_head else 0
        if self._fed > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._size = True, 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._measure(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._measure(len(name) + len(value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.pipeline) >= AHEAD:
            raise _Refused
        self._stop_waiting()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # else another request was waiting for this answer
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._flush()

    def resume_writing(self) -> None:
        self._stop_flushing()
        super().resume_writing()

    def _measure(self, more: int) -> None:
        self._size += more
        if self._size > HEAD_BYTES or len(self.headers) > HEADERS:
            raise _Refused

    def _wait(self) -> None:
        """Until the next head is complete, this connection gives way to others, and in the end to nobody."""
        self._stop_waiting()
        self._since = self.loop.time()
        self._waiting = self.loop.call_later(PATIENCE, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._flush()
        self.transport.close()

    def _flush(self) -> None:
        """The peer must take what was written, or is cut off."""
        self._stop_flushing()
        self._flushing = self.loop.call_later(FLUSH, self.transport.abort)

    def _stop_flushing(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None

    def _makes_room(self) -> bool:
        """Whether this new connection may stay; the one that waited longest is cut for it."""
        everybody = [one for one in self.connections if isinstance(one, Bounded)]
        peers = [one for one in everybody if one.client and self.client and one.client[0] == self.client[0]]
        crowd = peers if len(peers) > self.room.peer else everybody if len(everybody) > self.room.total else []
        if not crowd:
            return True
        waiting = [one for one in crowd if one._waiting is not None and one is not self]
        if not waiting:
            return False
        longest = min(waiting, key=lambda one: one._since)
        longest.connections.discard(longest)  # it is gone when the loop turns; what comes before that counts it no more
        longest.transport.abort()
        return True


class BoundedProbe(Bounded):
    """The same for the listener of probes and metrics."""

    room = PROBES


def config(app: ASGIApp, host: str, port: int, *, http: type[Bounded], **more: Any) -> uvicorn.Config:
    """How everything of ours listens."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=http,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(PATIENCE),
        **more,
    )


@asynccontextmanager
async def listening(app: ASGIApp, host: str, port: int) -> AsyncIterator[None]:
    """A second listener in a process that another one runs: for probes, on this event loop.

    It answers when the loop turns, and that is what a probe wants to know.  OSError if the address is taken.
    """
    given, state, loop = config(app, host, port, http=BoundedProbe, lifespan="off"), ServerState(), get_running_loop()
    given.load()
    server = await loop.create_server(
        lambda: BoundedProbe(given, state, {}, loop), host=host, port=port, backlog=PROBES.total
    )
    try:
        yield
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
