"""A change of what callers are answered is seen."""

from __future__ import annotations

import pytest
from tests.golden.vocabulary import FILE, vocabulary

pytestmark = pytest.mark.golden


def test_a_refusal_keeps_its_status_and_clause_and_an_event_its_lateness() -> None:
    """If this fails and the change is meant: `python -m tests.golden`, and say so in the changelog."""
    assert FILE.read_text("utf-8") == vocabulary()
