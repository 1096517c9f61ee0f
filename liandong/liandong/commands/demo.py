"""`liandong demo`: a region with Lanzhou's plan of 2022 played on it, every figure beside its expectation."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liandong.commands import DEFAULT_DATA, Data, Json
from liandong.patience import told
from liandong.stopping import SIGNALS, Stopped, Stopping

if TYPE_CHECKING:
    from liandong.demo.report import Performance
    from liandong.demo.stage import Tell
    from liandong.region import Region

app = typer.Typer()
TENDING = 0.5
"""Seconds between two looks after the children."""
INTERRUPTED = 130
"""The exit code of shells for a program that was interrupted."""


@app.command()
def demo(
    data: Data = DEFAULT_DATA,
    once: Annotated[bool, typer.Option("--once", help="Check, then stop; exit code 0 only if all holds.")] = False,
    as_json: Json = False,
) -> None:
    """Plays ten projects, from application to rating, on a region.

    Brings everything up first, and runs until Ctrl-C.

    Exit code 1: something could not be started, the story could not be played, or with --once a figure differs;
    130: with --once, stopped before it was checked.
    Played again over the same data, the same commands change nothing.
    """
    from liandong.region import Region

    def tell(words: str) -> None:
        typer.echo(words, err=as_json)

    try:
        # The installation speaks to its operator, in English and beside the story.
        with Stopping() as stop, Region(data, say=partial(typer.echo, err=True)) as region:
            try:
                with told("仍在进行，已 {seconds} 秒", tell) as say:
                    done = _played(region, region.data, say)
            except Stopped:
                stop.ask()
                raise
            finally:
                stop.listen()  # the loop took the signals over
            _show(done, data, as_json, once)
            if once:
                raise typer.Exit(0 if done.holds else 1)
            tell("Ctrl-C 结束；数据保留。")
            while not stop.wait(TENDING):
                region.tend()
    except Stopped:
        tell("已停止；数据保留。")
        if once:  # what was to be checked was not
            raise typer.Exit(INTERRUPTED) from None


def _played(region: Region, data: Path, tell: Tell) -> Performance:
    """The performance, in a loop of its own that a signal cancels.  Raises Stopped."""

    from liandong.demo import report
    from liandong.running import Running

    async def main() -> Performance:
        this = asyncio.current_task()
        assert this is not None
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, this.cancel)
        tending = asyncio.create_task(_tend(region))
        try:
            async with Running.calls(data) as running:
                return await report.perform(running, tell, region.run)
        finally:
            tending.cancel()

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        raise Stopped from None


async def _tend(region: Region) -> None:
    while True:
        await asyncio.sleep(TENDING)
        region.tend()


def _show(done: Performance, data: Path, as_json: bool, once: bool) -> None:
    from liandong.demo import report

    if as_json:
        typer.echo(json.dumps(report.document(done), ensure_ascii=False, indent=2))
        return
    typer.echo(report.text(done))
    if not once:
        typer.echo(report.addresses(done, data))
