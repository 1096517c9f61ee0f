"""How administrative units change: renamed, merged, split and abolished, each by a document and from its day on.

A change may be learnt late; of one unit changes are told in the order of their days.  Who has units below keeps its
code until these have been dealt with, so that a community's code always begins with that of its street.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from contracts.values import DocumentId, UnitCode
from kit.errors import Refused, not_before
from registry.domain.division import Declared, Divisions, UnitChange, UnitTold, evolve, standing, unit_of


@dataclass(frozen=True)
class Order:
    """What orders a change: its document, why, and the day from which it holds."""

    document: DocumentId
    reason: str
    day: date


@dataclass(frozen=True)
class NewUnit:
    """A unit that comes of others, of their kind; below the first of these where no `parent` is named."""

    unit: UnitCode
    name: str
    parent: UnitCode | None = None


class IntoItself(Refused):
    code = "unit-into-itself"
    name = "不能并入自身"
    status = 422
    text = "行政单元 {unit} 不能并入自身。被并入的单元不要列入撤销的单元，请核对代码。"


class IntoWhat(Refused):
    code = "merger-into-one-unit"
    name = "未写明并入的单元"
    status = 422
    text = "请写明并入哪个单元：并入现有单元的填 into，合并后新设单元的填 founded，两者只填一项。"


class KindsDiffer(Refused):
    code = "units-of-two-kinds"
    name = "单元类别不同"
    status = 422
    text = "行政单元{unit}的类别与并入的单元不同，不能合并。请只合并同类单元。"


class UnitsBelow(Refused):
    code = "units-below-remain"
    name = "尚有下级单元"
    text = "行政单元{unit}下仍有 {count} 个现存单元，不能撤并。请先逐一办理下级单元的合并、拆分或撤销。"


class CodeTaken(Refused):
    code = "unit-code-taken"
    name = "代码已使用"
    text = "代码 {unit} 已由行政单元{known}使用过，不能用于新单元。请为新单元另用代码。"


class SplitIntoOne(Refused):
    code = "unit-split-into-one"
    name = "拆分不足两个单元"
    status = 422
    text = "拆分后应至少有两个不同的单元。只改名称的请办理更名，只改代码的请办理合并。"


def rename(divisions: Divisions, *, unit: UnitCode, name: str, order: Order) -> Sequence[UnitTold]:
    """The same unit under another name."""
    known = standing(divisions, unit, order.day)
    if known.name == name:
        return ()
    return (_renamed(divisions, known, name, order),)


def merge(
    divisions: Divisions, *, district: str, units: Sequence[UnitCode], into: UnitCode | NewUnit, order: Order
) -> Sequence[UnitTold]:
    """Each of `units` ends, and goes on in `into`: a unit that stands, or one that is founded by it.

    One unit that gets another code is merged into a new one.
    """
    first = standing(divisions, units[0], order.day)
    if isinstance(into, NewUnit):
        founded = [_founded(divisions, into, first, district, order)]
        divisions = evolve(divisions, founded[0])
        target = founded[0]
    else:
        founded = []
        target = standing(divisions, into, order.day)
    ended = []
    for unit in dict.fromkeys(units):
        if unit == target.unit:
            raise IntoItself(unit=unit)
        known = standing(divisions, unit, order.day)
        if known.kind is not target.kind:
            raise KindsDiffer(unit=divisions.called(unit))
        ended.append(_ending(divisions, known, order, UnitChange.MERGED, (target.unit,)))
    return (*founded, *ended)


def split(
    divisions: Divisions, *, district: str, unit: UnitCode, into: Sequence[NewUnit], order: Order
) -> Sequence[UnitTold]:
    """Two or more units come of one; where one of them has its code, it stands on under the name that it has there."""
    known = standing(divisions, unit, order.day)
    parts = {part.unit: part for part in into}
    if len(parts) < max(2, len(into)):
        raise SplitIntoOne
    founded = [_founded(divisions, part, known, district, order) for part in into if part.unit != unit]
    codes = tuple(parts)
    if (kept := parts.get(unit)) is None:
        return (*founded, _ending(divisions, known, order, UnitChange.SPLIT, codes))
    renamed = [] if kept.name == known.name else [_renamed(divisions, known, kept.name, order)]
    return (*founded, *renamed, _told(divisions, (known, *renamed)[-1], order, UnitChange.SPLIT, successors=codes))


def abolish(divisions: Divisions, *, unit: UnitCode, order: Order) -> Sequence[UnitTold]:
    """It ends, and nothing goes on in its place."""
    known = standing(divisions, unit, order.day)
    return (_ending(divisions, known, order, UnitChange.ABOLISHED, ()),)


def _renamed(divisions: Divisions, known: UnitTold, name: str, order: Order) -> UnitTold:
    former = (*known.former_names, known.name)
    return _told(divisions, known, order, UnitChange.RENAMED, name=name, former_names=former)


def only(into: UnitCode | None, founded: NewUnit | None) -> UnitCode | NewUnit:
    """The one of the two that is named; IntoWhat for none and for both."""
    if into is not None and founded is None:
        return into
    if founded is not None and into is None:
        return founded
    raise IntoWhat


def _founded(divisions: Divisions, new: NewUnit, of: UnitTold, district: str, order: Order) -> UnitTold:
    if new.unit in divisions.units:
        raise CodeTaken(unit=new.unit, known=divisions.called(new.unit))
    unit = unit_of(divisions, Declared(new.unit, of.kind, new.name, new.parent or of.parent), district, order.day)
    return replace(unit, change=UnitChange.FOUNDED, since=order.day, document=order.document, reason=order.reason)


def _ending(
    divisions: Divisions, known: UnitTold, order: Order, change: UnitChange, successors: tuple[UnitCode, ...]
) -> UnitTold:
    """Not before the last day on which anything was below it, or became part of it."""
    below = [one for one in divisions.units.values() if one.parent == known.unit]
    if left := sum(one.until is None for one in below):
        raise UnitsBelow(unit=divisions.called(known.unit), count=left)
    for one in below:
        not_before(order.day, one.until, f"下级单元{divisions.called(one.unit)}撤并")
    not_before(order.day, divisions.received.get(known.unit), f"其他单元并入{divisions.called(known.unit)}")
    return _told(divisions, known, order, change, until=order.day, successors=successors)


def _told(divisions: Divisions, known: UnitTold, order: Order, change: UnitChange, **facts: Any) -> UnitTold:
    not_before(order.day, known.changed_on, f"行政单元{divisions.called(known.unit)}上次变动")
    return replace(
        known,
        change=change,
        changed_on=order.day,
        version=known.version + 1,
        document=order.document,
        reason=order.reason,
        **{"successors": (), **facts},
    )
