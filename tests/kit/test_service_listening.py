"""What strangers do to a listener, and what everybody else notices of it: nothing.

Failures are counted, not milliseconds: on a busy machine everything is slow, and nothing may be refused.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from tests.conftest import Provision
from tests.kit.note_service import headers
from tests.kit.toy_process import Toy, serving, toy_of, until, write
from tests.soak import SOAK

from kit.service.listening import API, HEAD_BYTES, HEADERS, PATIENCE, PROBES

HEAD = b"POST /v1/notes/x HTTP/1.1\r\nhost: x\r\n"
PROBE = "/health/live"


@pytest.fixture
async def toy(provision: Provision, tmp_path: Path, nats_url: str, region: str) -> Toy:
    return toy_of(await provision("toy"), tmp_path, nats_url, region)


@dataclass
class Watch:
    """What a prober saw while an attack went on."""

    asked: int = 0
    refused: list[str] = field(default_factory=list)


@asynccontextmanager
async def probing(*urls: str) -> AsyncIterator[Watch]:
    """Asks each address again and again, every time over a new connection, as a kubelet does."""
    seen, going = Watch(), True

    async def ask(url: str) -> None:
        while going:
            try:
                async with httpx.AsyncClient(timeout=10) as http:
                    answer = await http.get(url)
                if answer.status_code != 200:
                    seen.refused.append(f"{url}: {answer.status_code}")
            except httpx.HTTPError as error:
                seen.refused.append(f"{url}: {error!r}")
            seen.asked += 1
            await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(ask(url)) for url in urls]
    try:
        yield seen
    finally:
        going = False
        await asyncio.gather(*tasks)


def addresses(toy: Toy) -> tuple[str, str]:
    return tuple(f"http://127.0.0.1:{toy.env[name]}{PROBE}" for name in ("TOY_PORT", "TOY_PROBE_PORT"))  # type: ignore[return-value]


async def flood(port: int, opening: bytes, more: bytes, most: int) -> tuple[int, bytes]:
    """Sends `opening` and then `more` without end; how much was taken until the server had enough, and its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = 0
    try:
        writer.write(opening)
        while sent < most and not reader.at_eof():
            writer.write(more)
            sent += len(more)
            async with asyncio.timeout(5):
                await writer.drain()
    except (ConnectionError, TimeoutError):
        pass
    answer = b""
    try:
        async with asyncio.timeout(5):
            answer = await reader.read(4096)
    except (ConnectionError, TimeoutError):
        pass
    writer.transport.abort()
    return sent, answer


async def memory(pid: int) -> float:
    """Resident, in MB."""
    text = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.soak
async def test_no_head_is_taken_without_end(toy: Toy) -> None:
    """One line of 38 MB; 60 MB of lines; lines that are nothing but names; requests ahead of every answer."""
    async with serving(toy) as (process, _), probing(*addresses(toy)) as seen:
        port, before = int(toy.env["TOY_PORT"]), await memory(process.pid)
        floods = (
            (HEAD + b"x-a: ", b"a" * 65536, 38),
            (HEAD, b"".join(b"x-%04d: %s\r\n" % (n, b"v" * 40) for n in range(1000)), 60),
            (HEAD, b"a:\r\n" * 16384, 60),
            (b"GET /", b"x" * 65536, 38),
            (b"", b"GET /v1/notes HTTP/1.1\r\nhost: x\r\n\r\n" * 2000, 20),
        )
        for opening, more, most in floods * (1 + SOAK):
            sent, answer = await flood(port, opening, more, most * 2**20)
            assert sent < most * 2**20, (opening, more[:20])
            assert answer[9:12] in (b"400", b"401", b""), answer
        assert await memory(process.pid) - before < 30
    assert (seen.refused, seen.asked > 0) == ([], True)


async def test_a_long_but_honest_head_is_read(toy: Toy) -> None:
    async with serving(toy) as (_, http):
        many = {f"x-{n}": "v" * 200 for n in range(HEADERS - 20)}
        assert (await http.get(PROBE, headers=many)).status_code == 200
        assert (await http.get(PROBE, headers={"x-long": "v" * (HEAD_BYTES - 2048)})).status_code == 200
        too_many = await http.get(PROBE, headers={f"x-{n}": "v" for n in range(HEADERS + 1)})
        assert too_many.status_code == 400


async def test_who_dawdles_and_who_stays_is_cut(toy: Toy) -> None:
    """Side by side, for each takes as long as the patience of the server."""
    async with serving(toy):
        each = (a_head_that_dawdles, an_answered_client_that_stays, a_client_that_does_not_take_its_answer)
        await asyncio.gather(*(one(toy) for one in each))


