"""`python -m tests.mutants.engines DIRECTORY`: a PostgreSQL and a NATS until input ends; says their URLs on one line.

A process of its own, because the one that forks mutants must not have imported anything of ours that they change.
"""

from __future__ import annotations

import sys
from pathlib import Path

from liandong.engines import nats, postgres


def main(data: Path) -> None:
    with postgres(data / "postgres", settings={"fsync": "off"}) as pg, nats(data / "nats", sync_interval="2m") as bus:
        print(pg.url, bus.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
