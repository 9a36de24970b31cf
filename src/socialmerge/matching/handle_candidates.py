"""Customers whose name, handle, e-mail or website could have given a profile's strings: candidates by look-up.

Each customer is entered under the handles that their name is likely to make and under the strings that they have;
each string of a profile is looked up with and without what may stand around it. The cost is in distinct names and
strings, not in pairs.
"""

from __future__ import annotations

import numpy as np

from socialmerge.matching.affixes import Affixes
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.characters import CharacterModel, Hashes, Ints, Strings
from socialmerge.matching.name_parts import FORMS, NameParts, shown_forms
from socialmerge.records import PersonName

__all__ = ["blocking_forms", "handle_candidates"]

_WAYS = tuple(
    tuple(way.split())
    for way in (
        "given family",
        "g family",
        "given f",
        "family given",
        "family g",
        "g m family",
        "g m f",
        "middle family",
        "given family1",
        "given family2",
        "g family2",
        "family",
        "family1",
        "family2",
        "given",
        "given middle",
        "nick family",
        "nick f",
        "nick",
    )
)
_SHORTEST = 3  # symbols of a form that is looked for inside a longer string
_LEAST = 2.0**-26  # probability of what stands around a form, below which it is not looked for
_ROWS = 5_000  # strings looked up at a time


def blocking_forms(name: PersonName) -> tuple[str, ...]:
    """The handles that a name is likely to make, for a look at what `handle_candidates` enters.

    >>> blocking_forms(PersonName("Bo Fox", given="bo", family="fox"))[:3]
    ('bofox', 'bfox', 'bof')
    """
    forms = (form for way in _WAYS for form in shown_forms(name, way))
    return tuple(dict.fromkeys(forms))


def handle_candidates(
    profiles: ChainSide, customers: ChainSide, *, per_form: int = 60, per_profile: int = 60
) -> tuple[Ints, Ints]:
    """Pairs of a profile and a customer that a string of the profile suggests.

    Args:
        profiles: one side.
        customers: the other.
        per_form: customers that may share a form; a commoner one is looked up only as the whole string, up to four
        times as
            many, because inside another string it says too little.
        per_profile: candidates kept of a profile: those under its rarest forms.

    Returns:
        Rows of ``profiles`` and of ``customers``, sorted, each pair once.
    """
    keys, rows = _entries(customers)
    texts = Strings.of(profiles.texts)
    weight = np.ones(len(profiles.texts))
    around = Affixes(CharacterModel.fit(texts, weight))
    found = [
        _look_up(around, texts.take(np.arange(at, min(at + _ROWS, len(profiles.texts)))), keys, per_form, at)
        for at in range(0, len(profiles.texts), _ROWS)
    ]
    none = np.zeros(0, dtype=np.int64)
    hits = [np.concatenate([none, *(part[k] for part in found)]) for k in range(3)]
    return _expand(_to_rows(profiles, *hits), rows, len(customers.name), per_profile)


def _entries(customers: ChainSide) -> tuple[Hashes, Ints]:
    """Sorted hashes of forms and strings, and the customer row that each is entered for."""
    names = NameParts.of(customers.names)
    named = np.flatnonzero(customers.name >= 0)
    code = customers.name[named]
    strings = Strings.of(customers.texts).whole()
    has = np.flatnonzero(customers.text >= 0)
    hashes, rows = [strings[customers.text[has]]], [customers.row[has]]
    for way in _WAYS:
        for nick in range(FORMS if "nick" in way else 1):
            form = names.form(way, nick)[code]
            used = form != 0
            hashes.append(form[used])
            rows.append(named[used])
    key, row = np.concatenate(hashes), np.concatenate(rows)
    order = np.lexsort((row, key))
    key, row = key[order], row[order]
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = (key[1:] != key[:-1]) | (row[1:] != row[:-1])
    return key[new], row[new]


def _look_up(around: Affixes, strings: Strings, keys: Hashes, per_form: int, offset: int) -> tuple[Ints, Ints, Ints]:
    """For each hit the string, the first entry of its form, and how many entries there are."""
    affixed = around.around(strings)
    hashes = strings.substrings()
    text, start, stop = np.nonzero(hashes)
    whole = (start == 0) & (stop == strings.length[text])
    likely = affixed.before[text, start] * affixed.after[text, stop] > _LEAST
    kept = whole | (likely & (stop - start >= _SHORTEST))
    text, start, stop, whole = text[kept], start[kept], stop[kept], whole[kept]
    wanted = hashes[text, start, stop]
    first = np.searchsorted(keys, wanted)
    count = np.searchsorted(keys, wanted, side="right") - first
    good = (count > 0) & (count <= np.where(whole, 4 * per_form, per_form))
    return text[good] + offset, first[good], count[good]


def _to_rows(profiles: ChainSide, text: Ints, first: Ints, count: Ints) -> tuple[Ints, Ints, Ints]:
    """From distinct strings to the profiles that have them."""
    order = np.argsort(text, kind="stable")
    text, first, count = text[order], first[order], count[order]
    has = np.flatnonzero(profiles.text >= 0)
    code = profiles.text[has]
    begin, end = np.searchsorted(text, code), np.searchsorted(text, code, side="right")
    size = end - begin
    at = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + np.repeat(begin, size)
    return np.repeat(profiles.row[has], size), first[at], count[at]


def _expand(hits: tuple[Ints, Ints, Ints], rows: Ints, n_customers: int, per_profile: int) -> tuple[Ints, Ints]:
    """From forms to the customers entered under them, the rarest forms first."""
    left, first, count = hits
    order = np.lexsort((count, left))
    left, first, count = left[order], first[order], count[order]
    before = np.cumsum(count) - count
    begin = np.searchsorted(left, left)
    kept = before - before[begin] < per_profile
    left, first, count = left[kept], first[kept], count[kept]
    at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    pair = np.unique(np.repeat(left, count) * n_customers + rows[at])
    return pair // max(n_customers, 1), pair % max(n_customers, 1)
