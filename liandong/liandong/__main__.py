"""`liandong`, and `python -m liandong`."""

from __future__ import annotations

import os
import signal
from types import FrameType


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from liandong.cli import app  # here: a signal while it is imported has no traceback to show

    app(prog_name="liandong")


def _leave(number: int, _frame: FrameType | None) -> None:
    """At once, until a command that has something to end listens itself (`liandong.stopping`)."""
    os.write(2, b"Stopped.\n")
    os._exit(128 + number)


if __name__ == "__main__":
    main()
