"""The environment of the registry."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from kit.service import ServiceSettings


class Settings(ServiceSettings):
    """Reads REGISTRY_DATABASE_URL and the rest."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_")
