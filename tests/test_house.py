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
PURE = {"contracts.fields", "contracts.values", "kit.errors", "kit.steps"}
DOMAINS = sorted((ROOT / "services").glob("*/*/domain/**/*.py"))
CODE = sorted(path for part in ("contracts", "kit", "services", "liandong") for path in (ROOT / part).rglob("*.py"))
INSERT = re.compile(r"""\binsert\s+into\s+([\w.?"%$]+)(?:\s+as\s+\w+)?\s*(\((?!\s*select\b)|\w+|$)""", re.IGNORECASE)


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


def inside(path: Path) -> list[str]:
    """From the package on: ["funding", "domain", "project", "state.py"]."""
    return list(path.relative_to(ROOT / "services").parts[1:])


@pytest.mark.parametrize("path", DOMAINS, ids=[".".join(inside(path)) for path in DOMAINS])
def test_a_rule_imports_only_the_standard_library_values_and_refusals(path: Path) -> None:
    own = ".".join(inside(path)[:2])
    for module in imported(ast.parse(path.read_text("utf-8"))):
        allowed = (
            module.split(".")[0] in sys.stdlib_module_names or module in PURE or f"{module}.".startswith(f"{own}.")
        )
        assert allowed, f"{path.name} imports {module}"


def test_the_rules_of_nested_folders_are_looked_at_too() -> None:
    assert {".".join(inside(path)[:3]) for path in DOMAINS} >= {"funding.domain.project", "funding.domain.budget"}


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


def strings(tree: ast.AST) -> Iterator[str]:
    """Every text of a file as it is put together, with `?` for what is filled in."""
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "?" for part in parts)
            case ast.Constant(value=str(text)) if id(node) not in inner:
                yield text


def statements() -> Iterator[tuple[Path, str]]:
    for path in CODE:
        yield from ((path, text) for text in strings(ast.parse(path.read_text("utf-8"))))
    for path in sorted(ROOT.rglob("*.sql")):
        if ".venv" not in path.parts:
            yield path, re.sub("--.*", "", path.read_text("utf-8"))


def test_an_insert_names_its_columns() -> None:
    """A column that is added later must not move the others."""
    found = [(path, match) for path, text in statements() for match in INSERT.finditer(text)]
    assert len(found) > 20
    assert [f"{path.name}: {match[1]}" for path, match in found if not match[2].startswith("(")] == []


def test_what_no_case_names_is_not_passed_over() -> None:
    """`case _: assert_never(…)`: mypy then finds the event that somebody added and somebody else forgot."""
    assert [found for path in CODE for found in passed_over(path)] == []


def passed_over(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.match_case(
                pattern=ast.MatchAs(pattern=None), body=[ast.Pass() | ast.Return(value=None) as passed]
            ):
                yield f"{path.relative_to(ROOT)}:{passed.lineno}"


LAYERS = ("api", "commands", "projections")
NOT_A_SLICE = {
    "streams": "the kinds of streams of a service",
    "bulletin": "what a bureau publishes of several aggregates",
    "records": "an entry, a case or a project as it is read whole, with what belongs to it",
    "lists": "how any list of the registry is read",
    "rows": "the tables that a project comes to",
    "coverage": "how many of the units have a site",
    "workforce": "how many workers an organisation has",
    "search": "what is found by name",
}
"""Names of files that are no module's of the domain, and what they are."""


def test_a_slice_has_one_word_in_every_layer() -> None:
    """A file of commands, projections or api is called as the domain's module that it is about."""
    others = set()
    for service in sorted((ROOT / "services").glob("*/*/domain")):
        slices = words(service)
        for layer in LAYERS:
            others |= {(service.parent.name, layer, word) for word in words(service.parent / layer) - slices}
    assert {name for _, _, name in others} >= set(NOT_A_SLICE), "a name that nobody uses any more"
    assert sorted(one for one in others if one[2] not in NOT_A_SLICE) == []


def words(folder: Path) -> set[str]:
    """The names of the modules and packages in a folder, at any depth."""
    files = [path.relative_to(folder) for path in folder.rglob("*.py")]
    return {Path(part).stem for file in files for part in file.parts} - {"__init__"}


def test_who_looks_at_files_looks_into_nested_folders() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="glob"), args=[ast.Constant(value=str(pattern))]):
                    assert "**" in pattern or not pattern.endswith(".py"), f"{path.name}:{node.lineno} {pattern}"


def test_the_lock_pins_every_package_by_hash_and_names_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[a-z])", lock.strip())
    assert len(blocks) > 50
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block or "==" not in block] == []
    assert "://" not in lock
    assert " @ " not in lock
