"""The event store: read, decide, append; tail, rebuild, look back.

The event table is history and outbox in one.  See docs/architecture.md for the order of events and why it is safe.
"""

from kit.store.change import Store, Wake
from kit.store.mapper import RawMapper
from kit.store.migrate import (
    Migration,
    MigrationChanged,
    key_migrations,
    kit_migrations,
    migrate,
    raise_era,
    service_migrations,
)
from kit.store.provisioning import provision, role_of
from kit.store.replay import Moment, looking_back, meta_of, rebuild
from kit.store.streams import Answer, Category, Claim, Meta, Projection, Stream
from kit.store.tail import LostCursor, OrderBroken, Position, Projector, Tail
from kit.store.tenants import TENANT_TABLE, TENANTS, TenantNoted
from kit.tenancy import Tx
from kit.tenancy.pools import AWAY, Pools, Purpose, connect, is_away, open_pool

__all__ = [
    "AWAY",
    "TENANTS",
    "TENANT_TABLE",
    "Answer",
    "Category",
    "Claim",
    "LostCursor",
    "Meta",
    "Migration",
    "MigrationChanged",
    "Moment",
    "OrderBroken",
    "Pools",
    "Position",
    "Projection",
    "Projector",
    "Purpose",
    "RawMapper",
    "Store",
    "Stream",
    "Tail",
    "TenantNoted",
    "Tx",
    "Wake",
    "connect",
    "is_away",
    "key_migrations",
    "kit_migrations",
    "looking_back",
    "meta_of",
    "migrate",
    "open_pool",
    "provision",
    "raise_era",
    "rebuild",
    "role_of",
    "service_migrations",
]
