"""What ends a command in one sentence: it says what is wrong and what to do."""

from __future__ import annotations

FAILED, USAGE, NOT_UP = 1, 2, 3
"""Exit codes: it failed or is not there, it was not asked rightly, nothing is up (as service scripts say it)."""


class Failure(RuntimeError):
    """Its text is the sentence; `liandong.cli` prints it and ends with `exit_code`."""

    exit_code = FAILED


class Misused(Failure):
    """Asked for what cannot be, whatever is up."""

    exit_code = USAGE
