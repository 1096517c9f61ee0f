"""From a request to the cause of a change: who, what, when, why, and within which tenants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from contracts.values import ROLE_NAMES, Role, TenantId
from kit import clock, ids
from kit.auth.access import Actor, Basis, Policy, Scope, Tree
from kit.auth.unit import acts_for
from kit.clock import PRESENT, Moment
from kit.errors import Forbidden, FutureDay, Refused

LastWord = Callable[[Refused], bool]


def always(_: Refused) -> bool:
    """Whoever asked is told so."""
    return True


@dataclass(frozen=True)
class Cause:
    """Everything about a command but its decision.  `Caller` makes it (`may`, `reads`), so that nothing goes unasked.

    `digest` stands for the canonical request, of which it betrays nothing, and tells a repeated command id from a
    reused one; `expected` the version that the caller saw (If-Match); `trace` a W3C traceparent; `now` aware UTC;
    `occurred_on` a day in Asia/Shanghai.  `causation` is the event that led here, if another event did; `at` the
    moment that is looked at.  `last_word` says whether a refusal is what the command is answered, and not a try that
    another one follows.  `rehearsed` is done in every way but for good: nothing of it stays, a refusal's row included.
    """

    command_id: UUID
    actor: Actor
    action: str
    occurred_on: date
    now: datetime
    scope: Scope
    digest: bytes
    expected: int | None
    correlation: UUID
    causation: UUID | None
    trace: str | None
    basis: Basis | None
    at: Moment = PRESENT
    last_word: LastWord = always
    rehearsed: bool = False


@dataclass(frozen=True)
class Caller:
    """One request, or one message, before it is known whether it is allowed."""

    actor: Actor
    command_id: UUID
    now: datetime
    digest: bytes
    correlation: UUID
    tree: Tree
    policy: Policy
    expected: int | None = None
    causation: UUID | None = None
    trace: str | None = None
    at: Moment = PRESENT
    last_word: LastWord = always
    rehearsed: bool = False

    @classmethod
    def system(
        cls,
        tenant: TenantId,
        *,
        name: str,
        command_id: UUID,
        now: datetime,
        tree: Tree,
        policy: Policy,
        digest: bytes | None = None,
        correlation: UUID | None = None,
        causation: UUID | None = None,
        trace: str | None = None,
        last_word: LastWord = always,
    ) -> Caller:
        """The service `name` itself, acting in `tenant` on an event; allowed only what lists Role.SYSTEM.

        `command_id` must be derived from what is acted on, so that a redelivery is the same command.
        """
        return cls(
            actor=Actor(id=name, role=Role.SYSTEM, tenant=tenant, unit=None),
            command_id=command_id,
            now=now,
            digest=digest or sha256(command_id.bytes).digest(),
            correlation=correlation or command_id,
            tree=tree,
            policy=policy,
            causation=causation,
            trace=trace,
            last_word=last_word,
        )

    def new_id(self, name: str) -> UUID:
        """The id of a new thing, `name` among those of this command: the same on every repeat.

        The acting tenant is in it, so that a bureau which uses another's command id names nothing of the other's.
        """
        return ids.derived(self.command_id, f"{self.actor.tenant}/{name}")

    def acts_for(self, unit: UUID | str | None) -> bool:
        """Whether what belongs to the unit is this caller's business; what rules ask with `kit.errors.require_unit`."""
        return acts_for(self.actor, unit)

    def may(self, action: str, occurred_on: date, basis: Basis | None = None) -> Cause:
        """The cause of doing `action`, a fact of the day `occurred_on`.

        Raises Forbidden for a role that the policy does not list, FutureDay for a day after today in Asia/Shanghai,
        and LookupError for an action that the policy does not know, which is a bug.
        """
        scope = self._scope(action)
        today = clock.day(self.now)
        if occurred_on > today:
            raise FutureDay(occurred_on=occurred_on, today=today)
        return self._cause(action, occurred_on, scope, basis)

    def reads(self, action: str) -> Cause:
        """The cause of looking: as `may`, today, and with nothing that it may write."""
        scope = Scope(self._scope(action).reads, ())
        return self._cause(action, clock.day(self.now), scope, None)

    def _scope(self, action: str) -> Scope:
        rule = self.policy.get(action)
        if rule is None:
            raise LookupError(f"the policy has no action {action!r}")
        if self.actor.role not in rule.roles:
            raise Forbidden(role=ROLE_NAMES[self.actor.role], action=action, called=rule.name)
        return rule.scope(self.tree, self.actor.tenant)

    def _cause(self, action: str, occurred_on: date, scope: Scope, basis: Basis | None) -> Cause:
        return Cause(
            command_id=self.command_id,
            actor=self.actor,
            action=action,
            occurred_on=occurred_on,
            now=self.now,
            scope=scope,
            digest=self.digest,
            expected=self.expected,
            correlation=self.correlation,
            causation=self.causation,
            trace=self.trace,
            basis=basis,
            at=self.at,
            last_word=self.last_word,
            rehearsed=self.rehearsed,
        )
