"""Pages whose commands are run as they are printed, and whose answers are compared with what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.M | re.S)
GAP = "…"
"""In what a page shows: something stands here that differs, or is of no interest."""
MARK = "-- end of block --"
PATIENCE = 120


def played(page: str, addresses: Mapping[str, str], **environment: str) -> list[tuple[str, str]]:
    """What each block of commands shows and what it said, in one shell at the root of the repository.

    `addresses` stand in for those that the page prints; nothing else of it is changed.
    """
    blocks = BLOCK.findall(page)
    commands = [words for kind, words in blocks if kind == "bash"]
    script = "set -e\n" + f"\necho; echo '{MARK}'\n".join(commands)
    for printed, here in addresses.items():
        assert printed in script, f"the page does not name {printed}"
        script = script.replace(printed, here)
    shell = ["bash", "-c", script]
    done = subprocess.run(
        shell,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said = done.stdout.split(f"\n{MARK}\n")
    shown = ["" if kind == "bash" else words for kind, words in blocks]
    after = [shown[i + 1] if i + 1 < len(shown) else "" for i, (kind, _) in enumerate(blocks) if kind == "bash"]
    return list(zip(after, said, strict=True))


def agrees(shown: str, said: str) -> bool:
    """Whether every line that is shown is a line that was said, in the same order, with anything in its gaps."""
    lines = iter(said.splitlines())
    return all(any(_alike(wanted, line) for line in lines) for wanted in shown.splitlines())


def _alike(shown: str, said: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in shown.split(GAP)), said) is not None
