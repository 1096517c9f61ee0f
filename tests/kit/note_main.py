"""`python -m tests.kit.note_main serve`: the toy service as a process of its own.

With TOY_RELEASE=2 it is the release after: it writes a note's lines in a version that the first cannot read.
"""

import os
from typing import Any

from tests.kit.note_service import Settings, definition
from tests.kit.notes import NoteWritten

from kit.service import main


def unchanged(state: dict[str, Any]) -> None:
    """How a line of the first release reads in the second."""


if __name__ == "__main__":
    if os.environ.get("TOY_RELEASE") == "2":
        NoteWritten.class_version = 2
        NoteWritten.upcast_v1_v2 = staticmethod(unchanged)  # type: ignore[attr-defined]  # the library looks it up
    main(definition(), Settings)
