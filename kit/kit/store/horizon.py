"""How far history is settled, and how late the relay is, which reads it.

Each second somebody ticks.  When every transaction as old as a tick has ended, nothing will be recorded any more at or
before the tick that it followed: that is the settled instant, and what was known at an instant below it stays so.  An
open write transaction anywhere in the cluster holds it up, and with it every tail: its age is the first thing to watch.

The gauges are the database's answer, not a task's memory: every instance that has the relay's URL says the same, and
they grow when nobody looks.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

import asyncpg
import structlog
from prometheus_client import Gauge

from kit import clock
from kit.errors import NotSettledYet
from kit.tenancy import Tx
from kit.tenancy.pools import AWAY, is_away

log = structlog.get_logger("kit.store")
AGE = Gauge("horizon_age_seconds", "Seconds since the instant up to which history is settled")
LAG = Gauge("tail_lag_seconds", "Age of the oldest event that a tail has not passed, settled or not", ["tail"])
HELD = Gauge("tail_held_streams", "Streams whose events a tail holds back", ["tail"])
OLDEST = Gauge("tail_held_oldest_seconds", "Age of the stream that a tail holds back longest", ["tail"])

EVERY = 1.0
LATE = 30.0
BLIND = 10.0
"""Seconds between looks; of the horizon's age that are too many; without a look until that itself counts as lag."""

HORIZON = "(e.era < (select current from era) or e.tx < pg_snapshot_xmin(pg_current_snapshot()))"
"""True of rows `e` whose place in the order is settled (see kit.store.tail)."""

RELAY = "relay"
"""The tail that is looked at."""
WAITING = """
select not is_settled(coalesce(c.era, 0)::smallint, coalesce(c.tx, '0'), coalesce(c.pos, 0)) as astray, (
    select e.recorded_at from event e
    where (e.era, e.tx, e.pos) > (coalesce(c.era, 0)::smallint, coalesce(c.tx, '0'), coalesce(c.pos, 0))
    order by e.era, e.tx, e.pos limit 1
  ) as oldest,
  (select count(*) from held h where (h.tail, h.revision) = (w.name, w.revision) and h.released_at is null) as held,
  (select min(held_at) from held h where (h.tail, h.revision) = (w.name, w.revision) and h.released_at is null) as since
from (values ($1::text, 1)) as w (name, revision) left join tail_cursor c using (name, revision)
"""


async def settled(tx: Tx | asyncpg.Pool) -> datetime:
    """The settled instant: nothing will be recorded at or before it any more."""
    instant: datetime = await tx.fetchval("select settled()")
    return instant


async def not_above(tx: Tx, known_at: datetime | None) -> None:
    """NotSettledYet when something may still be recorded at or before `known_at`."""
    if known_at is None:
        return
    until = await settled(tx)
    if known_at > until:
        raise NotSettledYet(until=until.astimezone(clock.SHANGHAI).isoformat(timespec="milliseconds"))


async def era_behind(pool: asyncpg.Pool) -> bool:
    """Whether the database was restored and its era not raised since: nothing may be appended until `migrate` ran."""
    return bool(await pool.fetchval("select era_behind()"))


class Horizon:
    """Ticks, and looks at the settled instant and at what the relay has not passed.  One per process; `run` it."""

    def __init__(self, pool: asyncpg.Pool, ticker: asyncpg.Pool | None = None) -> None:
        """`ticker` is the relay role's pool: without one this only looks at the settled instant."""
        self._pool, self._ticker = pool, ticker
        self._settled = self._looked = clock.now()
        self._oldest: datetime | None = None
        self._since: datetime | None = None
        self._astray = False
        AGE.set_function(lambda: self.age)
        if ticker is not None:
            LAG.labels(RELAY).set_function(self.lag)
            OLDEST.labels(RELAY).set_function(lambda: _seconds(self._since))

    @property
    def age(self) -> float:
        """Seconds since the settled instant, as far as this process knows."""
        return _seconds(self._settled)

    async def well(self) -> bool:
        """Whether the settled instant follows the clock, and the relay's cursor is where an event is.

        Else the relay stands still, or has gone where nothing is and passes over what comes.
        """
        return self.age <= LATE and not self._astray

    def lag(self) -> float:
        """Seconds that the oldest event has waited that the relay has not passed; 0 when it has passed all.

        Infinite for a cursor that is where no settled event is: what it has passed nobody can say.
        """
        if self._astray:
            return float("inf")
        blind = _seconds(self._looked)
        return max(_seconds(self._oldest), blind if blind > BLIND else 0.0)

    async def run(self, stopping: asyncio.Event) -> None:
        """Looks each second until `stopping`; PostgreSQL being away is waited for, and shows in the ages."""
        while not stopping.is_set():
            try:
                await self.look()
            except AWAY as error:
                if not is_away(error):
                    raise
                log.warning("horizon.away")
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY)

    async def look(self) -> None:
        """Ticks if it may, and looks once."""
        if self._ticker is not None:
            await self._ticker.execute("select tick()")
        self._settled = await settled(self._pool)
        if self._ticker is not None:
            row = await self._ticker.fetchrow(WAITING, RELAY)
            assert row is not None
            self._oldest, self._since = row["oldest"], row["since"]
            HELD.labels(RELAY).set(row["held"])
            if row["astray"] and not self._astray:
                log.error("tail.astray", tail=RELAY)
            self._astray = row["astray"]
        self._looked = clock.now()


def _seconds(since: datetime | None) -> float:
    return max((clock.now() - since).total_seconds(), 0.0) if since else 0.0
