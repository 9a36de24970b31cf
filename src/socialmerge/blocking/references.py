"""References to a caller's own functions: ``package.module:function``, by which a plan can be saved and loaded."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from operator import attrgetter
from typing import TypeVar

from socialmerge.errors import PlanError

__all__ = ["called", "function_of", "referenced"]

F = TypeVar("F", bound=Callable[..., object])
_SCRIPT = "__main__"


def referenced(function: str | F) -> str | F:
    """The reference of a function that can be imported; any other function as it is.

    A lambda, a function defined inside another one, and one of the script that runs cannot be imported elsewhere.

    >>> from textwrap import dedent
    >>> referenced(dedent)
    'textwrap:dedent'
    >>> referenced(lambda text: text)  # doctest: +ELLIPSIS
    <function <lambda> at ...>
    """
    if isinstance(function, str):
        return function
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    if module == _SCRIPT or module not in sys.modules or not all(map(str.isidentifier, name.split("."))):
        return function
    try:
        there = attrgetter(name)(sys.modules[module])
    except AttributeError:
        return function
    return f"{module}:{name}" if there is function else function


def function_of(given: str | F, setting: str) -> F:
    """The function that was given, imported where a reference was; ``setting`` names it in errors: ``compare``, ``by``.

    Raises:
        PlanError: there is no such module, or no such function in it.

    >>> function_of("textwrap:dedent", "by")  # doctest: +ELLIPSIS
    <function dedent at ...>
    """
    if not isinstance(given, str):
        return given
    module, colon, name = given.partition(":")
    said = "give 'package.module:function' of a function that can be imported, or the function itself"
    if not (module and colon and name):
        raise PlanError(f"{setting}={given!r} is no reference to a function; {said}")
    try:
        found: F = attrgetter(name)(importlib.import_module(module))
    except (ImportError, AttributeError) as error:
        raise PlanError(f"{setting}={given!r} is not there ({type(error).__name__}); {said}") from error
    if not callable(found):
        raise PlanError(f"{setting}={given!r} is a {type(found).__name__}, not a function; {said}")
    return found


def called(function: str | F) -> str:
    """What a function is called: its reference, or its name where it has none.

    >>> called("textwrap:dedent"), called(lambda text: text)
    ('textwrap:dedent', '<lambda>')
    """
    if isinstance(function, str):
        return function
    return str(getattr(function, "__qualname__", type(function).__name__))
