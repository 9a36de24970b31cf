"""Every error that the library raises on purpose, as one tree.

::

    SocialMergeError
    ├── TableError (ValueError)      a file or table cannot be read, or breaks a rule for tables
    ├── SchemaError (ValueError)     a named column is absent, or no id column can be found
    ├── ChannelError (ValueError)    an export is not of the named channel, or a channel is unknown
    ├── PlanError (ValueError)       a plan names what is not there, or does not load
    ├── PolicyError (ValueError)     a policy is wrong, or asks for what the data does not have
    ├── FitError (ValueError)        the weights cannot be estimated from this data
    ├── LabelError (ValueError)      decisions or truth do not fit the tables
    ├── ReportError (ValueError)     there is nothing to report, or nothing that a report is about
    ├── StoreError                   a store cannot be opened, read or written, or refuses what it is given
    │   ├── StaleError               what was previewed is no longer what would be written
    │   └── StoreUnavailableError    the database cannot be reached, read or written now: nothing was stored
    └── MissingExtraError (ImportError)  an optional package is needed; the message names the extra

A message says what is wrong, where, and what to do next. It never holds a personal value.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from difflib import get_close_matches

__all__ = [
    "ChannelError",
    "FitError",
    "LabelError",
    "MissingExtraError",
    "PlanError",
    "PolicyError",
    "ReportError",
    "SchemaError",
    "SocialMergeError",
    "StaleError",
    "StoreError",
    "StoreUnavailableError",
    "TableError",
    "amount",
    "hint",
]


def hint(word: str, known: Iterable[str]) -> str:
    """End a message about an unknown word: what the writer may have meant, or what there is.

    >>> hint("emial", ["email", "phone"])
    "; did you mean 'email'?"
    """
    names = sorted(known) if isinstance(known, AbstractSet) else list(known)
    close = get_close_matches(word, names, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names) or 'none'}"


class SocialMergeError(Exception):
    """Base of every error that socialmerge raises on purpose."""


class TableError(SocialMergeError, ValueError):
    """A file or table cannot be read, or breaks a rule for tables."""


class SchemaError(SocialMergeError, ValueError):
    """A named column is absent, or no id column can be found."""


class ChannelError(SocialMergeError, ValueError):
    """An export is not of the named channel, or the channel is unknown."""


class PlanError(SocialMergeError, ValueError):
    """A plan names something that is not there, or does not load."""


class PolicyError(SocialMergeError, ValueError):
    """A merge policy is wrong, or asks for what the data does not have."""


class FitError(SocialMergeError, ValueError):
    """The weights cannot be estimated from this data."""


class LabelError(SocialMergeError, ValueError):
    """Decisions or truth do not fit the tables."""


class ReportError(SocialMergeError, ValueError):
    """There is nothing to report, or something that no part of a report is about."""


class StoreError(SocialMergeError):
    """A store cannot be opened, read or written, or refuses what it is given."""


class StaleError(StoreError):
    """The store has moved since the preview was made: make a new one."""


class StoreUnavailableError(StoreError):
    """The database cannot be reached, read or written now; nothing of the change was stored."""


class MissingExtraError(SocialMergeError, ImportError):
    """An optional package is needed; the message names the extra to install."""


def amount(count: int, one: str, many: str) -> str:
    """So many of something, as a message says it.

    >>> amount(1, "row has", "rows have"), amount(1200, "row has", "rows have")
    ('1 row has', '1,200 rows have')
    """
    return f"{count:,} {one if count == 1 else many}"
