"""The manifests as they are: they render, Kubernetes 1.32 would take them, and our own rules hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.cradle import Process
from tests.deploy.environment import environment, key_file
from tests.deploy.manifests import DEPLOY, SERVICES, Manifest, rendered, schema_errors
from tests.deploy.pods import containers, of, pod, workloads
from tests.deploy.rules import RULES


def test_every_object_fits_its_schema(region: list[Manifest]) -> None:
    assert schema_errors(region) == []


@pytest.mark.parametrize("rule", [*RULES, environment, key_file], ids=lambda rule: rule.__name__)
def test_our_rules_hold(rule: Callable[[list[Manifest]], Iterator[str]], region: list[Manifest]) -> None:
    assert list(rule(region)) == []


def test_every_service_has_what_it_needs(region: list[Manifest]) -> None:
    for service in SERVICES:
        own = {m["kind"] for m in region if m["metadata"].get("labels", {}).get("app.kubernetes.io/name") == service}
        assert own == {"ServiceAccount", "Deployment", "Service", "PodDisruptionBudget", "Job", "NetworkPolicy"}


def test_nothing_of_the_generic_service_is_left(region: list[Manifest]) -> None:
    """A path missing from the naming component would leave its placeholder standing."""
    text = repr(region)
    assert "SERVICE_" not in text
    assert "'service'" not in text
    assert "service-" not in text


def test_only_migrations_are_given_the_owner(region: list[Manifest]) -> None:
    """The role that owns the schema can undo every policy on it, and the platform's NATS user can make consumers."""
    for w in workloads(region):
        read = [
            e["valueFrom"]["secretKeyRef"]["name"]
            for c in containers(w)
            for e in c.get("env") or []
            if "secretKeyRef" in (e.get("valueFrom") or {})
        ]
        read += [v["secret"]["secretName"] for v in pod(w)["volumes"] if "secret" in v]
        assert any(name.endswith("-owner") for name in read) == (w["kind"] == "Job")


def test_every_overlay_names_a_region_of_its_own(region: list[Manifest]) -> None:
    overlays = sorted(path.name for path in (DEPLOY / "overlays").iterdir())
    slugs = [of(rendered(name), "ConfigMap")[0]["data"]["region"] for name in overlays]
    assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize("service", SERVICES)
def test_the_commands_of_the_manifests_really_start(service: str, region: list[Manifest]) -> None:
    for w in workloads(region):
        for c in w["spec"]["template"]["spec"]["containers"]:
            if c["command"][2] == service:
                status, out, err = Process(*c["command"][2:], "--help", env={}).done(120)  # help needs no environment
                assert (status, err) == (0, "")
                assert f"python -m {service} {c['command'][3]}" in out
