"""Which code is changed, which tests can see it, and which survivors are known."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Callable, Container, Hashable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from tests.mutants.mutants import Mutant, Names, python_mutants
from tests.mutants.running import ROOT, Suite
from tests.mutants.sql import sql_mutants, statement_mutants

AREAS = {
    "domain": ["services/*/*/domain/*.py"],
    "kit": ["kit/kit/*.py"],
    "policies": ["services/*/*/policy.py", "services/*/*/sights.py"],
    "sql": [
        *(f"services/*/*/{one}*.py" for one in ("projections", "indicators", "lists", "sights")),
        "kit/kit/*.py",
        "*/migrations/*.sql",
    ],
}
"""A star goes across folders here."""
BY_PLACE = {"sql"}
"""Areas of which each place is drawn as often as any other, however much stands there; elsewhere each mutant is."""
NOT_RUN = {"kit/kit/testing.py"}
"""What tests are made with has no behaviour in production."""
MANY = ("tests/funding/domain/test_money.py",)
"""Tests of random histories: they take longer than all others together."""
GOLDEN = ("refusals", "golden")
USERS = {"tests/kit/test_service_http.py", "tests/volunteer/test_service.py", "tests/kit/test_testing.py"}
"""Tests of what stands on all of kit."""
READ = {"tests/volunteer/test_lists.py", "tests/casework/test_search.py", "tests/casework/test_history.py"}
"""Tests of what kit's service makes of the lists, names and sights that a service declares."""
READ_BY = {"lists", "sights", "indicators"}
READING = (
    "counted",
    "figures",
    "figures_of_lists",
    "flags",
    "history",
    "lists",
    "moments",
    "offices",
    "schemes",
    "search",
    "sights",
)
"""Tests of a service that read what it declares to be read, asked before all of its tests."""
SURVIVORS = Path(__file__).with_name("survivors.toml")


def explained() -> set[tuple[str, str, str]]:
    """File, before and after of the survivors that are listed with a reason."""
    listed = tomllib.loads(SURVIVORS.read_text("utf-8"))["survivor"]
    return {(one["file"], one["before"], one["after"]) for one in listed if one["reason"]}


def mutants_of(areas: list[str], only: Container[str] | None = None) -> dict[str, list[Mutant]]:
    """All that can be made, by area, in the order of the files; of some files, where they are named."""
    paths = sorted(
        str(path.relative_to(ROOT)) for top in ("contracts", "kit", "services") for path in (ROOT / top).rglob("*")
    )
    sources = {path: (ROOT / path).read_bytes() for path in paths if path.endswith((".py", ".sql"))}
    trees = {path: ast.parse(source) for path, source in sources.items() if path.endswith(".py")}
    names = Names.of(trees)
    found: dict[str, list[Mutant]] = {area: [] for area in areas}
    for area in areas:
        for path, source in sources.items():
            if not is_changed(path, area) or (only is not None and path not in only):
                continue
            if area != "sql":
                found[area] += python_mutants(path, source, trees[path], names)
            elif path.endswith(".sql"):
                found[area] += sql_mutants(path, source)
            else:
                found[area] += statement_mutants(path, source, trees[path])
    return found


def is_changed(path: str, area: str) -> bool:
    return path not in NOT_RUN and any(fnmatch(path, pattern) for pattern in AREAS[area])


def place_of(path: str) -> tuple[str, ...]:
    """What a service has of a kind (its sights, lists, figures, tables); code or migrations of a package of kit."""
    top, name, *inside = Path(path).parts
    if top == "services":
        return name, Path(inside[1]).stem
    return name, inside[0], "migrations" if path.endswith(".sql") else "code"


def evenly(mutants: list[Mutant]) -> list[Mutant]:
    """One of each place after the other, and within a place one of each file."""
    return _in_turns(_in_turns(mutants, lambda one: one.path), lambda one: place_of(one.path))


def _in_turns(mutants: list[Mutant], of: Callable[[Mutant], Hashable]) -> list[Mutant]:
    before = Counter[Hashable]()
    turns = list[int]()
    for one in mutants:
        turns.append(before[of(one)])
        before[of(one)] += 1
    return [one for _, one in sorted(zip(turns, mutants, strict=True), key=lambda pair: pair[0])]


@cache
def suites_of(path: str) -> tuple[Suite, ...]:
    """Tests that can see a change of that file, the quickest first.

    Those of its service, and before them those of its rules alone; of its package of kit and what stands on it, and
    then those of kit's service, which holds all packages together.
    """
    top, name, *inside = Path(path).parts
    if top == "services":
        rules, golden = f"tests/{name}/domain", tuple(f"tests/golden/test_{one}.py" for one in GOLDEN)
        many = tuple(f"--ignore={one}" for one in MANY if one.startswith(rules))
        if inside[1] == "domain":
            return (rules, *many, *golden), (f"tests/{name}", f"--ignore={rules}")
        if inside[1] == "policy.py":
            return ("tests/test_authority.py",), (f"tests/{name}", f"--ignore={rules}")
        whole = (f"tests/{name}", f"--ignore={rules}")
        reading = [f"tests/{name}/test_{one}.py" for one in READING if (ROOT / f"tests/{name}/test_{one}.py").exists()]
        return (tuple(reading), whole) if Path(inside[1]).stem in READ_BY else (whole,)
    package = inside[0] if len(inside) > 1 else "auth"  # what stands beside the packages is small and for all of them
    return tuple(_of_kit(one) for one in dict.fromkeys((package, "service")))


def reads(suite: Suite) -> bool:
    """Whether it is asked of statements only, whose lines ran when they were imported."""
    return all(Path(one).stem.removeprefix("test_") in READING for one in suite)


def _of_kit(package: str) -> Suite:
    own = {str(test.relative_to(ROOT)) for test in ROOT.glob(f"tests/kit/test_{package}*.py")}
    return tuple(sorted(own | USERS | (READ if package == "service" else set())))
