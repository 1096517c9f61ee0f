"""Examples of bodies and parameters, composed of those that stand at the types of `contracts.fields`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from contracts.fields import WORD

Schemas = Mapping[str, Any]
"""The schemas of an OpenAPI document by name."""


def example(schema: Mapping[str, Any], schemas: Schemas, name: str) -> Any:
    """A value that fits the schema: what must be there and nothing that may be left out, of a list one item.

    `name` is the field's, or that of the list around it: ids and codes are made of it, so that two different things in
    a body are not the same one, and the same thing is the same in every body.  Raises LookupError for a field whose
    type has no example.
    """
    match schema:
        case {"examples": [first, *_]}:
            return f"{WORD}-{name.replace('_', '-')}" if first == WORD else first
        case {"$ref": ref}:
            return example(schemas[ref.rpartition("/")[2]], schemas, name)
        case {"anyOf": [first, *_]}:
            return example(first, schemas, name)
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"type": "object", "properties": fields}:
            needed = schema.get("required", ())
            return {field: example(fields[field], schemas, _named(field, name)) for field in fields if field in needed}
        case {"type": "object"}:
            return {}
        case {"type": "array", "items": items}:
            return [example(items, schemas, name)]
        case {"type": "string", "format": "uuid"}:
            return str(uuid5(NAMESPACE_URL, f"urn:liandong:example:{name}"))
        case {"type": "boolean"}:
            return True
        case {"type": "integer", "minimum": least}:
            return least
    raise LookupError(f"the type of {name} has no example")


def _named(field: str, around: str) -> str:
    """A code is that of the thing around it."""
    return around if field == "code" else field
