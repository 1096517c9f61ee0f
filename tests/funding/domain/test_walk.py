"""Every state that a project can come to, by the decisions themselves: its owner alone gets out of it, and while it is
not over, closing well stays within reach (with the others' goodwill).

A state is the set of facts that decisions ask for; what only counts or dates is left out, so that there is an end to
them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import pytest

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain import quota
from funding.domain.budget import allotment, settlement
from funding.domain.project import application, delivery, end, procurement, review
from funding.domain.project import events as e
from funding.domain.project.situation import Act, Actor, Situation
from funding.domain.project.state import Project, evolve
from funding.domain.project.steps import next_actions
from funding.domain.quota import QuotaUse
from funding.domain.terms import Level
from kit.errors import Refused

from . import histories as h
from .test_steps import COMMANDS, GOOD, under

TERMS = replace(
    h.TERMS,
    phases=h.TERMS.phases[-1:],
    report_chain=h.TERMS.report_chain[:1],
    self_assessments=(Level.COMMUNITY,),
    milestones=(),
)
"""The city's plan with one of each: a second phase or level is another of the same."""
SCHEME = replace(h.SCHEME, versions=(TERMS,))
DAYS = (h.MIDTERM, h.AFTER)
"""Within the term, and after it."""
ACTORS: dict[Act, Actor] = {
    **dict.fromkeys(Act, h.CITY),
    **dict.fromkeys((Act.SUBMIT, Act.WITHDRAW, Act.CONFIRM_REPORT, Act.SELF_ASSESS), h.COMMITTEE),
    Act.SIGN_OFF: h.LEADER,
    **dict.fromkeys(
        (Act.RECOMMEND, Act.PUBLISH_PURCHASE, Act.REVIEW_PLAN, Act.FAIL_PURCHASE, Act.REVIEW_REPORT, Act.ACCEPT,
         Act.FAIL_ACCEPTANCE, Act.FILE_ACCEPTANCE, Act.WITHDRAW_ACCEPTANCE),
        h.BUREAU,
    ),
    **dict.fromkeys((Act.DECLARE_STAFFING, Act.START, Act.SUBMIT_REPORT, Act.RECTIFY), h.OURS),
    Act.EVALUATE: h.EVALUATES,
    Act.AUDIT: h.AUDITS,
    Act.REOPEN: h.SECOND,
}  # fmt: skip
ASIDE = {
    Act.ADJUST, Act.SPEND, Act.REVERSE, Act.NAME_THIRD_PARTY, Act.SUPERVISE, Act.PUBLICISE, Act.PLAN_MILESTONES,
    Act.ISSUE_NOTICE, Act.REPORT_IMPERSONATION, Act.MOVE, Act.EXTEND, Act.ASSIGN_PLACE,
}  # fmt: skip
"""What changes no fact that another step asks for, or only an amount; a finding ends in a disqualification."""
OWNER = {
    Act.RETURN,
    Act.REJECT,
    Act.RETURN_FUNDS,
    Act.WRITE_OFF,
    Act.END_ASSIGNMENT,
    Act.RESUME,
    Act.TERMINATE,
    Act.CLOSE,
}
"""What the payer does alone: without the goodwill of contractor, auditor, community, district or registry."""
MOST = 2
"""Assignments of one project that are walked."""


@dataclass(frozen=True)
class State:
    project: Project
    account: b.BudgetAccount
    use: QuotaUse
    day: int = 0

    @property
    def key(self) -> Hashable:
        p, a, account = self.project, self.project.assignment, self.account
        own = a and (
            a.signed_on is not None, a.declaration is not None, a.verified_on is not None, a.vacancies > 0, a.funded,
            a.running, tuple((phase, r.steps, r.returned) for phase, r in a.reports.items()), a.evaluated,
            tuple(a.opinions.items()), a.phases_closed, a.self_assessed, a.accepted, a.rectifying, a.report_filed,
            a.rated,
        )  # fmt: skip
        return (
            p.project_id, p.rejected, p.returned, p.withdrawn, p.signed, p.recommended, p.approved, p.purchase,
            any(p.plans.values()), p.suspended, p.terminated, p.closed, p.reopening is not None,
            p.reopened, p.began, len(p.former), own,
            account.project_id is not None, tuple(number for number, _ in _owed(account)), account.frozen,
            self.use.total, self.day, p.version, p.extended,
        )  # fmt: skip

    @property
    def quiet(self) -> bool:
        """Over, and everything that it took given back."""
        p = self.project
        held = self.account.balance > 0 or p.suspended or p.purchase or (p.assignment is not None and not p.closed)
        place = self.use.total > 0 and not (p.closed or p.began)
        return (p.over or p.returned) and not held and not place

    def after(self, events: Any) -> State:
        """With what a decision said of the project, its account and its place."""
        project, account, use = self.project, self.account, self.use
        for event in _flat(events):
            if isinstance(event, e.ProjectEvent):
                project = evolve(project, event)
            elif isinstance(event, b.BudgetEvent):
                account = b.evolve(account, event)
            elif isinstance(event, quota.QuotaEvent):
                use = quota.evolve(use, event)
        return replace(self, project=project, account=account, use=use)


