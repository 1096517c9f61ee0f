"""Every rule that is built has a domain test named after it, and every number has its line in docs/rules.md."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PAGE = ROOT / "docs" / "rules.md"
LANZHOU = [*range(1, 31), 33, 37, 42]
RULES = [f"R_LZ_{n:02}" for n in LANZHOU] + ["R_JX_03", "R_KL_05", "R_KL_06", "R_KL_07", "R_KL_10"]
NUMBER = re.compile(
    r"(?<![A-Za-z0-9-])R[-_][A-Z]{2}[-_]\d\d(?!\d)"
    r"|(?<![\w-])(?:C-\d\d|SG-\d+|(?:REG|CAS|FUN|VOL)-R\d+|S06 step (?:\d+|x))\b"
)
# Tests of the kit need a rule that nothing states.
EXAMPLES = {"R-LZ-99", "R-XX-01", "R-XX-02"}


def names() -> list[str]:
    sources = [path.read_text("utf-8") for path in TESTS.glob("*/domain/**/test_*.py")]
    return [name for source in sources for name in re.findall(r"def (test_\w+)", source)]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_test_of_its_name(rule: str) -> None:
    assert [name for name in names() if f"{rule}_" in name or name.endswith(rule)]


def numbers(text: str) -> set[str]:
    return {number.replace("_", "-") for number in NUMBER.findall(text)} - EXAMPLES


def test_every_number_that_the_tree_names_is_explained_and_no_other() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.py", "*.sql", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("no git here: an unpacked archive has nothing untracked to tell from it")
    files = [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    named = {number for path in files if path != PAGE for number in numbers(path.read_text("utf-8"))}
    explained = re.findall(r"^\| ([^|]+?) \|", PAGE.read_text("utf-8"), re.M)
    assert len(named) > 90
    assert sorted(named) == sorted(number for number in explained if NUMBER.fullmatch(number))
