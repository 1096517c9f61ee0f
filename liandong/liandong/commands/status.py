"""`liandong status`: what is up, and whether it is ready."""

from __future__ import annotations

import json
from typing import Any

import httpx
import typer

from liandong import state
from liandong.commands import DEFAULT_DATA, Data, Json

app = typer.Typer()
NOT_UP = 3
"""The exit code that service scripts use for "not running"."""


@app.command()
def status(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Shows addresses and readiness.  Exit code 0: all ready, 1: something is not, 3: nothing is up."""
    found = state.read(data)
    document = describe(found)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else _text(document))
    if found is None:
        raise typer.Exit(NOT_UP)
    if not all(service["ready"] for service in document["services"]):
        raise typer.Exit(1)


def describe(found: state.State | None) -> dict[str, Any]:
    """The document of `--json`; no secrets."""
    if found is None:
        return {"up": False, "region": None, "pid": None, "started_at": None, "issuer_url": None, "services": []}
    return {
        "up": True,
        "region": found.region,
        "pid": found.pid,
        "started_at": found.started_at,
        "issuer_url": found.issuer_url,
        "services": [
            {"name": name, "url": service.url, "pid": service.pid, "ready": _ready(service.url), "log": service.log}
            for name, service in found.services.items()
        ],
    }


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _text(document: dict[str, Any]) -> str:
    if not document["up"]:
        return "Nothing is up."
    lines = [f"Region {document['region']}, process {document['pid']}, since {document['started_at']}"]
    lines.append(f"{'issuer':<11} {document['issuer_url']}")
    for service in document["services"]:
        lines.append(f"{service['name']:<11} {service['url']}  {'ready' if service['ready'] else 'NOT READY'}")
    return "\n".join(lines)
