"""Which tests see what: the lines and statements that each one runs, from one run of them all.

A line counts for every test that stands on it: one that runs it itself or in a process that it starts, one whose shared
fixture ran it, and one that goes on from a play that ran it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import asyncpg
from tests.mutants.children import Children
from tests.mutants.mutants import Mutant

ASKED = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "prepare")
"""Methods of a connection that take a statement first."""
FEW = 20
"""Calls of a function in a test of which each line is noted; what is called more often counts with all its lines."""
IMPORTED = "what runs while modules are imported"


@dataclass
class Sight:
    """What one test, shared fixture or play ran."""

    seconds: float = 0.0
    lines: dict[str, list[int]] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    stands_on: list[str] = field(default_factory=list)
    """Names of the plays and shared fixtures that it uses."""


@dataclass
class Seen:
    """Of a suite: its tests by node id, and what they share, by name."""

    tests: dict[str, Sight]
    shared: dict[str, Sight]
    red: list[str]
    """Tests that fail without a mutant, and so prove nothing."""

    def whole(self, test: str) -> list[Sight]:
        sight = self.tests[test]
        return [sight, *(self.shared[name] for name in sight.stands_on if name in self.shared)]

    def of(self, mutant: Mutant, lines: range | None) -> list[str]:
        """Tests that run these lines of its file, or any where it stands in none of its functions; or its statement.

        Of a statement both count: those of another process are not noted.
        """
        text = mutant.statement
        found = [
            test
            for test in self.tests
            if test not in self.red
            and any(
                (bool(text) and any(text in one for one in sight.statements))
                or (lines is None and not text)
                or (lines is not None and not set(sight.lines.get(mutant.path, ())).isdisjoint(lines))
                for sight in self.whole(test)
            )
        ]
        word = Path(mutant.path).stem.lstrip("0123456789_")
        return sorted(
            found, key=lambda test: (word not in Path(test.partition("::")[0]).stem, self.tests[test].seconds)
        )

    def imported(self, mutant: Mutant, lines: range) -> bool:
        """Whether they ran while modules were imported."""
        return not set(self.shared[IMPORTED].lines.get(mutant.path, ())).isdisjoint(lines)

    def plays_of(self, mutant: Mutant, lines: range | None) -> set[str]:
        """What is shared and was made by the code that is changed."""
        text = mutant.statement
        return {
            name
            for name, sight in self.shared.items()
            if (text and any(text in one for one in sight.statements))
            or (lines and not set(sight.lines.get(mutant.path, ())).isdisjoint(lines))
        }

    def kept(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{threading.get_native_id()}")
        fresh.write_text(json.dumps(asdict(self)), "utf-8")
        fresh.replace(path)

    @staticmethod
    def read(path: Path) -> Seen:
        said = json.loads(path.read_text("utf-8"))
        tests, shared = ({name: Sight(**one) for name, one in said[part].items()} for part in ("tests", "shared"))
        return Seen(tests, shared, said["red"])


def fingerprint(root: Path, suite: tuple[str, ...]) -> str:
    """Of all that what tests see depends on: the code, what tests share, and the folders of these."""
    made = hashlib.sha256(repr((sys.version, suite)).encode())
    folders = {Path(one).parts[1] for one in suite if not one.startswith("--")} | {"golden"}
    files = [path for top in ("contracts", "kit", "services", "liandong", "tests") for path in (root / top).rglob("*")]
    for path in sorted([*files, root / "requirements.lock"]):
        inside = path.relative_to(root)
        ours = inside.parts[0] != "tests" or len(inside.parts) == 2 or inside.parts[1] in folders
        if ours and path.is_file() and "__pycache__" not in inside.parts:
            made.update(f"{inside}\0".encode() + path.read_bytes())
    return made.hexdigest()


class Watch:
    """Notes what runs, for whoever is on top of `into`."""

    def __init__(self, root: Path, *, lines: bool = True) -> None:
        """`lines` is whether these are noted, and not statements alone."""
        self.lines = lines
        self.begins = tuple(f"{root}/{top}/" for top in ("kit", "services"))
        self.cut = len(str(root)) + 1
        self.into: list[tuple[set[tuple[str, int]], set[str], Counter[CodeType]]] = []
        self.whole = False
        """Whether a function counts with all its lines: noting each line of a test of many histories takes too long."""
        self.children = Children()

    def __enter__(self) -> Watch:
        if self.lines:
            self.children.start()
        for name in ASKED:
            setattr(asyncpg.Connection, name, self._noted(getattr(asyncpg.Connection, name)))
        return self

    def __exit__(self, *_: object) -> None:
        for name in ASKED:
            setattr(asyncpg.Connection, name, getattr(asyncpg.Connection, name).__wrapped__)
        sys.settrace(None)
        threading.settrace(None)
        if self.lines:
            self.children.end()

    def _noted(self, asked: Callable[..., Any]) -> Callable[..., Any]:
        def noted(connection: asyncpg.Connection, statement: str, *args: Any, **how: Any) -> Any:
            if self.into:
                self.into[-1][1].add(statement)
            return asked(connection, statement, *args, **how)

        noted.__wrapped__ = asked  # type: ignore[attr-defined]
        return noted

    @contextmanager
    def on(self, sight: Sight) -> Iterator[None]:
        lines: set[tuple[str, int]] = set()
        statements: set[str] = set()
        self.into.append((lines, statements, Counter()))
        if self.lines:
            sys.settrace(self._called)
            threading.settrace(self._called)
        try:
            yield
        finally:
            self.into.pop()
            if not self.into:
                sys.settrace(None)
            if self.lines:
                lines.update(self.children.lines())
            by_file: dict[str, list[int]] = {}
            for file, line in sorted(lines):
                by_file.setdefault(file[self.cut :], []).append(line)
            sight.lines, sight.statements = by_file, sorted(statements)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG002
        code = frame.f_code
        if not code.co_filename.startswith(self.begins) or not self.into:
            return None
        if code.co_name == "<module>":
            return None
        lines, _, called = self.into[-1]
        called[code] += 1
        if self.whole or called[code] > FEW:
            if called[code] <= FEW + 1:
                lines.update((code.co_filename, line) for *_, line in code.co_lines() if line)
            return None
        lines.add((code.co_filename, frame.f_lineno))
        return self._line

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG002
        if event == "line" and self.into:
            self.into[-1][0].add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


def noting_plays(watch: Watch, seen: Seen, standing: Callable[[], Sight]) -> Callable[[], None]:
    """From now on what `Stages` plays is noted for the play, and each test that goes on from it stands on it.

    What is returned ends it.
    """
    from tests.service import Stages

    played, at = Stages._played, Stages.at

    async def noted(self: Stages, number: int, definition: Any, start: Any, play: Any) -> Any:
        name = f"{play.__module__}.{play.__qualname__}"
        with watch.on(seen.shared.setdefault(name, Sight())):
            return await played(self, number, definition, start, play)

    def asked(self: Stages, suffix: str, definition: Any, start: Any, play: Any) -> AsyncIterator[Any]:
        standing().stands_on.append(f"{play.__module__}.{play.__qualname__}")
        return at(self, suffix, definition, start, play)  # type: ignore[return-value]

    Stages._played, Stages.at = noted, asked  # type: ignore[method-assign, assignment]

    def restore() -> None:
        Stages._played, Stages.at = played, at  # type: ignore[method-assign]

    return restore
