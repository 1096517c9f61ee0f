"""The bus: other services' messages, taken in one after another, each handled once or parked where it can be seen.

`declare` is the platform's; a service has `Handlers` and runs a `Subscriber`; an operator lists and redrives.
"""

from kit.bus.connect import PLATFORM, Broker, NotLetIn, connect
from kit.bus.declare import declare, declare_stream, stream_of
from kit.bus.handlers import Envelope, Handlers
from kit.bus.intake import Down, Intake
from kit.bus.nkeys import SeedRefused, UserKey, new_seed_file
from kit.bus.parking import Parked, Sight, list_parked, show_parked
from kit.bus.redrive import redrive, turn
from kit.bus.room import shut_out, unfit
from kit.bus.subscriber import Subscriber

__all__ = [
    "PLATFORM",
    "Broker",
    "Down",
    "Envelope",
    "Handlers",
    "Intake",
    "NotLetIn",
    "Parked",
    "SeedRefused",
    "Sight",
    "Subscriber",
    "UserKey",
    "connect",
    "declare",
    "declare_stream",
    "list_parked",
    "new_seed_file",
    "redrive",
    "show_parked",
    "shut_out",
    "stream_of",
    "turn",
    "unfit",
]
