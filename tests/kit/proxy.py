"""A loopback TCP proxy that loses an acknowledgement: it forwards a request, then cuts before the reply comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.url = ""
        self.cuts = 0
        self._trigger: bytes | None = None

    def cut_after(self, request: bytes) -> None:
        """Once, when this request went through, and the server has answered it, the answer is thrown away."""
        self._trigger = request

    @classmethod
    @asynccontextmanager
    async def before(cls, url: str) -> AsyncIterator[Proxy]:
        parts = urlsplit(url)
        proxy = cls(parts.hostname or "127.0.0.1", parts.port or 5432)
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        netloc = f"{parts.username}:{parts.password}@127.0.0.1:{port}"
        proxy.url = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
        async with server:
            yield proxy

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(*self.target)
        back = asyncio.create_task(_copy(up_reader, writer))
        while data := await reader.read(65536):
            lose = self._trigger is not None and self._trigger in data
            if lose:
                back.cancel()
                await asyncio.wait([back])
                self._trigger, self.cuts = None, self.cuts + 1
            up_writer.write(data)
            await up_writer.drain()
            if lose:
                await up_reader.read(1)  # the server has committed: its answer begins
                break
        for end in (up_writer, writer):
            end.close()
        back.cancel()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
