"""The toy aggregate as a whole service: what `app.py` of a real one composes, over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
from fastapi import APIRouter, FastAPI, Response
from joserfc import jwt
from joserfc.jwk import OKPKey
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from tests.answers import checked
from tests.kit.notes import (
    DAY,
    HERE,
    LIST,
    NOTES,
    Note,
    NoteEvent,
    NoteIsStruck,
    NoteSigned,
    NoteWritten,
    strike,
)
from tests.service import application, deaf
from tests.settled import settled
from tests.units import unit_of

from contracts.messages import Message
from contracts.values import PersonId, Role, Sealed, Unit
from kit import ids, telemetry
from kit.auth import Policy, Reach, Rule
from kit.bus.handlers import Handlers
from kit.privacy import new_kek_file
from kit.service import (
    Asks,
    Command,
    Counted,
    Definition,
    Events,
    Indicator,
    Sends,
    ServiceSettings,
    Sight,
    answered,
    processes,
)
from kit.store import Meta

ISSUER = "http://issuer.test"
PROVINCE = "620000"
"""The province whose operators run the toy."""
LOCK = 4242
KEY = OKPKey.generate_key("Ed25519", auto_kid=True)

POLICY: Policy = {
    "write-note": Rule("写便条", roles={Role.CITY_BUREAU, Role.DISTRICT_BUREAU}, reads=Reach.DOWN, writes=Reach.DOWN),
    "read-notes": Rule("看便条", roles={Role.CITY_BUREAU, Role.DISTRICT_BUREAU}, reads=Reach.DOWN),
}


SIGHTS = (
    Sight(("note",), {Role.SOCIAL_WORKER}, "select tenant_id, note as id from public.note_list where last = {unit}"),
    Sight(("note",), {Role.SUPERVISOR}),
)
"""A note is the business of the organisation that its last line names; and of every supervisor."""


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TOY_")


class WriteNote(Command):
    text: Annotated[str, Field(min_length=1, max_length=50)]
    signer: Annotated[str, Field(max_length=20)] | None = None


class StrikeNote(Command):
    pass


router = APIRouter(prefix="/v1")


@router.post("/notes/{note_id}", summary="写便条")
async def write_note(note_id: UUID, cmd: WriteNote, caller: Sends, store: Events) -> Response:
    def decide(note: Note) -> Sequence[NoteEvent]:
        if note.struck:
            raise NoteIsStruck
        signer = Sealed(person=PersonId(ids.derived(note_id, "signer")), clear=cmd.signer) if cmd.signer else None
        return (NoteWritten(text=cmd.text), *([NoteSigned(signer=signer)] if signer else []))

    cause = caller.may("write-note", cmd.occurred_on)
    return answered(await store.change(cause, decide, NOTES.stream(note_id, caller.actor.tenant)))


@router.post("/notes/{note_id}/strike", summary="作废便条")
async def strike_note(note_id: UUID, cmd: StrikeNote, caller: Sends, store: Events) -> Response:
    cause = caller.may("write-note", cmd.occurred_on)
    return answered(await store.change(cause, strike, NOTES.stream(note_id)))


@router.get("/notes", summary="便条清单")
async def list_notes(caller: Asks, store: Events) -> list[dict[str, Any]]:
    async with store.reading(caller.reads("read-notes")) as tx:
        rows = await tx.fetch("select tenant_id, note, lines, last from note_list order by tenant_id, note")
    return [dict(row) for row in rows]


@router.get("/notes/{name}/of", summary="某人的便条")
async def notes_of(name: str, caller: Asks, store: Events) -> int:
    async with store.reading(caller.reads("read-notes")) as tx:
        return len(await tx.fetch("select 1 from note_list where tenant_id = $1", name))


@router.get("/notes/held", summary="等锁")
async def held_notes(caller: Asks, store: Events) -> str:
    """Answers when nobody holds the advisory lock LOCK any more."""
    async with store.reading(caller.reads("read-notes")) as tx:
        await tx.execute(f"select pg_advisory_xact_lock({LOCK})")
    return "done"


class NoteWrittenV1(Message):
    TYPE = "toy.note-written"
    NAME = "写便条"
    AGGREGATE = "note"

    length: int


def to_contract(event: Any, meta: Meta) -> NoteWrittenV1 | None:
    return NoteWrittenV1(length=len(event.text)) if isinstance(event, NoteWritten) else None


WRITTEN = Counted("select tenant_id, lines as value, row_stream, row_version, '' as item from note_list where {scope}")


def definition() -> Definition:
    """The toy service."""
    return Definition(
        name="toy",
        title="便条",
        categories=(NOTES,),
        views=(LIST,),
        publish=to_contract,
        handlers=Handlers(consumer="toy"),
        policy=POLICY,
        router=router,
        sights=SIGHTS,
        indicators=(Indicator("toy.lines_written", "便条行数", Unit.THINGS, "已写的行数", 1, WRITTEN),),
    )


def environment(urls: dict[str, str], folder: Path, **more: str) -> dict[str, str]:
    """The environment of the toy service; its issuer's key and its own are made in `folder`."""
    jwks, kek = folder / "jwks.json", folder / "kek"
    jwks.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    if not kek.exists():
        new_kek_file(kek)
    return {
        "TOY_DATABASE_URL": urls["app"],
        "TOY_KEYS_DATABASE_URL": urls["keys"],
        "TOY_OWNER_DATABASE_URL": urls["owner"],
        "TOY_KEYS_OWNER_DATABASE_URL": urls["keys_owner"],
        "TOY_RELAY_DATABASE_URL": urls["relay"],
        "TOY_REBUILD_DATABASE_URL": urls["rebuild"],
        "TOY_KEK_FILE": str(kek),
        "TOY_NATS_URL": "nats://127.0.0.1:1",
        "TOY_REGION": "test",
        "TOY_ISSUER": ISSUER,
        "TOY_JWKS_URL": jwks.as_uri(),
        "TOY_PROVINCES": PROVINCE,
        **more,
    }


