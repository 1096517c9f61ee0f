"""Signals that ask a command to stop what it has begun."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop."""


class Stopping:
    """In its block the first signal raises Stopped, and later ones do nothing: what was begun is ended in order.

    After it, whoever heard the signals before hears them again.  Import what is slow before it: an exception in the
    middle of an import may be taken for the import's own.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before = {number: signal.getsignal(number) for number in SIGNALS}

    def __enter__(self) -> Self:
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, heard in self._before.items():
            signal.signal(number, heard if heard is not None else signal.SIG_DFL)

    def listen(self) -> None:
        """Again, after a loop took the signals over."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def ask(self) -> None:
        """As a signal that came by another way."""
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        return self._asked.wait(seconds)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked.is_set():
            self._asked.set()
            raise Stopped
