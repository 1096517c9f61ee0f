"""Finding one's way in manifests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.deploy.manifests import Manifest


def of(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [m for m in manifests if m["kind"] in kinds]


def workloads(manifests: list[Manifest]) -> list[Manifest]:
    return of(manifests, "Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob")


def template(workload: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]
    return found


def pod(workload: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = template(workload)["spec"]
    return found


def pod_labels(workload: Manifest) -> dict[str, str]:
    return template(workload)["metadata"].get("labels") or {}


def containers(workload: Manifest) -> Iterator[dict[str, Any]]:
    """Init containers too."""
    yield from pod(workload).get("initContainers") or []
    yield from pod(workload)["containers"]


def ports(workload: Manifest) -> set[str | int]:
    """Names and numbers of what its containers listen on."""
    declared = [port for c in pod(workload)["containers"] for port in c.get("ports") or []]
    return {p["containerPort"] for p in declared} | {p["name"] for p in declared if "name" in p}


def matches(selector: dict[str, str], labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())


def selected(manifests: list[Manifest], selector: dict[str, str]) -> list[Manifest]:
    return [w for w in workloads(manifests) if matches(selector, pod_labels(w))]