async def a_head_that_dawdles(toy: Toy) -> None:
    """One byte a second is progress, and not enough of it; nor is none."""

    async def lasted(opening: bytes) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(toy.env["TOY_PORT"]))
        writer.write(opening)
        started = asyncio.get_running_loop().time()
        ended = asyncio.create_task(reader.read())
        async with asyncio.timeout(PATIENCE + 15):
            while not ended.done():
                if opening:
                    writer.write(b"a")
                await asyncio.wait([ended], timeout=1)
        writer.transport.abort()
        return asyncio.get_running_loop().time() - started

    assert all(seconds > PATIENCE - 1 for seconds in await asyncio.gather(*map(lasted, (HEAD + b"x-a: ", b""))))


async def an_answered_client_that_stays(toy: Toy) -> None:
    """Also if it goes on sending what nobody asked for: the body of a request that was refused by its head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(toy.env["TOY_PORT"]))
    writer.write(HEAD.replace(b"/x", b"/6f9619ff-8b86-4d01-b42d-00cf4fc964ff") + b"content-length: 100000\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 401")
    ended = asyncio.create_task(reader.read())
    async with asyncio.timeout(PATIENCE + 15):
        while not ended.done():
            writer.write(b"a")
            await asyncio.wait([ended], timeout=1)
    writer.transport.abort()


async def a_client_that_does_not_take_its_answer(toy: Toy) -> None:
    """The document is longer than any buffer if it is asked for often enough; nothing waits for it for ever."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(one, ("127.0.0.1", int(toy.env["TOY_PORT"])))
        for _ in range(400):
            try:
                async with asyncio.timeout(1):
                    await loop.sock_sendall(one, b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n")
            except (TimeoutError, ConnectionError):
                break
            await asyncio.sleep(0.005)

        async def gone() -> bool:
            return not connections(toy)

        await until(gone, 60)


async def test_sockets_that_say_nothing_keep_nobody_out(toy: Toy) -> None:
    async with serving(toy), AsyncExitStack() as held:
        urls, port = addresses(toy), int(toy.env["TOY_PORT"])
        async with probing(*urls) as seen:
            for n in range(API.total + 200):
                one = held.enter_context(socket.socket())
                one.setblocking(False)
                await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", port))
                if n % 50 == 0:
                    await asyncio.sleep(0.05)
            for _ in range(5):
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as another:
                    assert (await write(another)).status_code == 200
            await asyncio.sleep(1)
        assert (seen.refused, seen.asked > 20) == ([], True)
        assert len(connections(toy)) <= API.peer + 2


async def test_one_address_may_not_be_at_work_on_all_connections(toy: Toy) -> None:
    """Bodies that do not come hold a connection for as long as a body may take: for one address, half of them."""
    async with serving(toy), AsyncExitStack() as held:
        port, urls = int(toy.env["TOY_PORT"]), addresses(toy)
        given = headers(content_type="application/json", content_length="90000")
        head = HEAD.replace(b"/x", b"/6f9619ff-8b86-4d01-b42d-00cf4fc964ff") + b"".join(
            f"{name}: {value}\r\n".encode() for name, value in given.items()
        )
        for n in range(API.peer):
            one = held.enter_context(socket.socket())
            one.setblocking(False)
            await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", port))
            await asyncio.get_running_loop().sock_sendall(one, head + b"\r\n{")
            if n % 20 == 0:
                await asyncio.sleep(0.05)

        async def full() -> bool:
            async with httpx.AsyncClient() as http:
                answer = await http.get(urls[0])
                return (answer.status_code, answer.headers.get("retry-after")) == (503, "1")

        await until(full)
        local = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
        async with httpx.AsyncClient(transport=local, base_url=f"http://127.0.0.1:{port}") as elsewhere:
            assert (await elsewhere.get(PROBE)).status_code == 200
            assert (await write(elsewhere)).status_code == 200
        async with httpx.AsyncClient() as http:
            for _ in range(20):
                assert (await http.get(urls[1])).status_code == 200


async def test_the_probes_listener_answers_probes_only(toy: Toy) -> None:
    async with serving(toy), httpx.AsyncClient(base_url=f"http://127.0.0.1:{toy.env['TOY_PROBE_PORT']}") as http:
        assert (await http.get(PROBE)).json() == {"status": "alive"}
        assert (await http.get("/health/ready")).status_code == 200
        assert "http_request_seconds" in (await http.get("/metrics")).text
        for path in ("/v1/notes", "/openapi.json", "/docs", "/"):
            assert (await http.get(path, headers=headers())).status_code == 404
        assert PROBES.total < API.total


def connections(toy: Toy) -> list[str]:
    """The established connections of the API's port, as the kernel counts them at the server's end."""
    port = f"{int(toy.env['TOY_PORT']):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[2] for row in rows if row[1].endswith(f":{port}") and row[3] == "01"]
