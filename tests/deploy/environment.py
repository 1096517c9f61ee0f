"""Whether the environment in the manifests is the one that a service's settings read."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from typing import Any

from tests.deploy.manifests import SERVICES, Manifest, name_of
from tests.deploy.pods import containers, pod, pod_labels, workloads

from kit.service.settings import ServiceSettings

NEEDS = {
    "serve": {
        "relay_database_url",
        "host",
        "port",
        "probe_port",
        "provinces",
        "nats_seed_file",
    },
    "migrate": {
        "owner_database_url",
        "keys_owner_database_url",
        "nats_declare_seed_file",
        "nats_replicas",
        "nats_max_bytes",
    },
}
"""Fields that have a default and that a command cannot do without."""
DENIED = {
    "serve": {"owner_database_url", "keys_owner_database_url", "rebuild_database_url", "nats_declare_seed_file"},
    "migrate": {"nats_seed_file"},
}
"""Only a migration may change a schema and declare streams; and it tells nothing."""
OTHERS = {"SSL_CERT_FILE", "OTEL_EXPORTER_OTLP_ENDPOINT"}
"""Read by libraries: OpenSSL, and the exporter of traces."""
PASSWORD = re.compile(r"//[^/@]*:[^/@]*@")


def settings_of(service: str) -> type[ServiceSettings]:
    """The service's own class; the one that all share while the service has none."""
    if importlib.util.find_spec(f"{service}.settings") is None:
        return ServiceSettings
    found: type[ServiceSettings] = importlib.import_module(f"{service}.settings").Settings
    return found


def environment(manifests: list[Manifest]) -> Iterator[str]:
    """Each name is a field of the service's settings, none that is needed is missing, and no password is written."""
    for w in workloads(manifests):
        service, name = pod_labels(w).get("app.kubernetes.io/name", ""), name_of(w)
        for c in pod(w)["containers"]:
            module, command = _command(c)
            if module not in SERVICES or module != service or command not in NEEDS:
                yield f"{name}: runs {c.get('command')}"
                continue
            yield from (f"{name}: {problem}" for problem in _names(settings_of(module), module, command, c))
        for c in containers(w):
            written = [e["name"] for e in c.get("env") or [] if PASSWORD.search(e.get("value") or "")]
            yield from (f"{name}: a password in {variable}" for variable in written)
            if "envFrom" in c:
                yield f"{name}: envFrom, which nobody can check"


def key_file(manifests: list[Manifest]) -> Iterator[str]:
    """Each file of keys that is read lies in a volume in memory, and an init container has put it there, mode 0600."""
    for w in workloads(manifests):
        kinds = {v["name"]: (v.get("emptyDir") or {}).get("medium") for v in pod(w).get("volumes") or []}
        made = {path for i in pod(w).get("initContainers") or [] for path in _installed(i["command"])}
        for c in pod(w)["containers"]:
            mounts = {m["mountPath"]: m["name"] for m in c.get("volumeMounts") or []}
            for e in c["env"]:
                path = e.get("value", "")
                if not e["name"].endswith("_FILE") or e["name"] in OTHERS or path == "/keys/none":
                    continue
                if path not in made or kinds.get(mounts.get(path.rpartition("/")[0], "")) != "Memory":
                    yield f"{name_of(w)}: {e['name']} {path!r}"


def _installed(command: list[str]) -> Iterator[str]:
    """Where `install` puts its files."""
    match command:
        case ["install", "--mode=0600", target, *files] if target.startswith("--target-directory="):
            yield from (f"{target.partition('=')[2]}/{file.rpartition('/')[2]}" for file in files)


def _names(settings: type[ServiceSettings], service: str, command: str, container: dict[str, Any]) -> Iterator[str]:
    prefix = f"{service.upper()}_"
    given = [e["name"] for e in container.get("env") or []]
    yield from (f"{variable} twice" for variable in {v for v in given if given.count(v) > 1})
    fields = {variable.removeprefix(prefix).lower() for variable in given if variable.startswith(prefix)}
    yield from (
        f"{variable} is read by nobody"
        for variable in given
        if not variable.startswith(prefix) and variable not in OTHERS
    )
    yield from (f"{prefix}{field.upper()} is read by nobody" for field in fields - settings.model_fields.keys())
    needed = {field for field, info in settings.model_fields.items() if info.is_required()} | NEEDS[command]
    yield from (f"{prefix}{field.upper()} is missing" for field in needed - fields)
    yield from (f"{prefix}{field.upper()} is not for {command}" for field in DENIED[command] & fields)


def _command(container: dict[str, Any]) -> tuple[str, str]:
    """(module, command) of `python -m module command`."""
    match container.get("command"):
        case ["python", "-m", module, command]:
            return module, command
        case _:
            return "", ""
