"""`liandong status`: what is up, whether it is well, and how far behind."""

from __future__ import annotations

import json

import typer

from liandong import asking, looking, state
from liandong.commands import DEFAULT_DATA, Data, Json
from liandong.failure import NOT_UP

app = typer.Typer()


@app.command()
def status(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Shows engines and services, how they are, and what waits.

    Exit code 0: all is well, 1: DEGRADED, something is not, 3: nothing is up.
    """
    found = state.read(data)
    document = asking.run(looking.describe(found))
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else looking.text(document))
    if found is None:
        raise typer.Exit(NOT_UP)
    if document["degraded"]:
        raise typer.Exit(1)
