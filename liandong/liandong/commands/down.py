"""`liandong down`: stops what `up` started."""

from __future__ import annotations

import os
import signal
import time
from functools import partial

import typer

from liandong import state
from liandong.commands import DEFAULT_DATA, Data
from liandong.failure import Failure
from liandong.patience import told

app = typer.Typer()
PATIENCE = 90.0
"""Seconds: services, issuer and engines may each take their own."""


@app.command()
def down(data: Data = DEFAULT_DATA) -> None:
    """Stops the region of a data directory and waits for it.  Exit code 0 also when nothing is up, 1 if it stays up."""
    pid = state.holder(data)
    if pid is None:
        typer.echo(f"Nothing is up in {data}.")
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    with told("Waiting for it to stop, {seconds} s", partial(typer.echo, err=True)):
        while state.holder(data) == pid:
            if time.monotonic() > deadline:
                raise Failure(
                    f"{data} is still up after {PATIENCE:.0f} s: see its logs, and end process {pid} by hand."
                )
            time.sleep(0.05)
    typer.echo("Stopped; the data is kept.")
