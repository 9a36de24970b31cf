"""Similarity of two unequal match keys, as a level; one pure function a kind of value.

Each takes two equally long lists of keys and returns uint8 levels below the top level (see
:mod:`socialmerge.matching.levels`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, DamerauLevenshtein, Indel, JaroWinkler, Prefix

from socialmerge.blocking.derivations import sound
from socialmerge.matching.population import usual_given
from socialmerge.normalise import names

__all__ = ["SIMILARITIES", "Bits", "Similarity", "tokens_cosine"]

Bits = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Similarity = Callable[[Sequence[str], Sequence[str]], Bits]

FAR = 99.0
"""More edits than any level asks about."""

BATCH = 10_000
"""Pairs a call of rapidfuzz: batches of about this size stay in the cache."""


def _scores(left: Sequence[str], right: Sequence[str], scorer: Callable[..., float]) -> Scores:
    parts = [
        process.cpdist(left[start : start + BATCH], right[start : start + BATCH], scorer=scorer, dtype=np.float64)
        for start in range(0, len(left), BATCH)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.float64)


def _scores_where(
    mask: Mask, left: Sequence[str], right: Sequence[str], scorer: Callable[..., float], otherwise: float
) -> Scores:
    """Scores of the pairs where ``mask`` holds; the dear ones are asked for only where they can change the level."""
    found = np.full(len(left), otherwise)
    at = np.flatnonzero(mask)
    if len(at):
        found[at] = _scores([left[i] for i in at.tolist()], [right[i] for i in at.tolist()], scorer)
    return found


def _half_same(left: Sequence[str], right: Sequence[str]) -> Mask:
    """Whether the pairs may be one edit apart: then either their first or their last half is the same, or nearly."""
    return np.fromiter(
        (
            a[: len(a) // 2] == b[: len(a) // 2] or a[-(len(a) // 2) :] == b[-(len(a) // 2) :]
            for a, b in zip(left, right, strict=True)
        ),
        bool,
        len(left),
    )


def _lengths(values: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(len, values), np.int64, len(values))


def _close_words(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 close: one edit, or Jaro-Winkler 0.92; 1 similar: Jaro-Winkler 0.8; short words must be closer."""
    winkler = _scores(left, right, JaroWinkler.similarity)
    edits = _scores_where((winkler >= 0.7) & (winkler < 0.92), left, right, OSA.distance, FAR)
    shorter = np.minimum(_lengths(left), _lengths(right))
    close = (winkler >= 0.92) | ((edits <= 1) & (shorter > 3)) | ((edits <= 2) & (shorter > 6))
    return np.where(close, 2, winkler >= 0.82).astype(np.uint8)


def given(left: Sequence[str], right: Sequence[str]) -> Bits:
    """3 nickname or initial; 2 close; 1 similar. Two usual names that sound unlike are no slip of each other."""
    level = _close_words(left, right)
    for i, (one, other) in enumerate(zip(left, right, strict=True)):
        short, long = (one, other) if len(one) <= len(other) else (other, one)
        if (
            (len(short) == 1 and long.startswith(short))
            or long.startswith(short + " ")
            or names.same_nickname(one, other)
        ):
            level[i] = 3
        elif level[i] and _two_names(one, other):
            level[i] = 0
    return level


def _two_names(one: str, other: str) -> bool:
    """Whether two given names are both usual, sound unlike, and are more than a letter apart: Mark and Marsha."""
    return usual_given(one) and usual_given(other) and sound(one) != sound(other) and OSA.distance(one, other) > 1


def family(left: Sequence[str], right: Sequence[str]) -> Bits:
    """3 one is a part of the other, a double name; 2 close; 1 similar."""
    level = _close_words(left, right)
    for i, (one, other) in enumerate(zip(left, right, strict=True)):
        if " " in one or " " in other:
            ones, others = one.split(), other.split()
            if "".join(ones) == "".join(others) or set(ones) & set(others):
                level[i] = 3
    return level


def email(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 same local part at another domain; 1 close: the local parts are, or the whole is one or two edits away."""
    locals_left, locals_right = [v.partition("@")[0] for v in left], [v.partition("@")[0] for v in right]
    near = _scores(locals_left, locals_right, JaroWinkler.similarity)
    edits = _scores_where(near >= 0.75, left, right, DamerauLevenshtein.distance, FAR)
    same = np.fromiter((a == b for a, b in zip(locals_left, locals_right, strict=True)), bool, len(left))
    longer = np.maximum(_lengths(locals_left), _lengths(locals_right))
    return np.where(same | ((edits <= 2) & (longer > 4)), 2, near >= 0.92).astype(np.uint8)


def phone(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 the last seven digits are the same; 1 one digit differs or two are swapped."""
    edits = _scores_where(_half_same(left, right), left, right, OSA.distance, FAR)
    tail = np.fromiter((a[-7:] == b[-7:] for a, b in zip(left, right, strict=True)), bool, len(left))
    return np.where(tail, 2, edits <= 1).astype(np.uint8)


def account(left: Sequence[str], right: Sequence[str]) -> Bits:
    """Of letters and digits alone: 2 equal; 1 Jaro-Winkler 0.9. Of two handles without any, nothing is alike."""
    near = np.where(_lengths(left) > 0, _scores(left, right, JaroWinkler.similarity), 0.0)
    return np.where(near == 1, 2, near >= 0.9).astype(np.uint8)


def place(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 close: edit or token-set similarity 0.9; 1 similar: 0.75."""
    winkler = _scores(left, right, JaroWinkler.similarity) - 0.02
    spaced = np.fromiter((" " in a or " " in b for a, b in zip(left, right, strict=True)), bool, len(left))
    asked = (winkler < 0.9) & (spaced | (winkler > 0.5))
    best = np.maximum(winkler, _scores_where(asked, left, right, fuzz.token_sort_ratio, 0.0) / 100)
    return np.where(best >= 0.9, 2, best >= 0.78).astype(np.uint8)


def short_code(left: Sequence[str], right: Sequence[str]) -> Bits:
    """1 one edit."""
    return (_scores(left, right, OSA.distance) <= 1).astype(np.uint8)


def code(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 one edit; 1 two edits, if the code has at least five characters."""
    edits = _scores(left, right, OSA.distance)
    longer = np.maximum(_lengths(left), _lengths(right))
    return np.where(edits <= 1, 2, (edits <= 2) & (longer >= 5)).astype(np.uint8)


def tokens_cosine(left: Sequence[str], right: Sequence[str], cosine: Scores) -> Bits:
    """Levels of text: the better of weighted shared words (``cosine``) and edit similarity."""
    edit = _scores(left, right, Indel.normalized_similarity)
    sort = _scores(left, right, fuzz.token_sort_ratio) / 100
    containment = _contained(left, right)
    best = np.maximum.reduce([cosine, edit, sort, containment])
    return np.digitize(best, [0.35, 0.6, 0.78, 0.92]).astype(np.uint8)


def _contained(left: Sequence[str], right: Sequence[str]) -> Scores:
    """0.8 where one text begins with the whole of the other."""
    shared = _scores(left, right, Prefix.similarity)
    shorter = np.minimum(_lengths(left), _lengths(right))
    return np.where((shared == shorter) & (shorter >= 6), 0.8, 0.0)


SIMILARITIES: dict[str, Similarity] = {
    "given": given,
    "family": family,
    "email": email,
    "phone": phone,
    "account": account,
    "street": place,
    "house": short_code,
    "city": place,
    "postcode": code,
    "code": code,
}
