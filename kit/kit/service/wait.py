"""What a row of a list waits for: an action, by a day if the plan has one, and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from kit.auth import Caller
from kit.service.sight import Bound
from kit.store import titled


@dataclass(frozen=True)
class Wait:
    """`sql` says of which rows `t` the action is the next to be taken, `due` by which day.

    It is the turn of whose role may take it in the row's tenant, and who sees the row; where not all those are meant,
    `mine` says who: `{role}`, `{unit}` and `{actor}` in it are the caller's.
    """

    action: str
    sql: str
    due: str = "null::date"
    mine: str = "true"

    def whose(self, caller: Caller, bound: Bound) -> str:
        """A condition over the row `t`: that it waits, and for the caller."""
        rule = caller.policy[self.action]
        if caller.actor.role not in rule.roles:
            return "false"
        mine = self.mine
        for blank, value in (
            ("{role}", caller.actor.role.value),
            ("{unit}", caller.actor.unit),
            ("{actor}", caller.actor.id),
        ):
            if blank in mine:
                mine = mine.replace(blank, f"{bound(value)}::text")
        tenants = sorted(rule.scope(caller.tree, caller.actor.tenant).writes)
        return f"t.tenant_id = any ({bound(tenants)}::text[]) and ({self.sql}) and ({mine})"


@dataclass(frozen=True)
class Waiting:
    """One thing that a row waits for, as it is shown."""

    action: Annotated[str, titled("办理事项")]
    due: Annotated[date | None, titled("应完成日期")]


def shown(waits: Sequence[Wait]) -> str:
    """All that a row waits for, of whomever, as JSON."""
    each = ", ".join(f"('{one.action}', ({one.sql}), case when {one.sql} then {one.due} end)" for one in waits)
    return (
        "(select coalesce(jsonb_agg(jsonb_build_object('action', w.action, 'due', w.due)"
        " order by w.due, w.action), '[]')"
        f" from (values {each}) w(action, so, due) where w.so)"
    )
