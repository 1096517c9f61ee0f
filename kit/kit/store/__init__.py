"""The event store: read, decide, append; tail, rebuild.

The event table is history and outbox in one.  See docs/architecture.md for the order of events and why it is safe.
"""

from kit.clock import Moment
from kit.store.change import Publish, Store, Untellable
from kit.store.due import PEOPLE, RowsIncomplete, due, people_known
from kit.store.held import CannotTell
from kit.store.horizon import HORIZON, Horizon, era_behind, not_above, settled
from kit.store.mapper import RawMapper, meta_of
from kit.store.migrate import (
    Migration,
    MigrationChanged,
    key_migrations,
    kit_migrations,
    migrate,
    raise_era,
)
from kit.store.names import SPELLED, People, Spelling
from kit.store.past import past
from kit.store.provisioning import provision, role_of
from kit.store.rebuild import BUREAUS, RebuildGoesOn, RecordUnreadable, rebuild, rebuild_names, rebuild_tenants
from kit.store.rows import Row, View, titled
from kit.store.streams import Answer, Category, Claim, Each, Effect, Look, Meta, One, Reads, Release, Stream
from kit.store.tables import view_migrations
from kit.store.tail import LostCursor, Tail
from kit.store.tenants import TENANTS, TenantNoted
from kit.store.wake import Wake
from kit.tenancy import Tx
from kit.tenancy.pools import Pools, Purpose, connect, is_away, open_pool

__all__ = [
    "BUREAUS",
    "HORIZON",
    "PEOPLE",
    "SPELLED",
    "TENANTS",
    "Answer",
    "CannotTell",
    "Category",
    "Claim",
    "Each",
    "Effect",
    "Horizon",
    "Look",
    "LostCursor",
    "Meta",
    "Migration",
    "MigrationChanged",
    "Moment",
    "One",
    "People",
    "Pools",
    "Publish",
    "Purpose",
    "RawMapper",
    "Reads",
    "RebuildGoesOn",
    "RecordUnreadable",
    "Release",
    "Row",
    "RowsIncomplete",
    "Spelling",
    "Store",
    "Stream",
    "Tail",
    "TenantNoted",
    "Tx",
    "Untellable",
    "View",
    "Wake",
    "connect",
    "due",
    "era_behind",
    "is_away",
    "key_migrations",
    "kit_migrations",
    "meta_of",
    "migrate",
    "not_above",
    "open_pool",
    "past",
    "people_known",
    "provision",
    "raise_era",
    "rebuild",
    "rebuild_names",
    "rebuild_tenants",
    "role_of",
    "settled",
    "titled",
    "view_migrations",
]
