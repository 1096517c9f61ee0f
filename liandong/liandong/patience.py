"""A line when nothing was said for a while, so that whoever waits knows that it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

Say = Callable[[str], None]
FIRST, THEN = 2.0, 5.0
"""Seconds of silence before the first line, and between further ones."""


@contextmanager
def told(doing: str, say: Say) -> Iterator[Say]:
    """In the block `doing` is said whenever it was silent for `FIRST` seconds; `{seconds}` in it is how long it takes.

    What the block says by the answer counts as not being silent.
    """
    begun = last = monotonic()
    pause, done = FIRST, threading.Event()

    def heard(words: str) -> None:
        nonlocal last, pause
        last, pause = monotonic(), FIRST
        say(words)

    def watch() -> None:
        nonlocal last, pause
        while not done.wait(max(last + pause - monotonic(), 0.0)):
            now = monotonic()
            if now - last >= pause:
                last, pause = now, THEN
                say(doing.format(seconds=round(now - begun)))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield heard
    finally:
        done.set()
        watching.join()
