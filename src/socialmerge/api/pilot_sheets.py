"""A pilot as people keep one: a spreadsheet of customers and accounts that were matched by hand, read line by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePath

import pyarrow as pa

from socialmerge import tables
from socialmerge.channels.registry import find
from socialmerge.errors import LabelError
from socialmerge.normalise import accounts
from socialmerge.records import Account

__all__ = ["Line", "account_of", "named", "read_sheet", "verdict_of"]

_ENOUGH = 0.5
"""The share of a column's cells that must look like what the column is taken for."""
_NEEDED = ("customer", "account")
_PARTS = ("customer", "account", "verdict", "channel", "by", "at", "comment")
_OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet: its number there (the head is 1), and what its cells say, as written."""

    number: int
    customer: str
    account: str
    channel: str
    verdict: str
    by: str
    at: str
    comment: str


def _never(_: str) -> bool:
    return False


def read_sheet(
    source: tables.Source, *, is_customer: Callable[[str], bool], is_account: Callable[[str], bool] = _never
) -> tuple[Line, ...]:
    """The lines of a sheet that say anything; its columns are told by their names, else by what they hold.

    ``is_customer`` says whether a text is the id or the e-mail address of a customer, ``is_account`` whether
    it is the handle of an account though nothing beside it says so. A sheet without a column of
    verdicts is a list of matches: every line says yes.

    Raises:
        LabelError: there is no column of customers, or none of accounts.
        TableError: the sheet cannot be read.
    """
    if isinstance(source, str | PurePath) and PurePath(source).suffix.lower() in _OTHER_WORKBOOKS:
        raise LabelError(
            f"{source}: a workbook of this kind is not read; open it in Excel or LibreOffice, choose 'File > Save As', "
            "and there 'Excel Workbook (.xlsx)' or 'CSV UTF-8', and give that file"
        )
    name = named(source)
    table = tables.read(source, what=name)
    if not table.num_rows:
        raise LabelError(f"{name}: there is no line below the names of the columns; write one line an account")
    cells = {column: _cells(table[column], is_customer) for column in table.column_names}
    columns = _columns(cells, is_customer, is_account)
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise LabelError(
            f"{name}: no column of {' and none of '.join(f'{name}s' for name in missing)} is recognised among "
            f"{', '.join(map(repr, table.column_names))}; name them 'customer' (an id or an e-mail address) and "
            "'account' (a link, or a handle beside a column 'channel')"
        )
    blank = [""] * table.num_rows
    found = zip(*(cells[columns[name]] if name in columns else blank for name in _PARTS), strict=True)
    default = "" if "verdict" in columns else "yes"
    number = tables.row_numbers(table, otherwise=2)
    lines = (
        Line(number(row), customer, account, channel, verdict or default, by, at, comment)
        for row, (customer, account, verdict, channel, by, at, comment) in enumerate(found)
    )
    return tuple(line for line in lines if line.customer or line.account)


def named(source: tables.Source) -> str:
    """What a sheet is called in messages: its path, where it has one."""
    return str(source) if isinstance(source, str | PurePath) else "pilot"


def _cells(column: pa.ChunkedArray, is_customer: Callable[[str], bool]) -> list[str]:
    """The texts of a column, without what keeps a spreadsheet from running ``@ada``, unless it is part of an id."""
    written, plain = tables.strings(column).to_pylist(), tables.unguarded(column).to_pylist()
    pairs = (((one or "").strip(), (other or "").strip()) for one, other in zip(written, plain, strict=True))
    return [one if is_customer(one) else other for one, other in pairs]


def verdict_of(text: str) -> str:
    """What a word of a person stands for: same, different, unsure; "" where it is none of these.

    >>> [verdict_of(word) for word in ("Yes!", "not sure", "NEIN", "blue")]
    ['same', 'unsure', 'different', '']
    """
    return _verdicts().get(_squashed(text), "")


def account_of(line: Line) -> Account | None:
    """The account that a line names, by a link, an address or a handle on its channel."""
    channel = find(line.channel)
    found = accounts.parse(line.account, channel=channel.rules.name if channel else line.channel)
    return found if isinstance(found, Account) else None


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold()) or text.strip()


@cache
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = (resources.files(__package__) / "pilot_words.toml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Sequence[str]]] = tomllib.loads(text)
    return found


@cache
def _verdicts() -> dict[str, str]:
    return {_squashed(word): verdict for verdict, words in _words()["verdicts"].items() for word in words}


def _columns(
    cells: Mapping[str, Sequence[str]], is_customer: Callable[[str], bool], is_account: Callable[[str], bool]
) -> dict[str, str]:
    """Which column is what: what its cells hold counts first, its name decides among those that could be."""
    looks: dict[str, Callable[[str], bool]] = {
        "verdict": lambda text: bool(verdict_of(text)),
        "customer": is_customer,
        "account": lambda text: isinstance(accounts.parse(text), Account) or is_account(text),
        "channel": lambda text: find(text) is not None,
    }
    found: dict[str, str] = {}
    for part in ("channel", "verdict", "customer", "account", "by", "at", "comment"):
        free = [name for name in cells if name not in found.values()]
        named = sorted(free, key=lambda name: (_named(part, name), free.index(name)))
        fit = [name for name in named if part in looks and _share(cells[name], looks[part]) >= _ENOUGH]
        known = [name for name in named if _named(part, name) < 2]
        chosen = next(iter(fit), "") if part in looks else ""
        chosen = chosen or (known[0] if known and part != "channel" else "")
        if chosen:
            found[part] = chosen
    return found


def _named(part: str, name: str) -> int:
    """0 where a column is called as a part is, 1 where its name holds such a word, 2 otherwise."""
    own = _squashed(name)
    words = [_squashed(word) for word in _words()["columns"][part]]
    whole = set(re.findall(r"\w+", name.casefold()))
    return 0 if own in words else 1 if any(word in whole or (len(word) > 4 and word in own) for word in words) else 2


def _share(texts: Sequence[str], looks: Callable[[str], bool]) -> float:
    filled = [text for text in texts if text]
    return sum(map(looks, filled)) / len(filled) if filled else 0.0
