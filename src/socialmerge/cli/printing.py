"""The one way to the terminal: every character that could move, hide or turn what stands there is written out."""

from __future__ import annotations

import json
import re

import click

__all__ = ["echo", "visible"]

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but tab and line end; escape sequences begin with one
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f"  # what changes the direction of writing
    "\u2028\u2029\ufeff\ud800-\udfff]"  # line ends of another kind, marks of byte order, halves of characters
)


def visible(text: str) -> str:
    r"""A text as it may be printed: a control character as its escape, also inside JSON, where it means the same.

    >>> visible("a\x1b[2Jb\u202ec\td")
    'a\\u001b[2Jb\\u202ec\td'
    """
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text that may hold a user's values; ``err`` prints it on standard error."""
    click.echo(visible(text), err=err, nl=nl)
