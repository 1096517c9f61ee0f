"""Processes that tests start: what they run is seen, and they have the change too.

They import from the disk.  While tests are seen, each notes its lines (inside/sitecustomize.py); where a change is
tried, a copy of the changed package comes first on their path.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.mutants.mutants import Mutant

INSIDE = Path(__file__).with_name("inside")


class Children:
    """Of the tests that run between its start and its end."""

    def start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="liandong-mutant-"))
        self._read: dict[Path, int] = {}
        os.environ["MUTANTS_SIGHT"] = str(self._folder)
        os.environ["PYTHONPATH"] = str(INSIDE)
        begun_anew()

    def end(self) -> None:
        del os.environ["MUTANTS_SIGHT"], os.environ["PYTHONPATH"]
        begun_anew()
        shutil.rmtree(self._folder, ignore_errors=True)

    def lines(self) -> Iterator[tuple[str, int]]:
        """File and line of what they ran since this was last asked."""
        for path in self._folder.iterdir():
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                whole = file.read().rpartition(b"\n")[0]
            if whole:
                self._read[path] = self._read.get(path, 0) + len(whole) + 1
            for one in whole.decode().splitlines():
                name, _, line = one.partition("\t")
                yield name, int(line)


def begun_anew() -> None:
    """The next process that a test of this process starts is forked from what is imported then."""
    cradle = sys.modules.get("tests.cradle")
    if cradle is not None:
        cradle._nursery.cache_clear()


def change(mutant: Mutant, root: Path, folder: Path) -> None:
    """From now on what this process starts imports the package of the mutant as it is after the change."""
    changed = root / mutant.path
    package = changed.parent
    while (package.parent / "__init__.py").exists() or not (package / "__init__.py").exists():
        package = package.parent
    tree = folder / f"tree-{os.getpid()}"
    copy = tree / package.name
    shutil.copytree(package, copy, copy_function=os.symlink)  # what was compiled, too
    target = copy / changed.relative_to(package)
    for one in (target, *(target.parent / "__pycache__").glob(f"{target.stem}.*")):
        one.unlink()
    target.write_bytes(mutant.mutated)
    os.environ["PYTHONPATH"] = str(tree)
    begun_anew()


def ended(pid: int, folder: Path) -> None:
    """Ends what that process started: its group, and who has its tree on the path, whatever session they are in."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    tree = folder / f"tree-{pid}"
    if not tree.exists():
        return
    path = f"{tree}\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if path in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
    shutil.rmtree(tree, ignore_errors=True)
