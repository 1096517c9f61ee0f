"""`python -m <service> serve|relay|migrate|rebuild|check`: the processes that a service is made of."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

import structlog
from pydantic import ValidationError

from kit import telemetry
from kit.service.definition import Definition
from kit.service.settings import ServiceSettings

FAILED, USAGE = 1, 2
"""Exit status of a failure of the work itself, and when the environment or the arguments do not suffice."""
log = structlog.get_logger("kit.service")


def main(definition: Definition, settings_type: type[ServiceSettings], argv: Sequence[str] | None = None) -> None:
    """Runs the command that the arguments name, and exits: 0 done, 1 failed, 2 not started."""
    asked = _parser(definition).parse_args(argv)
    try:
        settings = settings_type()
    except ValidationError as invalid:
        prefix = settings_type.model_config.get("env_prefix", "")
        for one in invalid.errors(include_input=False, include_url=False):
            name = prefix + "_".join(map(str, one["loc"])).upper()
            print(f"{name}: {one['msg']}", file=sys.stderr)
        raise SystemExit(USAGE) from None
    telemetry.start(definition.name, settings.region)
    try:
        status = _run(asked, definition, settings)
    except SystemExit as ended:  # uvicorn has a status of its own for a service that could not start
        status = USAGE if ended.code == USAGE else FAILED
    except Exception as error:
        status = _failed(f"{definition.name} {asked.command}", error)
    raise SystemExit(status)


def _failed(command: str, error: Exception) -> int:
    """Says why in one sentence; an error of our own is named by its place, for its text might quote a person."""
    from kit.bus import SeedRefused  # here: a wrong environment is told before everything is imported
    from kit.privacy import KekRefused
    from kit.service.told import told

    sentence = told(error)
    if sentence is None:
        log.error("process.failed", name=command, error=error, frames=telemetry.frames(error))
        sentence = f"an error of its own ({type(error).__name__}): report it with the log line above"
    print(f"{command}: {sentence}", file=sys.stderr)
    return USAGE if isinstance(error, KekRefused | SeedRefused) else FAILED


def _parser(definition: Definition) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {definition.name}", description=definition.title)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="HTTP, subscribers and relay in one process")
    commands.add_parser("relay", help="publish events, and nothing else")
    commands.add_parser("migrate", help="bring the database's schema to this code's")
    rebuild = commands.add_parser("rebuild", help="fill read tables again from the events")
    rebuild.add_argument("name", nargs="?", help="of a view, or tenant; all when absent")
    commands.add_parser("check", help="is everything there that serving needs?  exit 0 if so")
    return parser


def _run(asked: argparse.Namespace, definition: Definition, settings: ServiceSettings) -> int:
    from kit.service import processes  # here: a wrong environment is told before everything is imported

    match asked.command:
        case "serve":
            return processes.serve(definition, settings)
        case "relay":
            return asyncio.run(processes.relay(definition, settings))
        case "migrate":
            done = asyncio.run(processes.migrate(definition, settings))
            print(json.dumps({"migrated": done}))
            return 0
        case "rebuild":
            counts = asyncio.run(processes.rebuild(definition, settings, asked.name))
            print(json.dumps({"rebuilt": counts}))
            return 0
        case _:
            found = asyncio.run(processes.check(definition, settings))
            print(json.dumps(found))
            return 0 if all(state == "ok" for state in found.values()) else 1
