"""What each Python that a test starts imports first while tests are seen: writes down which lines of ours it runs.

`tests.mutants.children` puts this folder on its path.  A line is written when the process first runs it, at once, for
many a process is killed; what is forked begins anew, in a file of its own.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

FOLDER = os.environ.get("MUTANTS_SIGHT")
ROOT = Path(__file__).parents[3]
BEGINS = tuple(f"{ROOT}/{top}/" for top in ("kit", "services"))


class Noted:
    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        self.file: int | None = None

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG002
        """As a trace function; for each line of a function of ours, and of no other."""
        code = frame.f_code
        if not code.co_filename.startswith(BEGINS) or code.co_name == "<module>":
            return None
        self.note(code.co_filename, frame.f_lineno)
        return self.line

    def line(self, frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG002
        if event == "line":
            self.note(frame.f_code.co_filename, frame.f_lineno)
        return self.line

    def note(self, name: str, line: int) -> None:
        if (name, line) in self.lines:
            return
        self.lines.add((name, line))
        if self.file is None:
            self.file = os.open(f"{FOLDER}/{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(self.file, f"{name}\t{line}\n".encode())

    def forget(self) -> None:
        if self.file is not None:
            os.close(self.file)
        self.__init__()  # type: ignore[misc]


if FOLDER:
    noted = Noted()
    os.register_at_fork(after_in_child=noted.forget)
    threading.settrace(noted)
    sys.settrace(noted)