def _flat(events: Any) -> Iterator[Any]:
    for one in events:
        if isinstance(one, list | tuple):
            yield from _flat(one)
        else:
            yield one


def moves(state: State) -> Iterator[tuple[str, State]]:
    """Everything that somebody may do, or that happens, in a state."""
    if state.day + 1 < len(DAYS):
        yield "~time", replace(state, day=state.day + 1)
    yield from _told(state)
    for act, actor in ACTORS.items():
        if act in ASIDE or (act is Act.SELECT and len(state.project.former) >= MOST):
            continue
        s = Situation.on(DAYS[state.day], state.project, SCHEME, state.account)
        for one in next_actions(s, actor, {act}):
            if one.refusal is None:
                for name, decided in _decisions(act, s, actor, one.of, state):
                    yield name, state.after(decided)


def _told(state: State) -> Iterator[tuple[str, State]]:
    """What the registry says."""
    p, day = state.project, DAYS[state.day]
    a = p.assignment
    if a is None or p.over:
        return
    if a.declaration is not None:
        yield (
            "~verified",
            state.after(delivery.note_verified(p, declaration_id=a.declaration, workers=h.STAFF, occurred_on=day)),
        )
        yield "~rejected", state.after(delivery.note_rejected(p, declaration_id=a.declaration, reasons=()))
    if a.posted and not a.vacancies:
        gone = delivery.note_departure(p, worker_id=a.posted[0], breach=False, remaining=2, occurred_on=day)
        yield "~left", state.after(gone)
    if not a.rated and len(p.former) < MOST:
        ended = e.AssignmentEnded(p.id, a.organisation, e.EndCause.DISQUALIFIED, day)
        yield (
            "~disqualified",
            state.after(
                ((ended,), b.freeze(state.account, organisation_id=a.organisation, assignment=a.number, frozen_on=day))
            ),
        )


def _decisions(act: Act, s: Situation, actor: Actor, of: str, state: State) -> Iterator[tuple[str, Any]]:
    """What the command says, in each of the ways that lead on differently."""
    day = s.day
    match act:
        case Act.APPROPRIATE:
            line = s.account.lines["service"]
            if line.open:
                part = (b.LineAmount("service", Fen(line.open)),)
                yield (
                    act,
                    allotment.appropriate(s.account, s.project, under(s), amounts=part, actor=actor, occurred_on=day),
                )
        case Act.RETURN_FUNDS | Act.WRITE_OFF:
            for number, amounts in _owed(s.account):
                try:
                    yield act, _settled(act, s, amounts, number or None, actor)
                except Refused:
                    continue  # nobody owes it yet
        case Act.REOPEN:
            try:
                yield act, end.reopen(s.project, state.use, under(s), actor=actor, occurred_on=day)
            except Refused:
                return  # its place is taken
        case Act.APPROVE:
            approved = application.approve(s.project, state.use, under(s), actor=actor, occurred_on=day)
            yield act, (*approved, (h.evaluator_named, h.auditor_named))  # as the payer can on any day
        case Act.TERMINATE:
            yield act, end.terminate(
                s.project, state.use, under(s), s.account, reason="x", document=h.PAPER, give_back_place=False,
                actor=actor, occurred_on=day,
            )  # fmt: skip
        case Act.AUDIT:
            for opinion in (e.Opinion.CLEAN, e.Opinion.ADVERSE):
                yield (
                    f"{act} {opinion}",
                    review.complete_audit(
                        s.project,
                        under(s),
                        phase=of,
                        opinion=opinion,
                        questioned_fen=Fen(0),
                        actor=actor,
                        occurred_on=day,
                    ),
                )
        case Act.REVIEW_PLAN:
            yield act, procurement.review_plan(
                s.project, under(s), GOOD, organisation_id=h.ORGANISATION, passed=True, preferences=(), actor=actor,
                occurred_on=day,
            )  # fmt: skip
        case _:
            try:
                yield act, COMMANDS[act](s, actor, of)
            except Refused:
                return  # for its payload, which another would not be


def _owed(account: b.BudgetAccount) -> Iterator[tuple[int, tuple[b.LineAmount, ...]]]:
    """What is left of each assignment's money."""
    for number in sorted({number for line in account.lines.values() for number in line.pockets}):
        rest = {code: line.pockets.get(number, b.Pocket()).balance for code, line in account.lines.items()}
        if any(rest.values()):
            yield number, tuple(b.LineAmount(code, Fen(fen)) for code, fen in rest.items() if fen)


