"""`python -m kit.store provision SERVICE`: makes a service's databases and roles, for whoever runs PostgreSQL."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys

from kit.store import provision

ADMIN = "LIANDONG_POSTGRES_URL"


def main() -> None:
    """Prints the URLs as JSON.  The administrator's comes from the environment: arguments can be seen by all."""
    parser = argparse.ArgumentParser(prog="python -m kit.store", description="databases and roles of a service")
    one = parser.add_subparsers(required=True).add_parser("provision", help="make what is missing; print the URLs")
    one.add_argument("service")
    one.add_argument("--rotate", action="store_true", help="new passwords for roles that are there already")
    asked = parser.parse_args()
    if not os.environ.get(ADMIN):
        print(f"{ADMIN} is not set: the URL of a role with CREATEROLE and CREATEDB", file=sys.stderr)
        raise SystemExit(2)
    print(json.dumps(asyncio.run(provision(os.environ[ADMIN], asked.service, rotate=asked.rotate)), indent=1))


if __name__ == "__main__":
    main()
