"""The h-cards of a page's microformats, as parsers of microformats 2 write them in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

__all__ = ["cards", "has_cards"]

_HOLDERS = ("author", "contact", "member", "attendee", "organizer")
_DEPTH = 8
_PEEKED = 50


def has_cards(values: Sequence[object]) -> bool:
    """Whether the first values are parsed microformats with h-cards among them."""
    first = [value for value in islice(values, _PEEKED) if isinstance(value, Mapping)]
    shaped = any(isinstance(value.get("items"), list) or _is_item(value) for value in first)
    return shaped and bool(cards(first))


def cards(values: Sequence[object]) -> list[dict[str, object]]:
    """The properties of every h-card that stands for itself: at the top, beneath another item, or as an author.

    ``rel-me``, the addresses that the page's owner says are hers, goes to the card that the page is about: the one with
    such an address as its own, else the only one there is. ``is-organisation`` is true of a card whose name is that of
    its organisation, as the format has it. The employer of a person is not a card of its own.

    >>> cards([{"items": [{"type": ["h-card"], "properties": {"name": ["Ada"], "url": ["https://ada.example.com"]}}]}])
    [{'name': ['Ada'], 'url': ['https://ada.example.com']}]
    """
    found: list[dict[str, object]] = []
    for value in values:
        if not isinstance(value, Mapping):
            continue
        items = [value] if _is_item(value) else value.get("items")
        here = list(_cards(items, _DEPTH))
        rels = value.get("rels")
        mine = _texts(rels.get("me")) if isinstance(rels, Mapping) else []
        own = next((card for card in here if set(_addresses(card)) & set(mine)), here[0] if len(here) == 1 else None)
        if own is not None and mine:
            own["rel-me"] = [address for address in mine if address not in _addresses(own)]
        found += here
    return found


def _is_item(value: Mapping[str, object]) -> bool:
    return (
        isinstance(value.get("properties"), Mapping) and any(kind.startswith("h-") for kind in _texts(value["type"]))
        if "type" in value
        else False
    )


def _cards(items: object, depth: int) -> Iterator[dict[str, object]]:
    if depth == 0 or not isinstance(items, list):
        return
    for item in items:
        if not isinstance(item, Mapping) or not isinstance(properties := item.get("properties"), Mapping):
            continue
        if "h-card" in _texts(item.get("type")):
            yield _card(properties)
        else:
            for holder in _HOLDERS:
                yield from _cards(properties.get(holder), depth - 1)
        yield from _cards(item.get("children"), depth - 1)


def _card(properties: Mapping[object, object]) -> dict[str, object]:
    card = {str(key): value for key, value in properties.items()}
    names = {name.casefold() for name in _texts(card.get("name"))}
    if names and names & {name.casefold() for name in _texts(card.get("org"))}:
        card["is-organisation"] = True
    return card


def _addresses(card: Mapping[str, object]) -> list[str]:
    return [*_texts(card.get("url")), *_texts(card.get("uid"))]


def _texts(value: object) -> list[str]:
    """The texts of a list, also those that an item inside it stands for."""
    listed = value if isinstance(value, list) else [value]
    texts = [item.get("value") if isinstance(item, Mapping) else item for item in listed]
    return [text for text in texts if isinstance(text, str)]
