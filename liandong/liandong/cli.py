"""The command line `liandong`: every module of `liandong.commands` adds the commands of its `app`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import httpx
import typer
from typer.core import TyperGroup

from kit.service.told import told
from liandong import commands
from liandong.failure import FAILED, Failure


class Commands(TyperGroup):
    """Every command's failures, as one sentence and an exit code: 1 it failed, 3 nothing is up, 2 it was not asked
    rightly.  What nobody could mend but who wrote the program keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Failure as failed:
            sentence, code = str(failed), failed.exit_code
        except httpx.HTTPError as failed:
            what = failed or type(failed).__name__
            sentence, code = f"a service gave no answer ({what}): see liandong status", FAILED
        except Exception as error:
            known = told(error)
            if known is None:
                raise
            sentence, code = known, FAILED
        typer.echo(sentence, err=True)
        raise typer.Exit(code)


app = typer.Typer(
    name="liandong",
    cls=Commands,
    rich_markup_mode=None,  # its boxes cut words
    help="Social-work stations and the programmes around them: run a region, look into it, check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for module in pkgutil.iter_modules(commands.__path__):
    app.add_typer(importlib.import_module(f"{commands.__name__}.{module.name}").app)
