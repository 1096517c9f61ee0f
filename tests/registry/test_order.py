"""Verdicts are for good, and follow the order in which funding told, however many messages wait."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from tests.registry.stage import RULE, SCHEME, SIGNED, Lanzhou
from tests.service import DISTRICT

from contracts.envelope import Envelope, encode
from contracts.messages import Message, subject
from contracts.messages.funding import CredentialImpersonationFoundV1, StaffingDeclaredV1
from contracts.messages.registry import StaffingRejectedV1
from contracts.values import ProjectId, WorkerId
from kit import clock
from kit.bus.letter import Letter, read


def told(number: int, message: Message, project: ProjectId, version: int, sequence: int, on: date) -> Letter:
    envelope = Envelope(
        event_id=uuid4(), type=message.TYPE, version=1, region="here", tenant=DISTRICT, stream=f"project/{project}",
        stream_version=version, sequence=sequence, occurred_on=on, recorded_at=clock.now(), correlation=uuid4(),
    )  # fmt: skip
    return read(subject("here", DISTRICT, message), encode(envelope), message.body(), "here", number, "funding")


async def test_who_was_barred_by_another_projects_message_is_not_verified_after_it(lanzhou: Lanzhou) -> None:
    """The project with the finding has much to tell, the other one a single message: it does not come first."""
    first, second = lanzhou.project, ProjectId(uuid4())

    def declared(project: ProjectId, team: tuple[WorkerId, ...]) -> StaffingDeclaredV1:
        return StaffingDeclaredV1(
            project_id=project,
            declaration_id=uuid4(),
            organisation_id=lanzhou.organisation,
            scheme_id=SCHEME,
            worker_ids=team,
            rule=RULE,
        )

    found = CredentialImpersonationFoundV1(
        project_id=first, organisation_id=lanzhou.organisation, scheme_id=SCHEME, worker_id=lanzhou.team[0]
    )
    letters = [
        *(told(n, declared(first, lanzhou.team[:1]), first, n, n, SIGNED) for n in range(1, 8)),
        told(8, found, first, 8, 1, date(2023, 3, 1)),
        told(9, declared(second, lanzhou.team), second, 1, 1, date(2023, 3, 2)),
    ]
    held = lanzhou.service.held
    connection: Any
    async with held.store.pool.acquire() as connection:
        assert await held.subscriber.intake.take(connection, letters) == len(letters)
    [verdict] = [one for one in await lanzhou.verdicts() if one.project_id == second]
    assert isinstance(verdict, StaffingRejectedV1)
    assert "organisation-blacklisted" in {reason.code for reason in verdict.reasons}
