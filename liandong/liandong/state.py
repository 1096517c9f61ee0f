"""The file by which `up` tells the other commands where everything is.

It lies in the data directory, holds database passwords and is readable by its owner only.  Whether it is still true is
told by the lock beside it: the process that wrote the file holds it, and the kernel lets go of it with the process.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from errno import EACCES, EDQUOT, ENAMETOOLONG, ENOENT, ENOSPC, ENOTDIR, EPERM, EROFS
from pathlib import Path
from typing import ClassVar

from liandong.failure import NOT_UP, USAGE, Failure
from liandong.pasting import command

SERVICES = ("registry", "casework", "funding", "volunteer")
FILE = "state.json"
LOCK = "up.lock"
REGION = "region"
"""Holds the slug of the region whose data this is."""


class NotUp(Failure):
    """Nothing runs in this data directory."""

    exit_code = NOT_UP
    WORDS: ClassVar = (
        "没有运行：没有目录 {where}。请在该处启动（{start}），或用 --data 指定其他目录。",
        "没有运行：{where} 不是本系统的数据目录。请用 --data 指定其他目录。",
        "{where} 没有运行。请先启动（{start}），或用 --data 指定其他目录。",
    )

    def __init__(self, data: Path) -> None:
        absent, strange, was = self.WORDS
        sentence = absent if not os.path.exists(data) else strange if foreign(data) else was
        super().__init__(sentence.format(where=data.absolute(), start=command("up", data=data)))


class Unfit(Failure):
    """No data directory is there, and none can be made."""


class AlreadyUp(Failure):
    """Another process runs what lives in this data directory."""


class OtherRegion(Failure):
    """The data directory is another region's."""

    exit_code = USAGE


@dataclass(frozen=True)
class Service:
    url: str
    probe_url: str
    """Where it says how it is, however crowded `url` is."""
    pid: int
    log: str
    environment: dict[str, str]
    """What the service reads (`FUNDING_DATABASE_URL`, …), for `python -m funding rebuild` and its like."""


@dataclass(frozen=True)
class State:
    """What is up.  `engines` are administrators' URLs, `issuer` is where tokens for the development come from."""

    pid: int
    region: str
    started_at: str
    postgres_url: str
    nats_url: str
    issuer_url: str
    services: dict[str, Service]
    engine_pids: dict[str, int | None]
    """postgres and nats; None where it is not ours, or is down."""
    troubles: dict[str, str]
    """What is wrong with a process, by its name, as `up` saw it last."""


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Makes `data` ours until the block ends; removes the state file at the end.

    Raises AlreadyUp, Unfit, and PermissionError for another user's: root could enter it, and what root writes there
    its owner could never read again.
    """
    _made(data)
    if (data / LOCK).exists() and (data / LOCK).stat().st_uid != os.geteuid():
        raise PermissionError(EPERM, os.strerror(EPERM), str(data / LOCK))
    lock = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stop = command("down", data=data)
            raise AlreadyUp(f"{data} is up already: stop it ({stop}), or choose another --data") from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        try:
            yield
        finally:
            (data / FILE).unlink(missing_ok=True)
    finally:
        os.close(lock)


def _made(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in (EACCES, EPERM, EROFS, ENOSPC, EDQUOT):  # these have sentences of their own
            raise
        raise Unfit(f"{data} cannot be made a directory ({error.strerror}): name another --data") from None
    if foreign(data):
        raise Unfit(f"{data} holds files and is no data directory of Liandong's: name an empty or a new one (--data)")


def foreign(data: Path) -> bool:
    """Whether somebody else's files lie in `data`; a new file system's own directory is nobody's."""
    return not (data / LOCK).exists() and any(one.name != "lost+found" for one in data.iterdir())


def refuse_another(data: Path, region: str) -> None:
    """Raises OtherRegion if another region's data lie in `data`.

    Its services would go on where that one's stood, on a bus of their own that has nothing of what was told.
    """
    try:
        there = (data / REGION).read_text("ascii").strip()
    except FileNotFoundError:
        return
    if there != region:
        raise OtherRegion(f"{data} holds the region {there}: start that one (--region {there}), or name another --data")


def remember(data: Path, region: str) -> None:
    """From now on `data` is this region's."""
    if not (data / REGION).exists():
        (data / REGION).write_text(region, "ascii")


def holder(data: Path) -> int | None:
    """The pid of the process that runs what lives in `data`: on its way up, running or on its way down."""
    try:
        lock = os.open(data / LOCK, os.O_RDONLY | os.O_CLOEXEC)  # whoever only looks may have no right to write
    except OSError as error:
        if error.errno in (ENOENT, ENOTDIR, ENAMETOOLONG):
            return None
        raise
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(lock, 20) or b"0") or None
    finally:
        os.close(lock)
    return None


def write(data: Path, state: State) -> None:
    """Replaces the file at once: a reader sees the old one or the new one."""
    fresh = data / f"{FILE}.new"
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    fresh.write_text(json.dumps(asdict(state), indent=2))
    fresh.rename(data / FILE)


def read(data: Path) -> State | None:
    """What is up in `data`, or None."""
    if holder(data) is None:
        return None
    try:
        found = json.loads((data / FILE).read_text())
    except FileNotFoundError:
        return None
    return State(**{**found, "services": {name: Service(**service) for name, service in found["services"].items()}})


def found(data: Path) -> State:
    """What is up in `data`; raises NotUp."""
    up = read(data)
    if up is None:
        raise NotUp(data)
    return up
