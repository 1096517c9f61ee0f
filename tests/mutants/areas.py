"""Which code is changed, which tests can see it, and which survivors are known."""

from __future__ import annotations

import ast
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from tests.mutants.mutants import Mutant, Names, python_mutants
from tests.mutants.running import ROOT, Suite
from tests.mutants.sql import sql_mutants, statement_mutants

AREAS = {
    "domain": ["services/*/*/domain/*.py"],
    "kit": ["kit/kit/*.py"],
    "policies": ["services/*/*/policy.py"],
    "sql": ["services/*/*/projections*.py", "services/*/*/indicators*.py", "kit/kit/*.py", "*/migrations/*.sql"],
}
"""A star goes across folders here."""
NOT_RUN = {"kit/kit/testing.py"}
"""What tests are made with has no behaviour in production."""
MANY = ("tests/funding/domain/test_money.py",)
"""Tests of random histories: they take longer than all others together."""
GOLDEN = ("refusals", "golden")
USERS = {"tests/kit/test_service_http.py", "tests/volunteer/test_service.py", "tests/kit/test_testing.py"}
"""Tests of what stands on all of kit."""
SURVIVORS = Path(__file__).with_name("survivors.toml")


def explained() -> set[tuple[str, str, str]]:
    """File, before and after of the survivors that are listed with a reason."""
    listed = tomllib.loads(SURVIVORS.read_text("utf-8"))["survivor"]
    return {(one["file"], one["before"], one["after"]) for one in listed if one["reason"]}


def mutants_of(areas: list[str]) -> dict[str, list[Mutant]]:
    """All that can be made, by area, in the order of the files."""
    paths = sorted(
        str(path.relative_to(ROOT)) for top in ("contracts", "kit", "services") for path in (ROOT / top).rglob("*")
    )
    sources = {path: (ROOT / path).read_bytes() for path in paths if path.endswith((".py", ".sql"))}
    trees = {path: ast.parse(source) for path, source in sources.items() if path.endswith(".py")}
    names = Names.of(trees)
    found: dict[str, list[Mutant]] = {area: [] for area in areas}
    for area in areas:
        for path, source in sources.items():
            if path in NOT_RUN or not any(fnmatch(path, pattern) for pattern in AREAS[area]):
                continue
            if area != "sql":
                found[area] += python_mutants(path, source, trees[path], names)
            elif path.endswith(".sql"):
                found[area] += sql_mutants(path, source)
            else:
                found[area] += statement_mutants(path, source, trees[path])
    return found


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
        return ((f"tests/{name}", f"--ignore={rules}"),)
    package = inside[0] if len(inside) > 1 else "auth"  # what stands beside the packages is small and for all of them
    return tuple(_of_kit(one) for one in dict.fromkeys((package, "service")))


def _of_kit(package: str) -> Suite:
    own = {str(test.relative_to(ROOT)) for test in ROOT.glob(f"tests/kit/test_{package}*.py")}
    return tuple(sorted(own | USERS))
