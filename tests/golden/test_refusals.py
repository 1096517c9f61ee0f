"""A change of what callers are answered is seen, without an engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.golden.refusals import facts, listed

pytestmark = pytest.mark.golden


def test_a_refusal_keeps_its_code_its_status_its_clause_and_its_sentence() -> None:
    """If this fails and the change is meant: `python -m tests.golden`, and say so in the changelog."""
    assert Path(__file__).with_name("refusals.txt").read_text("utf-8") == listed()


FACTS = {
    "days and instants": (
        "accept_from accept_to closed_on current day due earliest ended_on impl_to issued_on last latest left_on"
        " lowest_on occurred_on published_on registered_on to_day today told_on until first second"
    ),
    "numbers and amounts": (
        "actual amount appointed area balance budget cap count expected gone held kept keys least left minimum most"
        " number open persons price provided quota recorded remaining required seconds spent sum taken times total"
        " version year"
    ),
    "codes and ids of tenants, units, bodies, records and streams": (
        "authority code codes community district finding own parent project stream street teller tenant tenants unit"
        " units voucher policy condition type view views"
    ),
    "words of our code for a role, an action, a stage, a level, a result, or what is missing": (
        "above called level done levels next outcome payer reached reason result role source stage wanted what booker"
        " told"
    ),
    "words of a scheme, a standard or a catalogue that a bureau published": (
        "allowed became conditions criteria device domains duty extra grade known line lines missing name office phase"
        " phases preferences purpose ratings successors"
    ),
    "what somebody typed, which is stored nowhere": "indicator where",
}
"""What each fact of a sentence holds.  The sentence is stored with the refusal, and no key of a person seals it: a fact
is never a name, a number or an address of a person, nor a text that somebody wrote; codes that are typed have a pattern
that no name fits (contracts.fields)."""


def test_no_fact_of_a_refusal_is_about_a_person() -> None:
    """If this fails: say above what the new fact holds.  What was typed as it comes is `typed` at its class."""
    said = {kind: set(names.split()) for kind, names in FACTS.items()}
    typed = said["what somebody typed, which is stored nowhere"]
    assert {name for names in said.values() for name in names} == facts().keys()
    assert {name for name, so in facts().items() if so} == typed
