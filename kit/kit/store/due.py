"""Tables that lack rows: those of a view made after the first events, until it is rebuilt.  Nobody is answered by them.

Such a table has what was recorded since it was made, and looks like any other: an empty list would read as "never".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

import asyncpg

from kit.errors import Refused
from kit.store.rows import View
from kit.tenancy import Tx

PEOPLE: Final = "person-names"
"""What the beginnings of names, by which people are found, are called among what can be rebuilt."""
DUE = "select name from rebuild_due where name = any ($1::text[]) order by name"
ASKING = frozenset({"fetch", "fetchrow", "fetchval", "execute", "cursor"})
"""What of a connection takes a statement."""


class RowsIncomplete(Refused):
    """What was asked is answered by rows that are to be rebuilt."""

    code = "rows-incomplete"
    name = "汇总表待重算"
    status = 503
    retryable = True
    text = (
        "所查内容的汇总表（{views}）升级后尚未按已有记录重算，现在回答会缺少旧记录。请稍后重试；"
        "平台运维人员请运行 rebuild，进展见 liandong status。"
    )


async def due(asked: asyncpg.Pool | Tx, names: Collection[str]) -> list[str]:
    """Those of the views, and of PEOPLE, that say nothing of the first events yet."""
    return [row["name"] for row in await asked.fetch(DUE, list(names))]


async def complete(tx: Tx, views: Mapping[str, Sequence[View[Any, Any]]]) -> Tx:
    """The transaction, in which RowsIncomplete is raised by each statement that names a table which lacks rows.

    `views` are those of each category.
    """
    by_name = {view.name: view for some in views.values() for view in some}
    lacking = await due(tx, by_name)
    tables = {row.TABLE: name for name in lacking for row in by_name[name].tables}
    return cast(Tx, _Complete(tx, tables)) if tables else tx


async def people_known(tx: Tx) -> None:
    """RowsIncomplete while persons whose names were recorded by an older release are not found by them."""
    if await due(tx, [PEOPLE]):
        raise RowsIncomplete(views=PEOPLE)


class _Complete:
    """A connection whose statements are looked at first."""

    def __init__(self, tx: Tx, lacking: dict[str, str]) -> None:
        self._tx, self._lacking = tx, lacking
        self._named = re.compile(rf"\b(?:{'|'.join(map(re.escape, lacking))})\b")

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._tx, name)
        if name not in ASKING:
            return found

        def asked(statement: str, *arguments: Any, **how: Any) -> Any:
            if tables := self._named.findall(statement):
                raise RowsIncomplete(views="、".join(sorted({self._lacking[table] for table in tables})))
            return found(statement, *arguments, **how)

        return asked
