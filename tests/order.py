"""Which tests run in one worker, and which first: xdist takes groups in the order in which they stand.

A file is a group: what it shares it makes once.  Files that stand on the calm region are one group, for it takes longer
to make than most of them take.  The longest begin, or the run would wait for one of them at its end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

CALM = ("rebuild", "trace", "bad_input", "privacy", "attack", "access", "api_contract")
"""Of tests/system, in this order: what asks for a region at rest first, what leaves anything behind last."""
FIRST = (
    "system/test_demo.py",
    "calm",
    "system/test_faults.py",
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
)
"""Groups, the longest first; of the others none takes long."""


def group_of(path: str) -> str:
    """`path` is that of a file of tests, below tests/."""
    folder, _, name = path.partition("/")
    return "calm" if folder == "system" and name[5:-3] in CALM else path


def place_of(path: str) -> tuple[int, int]:
    """Where the file stands in a run."""
    group, name = group_of(path), path.rpartition("/")[2]
    return (
        FIRST.index(group) if group in FIRST else len(FIRST),
        CALM.index(name[5:-3]) if group == "calm" else 0,
    )


def ordered(items: list[pytest.Item], root: Path) -> None:
    """Marks every test with its group and puts them in their order; within a file they stay as they stand."""
    paths = {item.nodeid: item.path.relative_to(root).as_posix() for item in items}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(paths[item.nodeid])))
    items.sort(key=lambda item: place_of(paths[item.nodeid]))
