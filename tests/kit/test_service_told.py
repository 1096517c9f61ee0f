"""What an operator is told of an error: one sentence that says what to do, or nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import asyncpg
import nats.errors
import pytest

from kit.errors import EraBehind
from kit.privacy import KekRefused
from kit.service.told import told


def of(number: int, name: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), name)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (EraBehind(), "the database was restored from a backup: run migrate first"),
        (KekRefused("no such key"), "no such key"),
        (asyncpg.InvalidPasswordError("who"), "PostgreSQL does not let us in: who; check user and password"),
        (asyncpg.InvalidCatalogNameError("none"), "none: make it first"),
        (asyncpg.UndefinedTableError("a row of it"), "a table is missing: run migrate first"),
        (asyncpg.InsufficientPrivilegeError("no"), "no: is this the URL of the role"),
        (asyncpg.TooManyConnectionsError("full"), "PostgreSQL cannot serve us now: full"),
        (asyncpg.PostgresConnectionError("gone"), "the connection broke or was not made: is the server up?"),
        (nats.errors.NoServersError(), "the connection broke or was not made: is the server up?"),
        (nats.errors.TimeoutError(), "no answer in time: is the server up"),
        (TimeoutError(), "no answer in time: is the server up"),
        (of(errno.ENOSPC, "/a"), "/a: no room on the disk; make some"),
        (of(errno.EDQUOT), "no room on the disk; make some"),
        (of(errno.EROFS, "/a"), "/a: the file system is read-only; choose another place"),
        (of(errno.ECONNREFUSED), "nobody answers: Connection refused; is the server up"),
        (of(errno.EHOSTUNREACH), "nobody answers: No route to host; is the server up"),
        (of(errno.ENETUNREACH), "nobody answers: Network is unreachable; is the server up"),
        (OSError("no address"), "nobody answers: no address; is the server up"),
        (of(errno.ENOENT, "/a"), "/a: No such file or directory"),
        (of(errno.ENOENT), "No such file or directory"),
    ],
)
def test_what_can_be_mended_is_told_with_what_to_do(error: BaseException, sentence: str) -> None:
    said = told(error)
    assert said is not None
    assert said.startswith(sentence)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_whose_the_place_is_is_told_to_whom_it_is_not_permitted(tmp_path: Path, number: int) -> None:
    """Of the nearest thing that is there."""
    me = Path(f"/proc/{os.getpid()}").owner()
    whole = f"{tmp_path}/a/b: not permitted to {me} (it is {tmp_path.owner()}'s); run as its owner"
    assert (told(of(number, f"{tmp_path}/a/b")) or "").startswith(whole)
    assert (told(of(number)) or "").startswith(f"not permitted to {me}; run as its owner")


def test_a_fault_of_ours_is_told_as_nothing() -> None:
    assert told(ValueError("a bug")) is None
