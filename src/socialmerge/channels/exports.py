"""Turns the records of a platform's export into profile rows, by the paths that the channel's TOML gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa

from socialmerge import tables
from socialmerge.channels.formats import Format, is_person, scalar, texts
from socialmerge.channels.ipaddresses import names_address, without_addresses
from socialmerge.channels.paths import Path, values
from socialmerge.channels.rowids import number_repeats, row_id
from socialmerge.errors import ChannelError
from socialmerge.records import profiles_schema

__all__ = ["array", "as_text", "to_profiles"]

_SHOWN = 5
_LISTS = ("websites", "emails", "verified_emails", "phones", "links", "verified_links")
_WHOLE = (("emails", "verified_emails"), ("links", "verified_links"))


def to_profiles(records: Sequence[object], form: Format, *, name: str, is_table: bool) -> pa.Table:
    """Profile rows of the records of an export, one each and in their order, with what else they hold after them.

    ``is_table`` says that every record has every column, so that a required attribute may be null. Raises
    :class:`~socialmerge.errors.ChannelError` that names the attributes missing and the records they are missing from.
    """
    kept = [record for record in records if isinstance(record, Mapping)]
    problems = _missing(records, form, is_table=is_table)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise ChannelError(
            f"{name} is not a whole export of {form.channel} ({form.name}); export it again, "
            f"or take these records out:\n{listed}"
        )
    rows = [_row(record, form, number) for number, record in enumerate(kept, 1)]
    number_repeats(rows)
    schema = profiles_schema()
    columns = {field.name: array([row[field.name] for row in rows], field.type) for field in schema}
    return pa.table(columns | _others(kept, form))


def array(found: list[object], kind: pa.DataType) -> pa.Array:
    """An Arrow array; half characters, which JSON can hold and UTF-8 cannot, are mended or replaced."""
    try:
        return pa.array(found, kind)
    except UnicodeEncodeError:
        return pa.array([_mended(value) for value in found], kind)


def _mended(value: object) -> object:
    if isinstance(value, list):
        return [_mended(item) for item in value]
    return tables.mended(value) if isinstance(value, str) else value


def _missing(records: Sequence[object], form: Format, *, is_table: bool) -> list[str]:
    """What is wrong with the records, the same fault of many records said once."""
    odd = [number for number, record in enumerate(records, 1) if not isinstance(record, Mapping)]
    problems = [f"not an object: {_numbers(odd)}"] if odd else []
    for required in form.require:
        without = [
            number
            for number, record in enumerate(records, 1)
            if isinstance(record, Mapping) and not _has(record, required, is_table=is_table)
        ]
        if without:
            problems.append(f"no {required.text!r}: {_numbers(without)}")
    return problems


def _has(record: Mapping[str, object], required: Path, *, is_table: bool) -> bool:
    if is_table and len(required.steps) == 1:
        return required.top in record
    return any(scalar(value) for value in values(record, required))


def _numbers(found: Sequence[int]) -> str:
    shown = ", ".join(map(str, found[:_SHOWN]))
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"record{'s' if len(found) > 1 else ''} {shown}{more}"


def _row(record: Mapping[str, object], form: Format, number: int) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(profiles_schema().names)
    for key, attribute in form.attributes.items():
        found = texts(record, attribute)
        if found:
            row[key] = found if key in _LISTS else found[0]
    for whole, part in _WHOLE:
        listed = [*_as_list(row[whole]), *_as_list(row[part])]
        row[whole] = list(dict.fromkeys(listed)) or None
    scope = texts(record, form.scope) if form.scope else []
    row["channel"] = form.channel
    row["scope"] = scope[0] if scope else None
    row["is_person"] = is_person(record, form)
    row["profile_id"] = row_id(row, number, next(iter(texts(record, form.row)), ""))
    return row


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _others(records: Sequence[Mapping[str, object]], form: Format) -> dict[str, pa.Array]:
    """Columns for what no attribute took whole: as text, nested values as JSON, without IP addresses."""
    dropped = form.taken() | form.drop
    keys = dict.fromkeys(str(key) for record in records for key in record)
    kept = [key for key in keys if key not in dropped and not names_address(key)]
    taken = set(profiles_schema().names)
    return {
        tables.mended(f"{form.channel}_{key}" if key in taken else key): array(
            [as_text(record.get(key)) for record in records], pa.string()
        )
        for key in kept
    }


def as_text(value: object) -> str | None:
    """What no attribute takes, as text: scalars as they are, nested values as JSON, without IP addresses."""
    if isinstance(value, Mapping | list | tuple):
        if not value:
            return None
        try:
            return json.dumps(without_addresses(value), ensure_ascii=False, default=str)
        except RecursionError:
            raise ChannelError(
                "a value is nested deeper than any export of profiles; check where it comes from"
            ) from None
    return scalar(without_addresses(value)) or None
