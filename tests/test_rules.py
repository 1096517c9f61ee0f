"""Every rule that is built has a domain test named after it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LANZHOU = [*range(1, 31), 33, 37, 42]
RULES = [f"R_LZ_{n:02}" for n in LANZHOU] + ["R_JX_03", "R_KL_05", "R_KL_06", "R_KL_07", "R_KL_10"]


def names() -> list[str]:
    sources = [path.read_text("utf-8") for path in TESTS.glob("*/domain/**/test_*.py")]
    return [name for source in sources for name in re.findall(r"def (test_\w+)", source)]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_test_of_its_name(rule: str) -> None:
    assert [name for name in names() if f"{rule}_" in name or name.endswith(rule)]
