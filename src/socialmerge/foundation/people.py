"""The people of a sample of the table as they would be without its faults, and the profiles that they would show.

What a person's rows say that is valid is taken as true; what they lack or have wrong is made up from other rows, so
that it looks as values of this table do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge import tables
from socialmerge.foundation.columns import Columns
from socialmerge.normalise.nicknames import short_forms
from socialmerge.normalise.text import fold
from socialmerge.records import Kind, profiles_schema

__all__ = ["Cells", "Sample", "as_table", "changed", "profiles_of", "sample_of"]

Cells = dict[str, npt.NDArray[np.object_]]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_CHANNELS = ("github", "x", "linkedin", "instagram", "mastodon")
_SHOWN = {"name": 0.9, "email": 0.3, "phone": 0.1, "place": 0.5, "employer": 0.3, "account": 0.5}
"""How many of a hundred profiles show each thing, about as exports of several channels do together."""
_NICKNAME, _INITIAL, _SLIP = 0.1, 0.05, 0.03
_HANDLES = (("given", "family"), ("g", "family"), ("given", "f"), ("family", "g"), ("given", "family", "#"), ("#",))
_HANDLE_SHARES = (0.3, 0.15, 0.08, 0.07, 0.12, 0.28)
_PLACES = ("city", "state", "country")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows of some people: ``cells`` as the table has them, ``person`` whose each row is.

    ``true`` has a row for each person, ``merged`` the same without what was made up.
    """

    rows: Ints
    person: Ints
    cells: Cells
    merged: Cells
    true: Cells


def sample_of(columns: Columns, labels: Ints, faulty: Mapping[str, Mask], people: int, seed: int) -> Sample:
    """Take some people with all their rows; ``faulty`` are cells not to be believed, rows by column."""
    random = np.random.default_rng(seed)
    heads = np.unique(labels)
    chosen = np.sort(random.choice(heads, min(people, len(heads)), replace=False))
    rows = np.flatnonzero(np.isin(labels, chosen))
    person = np.searchsorted(chosen, labels[rows])
    cells, good = {}, {}
    for one in columns.read:
        name = one.column.name
        texts = np.array([*one.texts.to_pylist(), None], dtype=object)
        cells[name] = texts[one.codes[rows]]
        trusted = one.valid & ~faulty.get(name, np.zeros(columns.rows, bool))
        good[name] = cells[name].copy()
        good[name][~trusted[rows]] = None
    merged = _merged(good, person, len(chosen))
    return Sample(rows, person, cells, merged, _completed(columns, merged, random))


def _empty(values: npt.NDArray[np.object_]) -> Mask:
    return np.array([value is None for value in values.tolist()], bool)


def _merged(good: Cells, person: Ints, people: int) -> Cells:
    """One row for each person: in each column the first value, of the row that has most of them first."""
    rows = len(person)
    full = np.sum([~_empty(values) for values in good.values()], axis=0) if good else np.zeros(rows)
    order = np.lexsort((np.arange(rows), -np.asarray(full), person))[::-1]
    merged = {}
    for name, values in good.items():
        there = order[~_empty(values[order])]
        merged[name] = np.full(people, None, dtype=object)
        merged[name][person[there]] = values[there]  # the last one that is written stays
    return merged


def _completed(columns: Columns, merged: Cells, random: np.random.Generator) -> Cells:
    """The people with what they lack made up, so that nothing is missing that matching leans on."""
    true = {name: values.copy() for name, values in merged.items()}
    people = len(next(iter(true.values()), []))
    for parts in (("given",), ("family",), ("full", "")):
        for one in columns.of(Kind.NAME, *parts)[:1]:
            _donated(true, [one.column.name], random)
    _donated(true, [one.column.name for one in columns.of(Kind.PLACE)], random)
    for one in columns.of(Kind.DATE, "birth"):
        _donated(true, [one.column.name], random)
    for one in columns.of(Kind.PHONE)[:1]:
        values = true[one.column.name]
        blank = _empty(values)
        _donated(true, [one.column.name], random)
        values[blank] = [_other_number(value, random) for value in values[blank]]
    for one in columns.of(Kind.EMAIL)[:1]:
        values, names = true[one.column.name], _names(columns, true, people)
        hosts = [str(value).rpartition("@")[2] for value in values if value] or ["example.com"]
        for place in np.flatnonzero(_empty(values)):
            handle = _handle(names[place], random)
            values[place] = f"{handle}{random.integers(10, 100)}@{hosts[random.integers(len(hosts))]}"
    return true


def _donated(true: Cells, names: Sequence[str], random: np.random.Generator) -> None:
    """Fill rows that have nothing in some columns with what another row has in all of them."""
    if not names:
        return
    empty = np.all([_empty(true[name]) for name in names], axis=0)
    donors = np.flatnonzero(~empty)
    if len(donors) and empty.any():
        taken = random.choice(donors, int(empty.sum()))
        for name in names:
            true[name][empty] = true[name][taken]


def _other_number(value: str | None, random: np.random.Generator) -> str | None:
    """A number of the same form with other last digits."""
    if value is None:
        return None
    places = [place for place, char in enumerate(value) if char.isdigit()][-4:]
    letters = list(value)
    for place in places:
        letters[place] = str(random.integers(10))
    return "".join(letters)


