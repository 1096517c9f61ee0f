"""`liandong status`: what is up, whether it is well, and how far behind."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from liandong import asking, state
from liandong.asking import Province
from liandong.commands import DEFAULT_DATA, PROVINCE, Data, Json

app = typer.Typer()
Token = Annotated[
    str | None,
    typer.Option("--token", help="An operator's token; else the development issuer's.", envvar="LIANDONG_TOKEN"),
]
NOTHING: dict[str, Any] = {
    "up": False, "degraded": False, "region": None, "pid": None, "started_at": None, "issuer_url": None,
    "engines": [], "services": [], "troubles": {},
}  # fmt: skip


@app.command()
def status(tenant: Province = PROVINCE, token: Token = None, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Shows engines and services, how they run, and what waits.

    Exit code 0: all is well, 1: degraded, something is not, 2: no data directory, 3: nothing is up.
    """
    found = state.read(data)
    if found is None:
        if as_json:
            typer.echo(json.dumps(NOTHING, indent=2))
        raise state.NotUp(data)
    from liandong import looking

    document = asking.run(looking.describe(found, token, tenant))
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else looking.text(document, data))
    if document["degraded"]:
        raise typer.Exit(1)
