"""One region on this machine: its engines, its services and a development issuer, each a child process."""

from __future__ import annotations

import asyncio
import fcntl
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGTERM
from subprocess import TimeoutExpired
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

import httpx

from kit import store
from kit.privacy import new_kek_file
from liandong import state
from liandong.child import PATIENCE, Child, ChildError, free_port
from liandong.engines import Bus, Engine, PostgresEngine, Users, nats, postgres
from liandong.keeper import Keeper
from liandong.nursery import Forked, Nursery
from liandong.patience import Say, told
from liandong.state import SERVICES

PORTS = {"issuer": 8100, "registry": 8101, "casework": 8102, "funding": 8103, "volunteer": 8104}
"""Where each is listening if nobody else does; else at any free port."""

GANSU = "620000"
ISSUER = "kit.auth.issuer"
NEEDED = ("kit.service.processes", "kit.auth.issuer.app")
"""Modules that the children need, besides those of their services."""
PEOPLE = Path(__file__).with_name("people.json")
"""Who can sign in, and their posts: made-up people at the places of the demo."""
PORTAL = "http://127.0.0.1:8105"
"""Where a portal under development is expected."""
BETWEEN, ANSWER, MISSED = 5.0, 1.0, 6
"""Seconds between two looks at whether a program answers, and for its answer; looks in vain until it counts as ill."""


class Program:
    """A child that serves HTTP: started, waited for, started again."""

    def __init__(
        self,
        home: Path,
        name: str,
        *,
        nursery: Nursery,
        ready: str,
        module: str,
        arguments: Sequence[str],
        environment: dict[str, str],
    ) -> None:
        self.name, self._nursery = name, nursery
        self.url = f"http://127.0.0.1:{environment.pop('PORT')}"
        self.probe_url = f"http://127.0.0.1:{probe}" if (probe := environment.pop("PROBE_PORT", None)) else self.url
        self.environment = environment
        self._ready = f"{self.probe_url}{ready}"
        self._module, self._arguments = module, arguments
        self.child = Child(home, name, polite=SIGTERM)
        self._client = httpx.Client(trust_env=False, timeout=5)
        self._looked, self._missed = 0.0, 0

    @property
    def pid(self) -> int | None:
        return self.child.pid

    @property
    def log(self) -> Path:
        return self.child.log

    def start(self) -> None:
        self.child.fork(self._nursery, self._module, self._arguments, {**os.environ, **self.environment})

    def wait(self) -> None:
        """Until it is ready.  Raises ChildError with the end of its log if it ends or takes too long."""
        self.child.wait_until(self.is_ready, every=0.1)

    def is_ready(self) -> bool:
        try:
            return self._client.get(self._ready).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self.child.stop()

    def kill(self) -> None:
        """SIGKILL, for tests of faults."""
        self.child.kill()

    def restart(self) -> None:
        """Starts it when it ended; or anew when it does not answer, and so hears no polite signal either."""
        self.kill()
        self._missed = 0
        self.start()

    def illness(self) -> str | None:
        """Also when it answers nobody, whatever it would say; asked now and then, and believed when it goes on."""
        if not self.pid:
            return "ended by itself"
        if time.monotonic() - self._looked > BETWEEN:
            self._missed = 0 if self._answers() else self._missed + 1
            self._looked = time.monotonic()
        return "does not answer" if self._missed >= MISSED else None

    def _answers(self) -> bool:
        try:
            self._client.get(f"{self.probe_url}/health/live", timeout=ANSWER)
        except httpx.HTTPError:
            return False
        return True


