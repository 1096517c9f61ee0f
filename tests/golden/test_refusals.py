"""A change of what callers are answered is seen, without an engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.golden.refusals import listed

pytestmark = pytest.mark.golden


def test_a_refusal_keeps_its_code_its_status_its_clause_and_its_sentence() -> None:
    """If this fails and the change is meant: `python -m tests.golden`, and say so in the changelog."""
    assert Path(__file__).with_name("refusals.txt").read_text("utf-8") == listed()
