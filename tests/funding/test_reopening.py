"""A closed project is opened again for its books, by two officers of the bureau that pays, and closed again."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from tests.funding.stage import Project
from tests.funding.test_service import refused
from tests.service import CITY, headers

from contracts.values import Role

CLOSED_ON, OPENED_ON = date(2023, 10, 9), date(2023, 11, 1)


async def test_a_closed_project_is_opened_for_its_books_and_closed_again(project: Project) -> None:
    for phase, on in (("midterm", date(2023, 3, 20)), ("final", date(2023, 9, 12))):
        await project.phase(phase, on)
    await project.accepted(date(2023, 9, 12))
    await project.city("rating", date(2023, 9, 28), rating="good")
    await project.settled(CLOSED_ON)
    await project.city("close", CLOSED_ON)
    await project.city("reopening-proposal", OPENED_ON, reason="wrong_books", document=str(uuid4()))
    assert (await project.shown())["flags"]["to_confirm_reopening"] is True
    refused(await project.post("reopening", Role.CITY_BUREAU, OPENED_ON), 403, "same-person")
    path, body = f"/v1/projects/{project.id}/reopening", {"occurred_on": OPENED_ON.isoformat()}
    other = headers(Role.CITY_BUREAU, CITY, None, None, person="-another")
    assert (await project.service.http.post(path, json=body, headers=other)).status_code == 200
    seen = await project.shown()
    assert (seen["stage"], seen["closed_on"], seen["reopened_on"]) == ("rated", None, OPENED_ON.isoformat())
    before = await project.service.get(
        f"/v1/projects/{project.id}", Role.CITY_BUREAU, CITY, as_of=CLOSED_ON.isoformat()
    )
    assert (before["stage"], before["closed_on"], before["reopened_on"]) == ("closed", CLOSED_ON.isoformat(), None)
    refused(await project.post("suspension", Role.CITY_BUREAU, OPENED_ON, reason="flood"), 409, "open-for-books")
    await project.city("appropriations", OPENED_ON, amounts=[{"line": "service", "amount_fen": 1_000}])
    late = {"late_booking": True, "role": Role.CITY_BUREAU, "on": OPENED_ON}
    assert (await project.book("service", "casework", 1_000, **late)).status_code == 200
    await project.city("close", OPENED_ON)
    seen = await project.shown()
    assert (seen["stage"], seen["closed_on"], seen["flags"]["open"]) == ("closed", OPENED_ON.isoformat(), False)
