"""The published language as documents: a JSON Schema for each message, and one AsyncAPI 3.0 document.

`python -m contracts.schema` writes them to `contracts/golden/`; with `--check` it writes nothing and fails when a
kept one differs, so that nobody changes a message without seeing it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from contracts.messages import MESSAGES, Message

GOLDEN = Path(__file__).parents[1] / "golden"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
UUID = {"type": "string", "format": "uuid"}

HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0 attributes in binary mode, and W3C trace context.",
    "properties": {
        "ce-specversion": {"const": "1.0"},
        "ce-id": {**UUID, "description": "The event."},
        "ce-source": {"type": "string", "description": "/<region>/<service>"},
        "ce-type": {"type": "string", "description": "<service>.<event>.v<version>"},
        "ce-time": {"type": "string", "format": "date-time", "description": "When it was recorded, UTC."},
        "ce-subject": {"type": "string", "description": "The stream, <aggregate>/<id>."},
        "ce-datacontenttype": {"const": "application/json"},
        "ce-tenant": {"type": "string", "pattern": "^[0-9]{6}$", "description": "The tenant that owns the stream."},
        "ce-streamversion": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "Its place in the stream, at most 2147483647.",
        },
        "ce-sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "Counts the messages of this type in the stream, from 1: one that is skipped was missed.",
        },
        "ce-occurredon": {"type": "string", "format": "date", "description": "The fact's day in Asia/Shanghai."},
        "ce-correlation": UUID,
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string"},
    },
    "required": [
        *("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "ce-subject", "ce-tenant"),
        *("ce-streamversion", "ce-sequence", "ce-occurredon", "ce-correlation"),
    ],
}


class _Plain(GenerateJsonSchema):
    """Without a title for every field, which would only repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the library's shape
        return False


def json_schema(message: type[Message]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one message's body."""
    return {"$schema": DIALECT, **message.model_json_schema(mode="serialization", schema_generator=_Plain)}


def asyncapi(service: str | None = None) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of what `service` publishes, or of everything."""
    published = [m for m in MESSAGES.values() if service in (None, m.SERVICE)]
    shapes: dict[str, Any] = {}
    for m in published:
        shape = m.model_json_schema(
            mode="serialization", ref_template="#/components/schemas/{model}", schema_generator=_Plain
        )
        shapes |= {**shape.pop("$defs", {}), m.__name__: shape}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Liandong {service or 'messages'}",
            "version": "1",
            "description": "Facts that cross a service border. No personal data.",
        },
        "defaultContentType": "application/json",
        "channels": {m.__name__: _channel(m) for m in published},
        "operations": {f"publish{m.__name__}": _operation(m) for m in published},
        "components": {
            "messages": {m.__name__: _message(m) for m in published},
            "schemas": {"Headers": HEADERS, **shapes},
        },
    }


def _channel(message: type[Message]) -> dict[str, Any]:
    event = message.TYPE.partition(".")[2]
    return {
        "address": f"evt.{{region}}.{{tenant}}.{message.SERVICE}.{message.AGGREGATE}.{event}.v{message.VERSION}",
        "messages": {message.__name__: {"$ref": f"#/components/messages/{message.__name__}"}},
        "parameters": {
            "region": {"description": "Slug of the region that recorded the event."},
            "tenant": {"description": "Six-digit code of the tenant that owns the stream."},
        },
    }


def _operation(message: type[Message]) -> dict[str, Any]:
    channel = f"#/channels/{message.__name__}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{message.__name__}"}],
    }


def _message(message: type[Message]) -> dict[str, Any]:
    return {
        "name": f"{message.TYPE}.v{message.VERSION}",
        "title": message.NAME,
        "summary": (message.__doc__ or "").partition("\n")[0],
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
    }


def documents() -> dict[str, bytes]:
    """Every kept document by its file name."""
    schemas = {f"{m.TYPE}.v{m.VERSION}.schema.json": json_schema(m) for m in MESSAGES.values()}
    return {name: _text(document) for name, document in {**schemas, "asyncapi.json": asyncapi()}.items()}


def stale(directory: Path = GOLDEN) -> list[str]:
    """Names of the documents that are missing, differ, or describe what is no longer there."""
    made = documents()
    kept = {path.name: path.read_bytes() for path in directory.glob("*.json")}
    return sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        wrong = stale()
        if wrong:
            print("stale, run python -m contracts.schema and review:", *wrong, sep="\n  ", file=sys.stderr)
        return 1 if wrong else 0
    GOLDEN.mkdir(exist_ok=True)
    for name, text in documents().items():
        (GOLDEN / name).write_bytes(text)
    return 0


def _text(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
