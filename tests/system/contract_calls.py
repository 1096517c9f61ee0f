"""Calls made up from a service's own OpenAPI document, in the name of whoever may make them in the far province."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import requests
from schemathesis import Case, Response
from tests.synthetic import credit_code
from tests.system.programme import FAR

from contracts.values import Role
from liandong.region import Region

PROVINCE, CITY, DISTRICT = FAR
STREET, COMMUNITY, BODY = f"{DISTRICT}001", f"{DISTRICT}001001", "0d9f6a3e-6a0a-4a51-9d5b-6a3f0c6f8e01"
Caller = tuple[Role, str, str | None]

CALLERS: tuple[Caller, ...] = (
    (Role.CITY_BUREAU, CITY, None),
    (Role.DISTRICT_BUREAU, DISTRICT, None),
    (Role.PROVINCE_IT, PROVINCE, None),
    (Role.ORGANISATION_MANAGER, DISTRICT, BODY),
    (Role.SOCIAL_WORKER, DISTRICT, BODY),
    (Role.STREET_OFFICER, DISTRICT, STREET),
    (Role.STREET_PRINCIPAL_LEADER, DISTRICT, STREET),
    (Role.COMMUNITY_COMMITTEE, DISTRICT, COMMUNITY),
    (Role.PARTY_BRANCH, DISTRICT, COMMUNITY),
    (Role.VOLUNTEER_TEAM_LEADER, DISTRICT, COMMUNITY),
    (Role.THIRD_PARTY_EVALUATOR, DISTRICT, BODY),
    (Role.THIRD_PARTY_AUDITOR, DISTRICT, BODY),
)
IDS = (
    "organisation",
    "worker",
    "site",
    "scheme",
    "catalogue",
    "entry",
    "case",
    "document",
    "activity",
    "referral",
    "project",
)
SCHEME = Path(__file__).parents[2] / "liandong/liandong/demo/lanzhou-2022.json"


class Calls:
    """One session with a region.  Seeded: the same calls every time."""

    def __init__(self, region: Region, seed: int) -> None:
        self.region, self._random = region, Random(seed)
        self._session = requests.Session()
        self._session.trust_env = False
        self._tokens = {caller: self._token(*caller) for caller in CALLERS}
        self._allowed: dict[str, Caller] = {}
        self._made: dict[str, list[str]] = defaultdict(list)

    def seed(self) -> None:
        """A plan: most of the rest follows from what the calls themselves bring about."""
        terms = SCHEME.read_text("utf-8").replace("6201", CITY[:4])
        self._do("funding", "/v1/schemes", CALLERS[0], {"terms": json.loads(terms)})

    def document(self, service: str) -> dict[str, Any]:
        answer = self._session.get(f"{self.region.programs[service].url}/openapi.json", timeout=20)
        document: dict[str, Any] = answer.json()
        return document

    def call(self, service: str, case: Case[Any], *, likely: bool) -> Response:
        """The answer to the first caller who may.  `likely`: with ids that exist and days of this century."""
        if likely:
            case.path_parameters = self._likely(case.path_parameters)
            case.body = self._likely(case.body)
        case.headers, case.cookies = type(case.headers)(), type(case.cookies)()
        label = f"{service} {case.operation.label}"
        for caller in self._callers(label, case.operation.definition.raw.get("x-roles", ())):
            answer = case.call(
                base_url=self.region.programs[service].url, session=self._session, headers=self._headers(caller)
            )
            if answer.status_code != requests.codes.forbidden or answer.json().get("code") != "forbidden":
                self._allowed[label] = caller
                break
        if answer.status_code == requests.codes.ok and case.method == "POST":
            self._remember(answer.json().get("stream", ""))
        return answer

    def as_printed(self, service: str, method: str, path: str, operation: dict[str, Any]) -> requests.Response:
        """The answer to the operation's own example, sent by one whose role may, as the operation says."""
        filled = {p["name"]: p["example"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        content = operation.get("requestBody", {}).get("content", {"": {"example": None}})
        ((_, body),) = content.items()
        caller = next(caller for caller in CALLERS if caller[0] in operation["x-roles"])
        asked = {
            p["name"]: p["example"] for p in operation.get("parameters", ()) if p["in"] == "query" and p["required"]
        }
        url = f"{self.region.programs[service].url}{path.format_map(filled)}"
        sent = {"json": body["example"], "headers": self._headers(caller), "params": asked}
        return self._session.request(method, url, timeout=20, **sent)

    def close(self) -> None:
        self._session.close()

    def _callers(self, label: str, roles: Collection[str]) -> Iterator[Caller]:
        """Who was let in before, those of the operation's roles, and the others."""
        if label in self._allowed:
            yield self._allowed[label]
        yield from sorted(CALLERS, key=lambda caller: caller[0] not in roles)

    def _do(self, service: str, path: str, caller: Caller, body: dict[str, Any]) -> None:
        url = f"{self.region.programs[service].url}{path}"
        sent = {"occurred_on": "2022-04-01", **body}
        answer = self._session.post(url, json=sent, headers=self._headers(caller), timeout=20)
        assert answer.ok, answer.text
        self._remember(answer.json()["stream"])

    def _headers(self, caller: Caller) -> dict[str, str]:
        key = UUID(int=self._random.getrandbits(128), version=4)
        return {"Authorization": f"Bearer {self._tokens[caller]}", "Idempotency-Key": str(key)}

    def _token(self, role: Role, tenant: str, unit: str | None) -> str:
        claims = {"sub": f"test-{role}", "role": role, "tenant": tenant} | ({"unit": unit} if unit else {})
        answer = self._session.post(f"{self.region.programs['issuer'].url}/token", json=claims, timeout=20)
        token: str = answer.json()["access_token"]
        return token

    def _remember(self, stream: str) -> None:
        kind, _, made = stream.partition("/")
        if made and len(self._made[kind]) < 30:
            self._made[kind].append(made)

    def _likely(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._likely(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._likely(inner, name) for inner in value]
        if name == "number" and isinstance(value, str):
            return credit_code(self._random.randrange(10**6))
        kind = "project" if name == "place_id" else name.removesuffix("_id")
        if name.endswith("_id") and kind in IDS and self._made[kind]:
            return self._random.choice(self._made[kind])
        if name.endswith("_on") and isinstance(value, str):
            return f"2022-0{self._random.randint(4, 9)}-15"
        return value
