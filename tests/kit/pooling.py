"""A transaction-pooling proxy, as PgBouncer's transaction mode: whoever begins a transaction gets the next free server.

It lets a client prove who it is to a server process of its own, which then joins the pool.  Like PgBouncer it refuses
settings in the startup message that it could not keep for the client.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

SSL_REQUEST = 80877103
KEPT = {"user", "database", "client_encoding"}
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def pooling(url: str) -> AsyncIterator[str]:
    """The URL of the proxy, for the same role and database."""
    parts = urlsplit(url)
    proxy = _Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    server = await asyncio.start_server(proxy.client, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"))
    while not proxy.free.empty():
        proxy.free.get_nowait()[1].close()


class _Proxy:
    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.free: asyncio.Queue[Stream] = asyncio.Queue()

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._enters(reader, writer):
                while first := await reader.read(65536):
                    if first[:1] == b"X":
                        break
                    await self._transaction(first, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _enters(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the client was let in by a server process, which is free from then on."""
        startup = await _startup(reader)
        if startup is not None and struct.unpack("!i", startup[4:8])[0] == SSL_REQUEST:
            writer.write(b"N")
            startup = await _startup(reader)
        if startup is None:
            return False
        names = startup[8:].rstrip(b"\0").split(b"\0")[::2]
        if strange := {name.decode() for name in names} - KEPT:
            writer.write(_error(f"unsupported startup parameter: {sorted(strange)[0]}"))
            return False
        up_reader, up_writer = await asyncio.open_connection(*self.target)
        up_writer.write(startup)
        while True:
            kind, body = await _message(up_reader)
            writer.write(_framed(kind, body))
            if kind == b"E":
                up_writer.close()
                return False
            if kind == b"Z":
                self.free.put_nowait((up_reader, up_writer))
                return True
            if kind == b"R" and struct.unpack("!i", body[:4])[0] in (3, 10, 11):
                up_writer.write(_framed(*await _message(reader)))

    async def _transaction(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One transaction, or one statement outside of any, on the server that was free longest."""
        up_reader, up_writer = await self.free.get()
        up_writer.write(first)
        onward = asyncio.create_task(_copy(reader, up_writer))
        while True:
            kind, body = await _message(up_reader)
            if kind == b"Z" and body == b"I":
                onward.cancel()  # before the client hears that it is over and says the next thing
                await asyncio.wait([onward])
                self.free.put_nowait((up_reader, up_writer))
                writer.write(_framed(kind, body))
                return
            writer.write(_framed(kind, body))


async def _startup(reader: asyncio.StreamReader) -> bytes | None:
    head = await reader.read(4)
    return head + await reader.readexactly(struct.unpack("!i", head)[0] - 4) if head else None


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    return kind, await reader.readexactly(length - 4)


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _error(text: str) -> bytes:
    return _framed(b"E", b"SFATAL\0VFATAL\0C08P01\0M" + text.encode() + b"\0\0")


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
