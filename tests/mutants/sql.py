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
KEY = rb"[\w.$:]+"
CONJUNCT = rb"[\w.$:]+(?:\([\w.$:, ]*\))? (?:=|<>|<=|>=|<|>|is|is not|in|like) [\w.$:]+(?:\([\w.$:, ]*\))?"
CHANGES = [
    (
        re.compile(rb"(?<=[\w) ])(<=|>=|<>|<|>)(?=[ \w($])(?! *%)"),
        {b"<": b"<=", b"<=": b"<", b">": b">=", b">=": b">", b"<>": b"="},
    ),
    (re.compile(rb"\band\b"), {b"and": b"or"}),
    (re.compile(rb"\bor\b(?! replace)"), {b"or": b"and"}),
    (
        re.compile(rb"\b(min|max|count|sum)(?=\((?!\*))"),
        {b"min": b"max", b"max": b"min", b"count": b"sum", b"sum": b"count"},
    ),
    (re.compile(rb"\bis not null\b|\bis null\b"), {b"is not null": b"is null", b"is null": b"is not null"}),
    (re.compile(rb"(?<!is )(?<!if )\bnot (?!null|valid|deferrable|leakproof|materialized)"), {}),
    (re.compile(rb"(?<=[\w)]) desc\b"), {}),
    (re.compile(rb"\border by " + KEY + rb"(?=[,)\s\"]|$)(?! desc| asc)"), None),
    (re.compile(rb"(?<=\bwhere )" + CONJUNCT + rb" and (?!.{0,20}\bor\b)"), {}),
    (re.compile(rb" and " + CONJUNCT + rb"(?=[)\s\";]|$)"), {}),
    (re.compile(rb"(?<=\bwhere )" + CONJUNCT + rb"(?= order| group| limit| returning|\"|;|\)|$)"), b"true"),
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
        if STATEMENT.search(source[start:end]):
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
    skipped = [found.span() for found in SKIPPED.finditer(source, start, end)]
    for pattern, swaps in CHANGES:
        for found in pattern.finditer(source, start, end):
            old = found[0]
            if any(a <= found.start() < b for a, b in skipped):
                continue
            if old == b"and" and re.search(rb"\bbetween \S+ $", source[max(0, found.start() - 60) : found.start()]):
                continue
            new = old + b" desc" if swaps is None else swaps if isinstance(swaps, bytes) else swaps.get(old, b"")
            line = source.count(b"\n", 0, found.start()) + 1
            text = _piece(source, *found.span()) if path.endswith(".py") else ""
            yield Mutant(path, line, *found.span(), new, source, text)


def _piece(source: bytes, start: int, end: int) -> str:
    """What stands around it in one line, between quotes and what is filled in."""
    left = max(source.rfind(one, 0, start) for one in (b'"', b"}", b"\n"))
    right = min(at for one in (b'"', b"{", b"\n") if (at := source.find(one, end)) >= 0)
    return source[left + 1 : right].decode().strip()
