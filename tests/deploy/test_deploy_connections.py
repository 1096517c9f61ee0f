"""Connections of a whole region, at their most, fit PostgreSQL: also while every deployment is rolled at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.manifests import SERVICES, Manifest
from tests.deploy.pods import containers, workloads

from casework.app import CASEWORK
from funding.app import FUNDING
from kit.service.settings import ServiceSettings
from kit.store.provisioning import ROLES
from registry.app import REGISTRY
from volunteer.app import VOLUNTEER

KEPT = 20
"""Connections for people, monitoring and backups."""
HEARS = {one.name: one.handlers.publishers() for one in (REGISTRY, CASEWORK, FUNDING, VOLUNTEER)}
MAX: int = yaml.safe_load((Path(__file__).parents[2] / "deploy/k8s/external.yaml").read_text())["postgresql"][
    "max_connections"
]


def test_all_processes_together_fit_the_server(region: list[Manifest]) -> None:
    assert sum(_at_most(region)) <= MAX - KEPT


def test_no_role_is_refused_what_its_processes_may_take(region: list[Manifest]) -> None:
    for pods, service, environment in _serving(region):
        for role, connections in per_process(service, environment).items():
            assert pods * connections <= ROLES[role].connections, role


def test_one_service_that_takes_all_it_may_leaves_the_others_theirs(region: list[Manifest]) -> None:
    """CONNECTION LIMIT is what bounds a service that was taken over."""
    _, *fuller = sorted(_at_most(region))
    others = sum(fuller)
    assert sum(role.connections for role in ROLES.values()) + others > MAX - KEPT  # all roles at once: not promised
    assert max(role.connections for role in ROLES.values()) + others <= MAX - KEPT


@pytest.mark.parametrize("more", [{"pool_writes": "30"}, {"pool_reads": "50"}])
def test_a_pool_that_is_too_large_is_seen(region: list[Manifest], more: dict[str, str]) -> None:
    at_most = sum(
        pods * sum(per_process(service, {**environment, **more}).values())
        for pods, service, environment in _serving(region)
    )
    assert at_most > MAX - KEPT


def _at_most(region: list[Manifest], **more: str) -> list[int]:
    """Connections of each service at most, of all its pods; `more` are settings beside the manifests'."""
    return [
        pods * sum(per_process(service, {**environment, **more}).values())
        for pods, service, environment in _serving(region)
    ]


def per_process(service: str, environment: dict[str, str]) -> dict[str, int]:
    """Connections of one `serve` at most, by role.

    Outside the pools are the turns of what it hears, one for each publisher, an operator's redriving, the relay's turn.
    """
    turns = {"app": len(HEARS[service]) + 1, "relay": 1}
    given = {name: int(value) for name, value in environment.items() if name.startswith("pool_")}
    size = {name: given.get(name, info.default) for name, info in ServiceSettings.model_fields.items()}
    pools = {
        "app": size["pool_writes"] + size["pool_reads"] + 1,  # and the probe's
        "relay": size["pool_tails"],
        "keys": size["pool_keys"],
    }
    return {role: count + turns.get(role, 0) for role, count in pools.items()}


def _serving(region: list[Manifest]) -> list[tuple[int, str, dict[str, str]]]:
    """For each service: how many pods there are while a release rolls, its name, and their settings by field."""
    found = []
    for workload in workloads(region):
        if workload["kind"] != "Deployment":
            continue
        service = workload["metadata"]["name"].removesuffix("-serve")
        assert service in SERVICES
        spec: dict[str, Any] = workload["spec"]
        surge = int(spec["strategy"]["rollingUpdate"]["maxSurge"])
        (container,) = [c for c in containers(workload) if "serve" in (c.get("command") or [])]
        prefix = f"{service.upper()}_"
        environment = {
            e["name"].removeprefix(prefix).lower(): e["value"] for e in container.get("env") or [] if "value" in e
        }
        found.append((spec["replicas"] + surge, service, environment))
    assert len(found) == len(SERVICES)
    return found
