"""`liandong up`: a region on this machine, until Ctrl-C."""

from __future__ import annotations

import re
import time
from typing import Annotated

import typer

from liandong.commands import DEFAULT_DATA, PROVINCE, Data
from liandong.stopping import Stopped, Stopping

app = typer.Typer()
REGION, LONGEST_REGION = "[a-z0-9]+(-[a-z0-9]+)*", 60
"""As the settings of services have it."""


def _slug(text: str) -> str:
    if len(text) > LONGEST_REGION or not re.fullmatch(REGION, text):
        raise typer.BadParameter(
            f"{text!r}: lower-case letters and digits with single hyphens between them, at most {LONGEST_REGION},"
            " such as gansu-lanzhou"
        )
    return text


def _codes(codes: list[str]) -> list[str]:
    for code in codes:
        if not re.fullmatch("[0-9]{6}", code):
            raise typer.BadParameter(f"{code!r}: the six digits of a province, such as {PROVINCE}")
    return codes


@app.command()
def up(
    data: Data = DEFAULT_DATA,
    region: Annotated[str, typer.Option(help="Slug of the region.", callback=_slug)] = "gansu-lanzhou",
    province: Annotated[
        list[str], typer.Option(help="Code of a province that runs this region; may be repeated.", callback=_codes)
    ] = [PROVINCE],  # noqa: B006 - never changed
) -> None:
    """Starts a region on this machine.

    PostgreSQL, NATS, a development issuer and every service; runs until Ctrl-C or `liandong down`.

    Exit code 0 when it was stopped, 1 when something could not be started, 2 for options that cannot be,
    130 or 143 when it was stopped before it had begun.
    """
    begun = time.monotonic()
    from liandong.region import Region

    try:
        with Stopping() as stop, Region(data, slug=region, provinces=province, say=typer.echo) as running:
            typer.echo(f"Ready in {time.monotonic() - begun:.1f} s; Ctrl-C stops it.  Data and logs: {running.data}")
            while not stop.wait(0.5):
                running.tend()
    except Stopped:
        typer.echo("Stopped; the data is kept.")
