"""Which streams a role within a unit may look into: what is its business as things stand now.

A bureau sees all that tenants in its reach hold.  An organisation, street, community, worker or third party sees
what a service says here, in lists, records, figures' rows and history alike; what no sight names, it does not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import Any

from contracts.values import Role
from kit.auth import Actor
from kit.auth.unit import WHOLE


@dataclass
class Bound:
    """The values of a statement, as its text comes to name them."""

    values: list[Any] = field(default_factory=list)

    def __call__(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


@dataclass(frozen=True)
class Sight:
    """What some roles within a unit see of some categories' streams.

    `sql` gives `tenant_id` and `id` of the streams, over the read tables as they are now (`public.…`): who has left may
    read nothing by asking for a day before.  `{unit}` in it is the caller's unit.  None is all that the tenants in the
    action's reach hold.  `told` says that they may see the streams' events too, not only what lists show of them.
    """

    categories: tuple[str, ...]
    roles: Set[Role]
    sql: str | None = None
    told: bool = True


def in_sight(sights: Iterable[Sight], actor: Actor, category: str, stream: str, bound: Bound) -> str:
    """A condition: that the caller may look into the category's stream which `stream`, as (tenant, name), says."""
    if actor.role in WHOLE:
        return "true"
    mine = [sight for sight in sights if category in sight.categories and actor.role in sight.roles]
    if any(sight.sql is None for sight in mine):
        return "true"
    seen = [
        f"{stream} in (select s.tenant_id, '{category}/' || s.id from ({_of(sight, actor, bound)}) s)" for sight in mine
    ]
    return f"({' or '.join(seen)})" if seen else "false"


def categories_of(sights: Iterable[Sight], actor: Actor) -> list[str]:
    """Of which the caller, a role within a unit, may look into some streams."""
    return sorted({category for sight in sights if actor.role in sight.roles for category in sight.categories})


def streams_of(sights: Iterable[Sight], actor: Actor, category: str | None, bound: Bound) -> tuple[list[str], str]:
    """Categories of which a role within a unit may see all streams' events, of one or of all that there are.

    And those streams of the others, as a statement that gives `tenant_id` and `stream`; empty if there are none.
    """
    mine = [
        (one, sight)
        for sight in sights
        if actor.role in sight.roles and sight.told
        for one in sight.categories
        if category in (None, one)
    ]
    whole = sorted({one for one, sight in mine if sight.sql is None})
    some = [
        f"select s.tenant_id, '{one}/' || s.id as stream from ({_of(sight, actor, bound)}) s"
        for one, sight in mine
        if one not in whole
    ]
    return whole, " union ".join(some)


def _of(sight: Sight, actor: Actor, bound: Bound) -> str:
    assert sight.sql is not None
    return sight.sql.replace("{unit}", bound(actor.unit)) if "{unit}" in sight.sql else sight.sql
