"""The environment of casework."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from kit.service import ServiceSettings


class Settings(ServiceSettings):
    """`CASEWORK_DATABASE_URL`, `CASEWORK_NATS_URL` and the others of a service."""

    model_config = SettingsConfigDict(env_prefix="CASEWORK_")
