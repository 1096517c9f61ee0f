"""What a hearing shows of itself, by who hears and whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import Gauge

from kit.bus.intake import Down

OF = ["consumer", "service"]
"""Labels: who hears, and whom."""
PENDING = Gauge("bus_pending_messages", "Messages that the consumer has not acknowledged", OF)
PARKED = Gauge("bus_parked_messages", "Messages that wait to be redriven", OF)
OLDEST = Gauge("bus_parked_oldest_seconds", "Age of the oldest parked message", OF)
HELD = Gauge("bus_held_seconds", "Seconds since which messages are there and none is taken in", OF)
SHUT_OUT = Gauge("bus_shut_out", "1 while a publisher is not read on, for there is no room to park more of it", OF)
UNFIT = Gauge("bus_unfit_messages", "Messages with unfit headers that were only counted", OF)
HOLDING = Gauge(
    "bus_holding_tries", "Tries of the message at a place that all of its publisher waits for", [*OF, "place"]
)


class Holder:
    """The message that holds all others of a publisher, while one does."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._of = tuple(names.values())
        self._place: str | None = None

    def shown(self, down: Down) -> dict[str, Any]:
        """Shows the one that found a dependency away; answers what the log says of it."""
        self.gone()
        letter = down.letter
        self._place = f"{letter.source.tenant}/{letter.source.stream}/{letter.version}"
        HOLDING.labels(*self._of, self._place).set(down.tries)
        return {"event_id": letter.event_id, "subject": letter.subject, "tries": down.tries, "reason": str(down)}

    def gone(self) -> None:
        if self._place is not None:
            HOLDING.remove(*self._of, self._place)
            self._place = None
