"""Seeded faults: each rule finds what it is there for, named by the object that has it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.deploy import rules
from tests.deploy.environment import environment, key_file
from tests.deploy.manifests import Manifest, schema_errors
from tests.deploy.pods import pod

Rule = Callable[[list[Manifest]], Iterator[str]]
Fault = Callable[["Region"], Any]


class Region:
    """Lanzhou's manifests, to be spoilt."""

    def __init__(self, manifests: list[Manifest]) -> None:
        self.manifests = copy.deepcopy(manifests)

    def __getitem__(self, name: str) -> Manifest:
        return next(m for m in self.manifests if f"{m['kind']}/{m['metadata']['name']}" == name)

    def drop(self, name: str) -> None:
        self.manifests.remove(self[name])

    @property
    def spec(self) -> dict[str, Any]:
        """The pod of the funding deployment."""
        return pod(self["Deployment/funding-serve"])

    @property
    def serve(self) -> dict[str, Any]:
        found: dict[str, Any] = self.spec["containers"][0]
        return found

    @property
    def migrate(self) -> dict[str, Any]:
        found: dict[str, Any] = pod(self["Job/funding-migrate"])["containers"][0]
        return found

    def rule(self, direction: str, at: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self["NetworkPolicy/funding-serve"]["spec"][direction][at]
        return found


def env(container: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(e for e in container["env"] if e["name"] == name)
    return found


def volume(region: Region, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(v for v in region.spec["volumes"] if v["name"] == name)
    return found


FAULTS: list[tuple[str, Rule, Fault]] = [
    ("upper-case name", rules.names, lambda r: r["Service/funding-api"]["metadata"].update(name="Funding")),
    ("service name with a digit first", rules.names, lambda r: r["Service/funding-api"]["metadata"].update(name="1a")),
    ("label over 63", rules.names, lambda r: r["Job/funding-migrate"]["metadata"]["labels"].update(note="x" * 64)),
    ("port name over 15", rules.names, lambda r: r.serve["ports"][0].update(name="http-of-funding-x")),
    ("container name", rules.names, lambda r: r.serve.update(name="serve_1")),
    ("object twice", rules.names, lambda r: r.manifests.append(r["Service/funding-api"])),
    ("unit of nothing", rules.quantities, lambda r: r.serve["resources"]["requests"].update(memory="256mb")),
    ("request over limit", rules.quantities, lambda r: r.serve["resources"]["requests"].update(memory="1Gi")),
    ("no request", rules.quantities, lambda r: r.serve["resources"].pop("requests")),
    ("no limit", rules.quantities, lambda r: r.spec["initContainers"][0]["resources"].pop("limits")),
    ("no resources", rules.quantities, lambda r: r.migrate.pop("resources")),
    ("endless volume", rules.quantities, lambda r: volume(r, "tmp").update(emptyDir={})),
    (
        "deployment selects others",
        rules.selectors,
        lambda r: r["Deployment/funding-serve"]["spec"]["selector"]["matchLabels"].update(
            {"app.kubernetes.io/name": "registry"}
        ),
    ),
    (
        "service selects nothing",
        rules.selectors,
        lambda r: r["Service/funding-api"]["spec"]["selector"].update({"app.kubernetes.io/name": "fundings"}),
    ),
    (
        "service selects the jobs too",
        rules.selectors,
        lambda r: r["Service/funding-api"]["spec"]["selector"].pop("app.kubernetes.io/component"),
    ),
    (
        "policy selects nothing",
        rules.selectors,
        lambda r: r["NetworkPolicy/funding-serve"]["spec"]["podSelector"]["matchLabels"].update(tier="web"),
    ),
    (
        "budget selects nothing",
        rules.selectors,
        lambda r: r["PodDisruptionBudget/funding-serve"]["spec"]["selector"]["matchLabels"].update(tier="web"),
    ),
    (
        "target port",
        rules.target_ports,
        lambda r: r["Service/funding-api"]["spec"]["ports"][0].update(targetPort="https"),
    ),
    ("probe port", rules.target_ports, lambda r: r.serve["livenessProbe"]["httpGet"].update(port=9090)),
    ("policy port", rules.target_ports, lambda r: r.rule("ingress")["ports"][0].update(port="metrics")),
    ("no config map", rules.references, lambda r: r.drop(next(n for n in names_of(r) if n.startswith("ConfigMap/")))),
    (
        "key of a config map",
        rules.references,
        lambda r: env(r.serve, "FUNDING_ISSUER")["valueFrom"]["configMapKeyRef"].update(key="issuers"),
    ),
    (
        "undeclared secret",
        rules.references,
        lambda r: env(r.serve, "FUNDING_DATABASE_URL")["valueFrom"]["secretKeyRef"].update(name="funding-db"),
    ),
    (
        "undeclared key",
        rules.references,
        lambda r: env(r.serve, "FUNDING_DATABASE_URL")["valueFrom"]["secretKeyRef"].update(key="uri"),
    ),
    ("key of a volume", rules.references, lambda r: volume(r, "kek")["secret"]["items"][0].update(key="key")),
    ("undeclared trust", rules.references, lambda r: volume(r, "trust")["configMap"].update(name="trusts")),
    ("no account", rules.references, lambda r: r.drop("ServiceAccount/funding-account")),
    ("no volume", rules.references, lambda r: r.spec["volumes"].pop()),
    ("idle volume", rules.references, lambda r: r.serve["volumeMounts"].pop()),
    ("no readiness", rules.probes, lambda r: r.serve.pop("readinessProbe")),
    ("no liveness", rules.probes, lambda r: r.serve.pop("livenessProbe")),
    ("no start", rules.probes, lambda r: r.serve.pop("startupProbe")),
    (
        "dies with its database",
        rules.probes,
        lambda r: r.serve["livenessProbe"]["httpGet"].update(path="/health/ready"),
    ),
    ("may be root", rules.security, lambda r: r.spec["securityContext"].pop("runAsNonRoot")),
    ("is root", rules.security, lambda r: r.serve["securityContext"].update(runAsUser=0)),
    ("uid of the node", rules.security, lambda r: r.spec["securityContext"].update(runAsUser=100)),
    ("any system call", rules.security, lambda r: r.spec["securityContext"].pop("seccompProfile")),
    ("token in the pod", rules.security, lambda r: r.spec.update(automountServiceAccountToken=True)),
    (
        "token of the account",
        rules.security,
        lambda r: r["ServiceAccount/funding-account"].pop("automountServiceAccountToken"),
    ),
    ("host network", rules.security, lambda r: r.spec.update(hostNetwork=True)),
    ("host path", rules.security, lambda r: r.spec["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    ("writable root", rules.security, lambda r: r.serve["securityContext"].update(readOnlyRootFilesystem=False)),
    ("escalation", rules.security, lambda r: r.migrate["securityContext"].pop("allowPrivilegeEscalation")),
    (
        "capability",
        rules.security,
        lambda r: r.serve["securityContext"].update(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
    ),
    ("privileged", rules.security, lambda r: r.serve["securityContext"].update(privileged=True)),
    ("init container", rules.security, lambda r: r.spec["initContainers"][0].pop("securityContext")),
    ("one replica", rules.disruption, lambda r: r["Deployment/funding-serve"]["spec"].update(replicas=1)),
    ("no budget", rules.disruption, lambda r: r.drop("PodDisruptionBudget/funding-serve")),
    (
        "no drain",
        rules.disruption,
        lambda r: r["PodDisruptionBudget/funding-serve"]["spec"].update(minAvailable=2),
    ),
    ("latest", rules.images, lambda r: r.serve.update(image="registry.gansu.example/liandong/liandong:latest")),
    ("no tag", rules.images, lambda r: r.migrate.update(image="registry.gansu.example/liandong/liandong")),
    ("no registry", rules.images, lambda r: r.spec["initContainers"][0].update(image="liandong:0.1.0")),
    ("nothing denied", rules.network, lambda r: r.drop("NetworkPolicy/default-deny")),
    (
        "only ingress denied",
        rules.network,
        lambda r: r["NetworkPolicy/default-deny"]["spec"].update(policyTypes=["Ingress"]),
    ),
    ("default opens", rules.network, lambda r: r["NetworkPolicy/default-deny"]["spec"].update(egress=[{}])),
    ("no policy of its own", rules.network, lambda r: r.drop("NetworkPolicy/funding-migrate")),
    ("from everywhere", rules.network, lambda r: r.rule("ingress").pop("from")),
    ("from every namespace", rules.network, lambda r: r.rule("ingress").update({"from": [{"namespaceSelector": {}}]})),
    ("to anywhere", rules.network, lambda r: r.rule("egress", 3).update(to=[{"ipBlock": {"cidr": "0.0.0.0/0"}}])),
    ("to every port", rules.network, lambda r: r.rule("egress", 1).pop("ports")),
    ("variable of nobody", environment, lambda r: env(r.serve, "FUNDING_PORT").update(name="FUNDING_HTTP_PORT")),
    ("another's variable", environment, lambda r: env(r.serve, "FUNDING_PORT").update(name="REGISTRY_PORT")),
    ("variable twice", environment, lambda r: r.serve["env"].append(env(r.serve, "FUNDING_PORT"))),
    ("variable missing", environment, lambda r: r.serve["env"].remove(env(r.serve, "FUNDING_REGION"))),
    ("nobody publishes", environment, lambda r: r.serve["env"].remove(env(r.serve, "FUNDING_RELAY_DATABASE_URL"))),
    ("owner serves", environment, lambda r: r.serve["env"].append(env(r.migrate, "FUNDING_OWNER_DATABASE_URL"))),
    ("no owner", environment, lambda r: r.migrate["env"].remove(env(r.migrate, "FUNDING_OWNER_DATABASE_URL"))),
    (
        "written password",
        environment,
        lambda r: env(r.serve, "FUNDING_PORT").update(value="nats://funding:demo@nats:4222"),
    ),
    ("unchecked variables", environment, lambda r: r.serve.update(envFrom=[{"secretRef": {"name": "x"}}])),
    ("unknown command", environment, lambda r: r.serve.update(command=["python", "-m", "funding", "run"])),
    ("another's command", environment, lambda r: r.serve.update(command=["python", "-m", "registry", "serve"])),
    ("key elsewhere", key_file, lambda r: env(r.serve, "FUNDING_KEK_FILE").update(value="/secrets/kek/kek")),
    ("key on disk", key_file, lambda r: volume(r, "keys")["emptyDir"].pop("medium")),
    (
        "key for the group",
        key_file,
        lambda r: r.spec["initContainers"][0].update(
            command=[
                "install",
                "--mode=0640",
                "--target-directory=/keys",
                "/secrets/kek/kek",
                "/secrets/nats/nats-seed",
            ]
        ),
    ),
    (
        "seed elsewhere",
        key_file,
        lambda r: env(r.serve, "FUNDING_NATS_SEED_FILE").update(value="/secrets/nats/nats-seed"),
    ),
    ("seed not copied", key_file, lambda r: r.spec["initContainers"][0]["command"].pop()),
    (
        "service declares",
        environment,
        lambda r: r.serve["env"].append(env(r.migrate, "FUNDING_NATS_DECLARE_SEED_FILE")),
    ),
    ("nobody's seed", environment, lambda r: r.serve["env"].remove(env(r.serve, "FUNDING_NATS_SEED_FILE"))),
    (
        "owner of keys serves",
        environment,
        lambda r: r.serve["env"].append(env(r.migrate, "FUNDING_KEYS_OWNER_DATABASE_URL")),
    ),
]


def names_of(region: Region) -> list[str]:
    return [f"{m['kind']}/{m['metadata']['name']}" for m in region.manifests]


@pytest.mark.parametrize(("rule", "fault"), [f[1:] for f in FAULTS], ids=[f[0].replace(" ", "-") for f in FAULTS])
def test_a_fault_is_found(rule: Rule, fault: Fault, region: list[Manifest]) -> None:
    spoilt = Region(region)
    fault(spoilt)
    assert spoilt.manifests != region
    assert list(rule(spoilt.manifests)) != []


SCHEMA_FAULTS: list[tuple[str, str, Fault]] = [
    ("unknown field", "replica", lambda r: r["Deployment/funding-serve"]["spec"].update(replica=2)),
    ("number as text", "port", lambda r: r["Service/funding-api"]["spec"]["ports"][0].update(port="80")),
    ("nothing required", "template", lambda r: r["Job/funding-migrate"]["spec"].pop("template")),
    ("misplaced probe", "livenessprobe", lambda r: r.serve.update(livenessprobe=r.serve.pop("livenessProbe"))),
]


@pytest.mark.parametrize(("word", "fault"), [f[1:] for f in SCHEMA_FAULTS], ids=[f[0] for f in SCHEMA_FAULTS])
def test_the_schemas_find_a_fault(word: str, fault: Fault, region: list[Manifest]) -> None:
    spoilt = Region(region)
    fault(spoilt)
    assert any(word in error for error in schema_errors(spoilt.manifests))


def test_the_schemas_find_every_fault_at_once(region: list[Manifest]) -> None:
    spoilt = Region(region)
    for _, _, fault in SCHEMA_FAULTS:
        fault(spoilt)
    assert len(schema_errors(spoilt.manifests)) >= len(SCHEMA_FAULTS)
