"""Asking the command line as somebody would, in a process of its own or in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from tests.cradle import Process
from typer.testing import CliRunner, Result

from liandong.cli import app

ROOT = Path(__file__).parents[2]
LIANDONG = [sys.executable, "-m", "liandong"]


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


def begun(module: str, *arguments: str | Path, **env: str) -> tuple[int, str, str]:
    """As `ran` of `python -m`, in a process that need not import."""
    return Process(module, *(str(one) for one in arguments), env={**os.environ, **env}).done(120)


def here(main: Callable[[], None], *arguments: str, **env: str) -> tuple[int, str, str]:
    """As `ran` of `python -m` its module, in this process: to import a service once more takes seconds."""
    out, err, status = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", [main.__module__, *arguments])
        for name, value in env.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return status, out.getvalue(), err.getvalue()


def refused(code: int, *command: str | Path, **env: str) -> str:
    """The one sentence."""
    return sentence(code, ran(*command, **env))


def sentence(code: int, said: tuple[int, str, str]) -> str:
    """All that was said."""
    status, out, err = said
    lines = err.strip().splitlines()
    assert (status, len(lines)) == (code, 1), out + err
    return lines[0]


def apart(mounted: str, *command: str | Path) -> list[str]:
    """The command with something mounted that only it sees; skips where that is not allowed."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root")
    script = f'mount -t tmpfs {mounted} && shift && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh", *(str(part) for part in ("", *command))]


def asked(*arguments: str | Path) -> tuple[int, str]:
    """As `ran` of liandong, in this process; what it said on either."""
    done = _invoked(*arguments)
    return done.exit_code, done.output


def answered(*arguments: str | Path) -> tuple[int, str]:
    """The same; what it said on stdout."""
    done = _invoked(*arguments)
    return done.exit_code, done.stdout


def _invoked(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done
