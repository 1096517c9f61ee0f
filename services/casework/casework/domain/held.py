"""What is held to be so of a person's visits and details and of a case's notes, once what was put right is put right.

States do not keep it: only a correction asks for it, and whoever reads a record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias
from uuid import UUID

from casework.domain.case_events import (
    CaseClosed,
    CaseEndedEarly,
    CaseEvaluated,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
)
from casework.domain.corrections import (
    CaseCorrected,
    CaseNoteAnnulled,
    CaseNoteCorrected,
    EntryCorrected,
    HomeVisitAnnulled,
    HomeVisitCorrected,
)
from casework.domain.entry_events import BeneficiaryEnrolled, HomeVisitRecorded
from casework.domain.stage import Stage
from contracts.values import Said, Sealed, WorkerId
from kit.errors import NotFound

Noted: TypeAlias = (
    CaseOpened | CasePreAssessed | CasePlanMade | InterventionRecorded | CaseEvaluated | CaseClosed | CaseEndedEarly
)
"""What somebody wrote something about."""


@dataclass(frozen=True)
class Visit:
    """A visit as it is held to be: `day` is when it was paid."""

    day: date
    recorded: HomeVisitRecorded
    worker_id: WorkerId
    sealed: Sealed[str]
    annulled: bool = False

    @property
    def findings(self) -> str | None:
        """What was found, if that can be read."""
        return self.sealed.clear


@dataclass(frozen=True)
class Note:
    """What is held to be written at a step of a case."""

    id: UUID
    day: date
    event: Noted
    stage: Stage | None
    sealed: Sealed[str]
    annulled: bool = False

    @property
    def text(self) -> str | None:
        return self.sealed.clear


@dataclass(frozen=True)
class Details:
    """Who somebody is, as it is held to be and can be read."""

    enrolled: BeneficiaryEnrolled
    sealed: dict[str, Sealed[str] | None]
    categories: tuple[str, ...]

    @property
    def name(self) -> str | None:
        return self._clear("name")

    @property
    def id_number(self) -> str | None:
        return self._clear("id_number")

    @property
    def address(self) -> str | None:
        return self._clear("address")

    def _clear(self, name: str) -> str | None:
        sealed = self.sealed[name]
        return sealed.clear if sealed is not None else None


WHO = ("name", "id_number", "address")


def details(past: Said) -> Details:
    """NotFound where nobody was enrolled."""
    known: Details | None = None
    for _, _, event in past:
        match event:
            case BeneficiaryEnrolled():
                known = Details(event, {name: getattr(event, name) for name in WHO}, event.categories)
            case EntryCorrected() if known is not None:
                fresh = {name: sealed for name in WHO if (sealed := getattr(event, name)) is not None}
                known = replace(known, sealed={**known.sealed, **fresh}, categories=event.now)
    if known is None:
        raise NotFound
    return known


def visits(past: Said) -> dict[UUID, Visit]:
    """The visits of a person, oldest record first, those that were taken away among them."""
    found: dict[UUID, Visit] = {}
    for _, day, event in past:
        match event:
            case HomeVisitRecorded():
                found[event.visit_id] = Visit(day, event, event.worker_id, event.findings)
            case HomeVisitCorrected():
                visit = found[event.visit_id]
                found[event.visit_id] = replace(visit, worker_id=event.now, sealed=event.findings or visit.sealed)
            case HomeVisitAnnulled():
                found[event.visit_id] = replace(found[event.visit_id], annulled=True)
    return found


def visit_of(past: Said, visit_id: UUID) -> Visit:
    """NotFound where there never was such a visit."""
    if (visit := visits(past).get(visit_id)) is None:
        raise NotFound
    return visit


def notes(past: Said) -> dict[UUID, Note]:
    """What was written of a case, oldest first, what was taken away among it."""
    found: dict[UUID, Note] = {}
    for id, day, event in past:
        match event:
            case CaseNoteCorrected():
                found[event.note] = replace(found[event.note], sealed=event.text)
            case CaseNoteAnnulled():
                found[event.note] = replace(found[event.note], annulled=True)
            case CaseCorrected():
                pass
            case _:
                found[id] = Note(id, day, event, *_written(event))
    return found


def note_of(past: Said, note: UUID) -> Note:
    """NotFound where nothing was written so."""
    if (found := notes(past).get(note)) is None:
        raise NotFound
    return found


def _written(event: Noted) -> tuple[Stage | None, Sealed[str]]:
    match event:
        case CaseOpened(problem=text):
            return Stage.INTAKE, text
        case CasePreAssessed(assessment=text):
            return Stage.PRE_ASSESSMENT, text
        case CasePlanMade(plan=text):
            return Stage.PLANNING, text
        case InterventionRecorded(record=text):
            return Stage.INTERVENTION, text
        case CaseEvaluated(evaluation=text):
            return Stage.EVALUATION, text
        case CaseClosed(closing=text):
            return Stage.CLOSURE, text
        case CaseEndedEarly(note=text):
            return None, text
