"""What a process sees of its part of the bus, for whoever asks it: never older than the last few looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic

from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo

from kit.bus.gauges import PENDING

NEWS = 5.0
"""Seconds for which a look is news; looks are a second apart, and one may be lost on the way."""


class Doing(StrEnum):
    """What a process does of what only one does at a time."""

    AWAY = "away"
    STANDING_BY = "standing-by"
    CONNECTING = "connecting"
    MISSING = "missing"
    SHUT_OUT = "shut-out"
    REFUSED = "refused"
    WORKING = "working"


DOING_NAMES: Mapping[Doing, str] = {
    Doing.AWAY: "连不上数据库",
    Doing.STANDING_BY: "待命",
    Doing.CONNECTING: "连接消息总线中",
    Doing.MISSING: "消费者不存在",
    Doing.SHUT_OUT: "停收（搁置已满）",
    Doing.REFUSED: "消息总线拒收",
    Doing.WORKING: "工作中",
}


@dataclass(frozen=True)
class Shown:
    """Of one publisher: what this process does, and of the messages that it has not acknowledged.

    `waiting` is None where nobody has looked lately.  `oldest` is when the first of those `in_hand` was published,
    `idle` the seconds for which messages are there and none is taken in.
    """

    doing: Doing
    waiting: int | None
    in_hand: int
    oldest: datetime | None
    idle: float


class Seen:
    """The looks of one hearing at its consumer."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._of = names
        self._well = monotonic()
        self._waiting: tuple[int, float] | None = None
        self._mine = False
        self.hand: Sequence[Msg] = ()
        """The batch that is being handled."""

    @contextmanager
    def active(self) -> Iterator[None]:
        """While this process is the one that takes the messages."""
        self._mine = True
        try:
            yield
        finally:
            self._mine = False

    def well(self) -> None:
        """The consumer was there, or another instance takes it."""
        self._well = monotonic()

    def lately(self, seconds: float) -> bool:
        return monotonic() - self._well < seconds

    def counted(self, info: ConsumerInfo) -> None:
        """The messages that the server has and that are not acknowledged."""
        count = (info.num_pending or 0) + (info.num_ack_pending or 0)
        self._waiting = count, monotonic()
        PENDING.labels(**self._of).set(count)

    def not_counted(self) -> None:
        """Nobody here knows how many wait: another instance is active, or the server is away."""
        self._waiting = None
        PENDING.remove_by_labels(dict(self._of))

    def shown(self, bound: bool, gone: bool, shut_out: bool, idle: float) -> Shown:
        """What is seen now, of a hearing of which that is so."""
        count, at = self._waiting or (None, 0.0)
        waiting = count if monotonic() - at < NEWS else None
        oldest = self.hand[0].metadata.timestamp if self.hand else None
        doing = self._doing(bound and waiting is not None, gone, shut_out)
        return Shown(doing, waiting, len(self.hand), oldest, idle)

    def _doing(self, well: bool, gone: bool, shut_out: bool) -> Doing:
        if not self._mine:
            return Doing.STANDING_BY
        if shut_out:
            return Doing.SHUT_OUT
        if gone:
            return Doing.MISSING
        return Doing.WORKING if well else Doing.CONNECTING
