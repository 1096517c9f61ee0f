"""What a hearing shows of itself, by who hears and whom."""

from __future__ import annotations

from prometheus_client import Gauge

OF = ["consumer", "service"]
"""Labels: who hears, and whom."""
PENDING = Gauge("bus_pending_messages", "Messages that the consumer has not acknowledged", OF)
PARKED = Gauge("bus_parked_messages", "Messages that wait to be redriven", OF)
OLDEST = Gauge("bus_parked_oldest_seconds", "Age of the oldest parked message", OF)
HELD = Gauge("bus_held_seconds", "Seconds since which messages are there and none is taken in", OF)
SHUT_OUT = Gauge("bus_shut_out", "1 while a publisher is not read on, for there is no room to park more of it", OF)
UNFIT = Gauge("bus_unfit_messages", "Messages with unfit headers that were only counted", OF)
