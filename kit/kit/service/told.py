"""What an operator is told when a command cannot do its work: one sentence, with what to do."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

import asyncpg
import nats.errors

from kit.bus import NotLetIn, SeedRefused
from kit.errors import EraBehind
from kit.privacy import KekRefused
from kit.store import MigrationChanged, RebuildGoesOn, RecordUnreadable

FULL = {errno.ENOSPC, errno.EDQUOT}


def told(error: BaseException) -> str | None:
    """The sentence; None if it is nothing that an operator could mend.

    Texts of the database that might quote a row are not repeated.
    """
    match error:
        case EraBehind():
            return "the database was restored from a backup: run migrate first (docs/operations.md, Backup and restore)"
        case KekRefused() | SeedRefused() | NotLetIn() | RebuildGoesOn() | RecordUnreadable():
            return str(error)
        case MigrationChanged():
            return (
                f"{error} was applied with other text than this release has: the database is of a release that this one"
                " does not follow; start that one, or take a new database"
            )
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return f"PostgreSQL does not let us in: {error}; check user and password in the URL"
        case asyncpg.InvalidCatalogNameError():
            return f"{error}: make it first, as docs/operations.md says (provision)"
        case asyncpg.UndefinedTableError():
            return "a table is missing: run migrate first"
        case asyncpg.InsufficientPrivilegeError():
            return f"{error}: is this the URL of the role that docs/operations.md names for this command?"
        case asyncpg.CannotConnectNowError() | asyncpg.TooManyConnectionsError() | asyncpg.DiskFullError():
            return f"PostgreSQL cannot serve us now: {error}"
        case asyncpg.PostgresConnectionError() | nats.errors.NoServersError():
            return "the connection broke or was not made: is the server up?"
        case nats.errors.TimeoutError() | TimeoutError():
            return "no answer in time: is the server up, and is it the right address?"
        case OSError():
            return _of_the_system(error)
        case _:
            return None


def _of_the_system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in FULL:
        return f"{where}no room on the disk; make some, or choose another place"
    if error.errno == errno.EROFS:
        return f"{where}the file system is read-only; choose another place"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{where}not permitted to {_me()}{_owner(error.filename)}; run as its owner, or choose another place"
    if isinstance(error, ConnectionError) or error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, None):
        return f"nobody answers: {error.strerror or error}; is the server up, and the URL right?"
    return f"{where}{error.strerror or error}"


def _me() -> str:
    return _name(os.geteuid())


def _owner(path: object) -> str:
    """Whose the nearest thing is that exists at `path`."""
    if not isinstance(path, str | os.PathLike):
        return ""
    for place in (Path(path), *Path(path).parents):
        try:
            return f" (it is {_name(place.stat().st_uid)}'s)"
        except OSError:
            continue
    return ""


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
