"""What is changed and what is not, on lines made up for it; every survivor that is explained can still be made."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.mutants.areas import AREAS, SURVIVORS, evenly, is_changed, mutants_of, suites_of
from tests.mutants.mutants import Mutant, Names, python_mutants
from tests.mutants.running import ROOT
from tests.mutants.sql import sql_mutants, statement_mutants
from tests.mutants.warm import Living, lines_of

AROUND = """
class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"

class Paid(Event):
    net_fen: Fen
    tax_fen: Fen
    on: date
"""


def changed(line: str, path: str = "services/shop/shop/domain/till.py") -> set[str]:
    """What the line becomes, in a function of a rule."""
    source = f"{AROUND}\ndef rule(till):\n    {line}\n".encode()
    tree = ast.parse(source)
    found = python_mutants(path, source, tree, Names.of({path: tree}))
    return {one.after for one in found if one.before == " ".join(line.split())}


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("return till < 3", {"return till <= 3", "return till < 4"}),
        ("return (till) == other", {"return (till) != other"}),
        ("return not (open and paid)", {"return (open and paid)", "return not (open or paid)"}),
        ("return net + tax", {"return net - tax"}),
        ("return Colour.RED", {"return Colour.BLUE"}),
        ("if till: raise Shut", {"pass"}),
        ("return (Opened(at), *more)", {"return (*more,)", "return (Opened(at),)"}),
        ("return (opened,), ()", {"return (), ()"}),
        ("require(till)", {"pass"}),
        ("return Paid(net_fen=a, tax_fen=b, on=c)", {"return Paid(net_fen=b, tax_fen=a, on=c)"}),
        ("return True", {"return False"}),
    ],
)
def test_a_line_of_python_is_changed_in_what_it_does(line: str, after: set[str]) -> None:
    assert changed(line) == after


@pytest.mark.parametrize(
    "line",
    [
        '"""A docstring < 3."""',
        "assert till < 3, 'shut'",
        "log.info('opened', at=3)",
        'text = "and, or, not, < 3"',
        "till: Literal[3]",
        "raise AssertionError('never')",
    ],
)
def test_what_no_behaviour_rests_on_is_not_changed(line: str) -> None:
    assert changed(line) == set()


def test_a_policy_loses_roles_and_reaches_further() -> None:
    line = "return Rule(BUREAUS | {Role.AUDITOR}, Reach.OWN)"
    reach = "\n\nclass Reach(StrEnum):\n    OWN = 1\n    DOWN = 2\n    UP = 3\n    LINE = 4\n"
    source = f"{reach}\ndef rule():\n    {line}\n".encode()
    tree = ast.parse(source)
    path = "services/shop/shop/policy.py"
    found = {one.after for one in python_mutants(path, source, tree, Names.of({path: tree})) if one.before == line}
    assert found == {
        "return Rule(BUREAUS, Reach.OWN)",
        "return Rule({Role.AUDITOR}, Reach.OWN)",
        "return Rule(BUREAUS | set(), Reach.OWN)",
        "return Rule(BUREAUS | {Role.AUDITOR}, Reach.DOWN)",
        "return Rule(BUREAUS | {Role.AUDITOR}, Reach.UP)",
    }


@pytest.mark.parametrize(
    ("statement", "after"),
    [
        ("select max(a) from b", {"select min(a) from b"}),
        ("select 1 from b order by a", {"select 1 from b order by a desc"}),
        ("select 1 from b order by a desc", {"select 1 from b order by a"}),
        ("select 1 from b where not c", {"select 1 from b where c"}),
        ("select 1 from b where c > 2", {"select 1 from b where c >= 2", "select 1 from b where true"}),
        (
            "select 1 from b where c = 1 and d = 2",
            {"select 1 from b where c = 1 or d = 2", "select 1 from b where d = 2", "select 1 from b where c = 1"},
        ),
        ("select 1 from b -- not c > 2", set()),
        ("select ' and ' from b", set()),
    ],
)
def test_a_statement_is_changed_by_its_tokens(statement: str, after: set[str]) -> None:
    assert {one.after for one in sql_mutants("a.sql", statement.encode())} == after
    source = f'"""not a > statement where c = 1."""\nQUERY = "{statement}"\n'.encode()
    found = statement_mutants("a.py", source, ast.parse(source))
    assert {one.after for one in found} == {f'QUERY = "{one}"' for one in after}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("t.a is null and t.b < {today}", {"t.a is not null and t.b < {today}", "t.b < {today}", "t.a is null"}),
        ("community = {unit}", {"true"}),
        ("select a from b where c = {unit} order by a", {"select a from b where true order by a"}),
        ("exists (select from b where (b.a, b.c) = (t.a, t.c))", {"exists (select from b where true)"}),
        ("t.allotted - t.spent > 0", {"t.allotted + t.spent > 0"}),
        ("select a from b left join c using (d)", {"select a from b join c using (d)"}),
        ("select a from b union select a from c", {"select a from b intersect select a from c"}),
        ("select distinct on (a) a from b order by a, c desc", {"select distinct on (a) a from b order by a, c"}),
        (" from a where b = 'x' and a.held", {" from a where b = 'x'", " from a where a.held"}),
    ],
)
def test_each_text_of_a_list_a_sight_or_a_figure_is_a_part_of_a_statement(text: str, after: set[str]) -> None:
    source = f'SAID = "{text}"\n'.encode()
    found = {one.after for one in statement_mutants("services/shop/shop/lists.py", source, ast.parse(source))}
    assert found >= {f'SAID = "{one}"' for one in after}


def test_places_take_turns_and_files_within_a_place() -> None:
    def mutant(path: str) -> Mutant:
        return Mutant(path, 1, 0, 0, b"", b"")

    sights, lists = "services/shop/shop/sights.py", "services/shop/shop/lists.py"
    one, other = "services/shop/shop/projections/one.py", "services/shop/shop/projections/other.py"
    drawn = evenly([*map(mutant, [lists] * 3), *map(mutant, [one] * 2), mutant(other), mutant(sights)])
    assert [mutant.path for mutant in drawn] == [lists, one, sights, other, lists, one, lists]


def test_a_sentence_is_no_statement() -> None:
    source = b'SAID = "it came from a backup (see: Backup and restore)"\nPART = "from a where b = 1 and c = 2"\n'
    assert {one.line for one in statement_mutants("a.py", source, ast.parse(source))} == {2}


PLACES = """
def rule(till,
         other):
    if till > 3 and other:
        raise Shut

    def inner():
        return (till +
                other)
    match till:
        case 4:
            return inner
    return None

