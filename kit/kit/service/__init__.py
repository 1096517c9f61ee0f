"""What a service runs on: settings, command bodies, HTTP, background tasks and a command line."""

from __future__ import annotations

from kit.service.cli import main
from kit.service.command import Command, Part
from kit.service.definition import Definition
from kit.service.figures import Counted, Indicator, Kind, Total
from kit.service.http import Asks, AsksNow, Events, Sends, answered, shown
from kit.service.listed import listed, record
from kit.service.lists import Flag, Listing, More, Opens
from kit.service.paging import Cursor, Limit
from kit.service.settings import ServiceSettings
from kit.service.sight import Sight
from kit.service.wait import Wait

__all__ = [
    "Asks",
    "AsksNow",
    "Command",
    "Counted",
    "Cursor",
    "Definition",
    "Events",
    "Flag",
    "Indicator",
    "Kind",
    "Limit",
    "Listing",
    "More",
    "Opens",
    "Part",
    "Sends",
    "ServiceSettings",
    "Sight",
    "Total",
    "Wait",
    "answered",
    "listed",
    "main",
    "record",
    "shown",
]
