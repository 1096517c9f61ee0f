"""The command line `liandong`: every module of `liandong.commands` adds the commands of its `app`.

Commands import what is slow when they run: help and a refusal cost none of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from liandong import commands
from liandong.failure import FAILED, Failure
from liandong.pasting import NAME


class Commands(TyperGroup):
    """Every command's failures, as one sentence and an exit code: 1 it failed, 3 nothing is up, 2 it was not asked
    rightly.  What nobody could mend but who wrote the program keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Failure as failed:
            sentence, code = str(failed), failed.exit_code
        except (typer.Exit, typer.Abort, TyperException):
            raise
        except Exception as error:
            known = _known(error)
            if known is None:
                raise
            sentence, code = known, FAILED
        typer.echo(sentence, err=True)
        raise typer.Exit(code)


def _known(error: Exception) -> str | None:
    """What an operator could mend, though it was raised by somebody else's code."""
    from kit.service.told import told
    from kit.store.provisioning import TooStrong

    return str(error) if isinstance(error, TooStrong) else told(error)


app = typer.Typer(
    name=NAME,
    cls=Commands,
    rich_markup_mode=None,  # its boxes cut words
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"{NAME} {metadata.version(NAME)}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Social-work stations and the programmes around them: run a region, look into it, check it."""


for module in pkgutil.iter_modules(commands.__path__):
    app.add_typer(importlib.import_module(f"{commands.__name__}.{module.name}").app)