MOST = 5
"""


@pytest.mark.parametrize(
    ("changed", "lines"),
    [
        ("till > 3", range(4, 5)),
        ("if till > 3 and other:\n        raise Shut", range(5, 6)),
        ("raise Shut", range(5, 6)),
        ("+", range(8, 10)),
        ("4", range(11, 12)),
        ("None", range(13, 14)),
        ("5", None),
    ],
)
def test_a_change_is_seen_by_whoever_runs_its_lines(changed: str, lines: range | None) -> None:
    source, at = PLACES.encode(), PLACES.index(changed)
    line = PLACES.count("\n", 0, at) + 1
    assert lines_of(Mutant("a.py", line, at, at + len(changed), b"", source)) == lines


def _scale(by: int) -> Callable[[int], int]:
    def scaled(n: int) -> int:
        return n * by + 1

    return scaled


def test_a_change_reaches_functions_that_were_made_before() -> None:
    """Those that a decorator or a table holds, too; and what is not in a function is said to be out of reach."""
    twice = _scale(2)
    path = Path(__file__)
    source = path.read_bytes()
    at = source.index(b"+ 1\n\n    return scaled")
    living = Living({"here": [twice]}, [])  # type: ignore[list-item]
    changed = Mutant(path.name, 0, at, at + 1, b"-", source)
    assert twice(5) == 11
    assert Living({path.name: living.functions["here"]}, []).become(changed, path.parent)
    assert twice(5) == 9
    top = source.index(b"MOST = 5")
    assert not Living({path.name: [_scale(2)]}, []).become(  # type: ignore[list-item]
        Mutant(path.name, 0, top, top + 4, b"LEAST", source), path.parent
    )


def test_every_survivor_that_is_explained_can_still_be_made() -> None:
    listed = tomllib.loads(SURVIVORS.read_text("utf-8"))["survivor"]
    files = {one["file"] for one in listed}
    made = {(one.path, one.before, one.after) for found in mutants_of([*AREAS], files).values() for one in found}
    assert [one for one in listed if (one["file"], one["before"], one["after"]) not in made] == []
    assert all(one["reason"] for one in listed)


def test_every_file_that_is_changed_has_tests() -> None:
    files = [str(one.relative_to(ROOT)) for top in ("kit", "services") for one in (ROOT / top).rglob("*.*")]
    changed = [path for path in files if path.endswith((".py", ".sql")) and any(is_changed(path, one) for one in AREAS)]
    named = {one.removeprefix("--ignore=") for path in changed for suite in suites_of(path) for one in suite}
    assert changed
    assert {one for one in named if not (ROOT / one).exists()} == set()
