"""Steps 14 to 17."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Code, Day, Name
from contracts.values import DocumentId, PilotId, Role
from funding.commands.application import Dated
from funding.commands.streams import PILOTS, agency_of, payer, scheme_of
from funding.domain.pilot import acceptance
from funding.domain.terms import Level
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store

LEVELS = {
    Role.COMMUNITY_COMMITTEE: Level.COMMUNITY,
    Role.STREET_OFFICER: Level.STREET,
    Role.STREET_PRINCIPAL_LEADER: Level.STREET,
    Role.DISTRICT_BUREAU: Level.DISTRICT,
}
"""Who files, for which level: the actor's own."""


class FileSummary(Command):
    summary: DocumentId


class FailAcceptance(Command):
    reasons: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    rectify_by: Day


class FileReport(Command):
    report: DocumentId


class RatePilot(Command):
    rating: Code


class PubliciseExperience(Command):
    title: Name
    medium: Code


async def file_self_assessment(store: Store, caller: Caller, pilot_id: PilotId, cmd: FileSummary) -> Answer:
    return await store.change(
        caller.may("file-self-assessment", cmd.occurred_on),
        lambda pilot, scheme: acceptance.file_self_assessment(
            pilot,
            scheme,
            level=LEVELS[caller.actor.role],
            summary=cmd.summary,
            acts_for=caller.acts_for,
            occurred_on=cmd.occurred_on,
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def complete(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("complete-acceptance", cmd.occurred_on),
        lambda pilot, scheme: acceptance.complete_acceptance(pilot, scheme, occurred_on=cmd.occurred_on),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def fail(store: Store, caller: Caller, pilot_id: PilotId, cmd: FailAcceptance) -> Answer:
    return await store.change(
        caller.may("fail-acceptance", cmd.occurred_on),
        lambda pilot, scheme: acceptance.fail_acceptance(
            pilot, scheme, reasons=cmd.reasons, rectify_by=cmd.rectify_by, occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def report_rectification(store: Store, caller: Caller, pilot_id: PilotId, cmd: FileReport) -> Answer:
    return await store.change(
        caller.may("report-rectification", cmd.occurred_on),
        lambda pilot, _: acceptance.report_rectification(
            pilot, report=cmd.report, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def file_report(store: Store, caller: Caller, pilot_id: PilotId, cmd: FileReport) -> Answer:
    return await store.change(
        caller.may("file-acceptance-report", cmd.occurred_on),
        lambda pilot, scheme: acceptance.file_acceptance_report(
            pilot, scheme, report=cmd.report, occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def rate(store: Store, caller: Caller, pilot_id: PilotId, cmd: RatePilot) -> Answer:
    return await store.change(
        caller.may("rate-pilot", cmd.occurred_on),
        lambda pilot, scheme: acceptance.rate(
            pilot, scheme, rating=cmd.rating, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def publicise(store: Store, caller: Caller, pilot_id: PilotId, cmd: PubliciseExperience) -> Answer:
    return await store.change(
        caller.may("publicise-experience", cmd.occurred_on),
        lambda pilot, scheme: acceptance.publicise(
            pilot, scheme, title=cmd.title, medium=cmd.medium, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def close(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("close-pilot", cmd.occurred_on),
        lambda pilot, agency, scheme: acceptance.close(
            pilot, agency, scheme, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        agency_of,
        reads=lambda pilot, _: scheme_of(pilot),
    )
