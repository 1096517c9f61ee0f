"""What somebody meets in the first hours: one sentence with what to do, the right exit code, and no traceback."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from kit import clock
from liandong import state
from liandong.child import Account, free_port, run_as
from liandong.cli import app
from liandong.engines import Binaries, EngineError, NatsEngine, PostgresEngine
from liandong.engines.postgres import ask

ROOT = Path(__file__).parents[2]
LIANDONG = [sys.executable, "-m", "liandong"]
CLOSED = "postgresql://nobody:x@127.0.0.1:1/none"
NO_POSTGRES = "LIANDONG_POSTGRES_URL is no URL of a PostgreSQL server: postgresql://USER:PASSWORD@HOST:PORT/postgres"


class HasUrls(Protocol):
    postgres_url: str


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
        ("LIANDONG_POSTGRES_URL", CLOSED, "no PostgreSQL server answers at 127.0.0.1:1 (LIANDONG_POSTGRES_URL)"),
        ("LIANDONG_POSTGRES_URL", "postgresql://no.invalid/x", "answers at no.invalid:5432 (LIANDONG_POSTGRES_URL)"),
        ("LIANDONG_POSTGRES_URL", "nonsense", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "http://h/x", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "postgresql:///x", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "postgresql://h:port/x", NO_POSTGRES),
        ("LIANDONG_POSTGRES_URL", "postgresql://[h/x", NO_POSTGRES),
        ("LIANDONG_NATS_URL", "nats://127.0.0.1:1", "no NATS server answers at 127.0.0.1:1"),
        ("LIANDONG_NATS_URL", "localhost:4222", "LIANDONG_NATS_URL is no URL of a NATS server"),
        ("LIANDONG_NATS_URL", "nats://u:p@h:port", "LIANDONG_NATS_URL is no URL of a NATS server"),
    ],
)
def test_an_administrators_url_that_is_wrong(
    data: Path, variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    heard = signal.getsignal(signal.SIGTERM)
    status, words = asked("up", "--data", data)
    assert status == 1
    assert said in words.splitlines()[-1]
    assert signal.getsignal(signal.SIGTERM) is heard


LOOKING = ["status", "rebuild funding", "figures --tenant 620100", "history --tenant 620100"]


@pytest.mark.parametrize("command", LOOKING)
def test_where_nothing_is_up(tmp_path: Path, command: str) -> None:
    """Which directory was looked in, and what comes next."""
    data = tmp_path / "没有"
    absent = f"Nothing is up: there is no {data}; start a region there (liandong up), or name another --data.\n"
    assert asked(*command.split(), "--data", data) == (3, absent)
    data.mkdir()
    (data / "up.lock").touch()
    was = f"Nothing is up in {data}: start it (liandong up), or name another --data.\n"
    assert asked(*command.split(), "--data", data) == (3, was)
    (data / "up.lock").rename(data / "notes")
    foreign = f"Nothing is up: {data} is no data directory of Liandong's; name another --data.\n"
    assert asked(*command.split(), "--data", data) == (3, foreign)


@pytest.mark.parametrize("command", [*LOOKING, "up", "down", "demo", "held list", "parked list"])
def test_a_file_is_no_data_directory(tmp_path: Path, command: str) -> None:
    file = tmp_path / "README.md"
    file.touch()
    said = f"{file} is a file: name a directory (--data, or LIANDONG_DATA), such as .liandong\n"
    assert asked(*command.split(), "--data", file) == (2, said)


@pytest.mark.parametrize("place", ["/proc/x", "{tmp}/README.md/x", "{tmp}/" + "x" * 300])
def test_a_place_where_no_directory_can_be(tmp_path: Path, place: str) -> None:
    (tmp_path / "README.md").touch()
    status, said = asked("up", "--data", place.format(tmp=tmp_path))
    assert status == 1
    assert re.fullmatch(r".* cannot be made a directory \(.*\): name another --data\n", said)


def test_somebody_elses_directory_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.6\n")
    status, said = asked("up", "--data", tmp_path)
    assert status == 1
    what = f"{tmp_path} holds files and is no data directory of Liandong's"
    assert said == f"{what}: name an empty or a new one (--data)\n"
    assert [path.name for path in tmp_path.rglob("*")] == ["postgres", "PG_VERSION"]


def test_a_cluster_of_another_kind_is_not_ours(data: Path) -> None:
    (data / "cluster").mkdir(parents=True)
    (data / "cluster" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EngineError, match=r"cluster was made by PostgreSQL 9\.6.*no data directory of Liandong's"):
        PostgresEngine(data)


def test_status_only_reads(data: Path) -> None:
    data.mkdir(parents=True)
    with state.held(data):
        pass
    data.chmod(0o555)
    command: list[str | Path] = [*LIANDONG, "status", "--data", data]
    if os.geteuid() == 0:
        command[:] = apart(f"-o mode=755 tmpfs /mnt && mount -o bind,ro '{data}' '{data}'", *command)
    shown = refused(3, *command)
    assert shown == f"Nothing is up in {data}: start it (liandong up), or name another --data."


TOMORROW = (clock.now() + timedelta(days=2)).date().isoformat()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("figures --tenant abc", "没有租户 abc：应为六位行政区划代码"),
        ("history --tenant 62010", "没有租户 62010：应为六位行政区划代码"),
        ("figures --tenant ６２０１００", "应为六位行政区划代码"),
        ("held list --tenant 6", "没有租户 6：应为六位行政区划代码"),
        ("parked list --tenant x", "没有租户 x：应为六位行政区划代码"),
        ("figures --tenant 620100 --as-of yesterday", "日期应为 YYYY-MM-DD"),
        (f"figures --tenant 620100 --as-of {TOMORROW}", f"{TOMORROW} 还没有到：--as-of 最晚为今天"),
        (f"history --tenant 620100 --known-at {TOMORROW}T08:00:00+08:00", "还没有到：--known-at 最晚为现在"),
        ("history --tenant 620100 --known-at 2026-05-01", "--known-at 须带时区"),
        ("rebuild fundin", "没有服务 fundin。可选：registry、casework、funding、volunteer。"),
        ("rebuild funding nope", "funding 没有读表 nope。可选：tenant、scheme_version、"),
        ("held list --service fundin", "没有服务 fundin。可选："),
        ("parked discard fundin 3 --reason x", "没有服务 fundin。可选："),
        ("parked discard funding 3 --reason x --as 王", "--as 不能是“王”"),
        ("parked replace funding 3 --reason x --body /nonexist", "--body /nonexist 读不出 JSON（No such file"),
        ("parked replace funding 3 --reason x --body README.md", "--body README.md 读不出 JSON（"),
    ],
)
def test_arguments_are_checked_before_the_region_is_looked_for(
    tmp_path: Path, command: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    status, words = asked(*command.split(), "--data", tmp_path / "没有")
    assert (status, len(words.splitlines())) == (2, 1), words
    assert said in words


def test_help_and_refusals_import_neither_services_nor_their_plumbing(tmp_path: Path) -> None:
    code = (
        "import sys; from liandong.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "finally: print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    for arguments in (["--help"], ["up", "--help"], ["status", "--data", tmp_path / "x"]):
        _, _, err = ran(sys.executable, "-c", code, *arguments)
        heavy = {"kit", "contracts", "fastapi", "faststream", "nats", "asyncpg", "httpx", "funding"}
        assert not heavy & set(err.splitlines()[-1].split()), arguments


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
    status, out, err = ran(sys.executable, "-m", "kit.store", "provision", service, LIANDONG_POSTGRES_URL=url)
    assert (status, out) == (code, ""), err
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err


def test_an_administrator_who_may_not_is_told_what_is_missing(engines: HasUrls, tmp_path: Path) -> None:
    name = f"clerk_{os.getpid()}"
    ask(engines.postgres_url, f"create role {name} login password 'x'")
    try:
        admin = urlsplit(engines.postgres_url)
        url = admin._replace(netloc=f"{name}:x@{admin.netloc.rpartition('@')[2]}")
        command = (sys.executable, "-m", "kit.store", "provision", "clerks")
        assert "needs CREATEROLE and CREATEDB" in refused(1, *command, LIANDONG_POSTGRES_URL=url.geturl())
        wrong = url.geturl().replace(":x@", ":y@")
        assert "does not let us in" in refused(1, *command, LIANDONG_POSTGRES_URL=wrong)
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
    status, out, err = ran(sys.executable, "-m", "kit.bus.rights", *given.split())
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
        PIP_NO_INDEX="", PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="",
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
    status, out, err = ran(sys.executable, "-m", "tests.golden", "--help")
    assert (status, err) == (0, "")
    assert "Writes missing event files" in out
    assert ran(sys.executable, "-m", "tests.golden", "--check")[0] == 2


def test_files_that_operators_are_sent_to_are_there() -> None:
    for page in (ROOT / "docs" / "operations.md", *(ROOT / "docs" / "adr").glob("*.md")):
        named = re.findall(r"`([\w./-]+/[\w.-]+\.(?:sql|py|sh|yaml|conf))(?:::\w+)?`", page.read_text("utf-8"))
        assert [path for path in named if not (ROOT / path).exists()] == [], page.name
