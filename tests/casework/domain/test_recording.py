"""Whatever order the streams of others arrive in, the same is known in the end and the same is decided on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from casework.domain import place as places
from casework.domain import worker as workers
from casework.domain.place import Place
from casework.domain.recording import Recorder, WorkerNotPlaced, recorder_going_on, recorder_serving, recorder_taking_on
from casework.domain.worker import Worker
from contracts.values import OrganisationId, SiteId, WorkerId
from kit.errors import NotKnownYet, Refused, TooEarly

from .histories import BEGAN, CATALOGUE, COMMUNITY, ORGANISATION, PROJECT, STRANGER, UNIT, WORKER, of

OTHER = OrganisationId(STRANGER)
SITE = SiteId(CATALOGUE)
CLOSED = date(2023, 10, 12)
LEFT = date(2023, 3, 1)
HIRED = date(2023, 3, 5)


@dataclass(frozen=True)
class Told:
    """One message, as the note that it becomes: of the project, or of a worker."""

    of: str
    decide: Callable[..., Sequence[Any]]
    facts: dict[str, Any]


def started(organisation: OrganisationId, *worker_ids: WorkerId, on: date = BEGAN) -> Told:
    days = {"impl_from": BEGAN, "impl_to": date(2023, 9, 27), "occurred_on": on}
    facts = {"project_id": PROJECT, "organisation_id": organisation, "community": COMMUNITY, "worker_ids": worker_ids}
    return Told("place", places.note_project_start, facts | days)


def closed(on: date = CLOSED) -> Told:
    return Told("place", places.note_closure, {"occurred_on": on})


def placed(
    worker_id: WorkerId, organisation: OrganisationId = ORGANISATION, site: SiteId | None = None, on: date = BEGAN
) -> Told:
    facts = {
        "worker_id": worker_id,
        "organisation_id": organisation,
        "site_id": site,
        "project_id": PROJECT,
        "placed_on": on,
    }
    return Told(str(worker_id), workers.note_placement, facts)


def left(worker_id: WorkerId, on: date = LEFT) -> Told:
    facts = {"worker_id": worker_id, "place_id": PROJECT, "left_on": on}
    return Told(str(worker_id), workers.note_departure, facts)


def hired(worker_id: WorkerId, organisation: OrganisationId | None) -> Told:
    facts = {"worker_id": worker_id, "organisation_id": organisation, "occurred_on": HIRED}
    return Told(str(worker_id), workers.note_employer, facts)


def orders(*streams: Sequence[Told]) -> Iterator[tuple[Told, ...]]:
    """Every interleaving that keeps the order within each stream."""
    waiting = [stream for stream in streams if stream]
    if not waiting:
        yield ()
    for n, stream in enumerate(waiting):
        for rest in orders(*waiting[:n], stream[1:], *waiting[n + 1 :]):
            yield (stream[0], *rest)


class Casework:
    """The streams that the messages are noted in."""

    def __init__(self) -> None:
        self.place = Place()
        self.workers: dict[str, Worker] = {}

    def hear(self, told: Told) -> None:
        if told.of == "place":
            for event in told.decide(self.place, **told.facts):
                self.place = places.evolve(self.place, event)
        else:
            state = self.workers.get(told.of, Worker())
            for event in told.decide(state, **told.facts):
                state = workers.evolve(state, event)
            self.workers[told.of] = state

    def verdicts(self) -> dict[tuple[WorkerId, str, str], str]:
        found = {}
        for worker_id in (WORKER, STRANGER):
            for organisation in (ORGANISATION, OTHER):
                for decide in (recorder_taking_on, recorder_going_on):
                    found[worker_id, str(organisation), decide.__name__] = self._verdict(
                        decide, worker_id, organisation
                    )
        return found

    def _verdict(self, decide: Callable[..., Any], worker_id: WorkerId, organisation: OrganisationId) -> str:
        state = self.workers.get(str(worker_id), Worker())
        by = Recorder("sub-1", of(str(organisation)))
        try:
            decide(self.place, state, by, worker_id=worker_id, occurred_on=CLOSED)
        except Refused as refused:
            return refused.code
        return "accepted"


HISTORIES: dict[str, tuple[list[Told], ...]] = {
    "one left under the lock": (
        [started(ORGANISATION, WORKER, STRANGER)],
        [placed(WORKER), left(WORKER)],
        [placed(STRANGER)],
    ),
    "one withdrew before the start": ([started(ORGANISATION, WORKER, STRANGER)], [left(WORKER)], [placed(STRANGER)]),
    "a second start without the first's": (
        [started(ORGANISATION, WORKER), started(ORGANISATION, STRANGER, on=LEFT)],
        [placed(WORKER), left(WORKER)],
        [placed(STRANGER, on=LEFT)],
    ),
    "a replacement whom no start names": (
        [started(ORGANISATION, WORKER), closed()],
        [placed(WORKER), left(WORKER)],
        [placed(STRANGER, on=LEFT), left(STRANGER, CLOSED)],
    ),
    "hired by another organisation": (
        [started(ORGANISATION, WORKER)],
        [placed(WORKER), placed(WORKER, site=SITE), left(WORKER), hired(WORKER, OTHER)],
        [],
    ),
    "another organisation took over with the same worker": (
        [started(ORGANISATION, WORKER), started(OTHER, WORKER, STRANGER, on=LEFT), closed()],
        [placed(WORKER), left(WORKER), hired(WORKER, OTHER), placed(WORKER, OTHER, on=LEFT)],
        [placed(STRANGER, OTHER, on=LEFT), left(STRANGER, CLOSED)],
    ),
}


@pytest.mark.parametrize("streams", HISTORIES.values(), ids=list(HISTORIES))
def test_every_order_of_the_streams_ends_in_one_state_and_one_verdict(streams: tuple[list[Told], ...]) -> None:
    ends = []
    for order in orders(*streams):
        here = Casework()
        for told in order:
            here.hear(told)
        ends.append((here.place, here.workers, here.verdicts()))
    assert len(ends) > 1
    assert all(end == ends[0] for end in ends)


@pytest.mark.parametrize(
    ("name", "worker_id", "decide", "verdict"),
    [
        ("one left under the lock", WORKER, "recorder_taking_on", "worker-not-placed"),
        ("one left under the lock", STRANGER, "recorder_taking_on", "accepted"),
        ("one withdrew before the start", WORKER, "recorder_taking_on", "worker-not-placed"),
        ("a second start without the first's", WORKER, "recorder_taking_on", "worker-not-placed"),
        ("a second start without the first's", STRANGER, "recorder_taking_on", "accepted"),
        ("a replacement whom no start names", WORKER, "recorder_going_on", "worker-not-placed"),
        ("a replacement whom no start names", STRANGER, "recorder_going_on", "accepted"),
        ("a replacement whom no start names", STRANGER, "recorder_taking_on", "worker-not-placed"),
        ("hired by another organisation", WORKER, "recorder_taking_on", "worker-not-placed"),
        ("another organisation took over with the same worker", WORKER, "recorder_taking_on", "not-your-unit"),
    ],
)
def test_the_verdict_in_the_end(name: str, worker_id: WorkerId, decide: str, verdict: str) -> None:
    here = Casework()
    for stream in HISTORIES[name]:
        for told in stream:
            here.hear(told)
    assert here.verdicts()[worker_id, UNIT, decide] == verdict


def test_a_worker_whom_the_start_names_is_not_known_yet_until_the_registry_told_of_the_placement() -> None:
    here = Casework()
    here.hear(started(ORGANISATION, WORKER))
    assert here.verdicts()[WORKER, UNIT, "recorder_taking_on"] == NotKnownYet.code
    assert here.verdicts()[STRANGER, UNIT, "recorder_taking_on"] == "worker-not-placed"
    here.hear(placed(WORKER))
    assert here.verdicts()[WORKER, UNIT, "recorder_taking_on"] == "accepted"


def test_a_worker_placed_where_nothing_was_heard_of_yet_is_not_known_yet() -> None:
    here = Casework()
    here.hear(placed(WORKER))
    assert here.verdicts()[WORKER, UNIT, "recorder_taking_on"] == NotKnownYet.code


def test_nobody_records_of_a_day_before_the_placement() -> None:
    here = Casework()
    for told in (started(ORGANISATION, WORKER), placed(WORKER, on=LEFT)):
        here.hear(told)
    there = here.workers[str(WORKER)]
    by = Recorder("sub-1", of(UNIT))
    assert recorder_taking_on(here.place, there, by, worker_id=WORKER, occurred_on=LEFT) == "sub-1"
    with pytest.raises(TooEarly):
        recorder_taking_on(here.place, there, by, worker_id=WORKER, occurred_on=LEFT - timedelta(days=1))


DAY = timedelta(days=1)
GONE: dict[str, tuple[Told, ...]] = {
    "left": (placed(WORKER), left(WORKER)),
    "left, and came back": (placed(WORKER), left(WORKER), placed(WORKER, on=CLOSED)),
    "is with another employer": (placed(WORKER), left(WORKER), hired(WORKER, OTHER)),
    "works here for another employer": (
        *(placed(WORKER), left(WORKER), hired(WORKER, OTHER)),
        placed(WORKER, OTHER, on=CLOSED),
    ),
}


@pytest.mark.parametrize("history", GONE.values(), ids=list(GONE))
@pytest.mark.parametrize("decide", [recorder_serving, recorder_going_on])
def test_what_was_done_before_the_worker_left_is_recorded_afterwards(
    decide: Callable[..., str | None], history: tuple[Told, ...]
) -> None:
    here = Casework()
    for told in (started(ORGANISATION, WORKER), *history):
        here.hear(told)
    there, by = here.workers[str(WORKER)], Recorder("sub-1", of(UNIT))
    for day in (BEGAN, LEFT - DAY):
        assert decide(here.place, there, by, worker_id=WORKER, occurred_on=day) == "sub-1"
    for day in (LEFT, HIRED):
        with pytest.raises(Refused) as refused:
            decide(here.place, there, by, worker_id=WORKER, occurred_on=day)
        assert type(refused.value) is WorkerNotPlaced
        assert refused.value.detail == (
            "该社工未派驻到本服务点，或已离开，不能在此记录服务；离开之前的走访和个案服务可以补记。"
            "请核对发生日期，或先由社工机构完成派驻登记。"
        )


def test_a_change_of_employer_ends_the_placement_on_its_day_and_not_before() -> None:
    here = Casework()
    for told in (started(ORGANISATION, WORKER), placed(WORKER), hired(WORKER, OTHER)):
        here.hear(told)
    there, by = here.workers[str(WORKER)], Recorder("sub-1", of(UNIT))
    assert recorder_serving(here.place, there, by, worker_id=WORKER, occurred_on=HIRED - DAY) == "sub-1"
    with pytest.raises(WorkerNotPlaced):
        recorder_serving(here.place, there, by, worker_id=WORKER, occurred_on=HIRED)


def test_whom_another_organisation_employs_by_now_does_not_go_on_for_the_former_after_the_end() -> None:
    here = Casework()
    for told in (started(ORGANISATION, WORKER), closed(), placed(WORKER), left(WORKER, CLOSED)):
        here.hear(told)
    by = Recorder("sub-1", of(UNIT))
    there = here.workers[str(WORKER)]
    assert recorder_going_on(here.place, there, by, worker_id=WORKER, occurred_on=CLOSED + 9 * DAY) == "sub-1"
    here.hear(hired(WORKER, OTHER))
    with pytest.raises(WorkerNotPlaced):
        recorder_going_on(here.place, here.workers[str(WORKER)], by, worker_id=WORKER, occurred_on=CLOSED + 9 * DAY)