def changed(columns: Columns, values: Cells, who: Mask, random: np.random.Generator) -> Cells:
    """The values of some columns of one kind, those of some people being others: made up, or those of somebody else."""
    new = {name: cells.copy() for name, cells in values.items()}
    for name, cells in new.items():
        kind = next(one.column.kind for one in columns.read if one.column.name == name)
        there = np.flatnonzero(who & ~_empty(cells))
        if kind is Kind.PHONE:
            cells[there] = [_other_number(str(cells[at]), random) for at in there]
        elif kind is Kind.EMAIL:
            cells[there] = [f"{_letters(random)}@{str(cells[at]).rpartition('@')[2]}" for at in there]
    if not any(one.column.kind is Kind.PLACE for one in columns.read if one.column.name in new):
        return new
    filled = np.flatnonzero(~np.all([_empty(cells) for cells in new.values()], axis=0))
    movers = np.flatnonzero(who)
    donors = random.choice(filled, len(movers)) if len(filled) else movers
    return {name: np.where(who, _scattered(cells, movers, donors), cells) for name, cells in new.items()}


def _scattered(cells: npt.NDArray[np.object_], to: Ints, of: Ints) -> npt.NDArray[np.object_]:
    found = cells.copy()
    found[to] = cells[of]
    return found


def _names(columns: Columns, true: Cells, people: int) -> list[tuple[str, str]]:
    """Given and family name of each person, as shown."""
    given, family, full = (
        next((true[one.column.name] for one in columns.of(Kind.NAME, *parts)), None)
        for parts in (("given",), ("family",), ("full", ""))
    )
    found = []
    for row in range(people):
        one = str(given[row] or "") if given is not None else ""
        two = str(family[row] or "") if family is not None else ""
        if not (one or two) and full is not None:
            one, _, two = str(full[row] or "").partition(" ")
        found.append((one.strip(), two.strip()))
    return found


def _handle(name: tuple[str, str], random: np.random.Generator) -> str:
    given, family = name
    parts = {"given": fold(given).replace(" ", ""), "family": fold(family).replace(" ", "")}
    parts |= {"g": parts["given"][:1], "f": parts["family"][:1]}
    way = _HANDLES[random.choice(len(_HANDLES), p=_HANDLE_SHARES)]
    if way == ("#",) or not (parts["given"] and parts["family"]):
        return _letters(random)
    return "".join(str(random.integers(1, 100)) if part == "#" else parts[part] for part in way)


def _letters(random: np.random.Generator) -> str:
    return "".join(random.choice(list("aeioubcdfghklmnprstvz"), 7)) + str(random.integers(100))


def profiles_of(columns: Columns, sample: Sample, chosen: Ints, seed: int) -> pa.Table:
    """What some people of a sample show on a channel: a handle, mostly a name, now and then more."""
    random = np.random.default_rng([seed, 1])
    names = _names(columns, sample.true, len(next(iter(sample.true.values()), [])))
    firms = [one.column.name for one in columns.of(Kind.NAME, "organisation")]
    accounts = {one.column.channel: one.column.name for one in columns.of(Kind.ACCOUNT) if one.column.channel}
    rows = []
    for number, person in enumerate(chosen.tolist()):
        shows = {what: random.random() < share for what, share in _SHOWN.items()}
        channel = _CHANNELS[random.integers(len(_CHANNELS))]
        known = sample.true[accounts[channel]][person] if channel in accounts and shows["account"] else None
        row: dict[str, object] = {
            "profile_id": f"p{number:06d}",
            "channel": channel,
            "handle": str(known).rstrip("/").rpartition("/")[2].lstrip("@")
            if known
            else _handle(names[person], random),
            "display_name": _shown_name(names[person], random) if shows["name"] else None,
            "location": _location(columns, sample.true, person) if shows["place"] else None,
            "emails": _values(columns, sample.true, Kind.EMAIL, person) if shows["email"] else None,
            "phones": _values(columns, sample.true, Kind.PHONE, person) if shows["phone"] else None,
            "employer": sample.true[firms[0]][person] if firms and shows["employer"] else None,
        }
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=profiles_schema())


def _values(columns: Columns, true: Cells, kind: Kind, person: int) -> list[str] | None:
    found = [true[one.column.name][person] for one in columns.of(kind)]
    return [str(value) for value in found if value][:1] or None


def _location(columns: Columns, true: Cells, person: int) -> str | None:
    found = [true[one.column.name][person] for part in _PLACES for one in columns.of(Kind.PLACE, part)[:1]]
    return ", ".join(str(value) for value in found if value) or None


def _shown_name(name: tuple[str, str], random: np.random.Generator) -> str:
    """A name as people show it: now and then under a nickname, with an initial, or with a slip."""
    given, family = name
    chance = random.random()
    if chance < _NICKNAME:
        short = short_forms(fold(given))
        given = sorted(short)[random.integers(len(short))].title() if short else given
    elif chance < _NICKNAME + _INITIAL:
        family = f"{family[:1]}."
    elif chance < _NICKNAME + _INITIAL + _SLIP and len(family) > 4:
        place = random.integers(1, len(family) - 1)
        family = family[:place] + family[place + 1 :]
    return f"{given} {family}".strip()


def as_table(cells: Mapping[str, npt.NDArray[np.object_]], like: pa.Table) -> pa.Table:
    """Cells as a table of text, its columns in the order of another's."""
    names = [name for name in like.column_names if name in cells]
    return tables.encoded(pa.table({name: pa.array(cells[name].tolist(), pa.string()) for name in names}))
