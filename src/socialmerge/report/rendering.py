"""A page as HTML: the template and the style sheet put together, every value escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from socialmerge.errors import MissingExtraError
from socialmerge.report.blocks import Block, Page
from socialmerge.report.characters import visible

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["html", "ready"]

_FORBIDS = "default-src 'none'; base-uri 'none'; form-action 'none'"


def html(page: Page) -> str:
    """The page as text.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    style = _file("style.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"{_FORBIDS}; style-src 'sha256-{digest}'"
    return _environment().get_template("page.html").render(page=page, style=style, policy=policy).lstrip() + "\n"


def ready() -> None:
    """See that jinja2 is installed; ``MissingExtraError`` where it is not."""
    _environment()


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ImportError as error:
        said = "a report needs jinja2 and matplotlib; install them with: pip install 'socialmerge[report]'"
        raise MissingExtraError(said) from error
    found = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["kind"] = _kind
    return found


def _kind(block: Block) -> str:
    """What a block is: the template has a part for each."""
    return type(block).__name__.lower()


def _shown(value: object) -> object:
    """Whatever a template puts out passes through here, before it is escaped; markup is the program's own."""
    return visible(value) if type(value) is str else value


def _file(name: str) -> str:
    return (files("socialmerge.report") / "template" / name).read_text(encoding="utf-8")
