"""What the operations page names exists: metrics, settings, commands, codes, namespaces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY
from tests.deploy.manifests import DEPLOY, Manifest
from tests.deploy.rules import policies

import kit.relay
import kit.service
from kit.service.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
CODE = {path: path.read_text("utf-8") for path in (ROOT / "kit" / "kit").rglob("*.py")}


def test_every_metric_on_the_page_is_exported() -> None:
    assert kit.relay is not None
    exported = {name for family in REGISTRY.collect() for name in (family.name, f"{family.name}_total")}
    named = set(re.findall(r"^\| `(\w+)", PAGE, re.M)) & set(re.findall(r"\w+_\w+_?\w*", PAGE))
    metrics = {name for name in named if not name.startswith("_") and not name.startswith("liandong_")}
    assert len(metrics) >= 9
    assert metrics <= exported


def test_every_variable_on_the_page_is_a_setting() -> None:
    named = {found.lower() for found in re.findall(r"`_([A-Z_]+)`", PAGE)}
    assert len(named) >= 12
    assert named <= ServiceSettings.model_fields.keys()


def test_every_command_on_the_page_is_one() -> None:
    cli = (ROOT / "kit" / "kit" / "service" / "cli.py").read_text("utf-8")
    named = set(re.findall(r"python -m <service> (\w+)", PAGE))
    assert named == set(re.findall(r'add_parser\("(\w+)"', cli))


def test_every_code_on_the_page_is_in_the_code() -> None:
    table = PAGE.partition("| code | what to do |")[2].partition("\n\n")[0]
    codes = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", table)) - {"detail"}
    everything = "\n".join(CODE.values())
    assert len(codes) >= 9
    assert [code for code in codes if f'"{code}"' not in everything] == []


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_the_namespaces_that_policies_name_are_declared(direction: str, region: list[Manifest]) -> None:
    declared = yaml.safe_load((DEPLOY / "external.yaml").read_text("utf-8"))["namespaces"][direction]
    found: set[str] = set()
    for policy in policies(region):
        for rule in policy["spec"].get(direction) or []:
            for peer in rule.get("from" if direction == "ingress" else "to") or []:
                selector = peer["namespaceSelector"]
                found |= set((selector.get("matchLabels") or {}).values())
                found |= {v for e in selector.get("matchExpressions") or [] for v in e["values"]}
    assert found == set(declared)
