"""`liandong figures`: the indicator catalogue of every service with a bureau's figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from liandong import asking
from liandong.asking import AsOf, KnownAt, Tenant
from liandong.commands import DEFAULT_DATA, Data, Json

app = typer.Typer()


@app.command()
def figures(
    tenant: Tenant,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Prints every figure of a bureau and those below it: now, as of a day, or as known at an instant.

    Exit code 0: printed, 1: no such bureau or a service refused, 2: wrong options, 3: nothing is up.
    """
    document = asking.run(_read(data, tenant, asking.moment(as_of, known_at)))
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    when = f"，截至 {as_of}" if as_of else f"，{known_at} 时所知" if known_at else ""
    typer.echo(f"{document['name']}（{tenant}）{when}")
    from liandong import figures as catalogue

    typer.echo(catalogue.text(document["indicators"]))


async def _read(data: Path, tenant: str, moment: dict[str, str]) -> dict[str, Any]:
    from liandong import figures as catalogue
    from liandong.running import Running

    async with Running.calls(data) as running:
        names = await asking.names_of(running, tenant)
        found = await catalogue.catalogue(running, asking.auditor(tenant), **moment)
    indicators = [{**one, "figures": catalogue.written(one, names)} for one in found]
    return {
        "tenant": tenant,
        "name": names[tenant],
        "as_of": moment.get("as_of"),
        "known_at": moment.get("known_at"),
        "indicators": indicators,
    }
