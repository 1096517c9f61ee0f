"""The environment of funding."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from kit.service import ServiceSettings


class Settings(ServiceSettings):
    """`FUNDING_DATABASE_URL`, `FUNDING_NATS_URL` and the others of a service."""

    model_config = SettingsConfigDict(env_prefix="FUNDING_")
