"""Commands as they are printed: whoever pastes one into the shell where we were started runs it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

DEFAULT_DATA = Path(".liandong")
"""The data directory of every command, unless said otherwise."""
NAME = "liandong"


def command(*words: str | Path, data: Path = DEFAULT_DATA) -> str:
    """Quoted for a shell, with the program as it was called, and with the data directory if it is not the usual one."""
    where = () if data.absolute() == DEFAULT_DATA.absolute() else ("--data", str(data))
    return f"{_program()} {shlex.join([*map(str, words), *where])}"


def _program() -> str:
    called = sys.argv[0]
    if os.path.basename(called) != NAME:
        return shlex.join([sys.executable, "-m", NAME])
    found = shutil.which(NAME)
    return NAME if found and os.path.samefile(found, called) else shlex.quote(called)
