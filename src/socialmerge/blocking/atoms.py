"""Atoms: cheap values derived from one feature, of which block keys are made.

An atom survives some kinds of error and not others: a prefix survives a typo at the end, a year a wrong day.
``survives`` gives the chance that two records of one person share the atom when the feature itself is exact, close or
different; the choice of keys rests on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from socialmerge.normalise.columns import Codes
from socialmerge.normalise.features import Feature

__all__ = ["Atom", "make", "sound"]

RAREST_TOKENS = 4
"""Of a long text, this many of its rarest tokens are atoms."""


FEW = 50
"""So few rows may make one block, although their value tells nothing."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One derived value a row (or several): ``codes`` int32 of shape (values per row, rows), -1 where there is none."""

    name: str
    feature: str
    comparison: str
    group: str
    codes: Codes
    survives: tuple[float, float, float]


Derive = Callable[[str], str]


def make(features: Sequence[Feature]) -> tuple[Atom, ...]:
    """Every atom of every feature."""
    atoms: list[Atom] = []
    for feature in features:
        for label, derive, survives in _DERIVED.get(feature.comparison, _TEXT):
            atoms.append(_derived(feature, label, derive, survives))
        if feature.comparison in ("text", "street") or ":" in feature.comparison:
            atoms.append(_tokens(feature))
    atoms.extend(_name_pairs(features))
    return tuple(atom for atom in atoms if _tells(atom.codes))


def _tells(codes: Codes) -> bool:
    """An atom that is everywhere missing makes no block, nor one that is the same in many rows."""
    present = codes[codes >= 0]
    return len(present) > 1 and (len(present) <= FEW or bool((present != present[0]).any()))


def _derived(feature: Feature, label: str, derive: Derive | None, survives: tuple[float, float, float]) -> Atom:
    codes = feature.codes
    if derive is not None:
        index: dict[str, int] = {}
        remap = np.full(len(feature.values) + 1, -1, np.int32)
        for code, value in enumerate(feature.values):
            key = derive(value)
            if key:
                remap[code] = index.setdefault(key, len(index))
        codes = remap[codes]
    return Atom(f"{feature.name}{label}", feature.name, feature.comparison, feature.group, codes, survives)


def _tokens(feature: Feature) -> Atom:
    """The rarest tokens of each text: two texts about one thing share a rare word more often than a beginning."""
    frequency = Counter(token for value in feature.values for token in set(value.split()))
    index: dict[str, int] = {}
    remap = np.full((RAREST_TOKENS, len(feature.values) + 1), -1, np.int32)
    for code, value in enumerate(feature.values):
        ranked = sorted(
            {token for token in value.split() if len(token) > 1}, key=lambda token: (frequency[token], token)
        )
        for slot, token in enumerate(ranked[:RAREST_TOKENS]):
            remap[slot, code] = index.setdefault(token, len(index))
    codes = np.concatenate([remap[:, slot] for slot in feature.codes], axis=0)
    return Atom(f"{feature.name}.token", feature.name, feature.comparison, feature.group, codes, (1.0, 0.9, 0.3))


def _name_pairs(features: Sequence[Feature]) -> Iterable[Atom]:
    """Given and family name in either order: survives a swap of the two."""
    by_field: dict[str, dict[str, Feature]] = {}
    for feature in features:
        by_field.setdefault(feature.field, {})[feature.comparison] = feature
    for field, parts in by_field.items():
        if "given" in parts and "family" in parts:
            given, family = parts["given"].codes[0].astype(np.int64), parts["family"].codes[0].astype(np.int64)
            low, high = np.minimum(given, family), np.maximum(given, family)
            both = np.where(low >= 0, low * (high.max() + 1) + high, -1)
            codes = np.unique(both, return_inverse=True)[1].astype(np.int32)
            codes = np.where(low >= 0, codes, -1)[np.newaxis, :].astype(np.int32)
            yield Atom(f"{field}.names", parts["family"].name, "names", "name", codes, (1.0, 0.0, 0.0))


