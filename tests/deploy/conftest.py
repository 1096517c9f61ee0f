from __future__ import annotations

import shutil

import pytest
from tests.deploy.manifests import Manifest, rendered

REGION = "region-lanzhou"


@pytest.fixture(scope="session")
def region() -> list[Manifest]:
    """Lanzhou's overlay, rendered.  Do not change it: copy it."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not on PATH: it renders deploy/k8s (Debian: apt-get install kubernetes-client)")
    return rendered(REGION)
