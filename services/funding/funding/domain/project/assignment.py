"""One organisation's time with a project (承接任期), and those that ended: what they did and were judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from contracts.values import DocumentId, OrganisationId, WorkerId
from funding.domain.growing import Growing
from funding.domain.project import events as e
from funding.domain.project.reports import Reports
from funding.domain.project.team import Team
from funding.domain.terms import Level


@dataclass(frozen=True)
class Assignment:
    """One organisation's time with the project, from its selection to its end: what it did, what was judged of it."""

    number: int
    """1 for the project's first; with the project's id it is the assignment's name."""
    organisation: OrganisationId
    since: date
    """The day on which it was selected."""
    signed_on: date | None = None
    declaration: DocumentId | None = None
    team: Team = field(default_factory=Growing)
    """Everyone whom the organisation ever declared, whatever the verdict (R-LZ-08)."""
    posted: tuple[WorkerId, ...] = ()
    """The last verified staff, less those who left."""
    vacancies: int = 0
    """How many left since that verdict."""
    verified_on: date | None = None
    starters: tuple[WorkerId, ...] = ()
    bound: bool = False
    """The lock has begun: who is posted must not move."""
    funded: bool = False
    """It has had money of its own."""
    started_on: date | None = None
    breaches: int = 0
    impersonated: bool = False
    """A finding against somebody of the team is open: the registry has not judged yet."""
    reports: Reports = field(default_factory=dict)
    evaluated: frozenset[str] = frozenset()
    opinions: dict[str, e.Opinion] = field(default_factory=dict)
    """The last auditor's opinion of each phase."""
    phases_closed: frozenset[str] = frozenset()
    last_phase_closed: bool = False
    self_assessed: frozenset[Level] = frozenset()
    all_assessed: bool = False
    accepting_on: date | None = None
    """The last day of the steps from self-assessment to the acceptance report."""
    accepted: bool = False
    rectifying: bool = False
    report_filed: bool = False
    rated: bool = False

    @property
    def running(self) -> bool:
        return self.started_on is not None

    def cleared(self, phase: str) -> bool:
        """Audited, and the last opinion blocks nothing: after an adverse one the phase is audited again."""
        return self.opinions.get(phase, e.Opinion.ADVERSE) is not e.Opinion.ADVERSE


@dataclass(frozen=True)
class Former:
    """An assignment that ended: its money, its last wages and what is found of its team remain."""

    number: int
    organisation: OrganisationId
    ended_on: date
    team: Team = field(default_factory=Growing)
