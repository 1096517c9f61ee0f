"""Which code is changed, which tests can see it, and which survivors are known."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.mutants.mutants import Mutant, Names, python_mutants
from tests.mutants.running import ROOT, Stage
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
USERS: Stage = ("tests/kit/test_store_append.py", "tests/kit/test_store_change.py", "tests/kit/test_service_http.py")
"""Tests of what stands on the modules of kit that stand alone."""
NEAR = {
    **{"auth/access": ["auth_policy"], "auth/caller": ["service_http"], "auth/keys": ["auth_tokens"]},
    **{"bus/decisions": ["service_parked"], "bus/fetching": ["bus_busy"], "bus/handlers": ["bus_subscriber"]},
    **{"bus/hearing": ["bus_subscriber", "bus_turns"], "bus/inbox": ["bus_intake"], "bus/letter": ["bus_headers"]},
    **{"bus/nkeys": ["bus_connect"], "bus/parking": ["service_parked", "bus_intake"], "bus/places": ["bus_restore"]},
    **{"bus/redrive": ["service_parked"], "bus/room": ["bus_intake"], "bus/sole": ["bus_turns"]},
    **{"privacy/kek": ["privacy_vault"], "service/app": ["service_http"], "service/body": ["service_http"]},
    **{"service/problems": ["service_http"], "service/runtime": ["service_tasks"], "service/history": ["service_http"]},
    **{"store/answers": ["store_change"], "store/keys": ["store_streams"], "store/migrate": ["store_provisioning"]},
    **{"store/migrations": ["store_append", "store_held"], "store/reading": ["store_reads", "store_streams"]},
    **{"store/sealing": ["privacy_sealing"], "store/tenants": ["tenancy"]},
}
"""Of a module of kit the tests that ask most of it, where they do not bear its name."""
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


def stages_of(path: str) -> list[Stage]:
    """Tests that can see a change of that file, the quickest first."""
    top, name, *inside = Path(path).with_suffix("").parts
    if top == "services":
        return list(_of_service(name, inside[1:]))
    if len(inside) == 1:
        return [*_everywhere(), USERS]
    package, module = inside[-2:] if "migrations" not in inside else ("store", "migrations")
    near = [f"tests/kit/test_{name}.py" for name in NEAR.get(f"{package}/{module}", [f"{package}_{module}*"])]
    stages = [_found(*near), _found(f"tests/kit/test_{package}*.py")]
    return [stage for n, stage in enumerate(stages) if stage and stage not in stages[:n]]


def _of_service(service: str, inside: list[str]) -> Iterator[Stage]:
    rules = f"tests/{service}/domain"
    alone = f"--confcutdir={rules}"  # rules need no engines
    if inside[0] == "domain":
        # Tests that try many histories come last: they take longest, and longer yet when they fail.
        long = [one for one in _found(f"{rules}/test_*.py") if "hypothesis" in (ROOT / one).read_text("utf-8")]
        near = [one for name in inside[1:] for one in _found(f"{rules}/test_{name}*.py") if one not in long]
        if near:
            yield (*near, alone)
        yield ("tests/golden/test_refusals.py", "--confcutdir=tests/golden")
        yield (rules, *(f"--ignore={one}" for one in (*near, *long)), alone)
        if long:
            yield (*long, alone)
    if inside[0] == "policy":
        yield ("tests/test_authority.py",)
    yield _found(f"tests/{service}/test_*.py")


def _everywhere() -> Iterator[Stage]:
    """The rules of every service."""
    for rules in sorted(ROOT.glob("tests/*/domain")):
        yield (str(rules.relative_to(ROOT)), f"--confcutdir={rules.relative_to(ROOT)}")


def _found(*patterns: str) -> Stage:
    return tuple(str(path.relative_to(ROOT)) for pattern in patterns for path in sorted(ROOT.glob(pattern)))
