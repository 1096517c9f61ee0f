"""What somebody meets in the first hours: one sentence with what to do, the right exit code, and no traceback."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from tests.golden.__main__ import main as writing
from tests.liandong.asked import LIANDONG, ROOT, apart, asked, begun, here, ran, refused, sentence

from kit.store.__main__ import main as provisioning
from liandong.child import Account, free_port, run_as
from liandong.engines import Binaries, NatsEngine
from liandong.engines.postgres import ask

CLOSED = "postgresql://nobody:x@127.0.0.1:1/none"
NO_POSTGRES = "LIANDONG_POSTGRES_URL is no URL of a PostgreSQL server: postgresql://USER:PASSWORD@HOST:PORT/postgres"


class HasUrls(Protocol):
    postgres_url: str


@pytest.fixture
def data(data_root: Path, tmp_path: Path) -> Path:
    return data_root / f"first-{tmp_path.name}" / "数据"


@pytest.mark.parametrize("region", ["Gansu", "gansu_lanzhou", "gansu--lanzhou", "甘肃", "", "x" * 61])
def test_a_region_that_cannot_be_is_refused_at_once_and_by_the_name_that_was_typed(data: Path, region: str) -> None:
    status, said = asked("up", "--data", data, "--region", region)
    assert status == 2
    assert said.splitlines()[-1].startswith("Error: Invalid value for '--region'")
    assert "such as gansu-lanzhou" in said
    assert "REGISTRY" not in said
    assert not data.exists()


def test_a_province_that_is_no_code_is_refused(data: Path) -> None:
    status, said = asked("up", "--data", data, "--province", "Gansu")
    assert status == 2
    assert "such as 620000" in said


def test_a_read_only_place(data: Path) -> None:
    data.mkdir(parents=True)
    if os.geteuid() == 0:
        command = apart(f"-o ro tmpfs '{data}'", *LIANDONG, "up", "--data", data / "x")
        assert "read-only; choose another place" in refused(1, *command)
        return
    data.chmod(0o555)
    assert "not permitted to" in refused(1, *LIANDONG, "up", "--data", data / "x")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_data(data: Path) -> None:
    data.mkdir(parents=True)
    (data / "up.lock").touch()
    os.chown(data / "up.lock", 65534, 65534)
    status, said = asked("up", "--data", data)
    assert status == 1
    assert "up.lock: not permitted to root (it is nobody's)" in said
    assert len(said.strip().splitlines()) == 1
    assert [path.name for path in data.iterdir()] == ["up.lock"]


def test_a_full_disk(data: Path) -> None:
    data.mkdir(parents=True)
    command = apart(f"-o size=4m,mode=755 tmpfs '{data}'", *LIANDONG, "up", "--data", data)
    said = refused(1, *command)
    assert "No space left on device; make room, or choose another --data" in said


SERVERS = [one for one in (*Binaries.on_this_machine(), Binaries.of_the_wheel()) if one]


@pytest.mark.parametrize("server", SERVERS, ids=lambda one: f"postgresql-{one.major}")
def test_next_to_no_shared_memory_is_enough_or_told_of(server: Binaries, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from liandong.engines import Binaries, EngineError, PostgresEngine\n"
        "from liandong.engines.postgres import ask\n"
        "settings = {'debug_parallel_query': 'on'} if sys.argv[3] > '15' else {}\n"
        "binaries = Binaries(Path(sys.argv[2]), int(sys.argv[3]))\n"
        "server = PostgresEngine(Path(sys.argv[1]), settings=settings, binaries=binaries)\n"
        "try:\n"
        "    with server: print(ask(server.url, 'select count(*) > 0 from pg_class'))\n"
        "except EngineError as error: print(error)"
    )
    home = Path("/var/tmp") / f"liandong-{os.getpid()}-{server.major}"
    home.mkdir(mode=0o755)
    try:
        command = apart(
            "-o size=64k tmpfs /dev/shm", sys.executable, "-c", code, home / "数据", server.path, str(server.major)
        )
        status, out, err = ran(*command)
    finally:
        shutil.rmtree(home)
    assert status == 0, err
    assert out == "True\n" if server.major > 15 else "docker run --shm-size" in out


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LIANDONG_POSTGRES_URL", CLOSED, "no PostgreSQL server answers at 127.0.0.1:1 (LIANDONG_POSTGRES_URL)"),
        ("LIANDONG_POSTGRES_URL", "postgresql://no.invalid/x", "answers at no.invalid:5432 (LIANDONG_POSTGRES_URL)"),
        ("LIANDONG_POSTGRES_URL", "nonsense", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "http://h/x", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "postgresql:///x", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "postgresql://h:port/x", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "postgresql://[h/x", NO_POSTGRES),
        ("LIANDONG_NATS_URL", "nats://127.0.0.1:1", "no NATS server answers at 127.0.0.1:1"),
        ("LIANDONG_NATS_URL", "", "LIANDONG_NATS_URL is no URL of a NATS server"),
        ("LIANDONG_NATS_URL", "nats://[h", "LIANDONG_NATS_URL is no URL of a NATS server"),
        ("LIANDONG_NATS_URL", "localhost:4222", "LIANDONG_NATS_URL is no URL of a NATS server"),
        ("LIANDONG_NATS_URL", "nats://u:p@h:port", "LIANDONG_NATS_URL is no URL of a NATS server"),
    ],
)
def test_an_administrators_url_that_is_wrong(
    data: Path, imported: None, engines: HasUrls, variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANDONG_POSTGRES_URL", engines.postgres_url)  # no cluster is made for the other's sake
    monkeypatch.setenv(variable, value)
    heard = signal.getsignal(signal.SIGTERM)
    status, words = asked("up", "--data", data)
    assert status == 1
    assert said in words.splitlines()[-1]
    assert signal.getsignal(signal.SIGTERM) is heard


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kek = tmp_path / "kek"
    if not kek.exists():
        kek.touch(0o600)
        kek.write_text("0" * 64)
    given = {
        "DATABASE_URL": CLOSED, "KEYS_DATABASE_URL": CLOSED, "OWNER_DATABASE_URL": CLOSED, "RELAY_DATABASE_URL": CLOSED,
        "KEYS_OWNER_DATABASE_URL": CLOSED, "REBUILD_DATABASE_URL": CLOSED, "KEK_FILE": str(kek), "REGION": "here",
        "NATS_URL": "nats://127.0.0.1:1", "ISSUER": "http://127.0.0.1:1", "JWKS_URL": "http://127.0.0.1:1/jwks",
        "PORT": str(free_port()), **more,
    }  # fmt: skip
    return {f"FUNDING_{name}": value for name, value in given.items()}


def test_a_service_whose_database_is_away(tmp_path: Path) -> None:
    said = sentence(1, begun("funding", "migrate", **environment(tmp_path)))
    assert said.startswith("funding migrate: nobody answers: ")


def test_settings_that_cannot_be_are_named_as_they_were_written(tmp_path: Path) -> None:
    wrong = {
        "REGION": "Gansu",
        "PORT": "x",
        "NATS_URL": "http://h",
        "NATS_MAX_BYTES": "10",
        "OWNER_DATABASE_URL": "my://h",
    }
    status, out, err = begun("funding", "migrate", **environment(tmp_path, **wrong))
    assert (status, out) == (2, "")
    assert {line.partition(":")[0] for line in err.splitlines()} == {f"FUNDING_{name}" for name in wrong}


def test_serve_says_why_it_does_not_and_prints_no_traceback(tmp_path: Path) -> None:
    status, out, err = begun("funding", "serve", **environment(tmp_path))
    assert status == 1
    assert "nobody answers" in err
    assert "Traceback" not in out + err


def test_a_seed_that_cannot_be_read_is_the_environments_fault(
    provisioned: dict[str, str], own_nats: NatsEngine, tmp_path: Path
) -> None:
    given = {"NATS_URL": f"nats://{own_nats.url.rpartition('@')[2]}", **provisioned}
    env = environment(tmp_path, **given, NATS_DECLARE_SEED_FILE=str(tmp_path / "absent"))
    assert "absent cannot be read: No such file" in sentence(2, begun("funding", "migrate", **env))
    said = sentence(1, begun("funding", "migrate", **environment(tmp_path, **given)))
    assert "the NATS server does not let platform in" in said


@pytest.fixture
async def provisioned(provision: object) -> dict[str, str]:
    urls: dict[str, str] = await provision("funding")  # type: ignore[operator]
    return {f"{role.upper()}_DATABASE_URL".replace("APP_", ""): url for role, url in urls.items()}


@pytest.mark.parametrize(
    ("code", "url", "service", "said"),
    [
        (2, "xx", "funding", NO_POSTGRES),
        (2, "postgresql:///x", "funding", NO_POSTGRES),
        (2, "postgresql://h/x?sslmode=never", "funding", "LIANDONG_POSTGRES_URL: `sslmode` parameter must be one of"),
        (1, CLOSED, "funding", "no PostgreSQL server answers at 127.0.0.1:1 (LIANDONG_POSTGRES_URL)"),
        (2, CLOSED, "Fun ding", "'Fun ding' is no service: small letters, digits and _, at most 40, such as funding"),
        (2, CLOSED, "f" * 41, "is no service"),
    ],
)
def test_databases_that_cannot_be_provisioned(code: int, url: str, service: str, said: str) -> None:
    status, out, err = here(provisioning, "provision", service, LIANDONG_POSTGRES_URL=url)
    assert (status, out) == (code, ""), err
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err


def test_an_administrator_who_may_not_is_told_what_is_missing(engines: HasUrls, tmp_path: Path) -> None:
    name = f"clerk_{os.getpid()}"
    ask(engines.postgres_url, f"create role {name} login password 'x'")
    try:
        admin = urlsplit(engines.postgres_url)
        url = admin._replace(netloc=f"{name}:x@{admin.netloc.rpartition('@')[2]}")
        command = ("kit.store", "provision", "clerks")
        assert "needs CREATEROLE and CREATEDB" in sentence(1, begun(*command, LIANDONG_POSTGRES_URL=url.geturl()))
        wrong = url.geturl().replace(":x@", ":y@")
        assert "does not let us in" in sentence(1, begun(*command, LIANDONG_POSTGRES_URL=wrong))
    finally:
        ask(engines.postgres_url, f"drop role {name}")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Bad-Region registry", "'Bad-Region' is no region"),
        ("gansu--x registry", "'gansu--x' is no region"),
        ("gansu-lanzhou Registry", "'Registry' is no service"),
        ("gansu-lanzhou platform", "'platform' is no service"),
        ("gansu-lanzhou", "required: service"),
    ],
)
def test_no_rights_are_printed_for_what_cannot_be(given: str, said: str) -> None:
    status, out, err = begun("kit.bus.rights", *given.split())
    assert (status, out) == (2, "")
    assert said in err.splitlines()[-1]


def test_an_index_that_nobody_serves_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Of the bootstrap, in a checkout whose path has blanks and Chinese characters."""
    checkout = tmp_path / "路径 有空格" / "联动"
    (checkout / ".ci").mkdir(parents=True)
    for name in (".ci/bootstrap", "requirements.lock"):
        shutil.copy(ROOT / name, checkout / name)
    status, _, err = ran(
        "sh", checkout / ".ci" / "bootstrap",
        PYTHON=sys.executable, PIP_CONFIG_FILE="/dev/null", PIP_INDEX_URL="http://127.0.0.1:1/simple",
        PIP_NO_INDEX="", PIP_RETRIES="0", PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="",
    )  # fmt: skip
    [said] = err.strip().splitlines()
    assert status == 1
    assert "pip config set global.index-url" in said
    assert "Connection refused" in (checkout / ".venv" / "install.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("theirs", [".", ".venv", ".venv/lib/python3.11/site-packages"])
def test_an_environment_of_another_user_is_told_in_one_sentence(data: Path, theirs: str) -> None:
    (data / ".ci").mkdir(parents=True)
    for name in (".ci/bootstrap", "requirements.lock"):
        shutil.copy(ROOT / name, data / name)
    (data / ".venv/lib/python3.11/site-packages").mkdir(parents=True)
    for path in (data.parent, data, *data.rglob("*")):
        os.chown(path, 65534, 65534)
    os.chown(data / theirs, 0, 0)
    if theirs == ".":
        shutil.rmtree(data / ".venv")
    nobody = run_as(Account("nobody", 65534), data)
    done = subprocess.run(["sh", ".ci/bootstrap"], capture_output=True, text=True, check=False, **nobody)
    [said] = done.stderr.strip().splitlines()
    assert done.returncode == 1
    assert "is root's and nobody may not write to it: run make as root, or delete .venv" in said


def test_help_of_the_golden_files_writes_none() -> None:
    status, out, err = here(writing, "--help")
    assert (status, err) == (0, "")
    assert "Writes missing event files" in out
    assert here(writing, "--check")[0] == 2


def test_files_that_operators_are_sent_to_are_there() -> None:
    for page in (ROOT / "docs" / "operations.md", *(ROOT / "docs" / "adr").glob("*.md")):
        named = re.findall(r"`([\w./-]+/[\w.-]+\.(?:sql|py|sh|yaml|conf))(?:::\w+)?`", page.read_text("utf-8"))
        assert [path for path in named if not (ROOT / path).exists()] == [], page.name
