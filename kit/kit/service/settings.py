"""The environment of a service: read once, frozen, no default for a secret, no password in a repr."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from contracts.values import TenantId

_PASSWORD = re.compile(r"(?<=//)([^/@:]*):[^/@]*(?=@)")


class SecretUrl(str):
    """A URL that may hold a password: a plain `str` for whoever connects, masked for whoever prints its repr."""

    __slots__ = ()

    @property
    def shown(self) -> str:
        """The URL with its password masked."""
        return _PASSWORD.sub(r"\1:***", self)

    def __repr__(self) -> str:
        return repr(self.shown)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(min_length=1))


def _schemes(*allowed: str) -> AfterValidator:
    def check(url: SecretUrl) -> SecretUrl:
        if url.partition("://")[0] not in allowed:
            raise ValueError(f"must begin with one of {', '.join(f'{scheme}://' for scheme in allowed)}")
        return url

    return AfterValidator(check)


DatabaseUrl = Annotated[SecretUrl, _schemes("postgresql", "postgres")]
NatsUrl = Annotated[SecretUrl, _schemes("nats", "tls")]
HttpUrl = Annotated[SecretUrl, _schemes("http", "https")]
KeysUrl = Annotated[SecretUrl, _schemes("http", "https", "file")]


def _codes(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Codes = Annotated[frozenset[Annotated[TenantId, Field(pattern=r"^[0-9]{6}$")]], NoDecode, BeforeValidator(_codes)]
"""Six-digit codes, with commas between them."""


REGION, LONGEST_REGION = "[a-z0-9]+(-[a-z0-9]+)*", 60
"""The slug of a region, and its most characters."""


class ServiceSettings(BaseSettings):
    """Subclass it per service with `env_prefix`: `FUNDING_DATABASE_URL`, `FUNDING_NATS_URL`, ….

    Each process is given only the roles that it uses: `serve` needs the app, keys and (if it relays itself) relay
    URLs; `migrate` the owner's; `rebuild` the rebuilder's.  An absent one is None and its command refuses to start.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=True)

    database_url: DatabaseUrl
    """Role `<service>_app`: appends and reads under row policies."""
    keys_database_url: DatabaseUrl
    """The service's key database: wrapped data keys, apart from what they seal."""
    owner_database_url: DatabaseUrl | None = None
    """Role `<service>_owner`: migrations only."""
    relay_database_url: DatabaseUrl | None = None
    """Role `<service>_relay`.  None: this process does not publish; `relay` runs elsewhere."""
    rebuild_database_url: DatabaseUrl | None = None
    """Role `<service>_rebuild`: rebuilding read tables.  `rebuild` alone uses it."""
    keys_owner_database_url: DatabaseUrl | None = None
    """Role `<service>_keys_owner`: migrations of the key database only."""
    database_proxy_url: DatabaseUrl | None = None
    """Role `<service>_app` by way of a transaction-pooling proxy, for commands and queries.  None: directly."""
    pool_writes: int = Field(default=6, ge=1, le=50)
    """Connections at most for commands, of this process.  Add up what all processes may take: docs/operations.md."""
    pool_reads: int = Field(default=6, ge=1, le=50)
    """For queries."""
    pool_tails: int = Field(default=2, ge=1, le=20)
    """For the relay."""
    pool_keys: int = Field(default=2, ge=1, le=20)
    """For the key database."""
    kek_file: Path
    """The key-encryption key, mode 0600."""
    nats_url: NatsUrl
    nats_seed_file: Path | None = None
    """The nkey seed of the service's NATS user, mode 0600.  None: `nats_url` says who we are."""
    nats_declare_seed_file: Path | None = None
    """That of the platform's user, which declares.  `migrate` alone reads it; None: it is `nats_url`'s."""
    nats_replicas: int = Field(default=1, ge=1, le=5)
    """Copies that the bus keeps of its stream; 3 in production."""
    nats_max_bytes: int | None = Field(default=None, ge=2**20)
    """What each publisher's stream may hold; then it takes nothing more.  The same for every service of a region."""
    region: str = Field(pattern=f"^{REGION}$", max_length=LONGEST_REGION)
    """Lower-case slug, e.g. gansu-lanzhou."""
    issuer: HttpUrl
    jwks_url: KeysUrl
    audience: str = "liandong"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    probe_port: int | None = Field(default=None, ge=1, le=65535)
    """A second listener for `/health/live`, `/health/ready` and `/metrics` only: a crowd at `port` cannot fill it."""
    provinces: Codes = frozenset()
    """The provinces that run this region: nobody else's token can register a province, or see what nobody owns."""