def _prefix(length: int) -> Derive:
    return lambda value: value[:length]


_SOUNDS = str.maketrans("cqzvbdgjyxw", "kksfptkkikf")


def sound(value: str) -> str:
    """First letter and the consonants after it, similar sounds alike, no doubles: survives common misspellings."""
    plain = value.replace(" ", "").replace("ph", "f").replace("ck", "k").replace("h", "")
    mapped = plain.translate(_SOUNDS)
    rest = re.sub(r"[aeiou]", "", mapped[1:])
    return re.sub(r"(.)\1+", r"\1", mapped[:1] + rest)[:5]


def _year(value: str) -> str:
    return "" if value[:4] == "0000" else value[:4]


def _month_day(value: str) -> str:
    return "" if "00" in (value[4:6], value[6:8]) else "".join(sorted((value[4:6], value[6:8])))


def _local(value: str) -> str:
    return value.partition("@")[0]


def _local_letters(value: str) -> str:
    return "".join(sorted(re.sub(r"[^a-z]", "", _local(value))))


def _last(length: int) -> Derive:
    return lambda value: value[-length:] if len(value) >= length else ""


def _squeezed(value: str) -> str:
    return re.sub(r"[^a-z0-9]", "", value.rpartition(":")[2])


def _stem(value: str) -> str:
    return re.sub(r"[^a-z]", "", value.rpartition(":")[2])[:6]


def _host(value: str) -> str:
    return value.partition("/")[0]


_EXACT = ("", None, (1.0, 0.0, 0.0))
_TEXT: tuple[tuple[str, Derive | None, tuple[float, float, float]], ...] = (
    _EXACT,
    (".start", _prefix(6), (1.0, 0.7, 0.1)),
)
_CODE = (_EXACT,)
_DERIVED: dict[str, tuple[tuple[str, Derive | None, tuple[float, float, float]], ...]] = {
    "given": (
        _EXACT,
        (".3", _prefix(3), (1.0, 0.7, 0.1)),
        (".sound", sound, (1.0, 0.6, 0.05)),
        (".1", _prefix(1), (1.0, 0.9, 0.4)),
    ),
    "family": (
        _EXACT,
        (".4", _prefix(4), (1.0, 0.65, 0.05)),
        (".sound", sound, (1.0, 0.6, 0.05)),
        (".1", _prefix(1), (1.0, 0.9, 0.1)),
    ),
    "middle": (),
    "suffix": (),
    "nickname": (),
    "date": (_EXACT, (".year", _year, (1.0, 0.6, 0.2)), (".monthday", _month_day, (1.0, 0.4, 0.05))),
    "email": (_EXACT, (".local", _local, (1.0, 0.5, 0.3)), (".letters", _local_letters, (1.0, 0.5, 0.35))),
    "alias": _CODE,
    "mailbox": _CODE,
    "phone": (_EXACT, (".7", _last(7), (1.0, 0.3, 0.0)), (".4", _last(4), (1.0, 0.6, 0.0))),
    "account": (_EXACT, (".squeezed", _squeezed, (1.0, 0.5, 0.1)), (".stem", _stem, (1.0, 0.7, 0.2))),
    "url": (_EXACT, (".host", _host, (1.0, 0.8, 0.2))),
    "house": _CODE,
    "unit": (),
    "street": (_EXACT, (".start", _prefix(5), (1.0, 0.7, 0.05))),
    "city": (_EXACT, (".4", _prefix(4), (1.0, 0.7, 0.05))),
    "state": _CODE,
    "postcode": (_EXACT, (".3", _prefix(3), (1.0, 0.7, 0.1))),
    "country": (),
    "code": (_EXACT, (".half", lambda value: value[: max(3, len(value) // 2)], (1.0, 0.5, 0.05))),
    "number": _CODE,
    "category": _CODE,
}
