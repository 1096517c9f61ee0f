"""What is changed in SQL: a token at a time, in migrations and in the statements that Python holds as text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import accumulate

from tests.mutants.mutants import Mutant

STATEMENT = re.compile(rb"\b(select|insert into|update|delete from|where|order by)\b \S|\A\W*from \S")
SKIPPED = re.compile(rb"--[^\n]*|'(?:[^'\n]|'')*'|\{[^{}]*\}")
"""Comments, texts and what is filled in."""
FILLED = re.compile(rb"\{+[^{}]*\}+")
ALL_SQL = re.compile(r"/(lists|sights|indicators|projections)(\.py$|/)")
"""Files in which every text may be a part of a statement: a flag, a column, whose rows a role sees."""
KEY = rb"[\w.$:]+"
ONE = rb"(?:[\w.$:]+(?:\([\w.$:, ]*\)(?:::\w+)?)?)"
OTHER = rb"(?:'[\w-]*'|\{+\w+\}+|" + ONE + rb")"
SAME = rb"\([\w., ]+\) = \([\w.,: ]+\)"
"""That rows belong together by a key of several columns."""
CONJUNCT = rb"(?:" + ONE + rb" (?:=|<>|<=|>=|<|>|is distinct from|is not|is|like) " + OTHER + rb"|" + SAME + rb")"
BARE = rb"(?:\b[a-z]\.)?[a-z_]+"
"""A column that is itself true or not."""
BEGINS = rb"(?:(?<=\bwhere )|(?<=\A\")|(?<=\Af\"))"
ENDS = rb"(?= order| group| limit| returning|\"|;|\)|$)"
CHANGES: list[tuple[re.Pattern[bytes], dict[bytes, bytes] | bytes | None]] = [
    (
        re.compile(rb"(?<=[\w)}'] )(<=|>=|<>|<|>)(?= [\w($'{])(?! *%)"),
        {b"<": b"<=", b"<=": b"<", b">": b">=", b">=": b">", b"<>": b"="},
    ),
    (re.compile(rb"\band\b"), {b"and": b"or"}),
    (re.compile(rb"\bor\b(?! replace)"), {b"or": b"and"}),
    (
        re.compile(rb"\b(min|max|count|sum)(?=\((?!\*))"),
        {b"min": b"max", b"max": b"min", b"count": b"sum", b"sum": b"count"},
    ),
    (re.compile(rb"(?<=[\w)] )[-+*](?= [\w(])"), {b"-": b"+", b"+": b"-", b"*": b"+"}),
    (re.compile(rb"\bis not null\b|\bis null\b"), {b"is not null": b"is null", b"is null": b"is not null"}),
    (re.compile(rb"(?<!is )(?<!if )\bnot (?!null|valid|deferrable|leakproof|materialized)"), {}),
    (re.compile(rb"(?<!not )(?<!if )\bexists(?= \()"), b"not exists"),
    (re.compile(rb"\bleft join\b"), b"join"),
    (re.compile(rb"\bunion\b(?! all)"), b"intersect"),
    (re.compile(rb"(?<=[\w)]) desc\b"), {}),
    (re.compile(rb"\border by " + KEY + rb"(?=[,)\s\"]|$)(?! desc| asc)"), None),
    (re.compile(BEGINS + CONJUNCT + rb" and (?!.{0,20}\bor\b)"), {}),
    (re.compile(rb" and " + CONJUNCT + rb"(?=[)\s\";]|$)"), {}),
    (re.compile(BEGINS + CONJUNCT + ENDS), b"true"),
    (re.compile(BEGINS + BARE + rb" and (?!.{0,20}\bor\b)"), {}),
    (re.compile(rb" and " + BARE + rb"(?=[)\"])"), {}),
    (re.compile(ONE + rb" = \{unit\}"), b"true"),
    (re.compile(rb"(?<=\bwhere )\{+\w+\}+(?=[)\s\"])"), b"true"),
]
"""What is found, and what takes its place: by what it was, or the same for all; None adds ` desc`."""


def sql_mutants(path: str, source: bytes) -> Iterator[Mutant]:
    """Those of a file of SQL."""
    yield from _changed(path, source, 0, len(source))


def statement_mutants(path: str, source: bytes, tree: ast.Module) -> Iterator[Mutant]:
    """Those of the texts of a Python file that are SQL."""
    lines = [0, *accumulate(len(line) for line in source.splitlines(keepends=True))]
    for node in _texts(tree):
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        if ALL_SQL.search(path) or STATEMENT.search(source[start:end]):
            yield from _changed(path, source, start, end)


def _texts(node: ast.AST) -> Iterator[ast.expr]:
    """Texts that are no docstrings: those stand alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
            yield child
        else:
            yield from _texts(child)


def _changed(path: str, source: bytes, start: int, end: int) -> Iterator[Mutant]:
    text = source[start:end]
    skipped = [found.span() for found in SKIPPED.finditer(text)]
    made = set[tuple[int, int, bytes]]()
    for pattern, swaps in CHANGES:
        for found in pattern.finditer(text):
            old, at = found[0], found.start()
            if any(a <= at < b for a, b in skipped) and not FILLED.fullmatch(old):
                continue
            if swaps is None and b"distinct on" in text[max(0, at - 400) : at]:  # it says which, and no order
                continue
            if old == b"and" and re.search(rb"\bbetween \S+ $", text[max(0, at - 60) : at]):
                continue
            new = old + b" desc" if swaps is None else swaps if isinstance(swaps, bytes) else swaps.get(old, b"")
            if (place := (start + at, start + found.end(), new)) in made:
                continue
            made.add(place)
            line = source.count(b"\n", 0, place[0]) + 1
            yield Mutant(path, line, *place, source, _piece(source, *place[:2]) if path.endswith(".py") else "")


def _piece(source: bytes, start: int, end: int) -> str:
    """The longest that stands there between quotes in one line, and between what is filled in."""
    left = max(source.rfind(one, 0, start) for one in (b'"', b"\n"))
    right = min(at for one in (b'"', b"\n") if (at := source.find(one, end)) >= 0)
    return max(FILLED.split(source[left + 1 : right]), key=len).decode().strip()
