"""Fields and keys by hand: one short function a kind."""

from __future__ import annotations

from socialmerge.blocking import Key
from socialmerge.blocking.references import referenced
from socialmerge.errors import PlanError
from socialmerge.records import Comparison, Field, KeyFunction, Kind

__all__ = ["account", "category", "code", "date", "email", "key", "name", "number", "phone", "place", "text", "url"]


def name(
    full: str = "",
    *,
    given: str = "",
    family: str = "",
    middle: str = "",
    suffix: str = "",
    left: str = "",
    label: str = "",
) -> Field:
    """A person's name: one column that holds all of it, or a column a part.

    >>> name("full_name").columns
    ('full_name',)
    >>> name(given="first", family="last").parts
    ('given', 'family')
    """
    found = {"full": full, "given": given, "middle": middle, "family": family, "suffix": suffix}
    columns = {part: column for part, column in found.items() if column}
    if not columns:
        msg = "name() needs a column: name('full_name'), or name(given='first_name', family='last_name')"
        raise PlanError(msg)
    return Field(
        label or full or "name",
        Kind.NAME,
        tuple(columns.values()),
        tuple(columns),
        left_columns=(left,) if left else (),
        left_parts=("full",) if left else (),
    )


def place(full: str = "", *, left: str = "", label: str = "", **parts: str) -> Field:
    """An address or place: one column that holds all of it, or a column a part.

    Parts are ``street``, ``house``, ``unit``, ``city``, ``state``, ``postcode`` and ``country``.

    >>> place(city="town", postcode="zip").parts
    ('city', 'postcode')
    """
    known = ("street", "house", "unit", "city", "state", "postcode", "country")
    unknown = [part for part in parts if part not in known]
    if unknown:
        msg = f"place() does not know the part {unknown[0]!r}; it knows {', '.join(known)}"
        raise PlanError(msg)
    columns = {"full": full, **parts} if full else parts
    if not columns:
        msg = "place() needs a column: place('address'), or place(city='town', postcode='zip')"
        raise PlanError(msg)
    return Field(
        label or full or "place",
        Kind.PLACE,
        tuple(columns.values()),
        tuple(columns),
        left_columns=(left,) if left else (),
        left_parts=("full",) if left else (),
    )


def email(*columns: str, left: str = "", label: str = "") -> Field:
    """E-mail addresses; several columns are several addresses of one person."""
    return _several(Kind.EMAIL, columns, left, label)


def phone(*columns: str, region: str = "", left: str = "", label: str = "") -> Field:
    """Telephone numbers; ``region`` is the country (ISO 3166) of numbers without one."""
    return _several(Kind.PHONE, columns, left, label, region=region)


def account(*columns: str, channel: str = "", left: str = "", label: str = "") -> Field:
    """Accounts: links to profiles, or handles on ``channel``."""
    return _several(Kind.ACCOUNT, columns, left, label, channel=channel)


def url(*columns: str, left: str = "", label: str = "") -> Field:
    """Web addresses."""
    return _several(Kind.URL, columns, left, label)


def date(column: str, *, left: str = "", label: str = "") -> Field:
    """A date, such as a birthday."""
    return _several(Kind.DATE, (column,), left, label)


def text(column: str, *, left: str = "", label: str = "", compare: str | Comparison = "") -> Field:
    """Words; ``compare`` is a comparison of your own: a function, or its reference ``package.module:function``.

    A function gets two arrays of strings, the match keys of pairs of unequal values, and returns the level of each
    pair; see :func:`socialmerge.matching.comparison`.
    """
    return _several(Kind.TEXT, (column,), left, label, compare=compare)


def code(column: str, *, left: str = "", label: str = "", compare: str | Comparison = "") -> Field:
    """A number or code that stands for something: compared by edits, or by ``compare`` as for :func:`text`."""
    return _several(Kind.CODE, (column,), left, label, compare=compare)


def number(column: str, *, left: str = "", label: str = "", compare: str | Comparison = "") -> Field:
    """A quantity: compared by size, or by ``compare`` as for :func:`text`."""
    return _several(Kind.NUMBER, (column,), left, label, compare=compare)


def category(column: str, *, left: str = "", label: str = "", compare: str | Comparison = "") -> Field:
    """One of few values: equal or not, or by ``compare`` as for :func:`text`."""
    return _several(Kind.CATEGORY, (column,), left, label, compare=compare)


def key(*atoms: str, by: str | KeyFunction = "") -> Key:
    """A block key: rows that agree on all of ``atoms`` are compared.

    An atom is a field's name, for its exact value, or one of the values derived from it, such as ``"dob.year"``; see
    :func:`socialmerge.blocking.make_atoms`.

    ``by`` is a function of your own, or its reference ``package.module:function``. It gets one array of strings for
    each of the named fields and returns the key of each row: a text, a list of texts where there are several, or None
    for no key. The strings are match keys, each combination of them once; a row that lacks one has no key.

    >>> str(key("full_name", "tel"))
    'full_name + tel'
    >>> str(key("full_name", by="our_keys:initials"))
    'our_keys:initials(full_name)'
    """
    if not atoms:
        msg = "key() needs at least one field or atom, for example key('email') or key('full_name', 'dob.year')"
        raise PlanError(msg)
    if isinstance(by, str) and by and ":" not in by:
        raise PlanError(f"by={by!r} must name a function as 'package.module:function', or be the function")
    return Key(atoms, referenced(by))


def _several(
    kind: Kind,
    columns: tuple[str, ...],
    left: str,
    label: str,
    *,
    region: str = "",
    channel: str = "",
    compare: str | Comparison = "",
) -> Field:
    if not columns or not all(columns):
        msg = f"{kind.value}() needs the name of a column"
        raise PlanError(msg)
    if isinstance(compare, str) and compare and ":" not in compare:
        raise PlanError(f"compare={compare!r} must name a function as 'package.module:function', or be the function")
    return Field(
        label or columns[0],
        kind,
        columns,
        left_columns=(left,) if left else (),
        region=region,
        channel=channel,
        compare=referenced(compare),
    )
