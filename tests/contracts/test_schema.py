"""The kept documents say what the code says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson

from contracts import schema
from contracts.messages import MESSAGES, Message, subject
from contracts.values import TenantId


def test_the_kept_documents_are_current() -> None:
    assert schema.stale() == [], "run python -m contracts.schema and review what changed"


def test_a_changed_a_missing_and_a_left_over_document_are_stale(tmp_path: Path) -> None:
    for name, text in schema.documents().items():
        (tmp_path / name).write_bytes(text)
    assert schema.stale(tmp_path) == []
    (tmp_path / "asyncapi.json").write_bytes(b"{}")
    (tmp_path / "funding.project-rated.v1.schema.json").unlink()
    (tmp_path / "funding.forgotten.v1.schema.json").write_bytes(b"{}")
    assert schema.stale(tmp_path) == [
        "asyncapi.json",
        "funding.forgotten.v1.schema.json",
        "funding.project-rated.v1.schema.json",
    ]


def test_asyncapi_has_one_channel_for_each_message() -> None:
    addresses = {channel["address"] for channel in schema.asyncapi()["channels"].values()}
    tenant = TenantId("620102")
    assert addresses == {_pattern(subject("gansu-lanzhou", tenant, m)) for m in MESSAGES.values()}
    assert len(addresses) == len(MESSAGES)


def test_asyncapi_of_a_service_tells_only_its_own() -> None:
    mine: set[type[Message]] = {m for m in MESSAGES.values() if m.SERVICE == "volunteer"}
    assert schema.asyncapi("volunteer")["channels"].keys() == {m.__name__ for m in mine}


def test_every_reference_leads_somewhere() -> None:
    document = schema.asyncapi()
    for reference in re.findall(rb'"\$ref":"#/([^"]+)"', orjson.dumps(document)):
        found: Any = document
        for step in reference.decode().split("/"):
            found = found[step]
        assert found


def _pattern(address: str) -> str:
    return address.replace("gansu-lanzhou", "{region}").replace("620102", "{tenant}")
