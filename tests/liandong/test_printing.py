"""What is printed beside the answers: versions, make's targets, commands to paste, and lines for whoever waits."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from pathlib import Path

import pytest
from tests.liandong.asked import ROOT, asked, ran

from liandong import pasting, patience
from liandong.pasting import command
from liandong.patience import told


def test_the_version_is_said() -> None:
    assert asked("--version") == (0, "liandong 0.1.0\n")


def test_make_help_lists_every_target_with_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^\.PHONY: (.*)$", text, re.M)[0].split()
    status, out, err = ran("make", "--no-print-directory", "-C", ROOT, "help")
    assert status == 0, err
    assert sorted(line.split()[1] for line in out.splitlines()) == sorted(targets)
    assert all(len(line.split()) > 2 for line in out.splitlines())


def test_a_command_is_printed_as_it_was_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin dir" / "liandong"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert command("figures", "--tenant", "620100") == f"'{program}' figures --tenant 620100"
    monkeypatch.setenv("PATH", str(program.parent))
    assert command("down") == "liandong down"
    monkeypatch.setattr(sys, "argv", ["/somewhere/pytest"])
    assert command("down") == f"{shlex.quote(sys.executable)} -m liandong down"


def test_a_command_names_the_data_directory_unless_it_is_the_usual_one(tmp_path: Path) -> None:
    data = tmp_path / "数据 目录"
    assert shlex.split(command("up", data=data))[-3:] == ["up", "--data", str(data)]
    assert "--data" not in command("up", data=Path(os.getcwd()) / pasting.DEFAULT_DATA)


def test_who_waits_is_told_that_it_goes_on_and_for_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.1)
    monkeypatch.setattr(patience, "THEN", 0.2)
    said: list[str] = []
    with told("still reading, {seconds} s", said.append):
        time.sleep(0.6)
    assert said[0] == "still reading, 0 s"
    assert len(said) in (2, 3)


def test_what_is_quick_or_speaks_itself_is_not_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.5)
    said: list[str] = []
    with told("still reading", said.append) as say:
        for n in range(4):
            time.sleep(0.2)
            say(str(n))
    assert said == ["0", "1", "2", "3"]
