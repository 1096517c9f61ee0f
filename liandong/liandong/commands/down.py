"""`liandong down`: stops what `up` started."""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import typer

from liandong import state
from liandong.commands import DEFAULT_DATA, Data
from liandong.failure import Failure
from liandong.patience import told

app = typer.Typer()
PATIENCE, GRACE = 120.0, 10.0
"""Seconds: services, issuer and engines may each take their own; for those that hear that whoever started them died."""


@app.command()
def down(data: Data = DEFAULT_DATA) -> None:
    """Stops the region of a data directory, and waits for it.

    Ends it by force if it does not stop.  Exit code 0 also when nothing is up, 1 if it stays up.
    """
    pid = state.holder(data)
    if pid is None:
        typer.echo(f"Nothing is up in {data}.")
        return
    os.kill(pid, signal.SIGTERM)
    with told("Waiting for it to stop, {seconds} s", partial(typer.echo, err=True)) as say:
        if not _let_go(data, pid, PATIENCE):
            say(f"Process {pid} does not stop after {PATIENCE:.0f} s: it is ended by force.")
            _force(pid)
            if not _let_go(data, pid, GRACE):
                raise Failure(f"{data} is still up: see its logs, and end process {pid} by hand.")
    typer.echo("Stopped; the data is kept.")


def _let_go(data: Path, pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while state.holder(data) == pid:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _force(pid: int) -> None:
    """Kills it.  What it started hears of that and has a moment to end in order; whoever is left then is killed."""
    handles = []  # for a number may be another's by then
    for one in (pid, *below(pid)):
        with suppress(ProcessLookupError):
            handles.append(os.pidfd_open(one))
    signal.pidfd_send_signal(handles[0], signal.SIGKILL)
    deadline = time.monotonic() + GRACE
    while (left := _running(handles)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for one in left:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(one, signal.SIGKILL)
    for one in handles:
        os.close(one)


def _running(handles: list[int]) -> list[int]:
    """Those of the processes that have not ended: the handle of one that has can be read."""
    ended = select.select(handles, [], [], 0)[0]
    return [one for one in handles if one not in ended]


def below(pid: int) -> list[int]:
    """The processes that this one started, and those that they did."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found[1:]
