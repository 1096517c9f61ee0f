"""Which refusals a route may answer: those that stand in the code which can be reached from it.

Reached is what a function names, and what the methods of its arguments are by their kinds; of what has no known kind,
every method of that name which the service's own classes have.  So it lists what may come, and now and then one more;
tests compare every refusal that they get with what its operation lists.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache, partial
from pathlib import Path
from types import FunctionType, MethodType, ModuleType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from fastapi.dependencies.models import Dependant

from kit.errors import NotFound, Refused, Unavailable
from kit.service import body, problems

OURS = ("kit", "contracts")
"""Packages that are looked into beside the service's."""
EVERYWHERE: tuple[type[Refused], ...] = (problems.InvalidRequest, NotFound, Unavailable, problems.Internal)
"""What any route may answer: a parameter that it does not have, a path that names nothing, an outage, a bug."""
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Of:
    """A value of which no more is known than its kind."""

    kind: Any


def codes_of(router: Any, package: str) -> dict[str, list[str]]:
    """Of each route of a service, by `POST /v1/projects`, the codes that it may answer, sorted."""
    return {
        f"{method} {path}": _codes(route.dependant, package, sends=method == "POST")
        for path, route in _routes(router, "")
        for method in route.methods
    }


def _routes(router: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for route in router.routes:
        if (within := getattr(route, "original_router", None)) is not None:
            yield from _routes(within, prefix + route.include_context.prefix)
        elif getattr(route, "include_in_schema", False):
            yield prefix + route.path, route


def _codes(dependant: Dependant, package: str, *, sends: bool) -> list[str]:
    found: set[type[Refused]] = {*EVERYWHERE}
    reached: set[Any] = set()
    for called in (*_calls(dependant), *(vars(body.CheckedBody).values() if sends else ())):
        _reach(called, package, found, reached)
    return sorted({one.code for one in found})


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for one in dependant.dependencies:
        yield from _calls(one)


def _is_refusal(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, Refused) and hasattr(one, "code")


def _reach(begin: Any, package: str, found: set[type[Refused]], reached: set[Any]) -> None:
    waiting = [begin]
    while waiting:
        one = waiting.pop()
        if isinstance(one, staticmethod | classmethod | MethodType):
            one = one.__func__
        if isinstance(one, partial):
            waiting += [one.func, *one.args, *one.keywords.values()]
        elif isinstance(one, property):
            waiting.append(one.fget)
        elif _holds(one, package):
            waiting += [each for each in vars(one).values() if callable(each) or isinstance(each, tuple)]
        elif isinstance(one, Mapping) and len(one) < 1000:
            waiting += [each for pair in one.items() for each in pair if callable(each) or _holds(each, package)]
        elif isinstance(one, tuple | list | frozenset):
            for each in one:  # of a thing that may be any of several, whatever its class can do
                waiting += [each] if callable(each) else vars(type(each)).values() if _is_ours(each, package) else []
        elif _is_refusal(one):
            found.add(one)
        elif (key := _key(one)) in reached or not _is_ours(one, package):
            continue
        elif isinstance(one, type):
            reached.add(key)
            waiting += [each for name, each in vars(one).items() if name.startswith("__") and callable(each)]
        elif isinstance(one := inspect.unwrap(one), FunctionType):
            reached.add(key)
            if key not in _known:
                _known[key] = one, [each for each in _named(one, package) if _leads(each, package)]
            waiting += _known[key][1]


_known: dict[Any, tuple[Any, list[Any]]] = {}
"""Functions by what tells them apart, each with what it names: they are kept, or another's cells would come to be
where theirs were."""
LEADING = (partial, Mapping, tuple, list, frozenset, property, staticmethod, classmethod, MethodType)


def _leads(one: Any, package: str) -> bool:
    return isinstance(one, LEADING) or _holds(one, package) or (callable(one) and _is_ours(one, package))


def _holds(one: Any, package: str) -> bool:
    """A thing of ours that may hold functions: a row of a table of steps."""
    return is_dataclass(one) and not isinstance(one, type) and _is_ours(type(one), package)


def _key(one: Any) -> Any:
    """Functions made of one text differ by what they hold."""
    cells = tuple(map(id, getattr(one, "__closure__", None) or ()))
    return (getattr(one, "__code__", one if isinstance(one, type) else id(one)), cells)


def _is_ours(one: Any, package: str) -> bool:
    return str(getattr(one, "__module__", "")).partition(".")[0] in (*OURS, package)


def _named(function: FunctionType, package: str) -> Iterator[Any]:
    """What the text of a function names, that may be called."""
    node = _nodes(function.__code__.co_filename).get(function.__code__.co_firstlineno)
    if node is None:
        return
    known = {**function.__globals__, **_held(function), **{name: Of(kind) for name, kind in _kinds(function).items()}}
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part is not node:
            known |= _annotated(part, function.__globals__)
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield known.get(part.id)
        elif isinstance(part, ast.Attribute):
            value = _value(part, known)
            if value is None and function.__module__.startswith(f"{package}."):
                yield from _methods(package).get(part.attr, ())
            elif value is not None and not isinstance(value, Of):
                yield value
                if isinstance(value, property):
                    yield value.fget


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """What an expression comes to, as far as it is a name or a chain of them; else, if that is known, its kind."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Await):
        return _value(node.value, known)
    if isinstance(node, ast.Call):
        return _result(_value(node.func, known))
    if not isinstance(node, ast.Attribute):
        return None
    base = _value(node.value, known)
    if base is None:
        return None
    if isinstance(base, property):
        base = _result(base.fget)
    kinds = [_plain(one) for one in _alternatives(base.kind)] if isinstance(base, Of) else [base]
    for kind in kinds:
        found = inspect.getattr_static(kind, node.attr, None)
        if found is None and not isinstance(kind, type | ModuleType):
            found = inspect.getattr_static(type(kind), node.attr, None)
        if found is not None and (callable(found) or isinstance(found, property | staticmethod | classmethod | tuple)):
            return found
        hints = _hints(kind if isinstance(kind, type) else type(kind))
        if node.attr in hints:
            return Of(hints[node.attr])
    return None


def _result(called: Any) -> Any:
    if isinstance(called, type):
        return Of(called)
    called = getattr(called, "__func__", called)
    kind = _hints(called).get("return") if callable(called) else None
    return Of(kind) if kind is not None else None


@cache
def _hints(one: Any) -> dict[str, Any]:
    try:
        return get_type_hints(one)
    except Exception:
        return {}  # names that are there for the type checker alone


def _alternatives(kind: Any) -> Iterable[Any]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _plain(kind: Any) -> Any:
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    return get_origin(kind) or kind


def _held(function: FunctionType) -> dict[str, Any]:
    """What a function holds of the one that made it."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {name: cell.cell_contents for name, cell in cells if _is_full(cell)}


def _is_full(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _kinds(function: FunctionType) -> dict[str, Any]:
    """The kinds of the arguments; of `self` the class, where the function stands in one."""
    owner = sys.modules[function.__module__]
    for name in function.__qualname__.split(".")[:-1]:
        owner = getattr(owner, name, None)  # type: ignore[assignment]  # a class
    own: dict[str, Any] = {"self": owner, "cls": owner} if isinstance(owner, type) else {}
    return {**own, **{name: kind for name, kind in _hints(function).items() if name != "return"}}


def _annotated(node: ast.FunctionDef | ast.AsyncFunctionDef, names: Mapping[str, Any]) -> dict[str, Any]:
    """The kinds of the arguments of a function within a function."""
    found = {}
    for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if one.annotation is not None and (kind := _value(one.annotation, names)) is not None:
            found[one.arg] = Of(kind)
    return found


@cache
def _nodes(path: str) -> dict[int, Function]:
    """The functions of a file by the line that they begin at, decorators included; of a line the outermost."""
    found: dict[int, Function] = {}
    if not Path(path).is_file():
        return found  # what a dataclass has of its own
    tree = ast.parse(Path(path).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            decorators = getattr(node, "decorator_list", ())
            found.setdefault(min([node.lineno, *(one.lineno for one in decorators)]), node)
    return found


@cache
def _methods(package: str) -> dict[str, list[Any]]:
    """The methods of the classes of a service, by their names."""
    found: dict[str, list[Any]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{package}."):
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__ == name:
                    for attribute, value in vars(kind).items():
                        if isinstance(value, FunctionType | property | staticmethod | classmethod):
                            found.setdefault(attribute, []).append(value)
    return found
