"""Finding the persons of the ledger, for the organisation that works with them."""

from __future__ import annotations

from casework.policy import RECORD_READERS
from kit.service.search import Persons, searching

ENTRIES = Persons(
    kind="entry",
    title="服务对象",
    action="read-entries",
    category="entry",
    table="ledger_entry",
    key="entry_id",
    columns="p.community as code, null as place",
    path="/v1/entries/{id}",
    sought=lambda actor: actor.role in RECORD_READERS,
    may=lambda actor, _row: actor.role in RECORD_READERS,
)
router = searching(ENTRIES)
