"""The relay: settled events to JetStream, in order within each stream, none skipped; see `kit.relay.running`."""

from kit.relay.running import Relay, run_relay
from kit.relay.telling import Outgoing

__all__ = ["Outgoing", "Relay", "run_relay"]
