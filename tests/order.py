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


TESTS = Path(__file__).parent


def ordered(items: list[pytest.Item]) -> None:
    """Marks every test with its group and puts them in their order; within a file they stay as they stand."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_place)


def is_calm(item: pytest.Item) -> bool:
    """Whether it is one of those that stand on the calm region."""
    return _group(item) == "calm"


def _group(item: pytest.Item) -> str:
    path = item.path.relative_to(TESTS)
    return "calm" if path.parent.name == "system" and _name(item) in CALM else path.as_posix()


def _name(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


def _place(item: pytest.Item) -> tuple[int, int]:
    group = _group(item)
    first = FIRST.index(group) if group in FIRST else len(FIRST)
    return first, CALM.index(_name(item)) if group == "calm" else 0
