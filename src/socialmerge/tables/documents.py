"""JSON and JSON Lines: from text to Python objects, and from objects to a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pyarrow as pa

from socialmerge.errors import TableError
from socialmerge.tables.rendering import column, mended
from socialmerge.tables.sniffing import decode

__all__ = ["from_records", "load_json", "load_json_lines"]

_TOO_LONG = "a number of thousands of digits; put it in quotes, or take it out"
_WRAP = "a table in JSON is an array of objects, or an object that holds one such array"


def load_json(data: bytes, *, name: str = "the file") -> list[dict[str, object]]:
    """Parse a JSON document that is an array of objects, or an object with one array of objects in it.

    Raises :class:`~socialmerge.errors.TableError` with line and column where the text is not JSON.

    >>> load_json(b'{"next": null, "data": [{"id": 1}]}')
    [{'id': 1}]
    """
    text = decode(data, name)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise TableError(
            f"{name}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}); "
            "mend it there, or name the file .jsonl if every line is an object of its own"
        ) from None
    except RecursionError:
        raise TableError(f"{name}: the JSON is nested too deep; flatten it") from None
    except ValueError:
        raise TableError(f"{name}: {_TOO_LONG}") from None
    return _objects(_array(document, name), name)


def load_json_lines(data: bytes, *, name: str = "the file") -> list[dict[str, object]]:
    """Parse JSON Lines: one object a line; blank lines are passed over.

    Raises :class:`~socialmerge.errors.TableError` with the line that is not a JSON object.
    """
    rows: list[dict[str, object]] = []
    for number, line in enumerate(decode(data, name).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            place = f", column {error.colno}: not JSON ({error.msg})" if isinstance(error, json.JSONDecodeError) else ""
            raise TableError(f"{name}, line {number}{place}; every line must be one whole JSON object") from None
        except ValueError:
            raise TableError(f"{name}, line {number}: {_TOO_LONG}") from None
        if not isinstance(row, dict):
            raise TableError(f"{name}, line {number}: {_a(row)}, not an object; every line must be one JSON object")
        rows.append(row)
    return rows


def from_records(rows: Iterable[Mapping[str, object]], *, name: str = "the list") -> pa.Table:
    """Make a table of mappings: a column for every key, in order of first appearance; a key left out is null.

    >>> from_records([{"id": 1}, {"id": 2, "tags": ["a"]}]).to_pylist()
    [{'id': 1, 'tags': None}, {'id': 2, 'tags': ['a']}]
    """
    kept = list(rows)
    names: dict[str, None] = {}
    for number, row in enumerate(kept, 1):
        if not isinstance(row, Mapping):
            raise TableError(f"{name}: item {number} is {_a(row)}, not a mapping of column names to values")
        names |= dict.fromkeys(row)
    if not all(isinstance(key, str) for key in names):
        raise TableError(f"{name}: column names must be text; some keys are not")
    return pa.table({mended(key): column([row.get(key) for row in kept]) for key in names})


def _array(document: object, name: str) -> list[object]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise TableError(f"{name} holds {_a(document)}; {_WRAP}")
    arrays = {key: value for key, value in document.items() if isinstance(value, list) and _holds_objects(value)} or {
        key: value for key, value in document.items() if value == []
    }
    if len(arrays) != 1:
        found = f"{len(arrays)} arrays of objects ({', '.join(map(repr, list(arrays)[:5]))})" if arrays else "no array"
        raise TableError(f"{name} holds one object with {found}; {_WRAP}")
    (array,) = arrays.values()
    return array


def _holds_objects(array: list[object]) -> bool:
    return bool(array) and all(isinstance(item, dict) for item in array)


def _objects(array: list[object], name: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number, item in enumerate(array, 1):
        if not isinstance(item, dict):
            raise TableError(f"{name}: item {number} of the array is {_a(item)}, not an object; {_WRAP}")
        rows.append(item)
    return rows


def _a(value: object) -> str:
    names: dict[type, str] = {
        dict: "an object",
        list: "an array",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "null" if value is None else names.get(type(value), f"a {type(value).__name__}")
