"""`liandong up`: a region on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Annotated

import typer

from liandong.child import ChildError
from liandong.commands import DEFAULT_DATA, Data
from liandong.region import Region
from liandong.state import AlreadyUp

app = typer.Typer()


class Stopped(BaseException):
    """Somebody asked us to stop while we were starting."""


@app.command()
def up(
    data: Data = DEFAULT_DATA,
    region: Annotated[str, typer.Option(help="Slug of the region: lower case, digits, hyphens.")] = "gansu-lanzhou",
) -> None:
    """Starts PostgreSQL, NATS, a development issuer and every service; runs until Ctrl-C or `liandong down`.

    Exit code 0 when it was stopped, 1 when something could not be started.
    """
    begun = time.monotonic()
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            return
        stop.set()
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        with Region(data, slug=region, say=typer.echo) as running:
            typer.echo(f"Ready in {time.monotonic() - begun:.1f} s; Ctrl-C stops it.  Data and logs: {running.data}")
            while not stop.wait(0.5):
                running.tend()
    except Stopped:
        typer.echo("Stopped; the data is kept.")
    except (ChildError, AlreadyUp) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
