"""What holds for every file of the repository, whoever wrote it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP = {
    *(".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "Containerfile", "LICENSE", "Makefile", "README.md"),
    *("contracts", "deploy", "docs", "kit", "liandong", "pyproject.toml", "requirements.lock", "services", "tests"),
}
LONGEST = 400
DRAWERS = re.compile(r"(^|/)(utils?|helpers?|common|misc|base|managers?)(\.py$|/.*\.py$)")
# Written with brackets so that these very lines are not found.
MACHINE = re.compile(r"(?<![\w.~])/(wor[k]|roo[t])/\w")
HOSTS = re.compile(r"p[y]pi\.org|p[y]thonhosted|registry\.npmj[s]|deb\.debia[n]|://[^/\s]*artifactor[y]")
PURE = {"contracts.fields", "contracts.values", "kit.errors"}
DOMAINS = sorted((ROOT / "services").glob("*/*/domain/**/*.py"))


def package(path: Path) -> tuple[str, ...]:
    """The dotted name's parts: service, domain, module."""
    return path.relative_to(ROOT / "services").with_suffix("").parts[1:]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git here: an unpacked archive has nothing untracked to tell from it")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for name in tracked():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:
            yield name, content.decode("utf-8")


def test_the_top_level_holds_nothing_but_the_layout() -> None:
    assert {name.split("/")[0] for name in tracked()} <= TOP


def test_no_file_is_longer_than_one_can_hold_in_mind() -> None:
    long = {name: n for name, text in texts() if name.endswith(".py") and (n := text.count("\n")) > LONGEST}
    assert not long, "split by aggregate or purpose"


def test_no_drawer_for_odds_and_ends() -> None:
    assert [name for name in tracked() if DRAWERS.search(name)] == []


@pytest.mark.parametrize("pattern", [MACHINE, HOSTS], ids=["paths of one machine", "hosts of package indexes"])
def test_nothing_says_where_it_was_made(pattern: re.Pattern[str]) -> None:
    found = [f"{name}: {match[0]}" for name, text in texts() if (match := pattern.search(text))]
    assert found == []


@pytest.mark.parametrize("path", DOMAINS, ids=[".".join(package(path)) for path in DOMAINS])
def test_a_rule_imports_only_the_standard_library_values_and_refusals(path: Path) -> None:
    own = ".".join(package(path)[:2])
    for module in imported(ast.parse(path.read_text("utf-8"))):
        allowed = (
            module.split(".")[0] in sys.stdlib_module_names or module in PURE or f"{module}.".startswith(f"{own}.")
        )
        assert allowed, f"{path.name} imports {module}"


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                # `from kit import errors` imports kit.errors as `import kit.errors` does.
                yield from (
                    [f"{module}.{alias.name}" for alias in names] if module in {"kit", "contracts"} else [module]
                )
            case ast.ImportFrom():
                yield "a relative name"


def test_the_lock_pins_every_package_by_hash_and_names_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[a-z])", lock.strip())
    assert len(blocks) > 50
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block or "==" not in block] == []
    assert "://" not in lock
    assert " @ " not in lock
