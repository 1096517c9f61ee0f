"""What `deploy/k8s` renders to, and what Kubernetes' own schemas say about it; no cluster needed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import importlib_resources
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

Manifest = dict[str, Any]
DEPLOY = Path(__file__).parents[2] / "deploy" / "k8s"
SERVICES = ("registry", "casework", "funding", "volunteer")
TARGET = "1.32"
SCHEMAS = importlib_resources.files("kubernetes_validate") / "kubernetes-json-schema" / f"v{TARGET}.0-local-strict"


def rendered(overlay: str) -> list[Manifest]:
    """The objects of an overlay, as `kubectl apply -k` would send them."""
    command = ["kubectl", "kustomize", str(DEPLOY / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode or done.stderr:
        raise AssertionError(f"{overlay} does not render cleanly:\n{done.stderr}")
    return list(yaml.safe_load_all(done.stdout))


def external(kind: str) -> dict[str, set[str]]:
    """Keys by name of the `secrets` or `config_maps` that are declared to be made elsewhere."""
    declared = yaml.safe_load((DEPLOY / "external.yaml").read_text("utf-8"))[kind]
    return {name.replace("SERVICE", s): set(keys) for name, keys in declared.items() for s in SERVICES}


def schema_errors(manifests: list[Manifest]) -> list[str]:
    """Everything that the schemas object to, not only the first thing: unknown fields, types, missing fields."""
    found: list[str] = []
    for manifest in manifests:
        validator = _validator(manifest["kind"], manifest["apiVersion"])
        for error in validator.iter_errors(manifest):
            found.extend(f"{name_of(manifest)}: {line}" for line in _lines(error))
    return found


def name_of(manifest: Manifest) -> str:
    return f"{manifest.get('kind')}/{manifest.get('metadata', {}).get('name')}"


@cache
def _validator(kind: str, api_version: str) -> Draft202012Validator:
    # apps/v1 is apps-v1, networking.k8s.io/v1 networking-v1, v1 v1.
    group = re.sub(r"^([^./]*)[^/]*/", r"\1-", api_version)
    schema = json.loads((SCHEMAS / f"{kind.lower()}-{group}.json").read_text())
    definitions = json.loads((SCHEMAS / "_definitions.json").read_text())
    registry = Resource.from_contents(definitions) @ (Resource.from_contents(schema) @ Registry())
    return Draft202012Validator(schema, registry=registry)


def _lines(error: Any) -> Iterator[str]:
    """The reason at the bottom: an error of `anyOf` says only that nothing fitted."""
    for inner in error.context or [error]:
        yield f"{'.'.join(map(str, inner.absolute_path))}: {inner.message[:200]}"
