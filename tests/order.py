"""Which tests run in one worker, and which first.

A file is a group: what it shares it makes once.  Files that stand on the calm region are one group, for it takes longer
to make than most of them take; so are those that call the same service in their own process, and those that read what
services say of themselves.  The longest begin, or the run would wait for one of them at its end.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

SERVICES = ("registry", "casework", "funding", "volunteer")
"""Of each, the tests over HTTP are one group: its routes, descriptions, templates and plays take a worker seconds."""
CALM = ("rebuild", "trace", "reading", "bad_input", "privacy", "attack", "access", "api_contract", "day")
"""Of tests/system, in this order: what asks for a region at rest first, what leaves anything behind last."""
DESCRIBED = ("golden/test_golden.py", "test_answers.py", "test_described.py", "test_names.py")
"""What reads the whole document of each service, which takes a worker seconds to make."""
FIRST = (
    "system/test_demo.py",
    "calm",
    "system/test_faults.py",
    "funding",
    "registry",
    "casework",
    "kit/test_service_listening.py",
    "kit/test_service_outage.py",
    "liandong/test_up.py",
    "kit/test_service_process.py",
    "liandong/test_first_hours.py",
    "deploy/test_deploy_release.py",
    "deploy/test_deploy_restore.py",
    "liandong/test_region.py",
    "kit/test_bus_intake.py",
    "kit/test_store_horizon.py",
    "golden/test_rights.py",
    "described",
)
"""Groups, the longest first; of the others none takes long."""


TESTS = Path(__file__).parent


class Groups(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker a group, and then the next.  (A pytest with structured node ids ignores `xdist_group`.)"""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False  # it would let the files with the most tests begin
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(TESTS.parent / nodeid.partition("::")[0])


def place_of(file: Path) -> tuple[int, int]:
    """Where the file stands in a run."""
    group = group_of(file)
    return FIRST.index(group) if group in FIRST else len(FIRST), CALM.index(_name(file)) if group == "calm" else 0


def group_of(file: Path) -> str:
    path = file.relative_to(TESTS)
    folder = path.parent.as_posix()
    if folder in SERVICES:
        return folder
    if path.as_posix() in DESCRIBED:
        return "described"
    return "calm" if folder == "system" and _name(file) in CALM else path.as_posix()


def _name(file: Path) -> str:
    return file.stem.removeprefix("test_")
