"""How far the report of each phase has come in the plan's chain of confirmation and review."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeAlias


@dataclass(frozen=True)
class Report:
    """A phase's report: `steps` of the plan's chain are done for this revision."""

    revision: int
    steps: int = 0
    returned: bool = False
    chain_passed: bool = False
    """It had passed the whole chain of the version that the project was moved from."""


Reports: TypeAlias = dict[str, Report]
"""By phase."""


def stepped(reports: Reports, phase: str, *, passed: bool) -> Reports:
    """One step of the chain further, or returned."""
    report = reports[phase]
    return {**reports, phase: replace(report, steps=report.steps + 1) if passed else replace(report, returned=True)}


def under_another_chain(reports: Reports, passed: Collection[str]) -> Reports:
    """What passed the old chain stands; any other report goes through the whole of the new one."""
    return {
        phase: replace(one, chain_passed=True) if phase in passed else replace(one, steps=0)
        for phase, one in reports.items()
    }
