"""The policy table: role x action x reach, deny by default."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.values import Role, TenantId


@dataclass(frozen=True)
class Actor:
    """Who acts, and for which bureau.

    `id` is the issuer's opaque subject, or a service's name; never a person's name or number.  `unit` is the code of
    a street or community, or the id of an agency or third party, where the role belongs to one.  `worker` is the id of
    the social worker who bears the token, where the issuer names one.
    """

    id: str
    role: Role
    tenant: TenantId
    unit: str | None
    worker: UUID | None = None


@dataclass(frozen=True)
class Scope:
    """The tenants whose rows a transaction may read and write.  What may be written may also be read."""

    reads: tuple[TenantId, ...]
    writes: tuple[TenantId, ...]


@dataclass(frozen=True)
class Basis:
    """The version of a scheme that a decision rests on."""

    scheme: UUID | None
    version: int | None


class Tree:
    """Which bureau is under which.  Data, never derived from the digits of the codes."""

    def __init__(self, parents: Mapping[TenantId, TenantId | None]) -> None:
        """`parents` maps a tenant to its parent, or to None at the top.  Raises ValueError for a circle."""
        self._parents = dict(parents)
        self._children: dict[TenantId, list[TenantId]] = {}
        for tenant in sorted(self._parents):
            self.ancestors(tenant)
            parent = self._parents[tenant]
            if parent is not None:
                self._children.setdefault(parent, []).append(tenant)

    def ancestors(self, tenant: TenantId) -> tuple[TenantId, ...]:
        """Those above, nearest first, without itself.  A tenant that is not known yet has none."""
        line = [tenant]
        while (parent := self._parents.get(line[-1])) is not None:
            if parent in line:
                raise ValueError(f"{parent} is above itself")
            line.append(parent)
        return tuple(line[1:])

    def descendants(self, tenant: TenantId) -> tuple[TenantId, ...]:
        """Those below at any depth, without itself."""
        found = list(self._children.get(tenant, ()))
        for below in found:
            found.extend(self._children.get(below, ()))
        return tuple(found)

    def line(self, tenant: TenantId) -> tuple[TenantId, ...]:
        """Itself, those above and those below; no siblings."""
        return (tenant, *self.ancestors(tenant), *self.descendants(tenant))


class Reach(StrEnum):
    """How far from the acting tenant an action goes.  The acting tenant itself is always within."""

    OWN = "own"
    DOWN = "down"
    UP = "up"
    LINE = "line"

    def tenants(self, tree: Tree, tenant: TenantId) -> tuple[TenantId, ...]:
        """The tenants within this reach of `tenant`, `tenant` first."""
        match self:
            case Reach.OWN:
                return (tenant,)
            case Reach.DOWN:
                return (tenant, *tree.descendants(tenant))
            case Reach.UP:
                return (tenant, *tree.ancestors(tenant))
            case Reach.LINE:
                return tree.line(tenant)


@dataclass(frozen=True)
class Rule:
    """Who may do one action, and whose rows it reads and writes.  `writes=None` is an action that only reads."""

    roles: Set[Role]
    reads: Reach = Reach.OWN
    writes: Reach | None = None

    def scope(self, tree: Tree, tenant: TenantId) -> Scope:
        return Scope(self.reads.tenants(tree, tenant), self.writes.tenants(tree, tenant) if self.writes else ())


Policy = Mapping[str, Rule]
"""An action's name (approve-pilot) to its rule.  An action that is not in it can be done by nobody."""
