"""The commands, one module each.  A module holds a `typer.Typer` named `app`; `liandong.cli` finds it by itself.

`--json` prints one document with stable keys on standard output and nothing else there.
"""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option("--data", help="Data directory of the region.", envvar="LIANDONG_DATA")]
DEFAULT_DATA = Path(".liandong")
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
