"""The library's messages in the words of the command line: an option where the library has an argument."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from socialmerge.errors import SocialMergeError

__all__ = ["files", "in_options"]

_OPTIONS = {
    "admit": "--admit",
    "as_of": "--as-of",
    "at": "--at",
    "basis": "--basis",
    "before": "--before",
    "by": "--by",
    "channel": "--channel",
    "clusters": "--clusters",
    "columns": "--column",
    "currency": "--currency",
    "customers": "--customers",
    "customer_stages": "--customer-stage",
    "decimal": "--decimal",
    "decisions": "--decisions",
    "id": "--id",
    "key": "--key-file",
    "order_columns": "--order-column",
    "observed_at": "--observed-at",
    "orders": "--orders",
    "plan": "--plan",
    "policy": "--policy",
    "purpose": "--purpose",
    "reason": "--reason",
    "region": "--region",
    "seen_on": "--seen-on",
    "store": "--store",
}
_IN_POLICY = ("clears", "groups", "observed", "source")
"""What is no option, but an entry of a policy file."""

_ARGUMENT = re.compile(rf"(?<![\w.(])({'|'.join((*_OPTIONS, *_IN_POLICY))})=('[^'\n]*'|\"[^\"\n]*\")?(?![\w(\[{{])")
_ROLE = re.compile(r"(?<!\w)(order_)?columns=\{'(\w+)': ('[^'\n]*'|\"[^\"\n]*\")\}")
_ALREADY = re.compile(r" \(--[\w-]+ on the command line\)")
_PHRASES = {
    "give their pins with edicts=": "pin a value with the command 'pin'",
    "with most_gone=True": "with --most-gone",
}


def in_options(message: str) -> str:
    """Give a message with the options in place of the arguments that it names.

    >>> in_options("the country is not known; pass region=, as in region='GB'")
    'the country is not known; pass --region, as in --region GB'
    >>> in_options("newest needs dates; name the column with observed=")
    "newest needs dates; name the column with 'observed' in the policy file"
    >>> in_options("orders: no column is found; name it, as in order_columns={'customer': '...'}")
    "orders: no column is found; name it, as in --order-column customer='...'"
    >>> in_options("say which, as in columns={'revenue': 'Total Spent'}, or give orders=")
    "say which, as in --column revenue='Total Spent', or give --orders"
    >>> in_options("keys[1]: by='mine:key' is no function")
    "keys[1]: by='mine:key' is no function"
    """
    for phrase, word in _PHRASES.items():
        message = message.replace(phrase, word)
    said = _ALREADY.sub("", message)
    said = _ROLE.sub(lambda found: f"--{'order-' if found[1] else ''}column {found[2]}={found[3]}", said)
    return _ARGUMENT.sub(_option, said)


@contextmanager
def files(**given: Path | None) -> Iterator[None]:
    """Name the file in an error of the library where that names what was given: ``orders: ...`` of ``orders.csv``."""
    try:
        yield
    except SocialMergeError as error:
        what, mark, said = str(error).partition(":")
        path = given.get(what)
        if path is None or not mark:
            raise
        raise type(error)(f"{path}:{said}") from None


def _option(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if name == "by" and value:  # a function that a plan names
        return found[0]
    if name in _IN_POLICY:
        return found[0] if value else f"'{name}' in the policy file"
    bare = value[1:-1] if value else ""
    shown = bare if re.fullmatch(r"[\w.:/@-]*", bare) else value
    return f"{_OPTIONS[name]} {shown}".rstrip()