def settings_of(given: dict[str, str]) -> Settings:
    """As a process reads them from this environment."""
    names = {f"TOY_{name}".upper(): name for name in Settings.model_fields}
    return Settings.model_validate({names[name]: value for name, value in given.items() if name in names})


def token(
    role: Role = Role.DISTRICT_BUREAU,
    tenant: str = HERE,
    sub: str = "tester",
    lives: int = 600,
    unit: str | None = None,
) -> str:
    at = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": "liandong",
        "iat": at,
        "exp": at + lives,
        "sub": sub,
        "role": role,
        "tenant": tenant,
        **({"unit": carried} if (carried := unit_of(role, unit)) else {}),
    }
    return jwt.encode({"alg": "Ed25519", "kid": KEY.kid}, claims, KEY, algorithms=["Ed25519"])


def headers(
    role: Role = Role.DISTRICT_BUREAU,
    tenant: str = HERE,
    key: UUID | None = None,
    sub: str = "tester",
    unit: str | None = None,
    **more: str,
) -> dict[str, str]:
    """The headers of one command, or of a look."""
    return {
        "authorization": f"Bearer {token(role, tenant, sub, unit=unit)}",
        "idempotency-key": str(key or uuid4()),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


@dataclass
class Served:
    """The toy service in this process, and a client of it."""

    app: FastAPI
    http: httpx.AsyncClient
    urls: dict[str, str]

    async def post(self, path: str, body: dict[str, Any], **how: Any) -> httpx.Response:
        """One command, dated, in a fresh or given key's name."""
        return await self.http.post(path, json={"occurred_on": str(DAY), **body}, headers=headers(**how))

    async def get(self, path: str, params: dict[str, Any] | None = None, **how: Any) -> httpx.Response:
        if path.startswith(("/v1/history", "/v1/events")):
            await settled(self.urls["relay"])
        return await self.http.get(path, params=params, headers=headers(**how))


@asynccontextmanager
async def served(
    urls: dict[str, str], folder: Path, nats_url: str | None = None, region: str = "test", **more: str
) -> AsyncIterator[Served]:
    """The toy service, its lifespan entered: pools, tasks and all.

    Only with `nats_url` it is on the bus, with a relay; then its migrations are applied as well.
    """
    telemetry.start("toy", "test")
    made = definition()
    given = environment(urls, folder, TOY_REGION=region, **more)
    if nats_url is not None:
        settings = settings_of({**given, "TOY_NATS_URL": nats_url})
        await processes.migrate(made, settings)
    else:
        del given["TOY_RELAY_DATABASE_URL"]
        made, settings = deaf(made), settings_of(given)
    app = application(made, settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy", event_hooks=checked(made)) as http,
    ):
        yield Served(app, http, urls)
