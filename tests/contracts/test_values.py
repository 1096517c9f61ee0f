"""Quantities on the wire and in sums."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from contracts.values import Qualifier, Quantity, Unit, wan, yuan

WIRE = TypeAdapter(Quantity)
GOLDEN = [
    (Quantity(Decimal(12), Unit.PERSONS), b'{"value":"12","unit":"persons","qualifier":"exact"}'),
    (
        Quantity(Decimal("100"), Unit.SESSIONS, Qualifier.MORE_THAN),
        b'{"value":"100","unit":"sessions","qualifier":"more_than"}',
    ),
    (
        Quantity(Decimal("300.50"), Unit.SQUARE_METRES, Qualifier.AT_LEAST),
        b'{"value":"300.50","unit":"square_metres","qualifier":"at_least"}',
    ),
]


@pytest.mark.parametrize(("quantity", "golden"), GOLDEN, ids=lambda v: str(v)[:20])
def test_a_quantity_keeps_its_bytes(quantity: Quantity, golden: bytes) -> None:
    assert WIRE.dump_json(quantity) == golden
    assert WIRE.validate_json(golden) == quantity


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (Qualifier.EXACT, Qualifier.EXACT, Qualifier.EXACT),
        (Qualifier.EXACT, Qualifier.AT_LEAST, Qualifier.AT_LEAST),
        (Qualifier.AT_LEAST, Qualifier.MORE_THAN, Qualifier.MORE_THAN),
        (Qualifier.MORE_THAN, Qualifier.EXACT, Qualifier.MORE_THAN),
    ],
)
def test_the_vaguer_qualifier_wins(one: Qualifier, other: Qualifier, together: Qualifier) -> None:
    left, right = Quantity(Decimal(1), Unit.PERSONS, one), Quantity(Decimal(2), Unit.PERSONS, other)
    assert left + right == right + left == Quantity(Decimal(3), Unit.PERSONS, together)


def test_persons_and_person_times_never_add() -> None:
    with pytest.raises(TypeError, match="persons and person_times"):
        Quantity(Decimal(1), Unit.PERSONS) + Quantity(Decimal(1), Unit.PERSON_TIMES)


def test_money_is_printed_from_fen() -> None:
    assert [yuan(1234), yuan(-5), yuan(0)] == ["12.34", "-0.05", "0.00"]
    assert [wan(16_000_000), wan(1_500_000), wan(300_000_000)] == ["16万元", "1.5万元", "300万元"]
