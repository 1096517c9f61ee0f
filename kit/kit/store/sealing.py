"""Sealing the personal fields of events on their way into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from contracts.values import Event, PersonId, Sealed, TenantId
from kit.auth import Cause
from kit.ids import event_id
from kit.privacy import DataKey, Vault, passing_key
from kit.privacy import seal as seal_field
from kit.privacy.vault import CACHED, FRESH
from kit.store.keys import DATA_KEYS, DataKeyCommitted
from kit.store.mapper import Seal
from kit.tenancy import Tx, scoped

Keys = dict[tuple[str, UUID], DataKey]


@dataclass(frozen=True)
class Pending:
    """An event with its place, not yet written."""

    event: Event
    tenant: TenantId
    stream: str
    version: int
    id: UUID


class Commitments:
    """Keys whose commitments this process has seen in history, for as long as an unwrapped key stays in memory.

    What was committed stays so, but for a database that is restored under a running process.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def unknown(self, streams: Iterable[str]) -> list[str]:
        """Those of these streams of keys that have to be looked for."""
        now = self._clock()
        return sorted(stream for stream in streams if self._until.get(stream, 0.0) <= now)

    def saw(self, streams: Iterable[str]) -> None:
        """These are in history."""
        if len(self._until) > CACHED:
            self._until.clear()
        self._until.update(dict.fromkeys(streams, self._clock() + FRESH))

    def note(self, committed: Iterable[Pending]) -> None:
        """These events were committed; those of keys are commitments."""
        self.saw(p.stream for p in committed if isinstance(p.event, DataKeyCommitted))


async def keys_for(
    connection: Tx, vault: Vault | None, cause: Cause, pending: list[Pending], seen: Commitments
) -> Keys:
    """The data keys of the persons in `pending`; adds to it the event that commits to a key that is new here."""
    people = sorted({(p.tenant, s.person) for p in pending for s in sealed_fields(p.event)})
    if not people:
        return {}
    if vault is None:
        raise ValueError("personal data, and this store has no vault")
    if cause.rehearsed:  # the vault keeps no key of whom nothing is recorded
        return {person: passing_key() for person in people}
    keys = await vault.keys_for(people)
    streams = {f"{DATA_KEYS.name}/{key.key_id}": owner for owner, key in keys.items()}
    if not (wanted := seen.unknown(streams)):
        return dict(keys)
    async with scoped(connection, cause.scope) as tx:
        rows = await tx.fetch(
            "select stream from event where tenant_id = any ($1::text[]) and stream = any ($2::text[])",
            sorted({tenant for tenant, _ in keys}),
            wanted,
        )
    found = {row["stream"] for row in rows}
    seen.saw(found)
    for stream in set(wanted) - found:
        tenant, person = streams[stream]
        key = keys[tenant, person]
        committed = DataKeyCommitted(person=PersonId(person), key=key.key_id, commitment=key.commitment.hex())
        pending.append(Pending(committed, TenantId(tenant), stream, 1, event_id(cause.now)))
    return dict(keys)


def sealer(item: Pending, keys: Keys) -> Seal | None:
    """What seals the fields of one event: bound to its tenant, id, type and schema, so that no box can be moved."""
    if not keys:
        return None

    def seal(sealed: Sealed[Any], path: str) -> dict[str, Any]:
        return seal_field(
            sealed.clear,
            keys[item.tenant, sealed.person],
            tenant=item.tenant,
            event=item.id,
            type=item.event.TOPIC,
            schema=item.event.class_version,
            path=path,
            person=sealed.person,
        )

    return seal


def sealed_fields(event: Event) -> list[Sealed[Any]]:
    """Every sealed value in an event, nested ones too."""
    found: list[Sealed[Any]] = []
    rest: list[Any] = list(vars(event).values())
    while rest:
        value = rest.pop()
        if isinstance(value, Sealed):
            found.append(value)
        elif isinstance(value, tuple | list):
            rest.extend(value)
        elif hasattr(value, "__dataclass_fields__"):
            rest.extend(vars(value).values())
    return found
