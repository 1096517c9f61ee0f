"""What a service runs on: settings, command bodies, HTTP, background tasks and a command line."""

from __future__ import annotations

from kit.service.cli import main
from kit.service.command import Command, Part
from kit.service.definition import Definition, Figure, Indicator
from kit.service.http import answered, caller, reader, store
from kit.service.settings import ServiceSettings

__all__ = [
    "Command",
    "Definition",
    "Figure",
    "Indicator",
    "Part",
    "ServiceSettings",
    "answered",
    "caller",
    "main",
    "reader",
    "store",
]
