"""The relay: settled events to JetStream, in order within each stream, none skipped; see `kit.relay.running`."""

from kit.relay.running import Relay, run_relay
from kit.relay.telling import Outgoing, Publish

__all__ = ["Outgoing", "Publish", "Relay", "run_relay"]
