"""The commands, one module each.  A module holds a `typer.Typer` named `app`; `liandong.cli` finds it by itself.

`--json` prints one document with stable keys on standard output and nothing else there.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from liandong.failure import Misused
from liandong.pasting import DEFAULT_DATA as DEFAULT_DATA


def _directory(data: Path) -> Path:
    if os.path.exists(data) and not data.is_dir():  # which is silent about names that cannot be
        raise Misused(f"{data} is a file: name a directory (--data, or LIANDONG_DATA), such as .liandong")
    return data


Data = Annotated[
    Path,
    typer.Option("--data", help="Data directory of the region.", envvar="LIANDONG_DATA", callback=_directory),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
PROVINCE = "620000"
"""Gansu: the bureau whose operators ask, and the province that runs the region, unless said otherwise."""
