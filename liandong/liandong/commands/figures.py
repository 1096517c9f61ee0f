"""`liandong figures`: the indicator catalogue of every service with a bureau's figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from liandong import asking
from liandong.asking import AsOf, KnownAt, Tenant
from liandong.commands import DEFAULT_DATA, Data, Json
from liandong.failure import Misused
from liandong.pasting import command

app = typer.Typer()
Indicator = Annotated[
    str | None, typer.Option("--indicator", help="Only this one, with all its parts: funding.budget_allotted.")
]


@app.command()
def figures(
    tenant: Tenant,
    indicator: Indicator = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Prints the totals of a bureau and of those below it.

    Now, as of a day, or as known at an instant.

    Exit code 0: printed, 1: no such bureau or a service refused, 2: wrong options, 3: nothing is up.
    """
    words = asking.run(
        _read(data, tenant, indicator, asking.moment(as_of, known_at), as_json), "正在读取指标，已 {seconds} 秒"
    )
    typer.echo(words)


async def _read(data: Path, tenant: str, indicator: str | None, moment: dict[str, str], as_json: bool) -> str:
    from liandong import figures as catalogue
    from liandong.names import names
    from liandong.running import Running

    who = asking.auditor(tenant)
    async with Running.calls(data) as running:
        bureaus = await asking.bureaus(running, tenant)
        tenants = {code: one["name"] for code, one in bureaus.items()}
        found = await catalogue.catalogue(running, who, **moment)
        if indicator is not None:
            found = [one for one in found if one["id"] == indicator] or _unknown(indicator, found)
        dimensions = {d for one in found for figure in one["figures"] for d in figure["dimensions"]}
        called = await names(running, who, tenants, dimensions)
    document: dict[str, Any] = {
        "tenant": tenant,
        "name": tenants[tenant],
        "as_of": moment.get("as_of"),
        "known_at": moment.get("known_at"),
        "indicators": [catalogue.written(one, called, bureaus[tenant]["level"]) for one in found],
    }
    if as_json:
        return json.dumps(document, ensure_ascii=False, indent=2)
    when = "".join(f"，{words} {moment[key]}" for key, words in MOMENTS.items() if key in moment)
    head = f"{tenants[tenant]}（{tenant}）{when}"
    if indicator is not None:
        return f"{head}\n{catalogue.parts(document['indicators'][0], called)}"
    largest = max(found, key=lambda one: len(one["figures"]))["id"]
    one = command("figures", "--tenant", tenant, "--indicator", largest, data=data)
    return f"{head}\n{catalogue.text(document['indicators'], called)}\n一项的口径和各部分，如  {one}"


MOMENTS = {"as_of": "截至", "known_at": "所知截至"}


def _unknown(indicator: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    near = asking.near(indicator, {one["id"]: one["name"] for one in found})
    raise Misused(f"没有指标 {indicator}。{near}")
