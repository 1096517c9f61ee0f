"""What a service runs on: settings, command bodies, HTTP, background tasks and a command line."""

from __future__ import annotations

from kit.service.cli import main
from kit.service.command import Command, Part
from kit.service.definition import Definition, Figure, Indicator, Query, figures
from kit.service.http import Asks, AsksNow, Events, Sends, answered, shown
from kit.service.paging import Cursor, Limit, after, paged
from kit.service.settings import ServiceSettings

__all__ = [
    "Asks",
    "AsksNow",
    "Command",
    "Cursor",
    "Definition",
    "Events",
    "Figure",
    "Indicator",
    "Limit",
    "Part",
    "Query",
    "Sends",
    "ServiceSettings",
    "after",
    "answered",
    "figures",
    "main",
    "paged",
    "shown",
]
