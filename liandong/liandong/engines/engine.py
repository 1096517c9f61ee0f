"""What every engine offers, ours or the administrator's."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from liandong.child import ChildError


class EngineError(ChildError):
    """A server that could not be found, started or trusted; the message says what to do."""


class Engine(Protocol):
    """A running server.  `log` is None where it is not ours: then it can be used, and not stopped or killed."""

    @property
    def url(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def log(self) -> Path | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...
    def illness(self) -> str | None:
        """What is wrong with a server of ours, in words for an operator; None if nothing is, or it is not ours."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Bus(Engine, Protocol):
    """A running NATS server."""

    def settings(self, service: str) -> dict[str, str]:
        """What a service is told of it, without the service's own prefix: `NATS_URL`, …."""
        ...
