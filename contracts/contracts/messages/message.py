"""The shape of every message that crosses a service border.

A message is an immutable fact of one service, without personal data: people appear only as random ids.  Its fields
never change; a change is a new version, a new class and a new subject.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from contracts.values import Qualifier, Quantity, Unit

DeclarationId = UUID
"""One attempt of an organisation to declare a project's staff; a rejected one is followed by another."""


class Part(BaseModel):
    """A group of fields inside a message."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Message(BaseModel):
    """Base of all messages.

    `TYPE` is the topic of the event it tells, `<service>.<noun>-<past participle>`, `NAME` the Chinese name of that
    event; `AGGREGATE` the kind of stream it comes from, as subjects name it.  `SERVICE` follows from `TYPE`.
    `FOR_OTHERS` marks what no service of ours hears: it is told for a bureau's other systems.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    TYPE: ClassVar[str]
    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    AGGREGATE: ClassVar[str]
    SERVICE: ClassVar[str]
    FOR_OTHERS: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not hasattr(cls, "NAME"):
            raise TypeError(f"{cls.__name__} has a TYPE and no NAME beside it")
        cls.SERVICE = cls.TYPE.partition(".")[0]

    def body(self) -> bytes:
        """The message as canonical JSON (RFC 8785): equal messages have equal bytes.

        Sorted keys are all that needs: names are ASCII, no field is a float, and integers are bounded.
        """
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


WHOLE = "0|[1-9][0-9]{0,8}"
"""Below a billion: room for any count of a project, and none for a telephone or identity number."""


def _digits(quantity: Any) -> Any:
    """On the wire a count is text of digits only: no number, no exponent, so that equal counts have equal bytes."""
    if isinstance(quantity, dict):
        value = quantity.get("value")
        if not (isinstance(value, str) and re.fullmatch(WHOLE, value)):
            raise ValueError("the value of a count is text of up to nine digits")
        return {**quantity, "value": Decimal(value)}
    return quantity


def _counts(unit: Unit) -> AfterValidator:
    def whole(quantity: Quantity) -> Quantity:
        if quantity.unit is not unit:
            raise ValueError(f"counted in {unit}, not {quantity.unit}")
        if not 0 <= quantity.value < 10**9 or quantity.value % 1:
            raise ValueError("a count is a whole number, not negative, below a billion")
        return replace(quantity, value=Decimal(int(quantity.value)))

    return AfterValidator(whole)


def _wire(unit: Unit) -> WithJsonSchema:
    properties = {
        "value": {"type": "string", "pattern": f"^({WHOLE})$"},
        "unit": {"const": unit.value},
        "qualifier": {"enum": [qualifier.value for qualifier in Qualifier]},
    }
    return WithJsonSchema(
        {"type": "object", "properties": properties, "required": ["value", "unit"], "additionalProperties": False}
    )


Persons = Annotated[Quantity, BeforeValidator(_digits), _counts(Unit.PERSONS), _wire(Unit.PERSONS)]
PersonTimes = Annotated[Quantity, BeforeValidator(_digits), _counts(Unit.PERSON_TIMES), _wire(Unit.PERSON_TIMES)]
Households = Annotated[Quantity, BeforeValidator(_digits), _counts(Unit.HOUSEHOLDS), _wire(Unit.HOUSEHOLDS)]
Sessions = Annotated[Quantity, BeforeValidator(_digits), _counts(Unit.SESSIONS), _wire(Unit.SESSIONS)]
Things = Annotated[Quantity, BeforeValidator(_digits), _counts(Unit.THINGS), _wire(Unit.THINGS)]
