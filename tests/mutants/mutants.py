"""What is changed in Python: one small change of behaviour at a time, as a replacement of bytes in the source.

Not changed is what no behaviour rests on: docstrings, type hints, asserts, decorators, texts, logs, `__slots__`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
WIDER = {"OWN": ("DOWN", "UP"), "DOWN": ("LINE",), "UP": ("LINE",), "LINE": ()}
"""A reach (kit.auth.Reach) to those just beyond it."""
QUIET = {"log", "logger", "_log", "tracer", "span", "telemetry", "gauges", "metrics", "warnings"}
"""Calls on these are for those who watch: dropping one changes no answer."""
UNSEEN = {"strict", "repr", "exc_info", "default_factory", "stacklevel", "timeout", "size", "min_size", "max_size"}
"""Keywords that guard against programming errors, that only watchers see, or that say how long and how many at most."""


@dataclass(frozen=True)
class Mutant:
    path: str
    """From the root of the repository."""
    line: int
    start: int
    end: int
    new: bytes
    source: bytes = field(repr=False)
    statement: str = ""
    """Of a change in a text of SQL: what of the text is sure to stand in the statement that is run."""

    @property
    def mutated(self) -> bytes:
        return self.source[: self.start] + self.new + self.source[self.end :]

    @property
    def before(self) -> str:
        return _around(self.source, self.start, self.end)

    @property
    def after(self) -> str:
        return _around(self.mutated, self.start, self.start + len(self.new))


def _around(source: bytes, start: int, end: int) -> str:
    """The lines from `start` to `end`, on one line, as a person would point at them."""
    first, last = source.rfind(b"\n", 0, start) + 1, source.find(b"\n", end)
    return " ".join(source[first : last if last >= 0 else None].decode().split())


@dataclass(frozen=True)
class Names:
    """What the text of one file does not say: members of enums, and what callables take under which name."""

    enums: Mapping[str, list[list[str]]]
    parameters: Mapping[str, list[dict[str, str]]]

    @staticmethod
    def of(trees: Mapping[str, ast.Module]) -> Names:
        enums: dict[str, list[list[str]]] = {}
        parameters: dict[str, list[dict[str, str]]] = {}
        for tree in trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    if any("Enum" in ast.unparse(one) for one in node.bases):
                        members = [one.targets[0] for one in node.body if isinstance(one, ast.Assign)]
                        enums.setdefault(node.name, []).append([one.id for one in members if isinstance(one, ast.Name)])
                    fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
                    taken = {
                        one.target.id: ast.unparse(one.annotation) for one in fields if isinstance(one.target, ast.Name)
                    }
                    parameters.setdefault(node.name, []).append(taken)
                elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    args = [one for one in (*node.args.args, *node.args.kwonlyargs) if one.annotation]
                    taken = {one.arg: ast.unparse(one.annotation) for one in args if one.annotation}
                    parameters.setdefault(node.name, []).append(taken)
        return Names(enums, parameters)

    def others(self, enum: str, member: str) -> list[str]:
        return next(
            ([one for one in found if one != member] for found in self.enums.get(enum, ()) if member in found), []
        )

    def alike(self, call: str, one: str, other: str) -> bool:
        """Whether the callable takes the same type under both names."""
        found = [taken for taken in self.parameters.get(call, ()) if one in taken and other in taken]
        return bool(found) and all(taken[one] == taken[other] for taken in found)


def python_mutants(path: str, source: bytes, tree: ast.Module, names: Names) -> Iterator[Mutant]:
    maker = _Maker(path, source, names)
    for statement in tree.body:
        maker.visit(statement)
    unique = {(one.start, one.end, one.new): one for one in maker.found}
    for one in unique.values():
        try:
            compile(one.mutated, path, "exec", dont_inherit=True)
        except SyntaxError:
            continue
        yield one


class _Maker(ast.NodeVisitor):
    def __init__(self, path: str, source: bytes, names: Names) -> None:
        self.path, self.source, self.names = path, source, names
        self.policy = path.endswith(("policy.py", "sights.py"))
        self.found: list[Mutant] = []
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def _span(self, node: ast.AST) -> tuple[int, int]:
        at = self._lines[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        return at, self._lines[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def _text(self, node: ast.AST) -> bytes:
        start, end = self._span(node)
        return self.source[start:end]

    def _put(self, start: int, end: int, new: bytes) -> None:
        line = self.source.count(b"\n", 0, start) + 1
        self.found.append(Mutant(self.path, line, start, end, new, self.source))

    def _replace(self, node: ast.AST, new: str | bytes) -> None:
        self._put(*self._span(node), new.encode() if isinstance(new, str) else new)

    def _between(self, left: ast.AST, right: ast.AST, old: str, new: str) -> None:
        """Replaces the operator that stands between two operands, whatever brackets are there too."""
        start, end = self._span(left)[1], self._span(right)[0]
        at = self.source.find(old.encode(), start, end)
        if at >= 0:
            self._put(at, at + len(old), new.encode())

    # What is never gone into.
    def visit_Assert(self, node: ast.Assert) -> None: ...
    def visit_Import(self, node: ast.Import) -> None: ...
    def visit_ImportFrom(self, node: ast.ImportFrom) -> None: ...
    def visit_JoinedStr(self, node: ast.JoinedStr) -> None: ...
    def visit_arg(self, node: ast.arg) -> None: ...

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        # A name for a union of types, and what a module exports, are no behaviour.
        union = isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.BitOr) and not self.policy
        # A bound of the machine is chosen, not derived: a test that fixed it would say it twice.
        bound = (
            self.path.startswith("kit/") and node.col_offset == 0 and isinstance(node.value, ast.Constant | ast.BinOp)
        )
        if not union and not bound and not ast.unparse(node.targets[0]).startswith("__"):
            self.visit(node.value)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not self.path.startswith("kit/"):  # those of kit say how many and how long
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default is not None:
                    self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        inner = node.value.value if isinstance(node.value, ast.Await) else node.value
        if not isinstance(inner, ast.Call):
            return
        called = ast.unparse(inner.func)
        if called.split(".")[0].strip("_") in QUIET or "log" in called.split(".")[:-1] or called == "assert_never":
            return
        self._replace(node, "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace(node, "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """What is raised keeps its words: only whether it is raised is a behaviour."""
        if node.exc is not None and "AssertionError" not in ast.unparse(node.exc):
            self._replace(node, "pass")

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" in ast.unparse(node.test) or "__name__" in ast.unparse(node.test):
            return
        self.visit(node.test)
        if isinstance(node.body[-1], ast.Raise | ast.Return | ast.Continue) and not node.orelse:
            self._replace(node, "pass")
            if len(node.body) == 1 and isinstance(node.body[0], ast.Raise):
                return  # without its raise it is without its guard
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_match_case(self, node: ast.match_case) -> None:
        """What can never be needs no word of when."""
        if not ast.unparse(node.body[0]).startswith(("raise AssertionError", "assert_never")):
            self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Tuple):
            self._tuple(node.value, several=False)
        self.generic_visit(node)

    def _tuple(self, node: ast.Tuple, *, several: bool) -> None:
        """Drops one event of those returned; a decision over several streams returns a tuple of such for each."""
        streams = any(isinstance(one, ast.Tuple) for one in node.elts)
        for n, one in enumerate(node.elts):
            if isinstance(one, ast.Tuple):
                self._tuple(one, several=True)
            elif not streams and (several or isinstance(one, ast.Starred) or self._event(one)):
                rest = [self._text(other) for m, other in enumerate(node.elts) if m != n]
                self._replace(node, b"(" + b"".join(other + b", " for other in rest).strip() + b")")

    def _event(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1][:1].isupper()

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            self._between(left, right, *COMPARED[type(op)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in pairwise(node.values):
            self._between(left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            whole = isinstance(node.operand, ast.BoolOp | ast.Compare)
            self._replace(node, b"(" + self._text(node.operand) + b")" if whole else self._text(node.operand))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        words = any(
            isinstance(one, ast.JoinedStr | ast.Tuple | ast.List) or _is_text(one) for one in (node.left, node.right)
        )
        if isinstance(node.op, ast.Add) and not words:
            self._between(node.left, node.right, "+", "-")
        elif isinstance(node.op, ast.Sub):
            self._between(node.left, node.right, "-", "+")
        elif isinstance(node.op, ast.BitOr) and self.policy:
            self._replace(node, self._text(node.left))
            self._replace(node, self._text(node.right))
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        if self.policy:
            for one in node.elts:
                rest = [self._text(other) for other in node.elts if other is not one]
                self._replace(node, b"{" + b", ".join(rest) + b"}" if rest else b"set()")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._replace(node, str(not node.value))
        elif isinstance(node.value, int):
            self._replace(node, str(node.value + 1))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        enum = ast.unparse(node.value).split(".")[-1]
        others = self.names.others(enum, node.attr)
        if self.policy:
            others = list(WIDER[node.attr]) if enum == "Reach" else []
        for other in others[:2]:
            self._replace(node, self._text(node.value) + b"." + other.encode())
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        # `dict[str, Any](...)`, `TypeAdapter[...]`: a hint; an index is a behaviour.
        if not ast.unparse(node.value).split(".")[-1][:1].isupper():
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func).split(".")[-1]
        if called in {"NewType", "TypeVar", "ParamSpec", "cast", "dataclass", "assert_never"}:
            return
        named = [one for one in node.keywords if one.arg]
        for one, other in pairwise(named):
            left, right = self._text(one.value), self._text(other.value)
            if left != right and self.names.alike(called, str(one.arg), str(other.arg)):
                start, end = self._span(one.value)[0], self._span(other.value)[1]
                middle = self.source[self._span(one.value)[1] : self._span(other.value)[0]]
                self._put(start, end, right + middle + left)
        for part in (node.func, *node.args, *(one.value for one in node.keywords if one.arg not in UNSEEN)):
            self.visit(part)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
