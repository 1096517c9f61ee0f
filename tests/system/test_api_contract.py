"""Every operation of every service against its own OpenAPI document: what fits it, and what does not.

Bounded and seeded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from pydantic import BaseModel
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.soak import SOAK
from tests.system.conftest import Played
from tests.system.contract_calls import Calls

from casework.app import CASEWORK
from funding.app import FUNDING
from kit.errors import EarlierThanLast, TooEarly
from kit.service import Command, Definition, Part
from kit.service.refusals import refusals
from registry.app import REGISTRY
from volunteer.app import VOLUNTEER

EXAMPLES = SOAK
"""Of each kind, for each operation."""
SEED = 20220927
OF_FORM = {400, 413, 415}
RESTING_ON_RECORDS = {EarlierThanLast.code, TooEarly.code}
"""Refusals of kit for what was recorded before, and not for what was sent."""
CHECKS = [response_schema_conformance, status_code_conformance, content_type_conformance]
SENT = {ParameterLocation.BODY, ParameterLocation.QUERY, ParameterLocation.PATH}
BOUNDED = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def calls(calm: Played) -> Iterator[Calls]:
    made = Calls(calm.region, SEED)
    made.seed()
    yield made
    made.close()


@pytest.mark.soak
@pytest.mark.parametrize("service", ["registry", "casework", "funding", "volunteer"])
def test_every_operation_keeps_to_its_description(calls: Calls, service: str) -> None:
    schema = schemathesis.openapi.from_dict(calls.document(service))
    wrong: list[str] = []
    tried = 0
    for found in schema.get_all_operations():
        for mode in GenerationMode:
            for case, answer in _answers(calls, service, _ok(found), mode):
                tried += 1
                shown = f"{mode} {case.method} {case.formatted_path} {case.body!r:.400}"
                wrong += [f"{shown}: {said}" for said in _faults(case, answer)]
    assert wrong == []
    assert tried > 20


@pytest.mark.parametrize("service", ["registry", "casework", "funding", "volunteer"])
def test_every_example_is_taken_as_it_is_printed(calls: Calls, service: str) -> None:
    """What is refused is refused by a rule, for how things stand here: not for its form, nor for who sent it."""
    wrong: list[str] = []
    tried, of_form = 0, refusals("kit").keys() - RESTING_ON_RECORDS
    for path, item in calls.document(service)["paths"].items():
        for method, operation in item.items():
            if "x-roles" in operation:
                tried += 1
                answer = calls.as_printed(service, method, path, operation)
                status, code = answer.status_code, answer.json().get("code")
                if status >= 500 or status in OF_FORM or (status in {403, 422} and code in of_form):
                    wrong.append(f"{method} {path}: {answer.text[:400]}")
    assert not wrong, "\n".join(wrong)
    assert tried > 10


def _ok(found: Any) -> Any:
    """The operation; raises what is wrong with its description."""
    return found.ok()


def _answers(calls: Calls, service: str, operation: Any, mode: GenerationMode) -> list[tuple[Case[Any], Response]]:
    answered: list[tuple[Case[Any], Response]] = []

    @seed(SEED)
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        answered.append((case, calls.call(service, case, likely=mode is GenerationMode.POSITIVE)))

    with suppress(Unsatisfiable):  # nothing can be wrong with a request that takes nothing
        send()
    return answered


def _faults(case: Case[Any], answer: Response) -> Iterator[str]:
    said = f"{answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 500:
        yield f"a fault: {said}"
    elif answer.status_code >= 400:
        yield from (f"{what}: {said}" for what in _unlike_a_problem(answer))
    elif _is_negative(case):
        yield f"taken, though it does not fit: {case.query} {said}"
    try:
        case.validate_response(answer, checks=CHECKS)
    except (AssertionError, BaseExceptionGroup) as error:
        yield f"not as described: {str(error)[:300]} {said}"


def _is_negative(case: Case[Any]) -> bool:
    """Whether something is wrong with what was sent: headers and days are made good by `Calls`."""
    if case.meta is None or case.operation.label.startswith("GET /health"):
        return False
    return any(part.mode is GenerationMode.NEGATIVE for where, part in case.meta.components.items() if where in SENT)


def _unlike_a_problem(answer: Response) -> Iterator[str]:
    if answer.headers["content-type"] != ["application/problem+json"]:
        yield "not a problem"
        return
    problem = answer.json()
    if problem["status"] != answer.status_code or not re.fullmatch(r"[a-z]+(-[a-z]+)*", problem["code"]):
        yield "without its status or code"
    for words in (problem["detail"], *(one["problem"] for one in problem.get("errors") or ())):
        if not re.search("[\u4e00-\u9fff]", words):
            yield "not in Chinese"


@pytest.mark.parametrize("definition", [REGISTRY, CASEWORK, FUNDING, VOLUNTEER], ids=lambda one: one.name)
def test_every_part_of_a_command_is_read_strictly(definition: Definition) -> None:
    """An amount is no text and no truth, a text has an end, and nothing unknown passes, however deep."""
    models: set[type[BaseModel]] = set()
    for command in Command.__subclasses__():
        if command.__module__.partition(".")[0] == definition.name:
            _models(command, models)
    assert models
    assert [model.__name__ for model in models if not issubclass(model, Part)] == []


def _models(kind: Any, found: set[type[BaseModel]]) -> None:
    for inner in getattr(kind, "__args__", ()):
        _models(inner, found)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
        found.add(kind)
        for field in kind.model_fields.values():
            _models(field.annotation, found)


def test_a_document_is_described_without_loss(calls: Calls) -> None:
    """Every command needs its key and says its answer; every error is a problem."""
    for service in ("registry", "casework", "funding", "volunteer"):
        for path, item in calls.document(service)["paths"].items():
            for method, operation in item.items():
                errors = operation["responses"]["4XX"]["content"]
                assert list(errors) == ["application/problem+json"], path
                if method == "post":
                    (key,) = [one for one in operation["parameters"] if one["name"] == "Idempotency-Key"]
                    assert key["required"]
                    if "parked" not in path and "held" not in path:
                        assert "Answer" in json.dumps(operation["responses"]["200"])
