"""Rules of our own: what the schemas let pass and a cluster, or an attacker, would not.  Each answers its findings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from tests.deploy.manifests import Manifest, external, name_of
from tests.deploy.pods import containers, matches, of, pod, pod_labels, ports, selected, workloads

Findings = Iterator[str]
LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
DNS = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
PORT = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9](-?[a-z0-9])*")
QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
SCALE = {"m": Decimal("0.001"), None: Decimal(1), "k": Decimal(1000), "M": Decimal(1000) ** 2} | {
    "G": Decimal(1000) ** 3, "T": Decimal(1000) ** 4,
    "Ki": Decimal(1024), "Mi": Decimal(1024) ** 2, "Gi": Decimal(1024) ** 3, "Ti": Decimal(1024) ** 4,
}  # fmt: skip
IMAGE = re.compile(r"[a-z0-9.-]+\.[a-z]+(:\d+)?/[a-z0-9/_.-]+:(?!latest$)[\w.-]+(@sha256:[0-9a-f]{64})?")


def names(manifests: list[Manifest]) -> Findings:
    """RFC 1123 names, label values of at most 63 characters, nothing twice."""
    for m in manifests:
        form = SERVICE if m["kind"] == "Service" else DNS if m["kind"] == "Namespace" else SUBDOMAIN
        if not form.fullmatch(m["metadata"]["name"]):
            yield f"{name_of(m)}: not a name"
        for label, value in (m["metadata"].get("labels") or {}).items():
            if not LABEL.fullmatch(value):
                yield f"{name_of(m)}: label {label}={value}"
    twice = Counter((m["metadata"].get("namespace"), name_of(m)) for m in manifests)
    yield from (f"{name}: twice" for (_, name), times in twice.items() if times > 1)
    for w in workloads(manifests):
        declared = [p.get("name", "") for c in pod(w)["containers"] for p in c.get("ports") or []]
        yield from (f"{name_of(w)}: port name {p!r}" for p in declared if not PORT.fullmatch(p))
        yield from (f"{name_of(w)}: container {c['name']}" for c in containers(w) if not DNS.fullmatch(c["name"]))


def quantities(manifests: list[Manifest]) -> Findings:
    """Requests and limits can be read, and no request exceeds its limit."""
    for w in workloads(manifests):
        for c in containers(w):
            requests, limits = (c.get("resources", {}).get(k) or {} for k in ("requests", "limits"))
            for resource in ("cpu", "memory"):
                asked, most = amount(requests.get(resource)), amount(limits.get(resource))
                if asked is None:
                    yield f"{name_of(w)} {c['name']}: requests {resource} {requests.get(resource)!r}"
                if resource in limits and (most is None or (asked is not None and asked > most)):
                    yield f"{name_of(w)} {c['name']}: limits {resource} {limits[resource]!r}"
            if "memory" not in limits:
                yield f"{name_of(w)} {c['name']}: no limit of memory"
        for v in pod(w).get("volumes") or []:
            if "emptyDir" in v and amount((v["emptyDir"] or {}).get("sizeLimit")) is None:
                yield f"{name_of(w)} volume {v['name']}: no size limit"


def selectors(manifests: list[Manifest]) -> Findings:
    """What selects pods selects those of one workload."""
    for d in of(manifests, "Deployment"):
        if not matches(d["spec"]["selector"]["matchLabels"], pod_labels(d)):
            yield f"{name_of(d)}: does not select its own pods"
    chosen = [(m, m["spec"].get("selector") or {}) for m in of(manifests, "Service")]
    chosen += [(m, m["spec"]["selector"].get("matchLabels") or {}) for m in of(manifests, "Deployment", *BUDGET)]
    chosen += [(m, m["spec"]["podSelector"].get("matchLabels") or {}) for m in policies(manifests) if not everywhere(m)]
    for m, selector in chosen:
        found = [name_of(w) for w in selected(manifests, selector)]
        if len(found) != 1:
            yield f"{name_of(m)}: selects {found or 'nothing'}"


def target_ports(manifests: list[Manifest]) -> Findings:
    """Services, probes and network policies name ports that the pods listen on."""
    for s in of(manifests, "Service"):
        for w in selected(manifests, s["spec"].get("selector") or {}):
            for p in s["spec"]["ports"]:
                if p.get("targetPort", p["port"]) not in ports(w):
                    yield f"{name_of(s)}: {name_of(w)} has no port {p.get('targetPort', p['port'])}"
    for w in workloads(manifests):
        for c in containers(w):
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = (c.get(probe) or {}).get("httpGet", {}).get("port", "http")
                if probe in c and asked not in ports(w):
                    yield f"{name_of(w)} {c['name']}: {probe} asks port {asked}"
    for policy in policies(manifests):
        opened = {p["port"] for rule in policy["spec"].get("ingress") or [] for p in rule.get("ports") or []}
        for w in selected(manifests, policy["spec"]["podSelector"].get("matchLabels") or {}):
            yield from (f"{name_of(policy)}: {name_of(w)} has no port {p}" for p in opened - ports(w))


def references(manifests: list[Manifest]) -> Findings:
    """ConfigMaps, Secrets, accounts and volumes that are referred to exist, with the keys that are read."""
    maps = {m["metadata"]["name"]: set(m.get("data") or {}) for m in of(manifests, "ConfigMap")}
    known = {"configMapKeyRef": {**external("config_maps"), **maps}, "secretKeyRef": external("secrets")}
    accounts = {m["metadata"]["name"] for m in of(manifests, "ServiceAccount")}
    for w in workloads(manifests):
        if pod(w).get("serviceAccountName") not in accounts:
            yield f"{name_of(w)}: no account {pod(w).get('serviceAccountName')}"
        for kind, name, key in _read(w):
            if key not in known[kind].get(name, set()):
                yield f"{name_of(w)}: {kind} {name} has no {key}"
        volumes = {v["name"] for v in pod(w).get("volumes") or []}
        mounted = {m["name"] for c in containers(w) for m in c.get("volumeMounts") or []}
        yield from (f"{name_of(w)}: volume {v} is mounted or declared, not both" for v in volumes ^ mounted)


def probes(manifests: list[Manifest]) -> Findings:
    """Whatever serves can say that it started, lives and is ready; it lives even when its database does not."""
    for d in of(manifests, "Deployment"):
        for c in pod(d)["containers"]:
            missing = {"startupProbe", "livenessProbe", "readinessProbe"} - c.keys()
            yield from (f"{name_of(d)} {c['name']}: no {probe}" for probe in missing)
            if (c.get("livenessProbe") or {}).get("httpGet", {}).get("path") == "/health/ready":
                yield f"{name_of(d)} {c['name']}: lives only while its dependencies do"


def security(manifests: list[Manifest]) -> Findings:
    """The restricted pod security standard, a read-only root, no token, nothing of the host."""
    for w in workloads(manifests):
        spec, whole = pod(w), pod(w).get("securityContext") or {}
        wanted = {
            "runAsNonRoot": whole.get("runAsNonRoot") is True,
            "runAsUser": (whole.get("runAsUser") or 0) >= 10000,
            "seccompProfile": whole.get("seccompProfile") == {"type": "RuntimeDefault"},
            "automountServiceAccountToken": spec.get("automountServiceAccountToken") is False,
            "nothing of the host": not {"hostNetwork", "hostPID", "hostIPC"} & {k for k, v in spec.items() if v},
            "no path of the host": not any("hostPath" in v for v in spec.get("volumes") or []),
        }
        yield from (f"{name_of(w)}: {what}" for what, held in wanted.items() if not held)
        for c in containers(w):
            own = c.get("securityContext") or {}
            held = own.get("allowPrivilegeEscalation") is False and own.get("readOnlyRootFilesystem") is True
            dropped = own.get("capabilities") == {"drop": ["ALL"]} and not own.get("privileged")
            if not (held and dropped and own.get("runAsNonRoot", True) and own.get("runAsUser", 10000) >= 10000):
                yield f"{name_of(w)} {c['name']}: securityContext {own}"
    for account in of(manifests, "ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"{name_of(account)}: mounts a token"


def disruption(manifests: list[Manifest]) -> Findings:
    """Every deployment survives the loss of a node, and lets a node be drained."""
    for d in of(manifests, "Deployment"):
        budgets = [b for b in of(manifests, *BUDGET) if matches(b["spec"]["selector"]["matchLabels"], pod_labels(d))]
        replicas = d["spec"].get("replicas", 1)
        if replicas < 2:
            yield f"{name_of(d)}: {replicas} replica"
        if len(budgets) != 1:
            yield f"{name_of(d)}: {len(budgets)} disruption budgets"
        if any(b["spec"].get("minAvailable", 0) >= replicas for b in budgets):
            yield f"{name_of(d)}: its budget never lets a node be drained"


def images(manifests: list[Manifest]) -> Findings:
    """A registry and a version: never :latest, never what a node happens to hold."""
    for w in workloads(manifests):
        yield from (f"{name_of(w)}: image {c['image']}" for c in containers(w) if not IMAGE.fullmatch(c["image"]))


def network(manifests: list[Manifest]) -> Findings:
    """All is denied, each pod has a policy of its own for both directions, and none opens to everybody."""
    for namespace in {w["metadata"].get("namespace") for w in workloads(manifests)}:
        deny = [p for p in policies(manifests) if everywhere(p) and p["metadata"].get("namespace") == namespace]
        if not any(set(p["spec"]["policyTypes"]) == {"Ingress", "Egress"} for p in deny):
            yield f"{namespace}: nothing is denied by default"
        yield from (f"{name_of(p)}: opens every pod" for p in deny if p["spec"].keys() & {"ingress", "egress"})
    for w in workloads(manifests):
        own = [p for p in policies(manifests) if not everywhere(p)]
        own = [p for p in own if matches(p["spec"]["podSelector"].get("matchLabels") or {}, pod_labels(w))]
        if not any(set(p["spec"]["policyTypes"]) == {"Ingress", "Egress"} for p in own):
            yield f"{name_of(w)}: no network policy"
    for p in policies(manifests):
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in p["spec"].get(direction) or []:
                wide = [peer for peer in rule.get(peers) or [{}] if not _narrow(peer)]
                if wide or not rule.get("ports"):
                    yield f"{name_of(p)}: {direction} {wide or 'on every port'}"


BUDGET = ("PodDisruptionBudget",)
RULES: tuple[Callable[[list[Manifest]], Findings], ...] = (
    names, quantities, selectors, target_ports, references, probes, security, disruption, images, network,
)  # fmt: skip


def amount(quantity: Any) -> Decimal | None:
    """A Kubernetes quantity as a number; None if it is none."""
    found = QUANTITY.fullmatch(str(quantity))
    return Decimal(found[1]) * SCALE[found[2]] if found else None


def policies(manifests: list[Manifest]) -> list[Manifest]:
    return of(manifests, "NetworkPolicy")


def everywhere(policy: Manifest) -> bool:
    """Whether it is for every pod of its namespace."""
    return not policy["spec"]["podSelector"]


def _narrow(peer: dict[str, Any]) -> bool:
    named = (peer.get("namespaceSelector") or {}).keys() | (peer.get("podSelector") or {}).keys()
    return bool(named) or peer.get("ipBlock", {}).get("cidr", "0.0.0.0/0") not in ("0.0.0.0/0", "::/0")


def _read(workload: Manifest) -> Iterator[tuple[str, str, str]]:
    """(configMapKeyRef or secretKeyRef, name, key) of all that a workload reads."""
    for c in containers(workload):
        for env in c.get("env") or []:
            for kind, ref in (env.get("valueFrom") or {}).items():
                yield kind, ref["name"], ref["key"]
    for v in pod(workload).get("volumes") or []:
        for item in v.get("secret", {}).get("items") or []:
            yield "secretKeyRef", v["secret"]["secretName"], item["key"]
        for item in v.get("configMap", {}).get("items") or []:
            yield "configMapKeyRef", v["configMap"]["name"], item["key"]
