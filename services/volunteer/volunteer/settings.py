"""The environment of volunteering."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from kit.service import ServiceSettings


class Settings(ServiceSettings):
    """`VOLUNTEER_DATABASE_URL`, `VOLUNTEER_NATS_URL` and the others of a service."""

    model_config = SettingsConfigDict(env_prefix="VOLUNTEER_")
