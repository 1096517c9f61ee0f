"""What a command looks at, it finds inside its change: so it is true until the change is written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import registry.commands

COMMANDS = sorted(Path(registry.commands.__path__[0]).rglob("*.py"))


@pytest.mark.parametrize("path", COMMANDS, ids=[path.stem for path in COMMANDS])
def test_a_command_reads_nothing_before_its_change(path: Path) -> None:
    used = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "store"
    }
    assert used <= {"change", "vault"}
