"""What each service holds in memory when it has nothing to do."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.load.measure import Row

from liandong.region import Region
from liandong.state import SERVICES

SETTLE = 5.0
"""Seconds after all are ready: what starting up borrowed is given back, first polls are done."""


def measured(settle: float = SETTLE) -> list[Row]:
    """Resident memory of `python -m <service> serve` in a region of its own; nothing where there is no /proc."""
    if not Path("/proc/self/status").exists():
        return []
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run as a user of its own, who must get in
        with Region(Path(folder), slug="bench") as region:
            time.sleep(settle)
            return [
                Row(f"memory of an idle {name}", _resident(region.programs[name].pid), None, "", None, unit=" MB")
                for name in SERVICES
            ]


def _resident(pid: int | None) -> float:
    """Resident memory of a process in units of 1,000,000 bytes, shared pages included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)
