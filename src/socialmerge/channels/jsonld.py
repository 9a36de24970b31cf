"""The people in JSON-LD: schema.org Person and Organization nodes, wherever in a document they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

__all__ = ["has_people", "people"]

_PEOPLE = frozenset({"person", "patient", "organization", "corporation", "localbusiness", "ngo"})
_PREFIXES = ("http://schema.org/", "https://schema.org/", "schema:")
_HOLDERS = ("@graph", "mainEntity", "author", "creator", "member", "employee", "itemListElement", "item", "about")
_DEPTH = 8
_PEEKED = 50


def has_people(values: Sequence[object]) -> bool:
    """Whether the first values are JSON-LD that tells of people."""
    first = [value for value in islice(values, _PEEKED) if isinstance(value, Mapping)]
    return any("@type" in value or "@graph" in value for value in first) and bool(people(first))


def people(values: Sequence[object]) -> list[dict[str, object]]:
    """Every person or organisation that stands for itself in the document, its keys without the ``schema:`` prefix.

    A node that is repeated by reference (``{"@id": ...}`` alone) is not a person of its own; nor is the employer of a
    person.

    >>> people([{"@graph": [{"@type": "schema:Person", "schema:name": "Ada"}]}])
    [{'@type': 'Person', 'name': 'Ada'}]
    """
    return [node for value in values for node in _nodes(value, _DEPTH)]


def _nodes(value: object, depth: int) -> Iterator[dict[str, object]]:
    if depth == 0:
        return
    if isinstance(value, list | tuple):
        for item in value:
            yield from _nodes(item, depth - 1)
    elif isinstance(value, Mapping):
        node = _plain(value)
        if _types(node) & _PEOPLE:
            yield node
            return
        for key in _HOLDERS:
            yield from _nodes(node.get(key), depth - 1)


def _types(node: Mapping[str, object]) -> frozenset[str]:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(kind.casefold() for kind in listed if isinstance(kind, str))


def _plain(node: Mapping[object, object]) -> dict[str, object]:
    """Without prefixes, and with ``{"@value": x}`` as ``x``."""
    return {_bare(str(key)): _value(str(key), value) for key, value in node.items() if key != "@context"}


def _value(key: str, value: object) -> object:
    """One level deep: what an attribute's path goes on from."""
    if isinstance(value, list):
        return [_single(key, item) for item in value]
    return _single(key, value)


def _single(key: str, value: object) -> object:
    if isinstance(value, Mapping):
        return value["@value"] if "@value" in value else _shallow(value)
    return _bare(value) if key == "@type" and isinstance(value, str) else value


def _shallow(node: Mapping[object, object]) -> dict[str, object]:
    return {_bare(str(key)): value for key, value in node.items()}


def _bare(key: str) -> str:
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return key
