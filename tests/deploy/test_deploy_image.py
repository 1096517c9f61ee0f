"""The image's recipe: pinned, hashed, without an index of its own, and not run by root."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deploy.manifests import SERVICES

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "Containerfile").read_text("utf-8")
HOST = re.compile(r"https?://|index-url|trusted-host|\b[\w-]+\.(com|org|net|cn)\b")


def findings(recipe: str) -> Iterator[str]:
    """What is wrong with a recipe; comments are read too, for a host in a comment is a host."""
    steps = [line for line in recipe.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    bases = [line.split()[1] for line in steps if line.startswith("FROM")]
    arguments = dict(line.removeprefix("ARG ").partition("=")[::2] for line in steps if line.startswith("ARG"))
    for base in bases:
        image = arguments.get(base.strip("${}"), base)
        if not re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", image):
            yield f"base {image} is no pinned version"
    if HOST.search(recipe):
        yield "names a host"
    users = [line.split()[1] for line in steps if line.startswith("USER")]
    if not users or not re.fullmatch(r"[1-9]\d{4,}:[1-9]\d{4,}", users[-1]):
        yield f"runs as {users}"
    for line in steps:
        if "pip" in line and "download" in line and "--require-hashes" not in line:
            yield "downloads without hashes"
        if "pip" in line and " install " in line and "--no-index" not in line:
            yield "installs from an index"
        if re.match(r"(COPY|ADD) (\.|\*|--chown=\S+ \.) ", line) or line.startswith("ADD"):
            yield "copies whatever lies about"
    yield from (f"leaves {s} out" for s in SERVICES if f"./services/{s}" not in recipe)


def test_the_recipe_holds() -> None:
    assert list(findings(RECIPE)) == []


@pytest.mark.parametrize(
    ("what", "was", "is_"),
    [
        ("pinned", "python:3.11.13-slim-bookworm", "python:latest"),
        ("pinned", "python:3.11.13-slim-bookworm", "python:3-slim"),
        ("host", "--no-deps", "--index-url https://mirror.example/simple --no-deps"),
        ("host", "# One image", "# See files.example.com: one image"),
        ("runs as", "USER 10001:10001\n", ""),
        ("runs as", "USER 10001:10001", "USER root"),
        ("runs as", "USER 10001:10001", "USER 0:0"),
        ("hashes", "--require-hashes ", ""),
        ("from an index", "--no-index ", ""),
        ("lies about", "COPY kit kit", "COPY . ."),
        ("volunteer", "./services/volunteer", ""),
    ],
)
def test_a_fault_in_the_recipe_is_found(what: str, was: str, is_: str) -> None:
    assert was in RECIPE
    assert any(what in finding for finding in findings(RECIPE.replace(was, is_)))


def test_the_lock_has_hashes_and_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = re.findall(r"^[a-z0-9][\w.-]*==\S+(?: ;[^\n\\]*)? \\$", lock, re.M)
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", lock, re.M)) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert not HOST.search(lock)
