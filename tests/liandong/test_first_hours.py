"""What somebody meets in the first hours: one sentence with what to do, the right exit code, and no traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from liandong.child import free_port
from liandong.cli import app
from liandong.engines import Binaries, NatsEngine

ROOT = Path(__file__).parents[2]
LIANDONG = [sys.executable, "-m", "liandong"]
CLOSED = "postgresql://nobody:x@127.0.0.1:1/none"


def ran(*command: str | Path, **env: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def refused(code: int, *command: str | Path, **env: str) -> str:
    """The one sentence."""
    status, out, err = ran(*command, **env)
    lines = err.strip().splitlines()
    assert (status, len(lines)) == (code, 1), out + err
    return lines[0]


def apart(mounted: str, *command: str | Path) -> list[str]:
    """The command with something mounted that only it sees; skips where that is not allowed."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root")
    script = f'mount -t tmpfs {mounted} && shift && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh", *(str(part) for part in ("", *command))]


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
    home = Path("/var/tmp") / f"liandong-{os.getpid()}-{server.major}"  # noqa: S108 - the other memory is mounted over
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


def asked(*arguments: str | Path) -> tuple[int, str]:
    """As `ran` of liandong, in this process; what it said on either."""
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LIANDONG_POSTGRES_URL", CLOSED, "PostgreSQL does not answer"),
        ("LIANDONG_POSTGRES_URL", "postgresql://h:port/x", "LIANDONG_POSTGRES_URL is no URL of a PostgreSQL server"),
        ("LIANDONG_NATS_URL", "nats://127.0.0.1:1", "no NATS server answers at 127.0.0.1:1"),
        ("LIANDONG_NATS_URL", "localhost:4222", "LIANDONG_NATS_URL is no URL of a NATS server"),
        ("LIANDONG_NATS_URL", "nats://u:p@h:port", "LIANDONG_NATS_URL is no URL of a NATS server"),
    ],
)
def test_an_administrators_url_that_is_wrong(
    data: Path, variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    status, words = asked("up", "--data", data)
    assert status == 1
    assert said in words.splitlines()[-1]


@pytest.mark.parametrize("command", ["status", "rebuild funding", "figures --tenant 620100", "history --tenant 620100"])
def test_where_nothing_is_up(tmp_path: Path, command: str) -> None:
    status, said = asked(*command.split(), "--data", tmp_path / "没有")
    assert status == 3
    assert len(said.strip().splitlines()) == 1


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
    said = refused(1, sys.executable, "-m", "funding", "migrate", **environment(tmp_path))
    assert said.startswith("funding migrate: nobody answers: ")


def test_settings_that_cannot_be_are_named_as_they_were_written(tmp_path: Path) -> None:
    wrong = {
        "REGION": "Gansu",
        "PORT": "x",
        "NATS_URL": "http://h",
        "NATS_MAX_BYTES": "10",
        "OWNER_DATABASE_URL": "my://h",
    }
    status, out, err = ran(sys.executable, "-m", "funding", "migrate", **environment(tmp_path, **wrong))
    assert (status, out) == (2, "")
    assert {line.partition(":")[0] for line in err.splitlines()} == {f"FUNDING_{name}" for name in wrong}


def test_serve_says_why_it_does_not_and_prints_no_traceback(tmp_path: Path) -> None:
    status, out, err = ran(sys.executable, "-m", "funding", "serve", **environment(tmp_path))
    assert status == 1
    assert "nobody answers" in err
    assert "Traceback" not in out + err


def test_a_seed_that_cannot_be_read_is_the_environments_fault(
    provisioned: dict[str, str], own_nats: NatsEngine, tmp_path: Path
) -> None:
    given = {"NATS_URL": f"nats://{own_nats.url.rpartition('@')[2]}", **provisioned}
    env = environment(tmp_path, **given, NATS_DECLARE_SEED_FILE=str(tmp_path / "absent"))
    assert "absent cannot be read: No such file" in refused(2, sys.executable, "-m", "funding", "migrate", **env)
    said = refused(1, sys.executable, "-m", "funding", "migrate", **environment(tmp_path, **given))
    assert "the NATS server does not let platform in" in said


@pytest.fixture
async def provisioned(provision: object) -> dict[str, str]:
    urls: dict[str, str] = await provision("funding")  # type: ignore[operator]
    return {f"{role.upper()}_DATABASE_URL".replace("APP_", ""): url for role, url in urls.items()}


def test_an_index_that_nobody_serves_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Of the bootstrap, in a checkout whose path has blanks and Chinese characters."""
    checkout = tmp_path / "路径 有空格" / "联动"
    (checkout / ".ci").mkdir(parents=True)
    for name in (".ci/bootstrap", "requirements.lock"):
        shutil.copy(ROOT / name, checkout / name)
    status, _, err = ran(
        "sh", checkout / ".ci" / "bootstrap",
        PYTHON=sys.executable, PIP_CONFIG_FILE="/dev/null", PIP_INDEX_URL="http://127.0.0.1:1/simple",
        PIP_NO_INDEX="", PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="",
    )  # fmt: skip
    [said] = err.strip().splitlines()
    assert status == 1
    assert "pip config set global.index-url" in said
    assert "Connection refused" in (checkout / ".venv" / "install.log").read_text()
