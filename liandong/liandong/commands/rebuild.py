"""`liandong rebuild`: read tables filled again from the events."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from liandong import asking, state
from liandong.commands import DEFAULT_DATA, Data, Json
from liandong.rebuilding import rebuild as rebuilt
from liandong.running import NotUp

app = typer.Typer()


@app.command()
def rebuild(
    service: Annotated[str, typer.Argument(help="registry, casework, funding or volunteer.")],
    projection: Annotated[str | None, typer.Argument(help="Its name; all of the service when absent.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Empties read tables and fills them again; the service keeps running, its writers wait.

    Exit code 0: done, 1: it failed, 2: no such service or projection, 3: nothing is up.
    """
    found = state.read(data)
    if found is None:
        raise NotUp(data)
    (name,) = asking.services(found, service)
    counts = asking.run(rebuilt(name, found.services[name], projection))
    if as_json:
        typer.echo(json.dumps({"service": name, "rebuilt": counts}, indent=2))
        return
    for one, events in counts.items():
        typer.echo(f"{one:<20} 由 {events} 条事件重建")
