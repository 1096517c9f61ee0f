"""Why a child ended, out of what it wrote: the one line that an operator needs."""

from __future__ import annotations

import pytest

from liandong.child import why

POSTGRES = """\
2026-11-01 08:00:00.000 UTC [7] LOG:  starting PostgreSQL 15.14
2026-11-01 08:00:00.001 UTC [7] FATAL:  could not create lock file "postmaster.pid": No space left on device
2026-11-01 08:00:00.002 UTC [7] LOG:  database system is shut down
"""
INITDB = """\
running bootstrap script ... FATAL:  could not resize shared memory segment: No space left on device
PANIC:  cannot abort transaction 1, it was already committed
child process was terminated by signal 6: Aborted
"""
NATS = """\
[7] 2026/11/01 08:00:00.000000 [INF] Starting nats-server
[7] 2026/11/01 08:00:00.001000 [FTL] Can't start JetStream: could not create storage directory
[7] 2026/11/01 08:00:00.002000 [INF] Server Exiting..
"""
SERVICE = """\
{"event":"service.starting","level":"info"}
{"event":"service.not-started","level":"error","error":"ConnectionRefusedError","reason":"nobody answers"}
"""
BUG = '{"event":"task.died","level":"error","error":"KeyError","reason":null}'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (POSTGRES, 'could not create lock file "postmaster.pid": No space left on device'),
        (INITDB, "could not resize shared memory segment: No space left on device"),
        (NATS, "Can't start JetStream: could not create storage directory"),
        ("nats-server: /x/nats.conf:3:4: Parse error\n", "nats-server: /x/nats.conf:3:4: Parse error"),
        (SERVICE, "nobody answers"),
        (BUG, "task.died KeyError"),
        ("{no json\nall was well\n", "all was well"),
        ("\n", "it said nothing"),
    ],
)
def test_the_line_that_tells_why_is_found(words: str, said: str) -> None:
    assert why(words) == said
