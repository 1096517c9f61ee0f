"""The policy table: role x action x reach, deny by default."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from contracts.values import Role, TenantId


@dataclass(frozen=True)
class Actor:
    """Who acts, and for which bureau.

    `id` is the issuer's opaque subject, or a service's name; never a person's name or number.  `unit` is the code of
    a street or community, or the id of an organisation or third party, where the role has one: see `kit.auth.unit`.
    `worker` is the id of the social worker who bears the token, where the issuer names one.
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
    """The version of a scheme that a decision rests on, and where it states which rule.

    `cites`: by the rule's id, the paragraph that states it, as the scheme numbers it.
    """

    scheme: UUID | None
    version: int | None
    cites: Mapping[str, str] = field(default_factory=dict)

    def clause(self, rule: str | None) -> str | None:
        """The paragraph that states the rule; None where the scheme names none."""
        return self.cites.get(rule) if rule else None


class Tree:
    """Which bureau is under which.  Data, never derived from the digits of the codes.

    A circle is not fatal: the tenants on it, and those whose line runs into it, have nobody above and nobody below
    until they are told of again.  `circles` names them, for whoever watches.
    """

    def __init__(self, parents: Mapping[TenantId, TenantId | None], provinces: Set[TenantId] = frozenset()) -> None:
        """`parents` maps a tenant to its parent, or to None at the top; `provinces` are those that run this region."""
        self.provinces = frozenset(provinces)
        self._lines = {tenant: _line(parents, tenant) for tenant in parents}
        self.circles = frozenset(tenant for tenant, line in self._lines.items() if line is None)
        self._children: dict[TenantId, list[TenantId]] = {}
        for tenant in sorted(self._lines):
            if line := self._lines[tenant]:
                self._children.setdefault(line[0], []).append(tenant)

    def __contains__(self, tenant: object) -> bool:
        """Whether the tenant is known here."""
        return tenant in self._lines

    def ancestors(self, tenant: TenantId) -> tuple[TenantId, ...]:
        """Those above, nearest first, without itself.  A tenant that is not known yet has none."""
        return self._lines.get(tenant) or ()

    def descendants(self, tenant: TenantId) -> tuple[TenantId, ...]:
        """Those below at any depth, without itself."""
        found = list(self._children.get(tenant, ()))
        for below in found:
            found.extend(self._children.get(below, ()))
        return tuple(found)

    def line(self, tenant: TenantId) -> tuple[TenantId, ...]:
        """Itself, those above and those below; no siblings."""
        return (tenant, *self.ancestors(tenant), *self.descendants(tenant))


def _line(parents: Mapping[TenantId, TenantId | None], tenant: TenantId) -> tuple[TenantId, ...] | None:
    """Those above, nearest first; None if the line runs into a circle."""
    line = [tenant]
    while (parent := parents.get(line[-1])) is not None:
        if parent in line:
            return None
        line.append(parent)
    return tuple(line[1:])


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
    """Who may do one action, and whose rows it reads and writes.  `writes=None` is an action that only reads.

    `name` is what people call the action, in Chinese.
    """

    name: str
    roles: Set[Role]
    reads: Reach = Reach.OWN
    writes: Reach | None = None

    def scope(self, tree: Tree, tenant: TenantId) -> Scope:
        return Scope(self.reads.tenants(tree, tenant), self.writes.tenants(tree, tenant) if self.writes else ())


Policy = Mapping[str, Rule]
"""An action's name (approve-project) to its rule.  An action that is not in it can be done by nobody."""
