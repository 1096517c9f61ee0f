"""Numbers that are sound and nobody's: their check characters are right, and they say that they are made up."""

from __future__ import annotations

from contracts.normal import credit_check, identity_check

BORN = "62010219000101"
"""Begins every identity number here: a day of birth that nobody alive has, so that one look finds them all."""


def credit_code(n: int) -> str:
    """Of a made-up organisation, n up to six digits."""
    first = f"52620100DEM{n:06}"
    return first + credit_check(first)


def identity_number(n: int) -> str:
    """Of a made-up person, n up to three digits."""
    first = f"{BORN}{n:03}"
    return first + identity_check(first)
