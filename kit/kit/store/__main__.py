"""`python -m kit.store provision SERVICE`: makes a service's databases and roles, for whoever runs PostgreSQL."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from typing import NoReturn
from urllib.parse import urlsplit

import asyncpg

from kit.store import provision
from kit.store.provisioning import TooStrong

ADMIN = "LIANDONG_POSTGRES_URL"
FAILED, USAGE = 1, 2
NAME = "[a-z][a-z0-9_]{0,39}"
"""Roles and databases are called after it, and such names may have 63 characters."""


def main() -> None:
    """Prints the URLs as JSON.  The administrator's comes from the environment: arguments can be seen by all.

    Exits 1 if they could not be made, 2 if the service or the URL cannot be, with one sentence.
    """
    parser = argparse.ArgumentParser(prog="python -m kit.store", description="databases and roles of a service")
    one = parser.add_subparsers(required=True).add_parser("provision", help="make what is missing; print the URLs")
    one.add_argument("service", type=_name, help="such as funding")
    one.add_argument("--rotate", action="store_true", help="new passwords for roles that are there already")
    asked = parser.parse_args()
    url = os.environ.get(ADMIN)
    if not url:
        _end(f"{ADMIN} is not set: the URL of a role with CREATEROLE and CREATEDB", USAGE)
    where = _server(url)
    if where is None:
        _end(f"{ADMIN} is no URL of a PostgreSQL server: postgresql://USER:PASSWORD@HOST:PORT/postgres", USAGE)
    try:
        urls = asyncio.run(provision(url, asked.service, rotate=asked.rotate))
    except asyncpg.ClientConfigurationError as error:
        _end(f"{ADMIN}: {error}", USAGE)
    except TooStrong as error:
        _end(str(error), FAILED)
    except asyncpg.InsufficientPrivilegeError as error:
        _end(f"{error}: the role of {ADMIN} needs CREATEROLE and CREATEDB", FAILED)
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        _end(f"the PostgreSQL server at {where} does not let us in: {error}; mend {ADMIN}", FAILED)
    except asyncpg.PostgresError as error:
        _end(f"the PostgreSQL server at {where} refuses: {error}", FAILED)
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        _end(f"no PostgreSQL server answers at {where} ({ADMIN}): start it, or mend the URL", FAILED)
    print(json.dumps(urls, indent=1))


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        sentence = f"{text!r} is no service: small letters, digits and _, at most 40, such as funding"
        raise argparse.ArgumentTypeError(sentence)
    return text


def _server(url: str) -> str | None:
    """Where the server is, without the password; None if the URL does not say."""
    try:
        parts = urlsplit(url)
        there = parts.scheme in ("postgresql", "postgres") and parts.hostname
        return f"{parts.hostname}:{parts.port or 5432}" if there else None
    except ValueError:
        return None


def _end(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
