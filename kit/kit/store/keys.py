"""The commitment to each new data key is itself history (AUDIT.md 2.6: AES-GCM alone does not commit to its key)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from contracts.values import Event, PersonId
from kit.store.streams import Category


@dataclass(frozen=True)
class DataKeyCommitted(Event):
    """A person's data key came into use.  `commitment` is HMAC-SHA256(key, "liandong/dek-commit/v1") in hex."""

    TOPIC: ClassVar[str] = "kit.data-key-committed"
    NAME: ClassVar[str] = "数据密钥承诺"

    person: PersonId
    key: UUID
    commitment: str


def evolve(_: DataKeyCommitted | None, event: DataKeyCommitted) -> DataKeyCommitted | None:
    """One event per key: the event is the state."""
    return event


DATA_KEYS = Category("data-key", None, evolve)