def _settled(
    act: Act, s: Situation, amounts: tuple[b.LineAmount, ...], number: int | None, actor: Actor
) -> Sequence[b.BudgetEvent]:
    whose: dict[str, Any] = {"amounts": amounts, "assignment": number, "actor": actor, "occurred_on": s.day}
    if act is Act.RETURN_FUNDS:
        return settlement.take_back(s.account, s.project, under(s), **whose)
    return settlement.write_off(s.account, s.project, under(s), **whose, reason="dissolved", document=h.PAPER)


def walked() -> Graph:
    first = State(Project(), b.BudgetAccount(), QuotaUse())
    states: dict[Hashable, State] = {first.key: first}
    back: dict[Hashable, list[tuple[str, Hashable]]] = {}
    waiting = deque([first])
    while waiting:
        state = waiting.popleft()
        for name, then in moves(state):
            back.setdefault(then.key, []).append((name, state.key))
            if then.key not in states:
                states[then.key] = then
                waiting.append(then)
    return Graph(states, back)


@dataclass(frozen=True)
class Graph:
    states: dict[Hashable, State]
    back: dict[Hashable, list[tuple[str, Hashable]]]

    def reaching(self, ends: Callable[[State], bool], by: Callable[[str], bool] = lambda _: True) -> set[Hashable]:
        """The states from which such an end is reached by such moves."""
        good = {key for key, state in self.states.items() if ends(state)}
        waiting = deque(good)
        while waiting:
            for name, before in self.back.get(waiting.popleft(), ()):
                if by(name) and before not in good:
                    good.add(before)
                    waiting.append(before)
        return good

    def stuck(self) -> list[State]:
        """Where the owner alone finds no way to an end at which everything is given back."""
        out = self.reaching(lambda state: state.quiet, lambda name: name in OWNER)
        return [s for key, s in self.states.items() if key not in out and s.project.project_id is not None]

    def lost(self) -> list[State]:
        """Where nothing that all of them might do closes the project well, though it is not over."""
        well = self.reaching(lambda state: state.project.closed)
        return [
            s for key, s in self.states.items()
            if key not in well and not s.project.over and len(s.project.former) < MOST
            and not (s.project.reopened and s.project.assignment is None)
        ]  # fmt: skip


@pytest.fixture(scope="module")
def graph() -> Graph:
    return walked()


def test_the_owner_alone_gets_out_of_every_state_and_everything_is_given_back(graph: Graph) -> None:
    assert len(graph.states) > 1000
    assert graph.stuck() == []


def test_until_it_is_over_a_project_can_still_be_closed_well(graph: Graph) -> None:
    assert graph.lost() == []


def test_nothing_is_closed_whose_money_is_not_settled(graph: Graph) -> None:
    assert any(state.project.closed for state in graph.states.values())
    assert all(not state.account.balance for state in graph.states.values() if state.project.closed)


def test_nothing_is_rated_that_is_not_reported_evaluated_and_cleared(graph: Graph) -> None:
    for state in graph.states.values():
        a = state.project.assignment
        if a is not None and a.rated:
            assert a.report_filed
            assert a.cleared("final")
            assert "final" in a.evaluated
            assert state.day == len(DAYS) - 1


MUTANTS: dict[str, tuple[Set[Act], str]] = {
    "no termination": ({Act.TERMINATE}, "stuck"),
    "no end of an assignment": ({Act.END_ASSIGNMENT}, "stuck"),
    "no return of an application": ({Act.RETURN}, "stuck"),
    "no money back and none given up": ({Act.RETURN_FUNDS, Act.WRITE_OFF}, "stuck"),
    "suspension for ever": ({Act.RESUME}, "lost"),
    "no second audit": ({Act.AUDIT}, "lost"),
    "no rectification": ({Act.RECTIFY}, "lost"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_without_a_way_out_the_walk_is_red(mutant: str, graph: Graph) -> None:
    without, wrong = MUTANTS[mutant]
    less = Graph(graph.states, {k: [(n, s) for n, s in v if n not in without] for k, v in graph.back.items()})
    if mutant == "no second audit":
        clean = f"{Act.AUDIT} {e.Opinion.CLEAN}"
        less = Graph(
            graph.states,
            {
                key: [(n, s) for n, s in before if not (n == clean and graph.states[s].project.assigned.opinions)]
                for key, before in graph.back.items()
            },
        )
    assert getattr(less, wrong)()


def test_a_place_that_is_not_given_back_is_seen(graph: Graph) -> None:
    """As a mutant of the fold: terminated, and its place still taken."""
    kept = [s for s in graph.states.values() if s.project.terminated and not s.project.began]
    assert kept
    assert all(s.use.total == 0 for s in kept)
    assert not replace(
        kept[0], use=quota.evolve(QuotaUse(), quota.QuotaTaken(h.SCHEME_ID, h.PROJECT, h.DISTRICT, 1, 1))
    ).quiet
