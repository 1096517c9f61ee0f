"""What is asked of the history, and the statements that find it, for everybody within what they may look into.

For a bureau or an auditor these are tenants: of each a page is found by index, and the pages are merged.  For a role
within a unit they are the streams in its sights, as things stand now; and beside them what it was refused itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from contracts.values import Role, TenantId
from kit.auth import Caller
from kit.auth.unit import WHOLE
from kit.clock import Moment
from kit.service.moments import Day, Instant
from kit.service.named import Named
from kit.service.paging import mark, refused, unwrapped, wrapped
from kit.service.problems import InvalidRequest
from kit.service.sight import Bound, Sight, streams_of
from kit.store import HORIZON

EVENT = "e.era, e.tx, e.pos, e.tenant_id, e.stream, e.version, e.event_id, e.type, e.command_id, e.action, e.raw"
EVENT += ", e.occurred_on, e.recorded_at"
REFUSAL = "e.era, e.tx, e.pos, e.tenant_id, e.command_id, e.code, e.rule, e.clause, e.action, e.streams"
REFUSAL += ", e.actor, e.detail, e.occurred_on, e.recorded_at"
NEAR = 5
"""So many codes like the one that there is not are named."""


@dataclass(frozen=True)
class Sought:
    """Of which stream, category, kind, and so on; None is all.  Days and instants are meant inclusively."""

    stream: str | None = None
    category: str | None = None
    kind: Literal["event", "refusal"] | None = None
    type: str | None = None
    action: str | None = None
    code: str | None = None
    rule: str | None = None
    actor: str | None = None
    role: Role | None = None
    caused_by: UUID | None = None
    occurred_from: date | None = None
    occurred_to: date | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    order: Literal["oldest", "newest"] = "oldest"

    @property
    def events(self) -> bool:
        """Whether an event may be what is sought: no event has a code."""
        return self.kind != "refusal" and self.code is None

    @property
    def refusals(self) -> bool:
        """Whether a refusal may be: it has no type, and nothing but a request causes it."""
        return self.kind != "event" and self.type is None and self.caused_by is None


async def sought(
    stream: Annotated[str | None, Query(title="所在记录", max_length=200, description="如 project/<编号>")] = None,
    category: Annotated[str | None, Query(title="记录类别", max_length=200, description="如 project")] = None,
    kind: Annotated[
        Literal["event", "refusal"] | None, Query(title="种类", description="event 为事件，refusal 为驳回")
    ] = None,
    type: Annotated[
        str | None, Query(title="事件类型", max_length=200, description="见 /v1/words 的 events；驳回没有类型")
    ] = None,
    action: Annotated[
        str | None, Query(title="办理事项", max_length=200, description="见 /v1/words 的 actions")
    ] = None,
    code: Annotated[
        str | None, Query(title="驳回代码", max_length=200, description="见 /v1/words 的 refusals；事件没有代码")
    ] = None,
    rule: Annotated[str | None, Query(title="规则编号", max_length=200, description="如 R-LZ-14")] = None,
    actor: Annotated[str | None, Query(title="办理人编号", max_length=200)] = None,
    role: Annotated[Role | None, Query(title="岗位", description="办理人的岗位")] = None,
    caused_by: Annotated[
        UUID | None, Query(title="起因事件", description="由哪个事件引起，可以是其他服务的事件")
    ] = None,
    occurred_from: Annotated[Day | None, Query(title="发生日期（起）")] = None,
    occurred_to: Annotated[Day | None, Query(title="发生日期（止）")] = None,
    recorded_from: Annotated[Instant | None, Query(title="记录时刻（起）", description="ISO 8601，带时区")] = None,
    recorded_to: Annotated[Instant | None, Query(title="记录时刻（止）", description="ISO 8601，带时区")] = None,
    order: Annotated[
        Literal["oldest", "newest"], Query(title="次序", description="按记录先后：oldest 先早后晚，newest 先晚后早")
    ] = "oldest",
) -> Sought:
    """The dependency that takes it from the query."""
    return Sought(
        stream, category, kind, type, action, code, rule, actor, role, caused_by,
        occurred_from, occurred_to, recorded_from, recorded_to, order,
    )  # fmt: skip


def only_known(asked: Sought, named: Named, routes: Sequence[str]) -> None:
    """InvalidRequest for a code that does not exist, with those like it: what has not happened is an empty list, and
    what cannot happen would look like it.  `routes` are actions of who was refused before an action was known."""
    kinds = {
        "category": (named.categories, "没有这类记录"),
        "type": (named.events, "没有这种事件"),
        "action": ([*named.actions, *routes], "没有这个办理事项"),
        "code": (named.refusals, "没有这个驳回代码"),
        "rule": (named.rules, "没有事件或驳回依据这一规则"),
    }
    wrong = []
    for name, (known, none) in kinds.items():
        value = getattr(asked, name)
        if value is not None and value not in known:
            near = get_close_matches(value, list(known), NEAR, 0)
            wrong.append({"field": f"query.{name}", "problem": f"{none}；相近的有：{'、'.join(near)}"})
    if wrong:
        raise InvalidRequest(wrong)


@dataclass(frozen=True)
class Place:
    """Behind which row the next page begins."""

    era: int
    tx: int
    pos: int


@dataclass(frozen=True)
class Question:
    """What who asks seeks, of which of the tenants in its reach."""

    caller: Caller
    sights: Sequence[Sight]
    tenants: Sequence[TenantId]
    sought: Sought

    @property
    def within_unit(self) -> bool:
        return self.caller.actor.role not in WHOLE

    @property
    def mark(self) -> str:
        """What tells the pages of this question from those of another."""
        asked = [str(getattr(self.sought, one.name)) for one in fields(self.sought)]
        return mark(self.caller, ["history", *self.tenants, asked])

    def cursor(self, row: Place) -> str:
        return wrapped([self.mark, row.era, row.tx, row.pos])

    def place(self, cursor: str | None) -> Place | None:
        """InvalidRequest for what was not handed out in answer to this question."""
        if cursor is None:
            return None
        told, era, tx, pos = unwrapped(cursor, (str, int, int, int))
        if told != self.mark or not (0 <= era < 2**15 and 0 <= tx < 2**63 and 0 <= pos < 2**63):
            raise refused()
        return Place(era, tx, pos)

    def events(self, bound: Bound, after: Place | None, limit: int) -> str | None:
        """The statement that finds a page of events; None where nothing can be found."""
        if not self.sought.events:
            return None
        asked = [*self._asked("e", bound, after), *self._of_events(bound)]
        found = [self._page(source, [same, *asked], limit) for source, same in self._sources(bound)]
        if not found:
            return None
        # The page is found by what the indexes hold, and only its rows are read whole.
        places = " union all ".join(f"({one})" for one in found)
        return (
            f"select {EVENT} from (select * from ({places}) p order by {self._by('p')} limit {limit}) p"
            f" join event e on (e.era, e.tx, e.pos) = (p.era, p.tx, p.pos) order by {self._by('e')}"
        )

    def refusals(self, bound: Bound, after: Place | None, limit: int) -> str | None:
        """As `events`, of refusals."""
        if not self.sought.refusals:
            return None
        asked = ["e.tenant_id = w.tenant_id", *self._asked("e", bound, after), *self._of_refusals(bound)]
        if self.within_unit:
            actor = self.caller.actor
            asked += [f"e.actor_id = {bound(actor.id)}", f"e.actor_role = {bound(actor.role)}"]
            asked.append(f"e.actor ->> 'tenant' = {bound(actor.tenant)}")
            asked.append(f"e.actor ->> 'unit' is not distinct from {bound(actor.unit)}::text")
        page = self._page(self._every(bound), asked, limit, "refusal", REFUSAL)
        return f"select * from ({page}) p order by {self._by('p')} limit {limit}"

    def seen(self, bound: Bound) -> str:
        """A condition: that the event `e` is of the tenants, and in sight."""
        ways = [f"exists (select from {source} where {same})" for source, same in self._sources(bound)]
        return f"({' or '.join(ways)})" if ways else "false"

    def _page(
        self, source: str, where: Sequence[str], limit: int, table: str = "event", columns: str = "e.era, e.tx, e.pos"
    ) -> str:
        """Of each of `source` so many as fill the page."""
        each = f"select {columns} from {table} e where {' and '.join(where)} order by {self._by('e')} limit {limit}"
        return f"select n.* from {source} cross join lateral ({each}) n"

    def _by(self, table: str) -> str:
        down = " desc" if self.sought.order == "newest" else ""
        return ", ".join(f"{table}.{one}{down}" for one in ("era", "tx", "pos"))

    def _every(self, bound: Bound) -> str:
        return f"unnest({bound(list(self.tenants))}::text[]) w (tenant_id)"

    def _sources(self, bound: Bound) -> Iterator[tuple[str, str]]:
        """Where events are looked for, `w`, and what an event has in common with it."""
        if not self.within_unit:
            yield self._every(bound), "e.tenant_id = w.tenant_id"
            return
        wanted = self.sought.category
        if self.sought.stream is not None and wanted in (None, self.sought.stream.partition("/")[0]):
            wanted = self.sought.stream.partition("/")[0]
        whole, streams = streams_of(self.sights, self.caller.actor, wanted, bound)
        for category in whole:
            yield self._every(bound), f"e.tenant_id = w.tenant_id and {_within(category, bound)}"
        if streams:
            own = f"select tenant_id, stream from ({streams}) s"
            own += f" where tenant_id = any ({bound(list(self.tenants))}::text[])"
            if self.sought.stream is not None:
                own += f" and stream = {bound(self.sought.stream)}"
            yield f"({own}) w", "e.tenant_id = w.tenant_id and e.stream = w.stream"

    def _asked(self, e: str, bound: Bound, after: Place | None) -> Iterator[str]:
        """What is asked of both kinds, over the row `e`."""
        asked, at = self.sought, self.caller.at
        if after is not None:
            way = "<" if asked.order == "newest" else ">"
            place = f"{bound(after.era)}::smallint, {bound(after.tx)}::xid8, {bound(after.pos)}::bigint"
            yield f"({e}.era, {e}.tx, {e}.pos) {way} ({place})"
        yield HORIZON
        yield from moment(at, bound)
        for column, value in (
            ("action", asked.action),
            ("rule", asked.rule),
            ("actor_id", asked.actor),
            ("actor_role", asked.role),
        ):
            if value is not None:
                yield f"{e}.{column} = {bound(value)}"
        for column, way, limit in (
            ("occurred_on", ">=", asked.occurred_from),
            ("occurred_on", "<=", asked.occurred_to),
            ("recorded_at", ">=", asked.recorded_from),
            ("recorded_at", "<=", asked.recorded_to),
        ):
            if limit is not None:
                yield f"{e}.{column} {way} {bound(limit)}"

    def _of_events(self, bound: Bound) -> Iterator[str]:
        asked = self.sought
        if asked.stream is not None:
            yield f"e.stream = {bound(asked.stream)}"
        if asked.category is not None:
            yield _within(asked.category, bound)
        if asked.type is not None:
            yield f"e.type = {bound(asked.type)}"
        if asked.caused_by is not None:
            yield f"e.causation = {bound(str(asked.caused_by))}"

    def _of_refusals(self, bound: Bound) -> Iterator[str]:
        asked = self.sought
        if asked.stream is not None:
            yield f"{bound(asked.stream)} = any (e.streams)"
        if asked.category is not None:
            yield f"exists (select from unnest(e.streams) o where starts_with(o, {bound(asked.category + '/')}))"
        if asked.code is not None:
            yield f"e.code = {bound(asked.code)}"


def moment(at: Moment, bound: Bound) -> Iterator[str]:
    """What the moment says of the row `e`."""
    if at.as_of is not None:
        yield f"e.occurred_on <= {bound(at.as_of)}"
    if at.known_at is not None:
        yield f"e.recorded_at <= {bound(at.known_at)}"


def _within(category: str, bound: Bound) -> str:
    """Between `project/` and what would come after every name that begins so."""
    return f"e.stream >= {bound(f'{category}/')} and e.stream < {bound(f'{category}0')}"
