"""Asking the command line as somebody would, in a process of its own or in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

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


def asked(*arguments: str | Path) -> tuple[int, str]:
    """As `ran` of liandong, in this process; what it said on either."""
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output
