"""The command line `liandong`: every module of `liandong.commands` adds the commands of its `app`."""

from __future__ import annotations

import importlib
import pkgutil

import typer

from liandong import commands

app = typer.Typer(
    name="liandong",
    help="Social-work stations and the programmes around them: run a region, look into it, check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for module in pkgutil.iter_modules(commands.__path__):
    app.add_typer(importlib.import_module(f"{commands.__name__}.{module.name}").app)
