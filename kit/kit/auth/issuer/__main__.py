"""The process: `python -m kit.auth.issuer`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from kit.auth.issuer import people
from kit.auth.issuer.app import create
from kit.auth.issuer.client import Client, is_loopback
from kit.auth.issuer.signing import Signer, key_at


def refusal(host: str, environment: str | None) -> str | None:
    """Why this issuer must not start here, or None."""
    if environment != "dev":
        return "the development issuer starts only with LIANDONG_ENV=dev"
    return None if is_loopback(host) else f"the development issuer listens on a loopback address only, not on {host}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m kit.auth.issuer", description="Development token issuer.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key-file", type=Path, required=True)
    parser.add_argument("--issuer", help="the iss claim; default: the address it listens on")
    parser.add_argument("--audience", default="liandong")
    parser.add_argument("--people", type=Path, help="JSON: who can sign in; default: nobody")
    parser.add_argument(
        "--redirect-uri", action="append", default=[], help="where the portal is sent back to, signed in"
    )
    parser.add_argument("--signed-out-uri", action="append", default=[], help="and signed out")
    given = parser.parse_args(arguments)
    why = refusal(given.host, os.environ.get("LIANDONG_ENV"))
    if why:
        print(why, file=sys.stderr)
        return 2
    host = f"[{given.host}]" if ":" in given.host else given.host
    try:
        client = Client(frozenset(given.redirect_uri), frozenset(given.signed_out_uri))
        directory = people.read(given.people) if given.people else {}
        signer = Signer(key_at(given.key_file), given.issuer or f"http://{host}:{given.port}", given.audience)
        app = create(signer, client, directory)
    except (ValueError, OSError) as e:
        print(f"the development issuer does not start: {e}", file=sys.stderr)
        return 2
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