class Region:
    """Engines, databases, issuer and services in `data`; use it as a context manager.

    Leaving the block stops services first, then what they stand on, and keeps the data.
    """

    def __init__(
        self,
        data: Path,
        *,
        slug: str = "gansu-lanzhou",
        services: Sequence[str] = SERVICES,
        provinces: Sequence[str] = (GANSU,),
        say: Say = lambda _: None,
    ) -> None:
        self.data, self.slug, self._services, self._say = data.absolute(), slug, services, say
        self._provinces = provinces
        self.programs: dict[str, Program] = {}
        self.postgres: Engine
        self.nats: Bus
        self._nursery = Nursery([*NEEDED, *(f"{name}.{part}" for name in services for part in ("app", "settings"))])
        self._stack = ExitStack()
        self._started_at = datetime.now(UTC)
        self._keepers: list[Keeper] = []

    def __enter__(self) -> Self:
        with told("Still starting, {seconds} s", self._say) as say, ExitStack() as stack:
            stack.enter_context(state.held(self.data))
            state.refuse_another(self.data, self.slug)
            stack.enter_context(self._nursery)
            choosing = stack.enter_context(_choosing_ports())
            self.postgres = stack.enter_context(postgres(self.data / "postgres"))
            say(f"PostgreSQL  {_address(self.postgres.url)}")
            if isinstance(self.postgres, PostgresEngine) and self.postgres.home != self.data / "postgres":
                say(f"            in {self.postgres.home}: its user may not enter {self.data}")
            self.nats = stack.enter_context(nats(self.data / "nats", users=Users(self.slug, SERVICES)))
            say(f"NATS        {_address(self.nats.url)}")
            stack.callback(self._stop_programs)
            self._start_programs(say)
            choosing.close()
            self._keepers = self._engaged()
            self._stack = stack.pop_all()
        self.note()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with told("Still stopping, {seconds} s", self._say):
            self._stack.close()

    def note(self) -> None:
        """Writes where everything is for the other commands, and what is wrong; `tend` does when it has changed."""
        services = {
            name: state.Service(program.url, program.probe_url, program.pid or 0, str(program.log), program.environment)
            for name, program in self.programs.items()
            if name != "issuer"
        }
        state.write(
            self.data,
            state.State(
                pid=os.getpid(),
                region=self.slug,
                started_at=self._started_at.isoformat(),
                postgres_url=self.postgres.url,
                nats_url=self.nats.url,
                issuer_url=self.programs["issuer"].url,
                services=services,
                engine_pids={"postgres": self.postgres.pid, "nats": self.nats.pid},
                troubles={keeper.name: keeper.trouble for keeper in self._keepers if keeper.trouble},
            ),
        )

    async def run(self, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
        """`python -m` one of the children's modules, which need not be imported, to its end: exit status and output."""
        with tempfile.TemporaryFile() as said:
            process = self._nursery.start(module, arguments, environment, log=said)
            try:
                status = await asyncio.to_thread(process.wait)
            finally:
                process.kill()  # nobody waits for it where this was cancelled
            said.seek(0)
            return status, said.read().decode(errors="replace")

    def tend(self) -> None:
        """Starts again what ended by itself or is ill, engines first.  Call it now and then."""
        if [keeper for keeper in self._keepers if keeper.tend(self._say)]:
            self.note()

    def _engaged(self) -> list[Keeper]:
        engines = [
            Keeper(name, ill=engine.illness, start=engine.restart, log=engine.log)
            for name, engine in (("postgres", self.postgres), ("nats", self.nats))
            if engine.log is not None
        ]
        programs = [
            Keeper(name, ill=program.illness, start=program.restart, log=program.log)
            for name, program in self.programs.items()
        ]
        return [*engines, *programs]

    def _start_programs(self, say: Say) -> None:
        home = self.data / "services"
        home.mkdir(exist_ok=True)
        issuer = self._issuer(home)
        self._start(issuer)
        services = [self._service(home, name, issuer.url) for name in self._services]
        state.remember(self.data, self.slug)
        self._migrate(services, say)
        say(f"Databases   {' '.join(self._services)}")
        for service in services:
            self._start(service)
        for program in self.programs.values():
            program.wait()
            say(f"{program.name:<11} {program.url}")

    def _start(self, program: Program) -> None:
        self.programs[program.name] = program
        program.start()

    def _issuer(self, home: Path) -> Program:
        port = str(free_port(PORTS["issuer"]))
        return Program(
            home,
            "issuer",
            nursery=self._nursery,
            ready="/.well-known/jwks.json",
            module=ISSUER,
            arguments=[
                *("--port", port, "--key-file", str(home / "issuer.jwk"), "--people", str(PEOPLE)),
                *("--redirect-uri", f"{PORTAL}/sign-in/callback", "--signed-out-uri", f"{PORTAL}/"),
            ],
            environment={"PORT": port, "LIANDONG_ENV": "dev"},
        )

    def _service(self, home: Path, name: str, issuer: str) -> Program:
        urls = asyncio.run(store.provision(self.postgres.url, name, rotate=True))  # nobody else holds them
        kek = home / f"{name}.kek"
        if not kek.exists():
            new_kek_file(kek)
        ports = {"PORT": str(free_port(PORTS.get(name))), "PROBE_PORT": str(free_port())}
        settings = {
            "DATABASE_URL": urls["app"],
            "OWNER_DATABASE_URL": urls["owner"],
            "KEYS_OWNER_DATABASE_URL": urls["keys_owner"],
            "RELAY_DATABASE_URL": urls["relay"],
            "REBUILD_DATABASE_URL": urls["rebuild"],
            "KEYS_DATABASE_URL": urls["keys"],
            "KEK_FILE": str(kek),
            **self.nats.settings(name),
            "REGION": self.slug,
            "PROVINCES": ",".join(self._provinces),
            "ISSUER": issuer,
            "JWKS_URL": f"{issuer}/.well-known/jwks.json",
            "AUDIENCE": "liandong",
            "HOST": "127.0.0.1",
            **ports,
        }
        environment = {f"{name.upper()}_{key}": value for key, value in settings.items()} | ports
        return Program(
            home,
            name,
            nursery=self._nursery,
            ready="/health/ready",
            module=name,
            arguments=["serve"],
            environment=environment,
        )

    def _migrate(self, services: list[Program], say: Say) -> None:
        with ExitStack() as stack:
            said = [stack.enter_context(tempfile.TemporaryFile()) for _ in services]
            running = []
            for service, words in zip(services, said, strict=True):
                running.append(
                    self._nursery.start(service.name, ["migrate"], {**os.environ, **service.environment}, log=words)
                )
                stack.callback(running[-1].kill)
            for service, process, words in zip(services, running, said, strict=True):
                if _ended(service.name, process, say) == 0:
                    continue
                words.seek(0)
                last = (words.read().decode(errors="replace").strip() or "it said nothing").splitlines()[-1]
                raise ChildError(last if last.startswith(service.name) else f"{service.name} migrate: {last}")

    def _stop_programs(self) -> None:
        for program in self.programs.values():
            program.child.ask()
        deadline = time.monotonic() + PATIENCE
        for program in self.programs.values():
            program.child.wait_for_end(deadline)


def _ended(name: str, process: Forked, say: Say) -> int:
    """Waits for its end, however long its work is, and says whom it waits for."""
    while True:
        try:
            return process.wait(PATIENCE)
        except TimeoutExpired:
            say(f"{name} migrate (process {process.pid}) is still at work")


def _choosing_ports() -> IO[bytes]:
    """Held while a region starts: a port that was free is ours only when its server is up.

    Without it two regions that start at once take the same ports, and each is answered by the other's services.
    """
    held = (Path(tempfile.gettempdir()) / f"liandong-ports-{os.getuid()}.lock").open("ab")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"
