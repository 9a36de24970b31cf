"""The schema of a table: its id column, every column's meaning, and its country."""

from __future__ import annotations

import pyarrow as pa

from socialmerge.parallel import each
from socialmerge.records import Kind
from socialmerge.schema.content import Context, holds_people
from socialmerge.schema.evidence import Evidence, evidence
from socialmerge.schema.identity import id_column as find_id
from socialmerge.schema.meaning import decide
from socialmerge.schema.model import Column, Schema
from socialmerge.schema.regions import guess_region
from socialmerge.schema.wording import Guess, guess, tokens
from socialmerge.tables import notes_of

__all__ = ["infer"]

_SHORT = 50_000  # rows below which threads cost more than they save
_FEW = 0.2  # of names with a word of a business or a work in them: the rest may be anybody's
_UNSURE = 0.65
_EITHER = {"nom": "family", "nombre": "given", "nome": "given", "naam": "family", "nazwa": "full"}
_PERSON_PARTS = frozenset({"given", "family", "middle", "nickname", "title", "suffix"})


def infer(table: pa.Table, *, id_column: str | None = None, region: str | None = None, what: str = "table") -> Schema:
    """Say what each column of a table means, by its name and its values.

    Every column of the table is in the result, in order; what is not understood is ``Kind.OTHER``. ``id_column`` and
    ``region`` (ISO 3166 alpha-2, of national telephone numbers) are taken as given. The result does not depend on the
    order of the rows.

    Raises :class:`~socialmerge.errors.SchemaError` when no id column can be found, and as
    :func:`socialmerge.tables.ids` does for one that was named.

    >>> import pyarrow as pa
    >>> table = pa.table({"id": ["1", "2"], "vorname": ["Ada", "Bea"], "mail": ["ada@example.com", None]})
    >>> [column.meaning for column in infer(table).columns]
    ['id', 'name: given', 'email']
    """
    chosen = find_id(table, id_column, what=what)
    names = [name for name in table.column_names if name != chosen]
    seen = each(evidence, [table[name] for name in names], threads=1 if table.num_rows < _SHORT else 0)
    looks = dict(zip(names, seen, strict=True))
    guesses = _paired({name: _guess(name, table.column_names) for name in names})
    context = _context(guesses, looks)
    by_name = {name: decide(name, guesses[name], looks[name], context) for name in names}
    by_name |= {
        name: Column(name, Kind.OTHER, reason="nested values") for name in names if _is_nested(table[name].type)
    }
    by_name[chosen] = Column(chosen, Kind.ID, reason="as told" if id_column else "one different value in every row")
    columns = tuple(by_name[name] for name in table.column_names)
    found, why = (region.upper(), "") if region else guess_region(columns, looks)
    read = (f"{what}: {note}" for note in notes_of(table))
    return Schema(chosen, columns, found, (*read, *_notes(columns, looks), *_region_notes(found, why, columns, what)))


def _guess(name: str, all_names: list[str]) -> Guess:
    found = guess(name)
    if found.kind is Kind.ID:  # an id, but not the one that tells these rows apart
        return Guess(Kind.CODE, confidence=0.6, reason="by name: an id, though not of these rows")
    if name == "account_id" and "handle" in all_names:
        return Guess(Kind.ACCOUNT, "id", confidence=0.95, reason="by name: a column of profile rows")
    return found


def _paired(guesses: dict[str, Guess]) -> dict[str, Guess]:
    """Settle the words that are a whole name alone, and a part of it beside the other part: name, nom, nombre."""
    parts = {found.part for found in guesses.values() if found.kind is Kind.NAME and found.confidence > 0.9}
    settled = dict(guesses)
    for name in guesses:
        word = "".join(tokens(name))
        if word in _EITHER:
            part = _EITHER[word] if {"given", "family"} - {_EITHER[word]} & parts else "full"
            settled[name] = Guess(Kind.NAME, part, confidence=0.9, reason="by name and the columns beside it")
        elif word == "name" and "family" in parts and "given" not in parts:
            settled[name] = Guess(Kind.NAME, "given", confidence=0.9, reason="by name; the family name is beside it")
    return settled


def _is_nested(kind: pa.DataType) -> bool:
    """Whether a cell holds objects; a list of plain values is several values of one attribute."""
    if pa.types.is_struct(kind) or pa.types.is_map(kind):
        return True
    return bool(pa.types.is_nested(kind) and pa.types.is_nested(kind.value_type))


def _context(guesses: dict[str, Guess], looks: dict[str, Evidence]) -> Context:
    parts = {(found.kind, found.part) for found in guesses.values() if found.confidence >= 0.75}
    return Context(people=_is_about_people(parts, guesses, looks), has_city=(Kind.PLACE, "city") in parts)


def _is_about_people(parts: set[tuple[Kind, str]], guesses: dict[str, Guess], looks: dict[str, Evidence]) -> bool:
    if any(kind is Kind.NAME and part in _PERSON_PARTS for kind, part in parts):
        return True
    if (Kind.DATE, "birth") in parts or (Kind.ACCOUNT, "handle") in parts:
        return True
    names = [name for name, found in guesses.items() if (found.kind, found.part) == (Kind.NAME, "full")]
    if names or Kind.TEXT in {kind for kind, _ in parts}:
        # What the names are of decides: people, or restaurants and books. Names that are neither (Customer 17) are
        # people's where the column says *full name*, or where everybody has an e-mail address.
        plain = [name for name in names if looks[name].share("business") < _FEW]
        told = (Kind.EMAIL, "") in parts or any("full" in name.casefold() for name in plain)
        return any(holds_people(looks[name]) for name in names) or bool(plain and told)
    return (
        any(holds_people(look) for name, look in looks.items() if not guesses[name].confidence)
        or (Kind.EMAIL, "") in parts
    )


def _notes(columns: tuple[Column, ...], looks: dict[str, Evidence]) -> list[str]:
    return [
        f"not sure of column {column.name!r}: taken as {column.meaning} ({column.reason})"
        for column in columns
        if column.confidence < _UNSURE and column.kind is not Kind.ID and looks[column.name].sample
    ]


def _region_notes(region: str, why: str, columns: tuple[Column, ...], what: str) -> list[str]:
    if not any(column.kind is Kind.PHONE for column in columns):
        return []
    if not region:
        return [
            f"{what}: the country of telephone numbers without a code is not known; pass region=, as in region='GB'"
        ]
    if not why:
        return []
    return [f"telephone numbers without a country code are read as of {region} ({why}); pass region= to change it"]
