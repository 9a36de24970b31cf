"""Similarity of two unequal match keys, as a level; one pure function a kind of value.

Each takes two equally long lists of keys and returns uint8 levels below the top level (see
:mod:`socialmerge.matching.levels`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Indel, JaroWinkler, Prefix

__all__ = ["FAR", "SIMILARITIES", "Bits", "Similarity", "close_words", "scores", "scores_where", "tokens_cosine"]

Bits = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Similarity = Callable[[Sequence[str], Sequence[str]], Bits]

FAR = 99.0
"""More edits than any level asks about."""

BATCH = 10_000
"""Pairs a call of rapidfuzz: batches of about this size stay in the cache."""


def scores(left: Sequence[str], right: Sequence[str], scorer: Callable[..., float]) -> Scores:
    """What a scorer of rapidfuzz says of each pair."""
    parts = [
        process.cpdist(left[start : start + BATCH], right[start : start + BATCH], scorer=scorer, dtype=np.float64)
        for start in range(0, len(left), BATCH)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.float64)


def scores_where(
    mask: Mask, left: Sequence[str], right: Sequence[str], scorer: Callable[..., float], otherwise: float
) -> Scores:
    """Scores of the pairs where ``mask`` holds; the dear ones are asked for only where they can change the level."""
    found = np.full(len(left), otherwise)
    at = np.flatnonzero(mask)
    if len(at):
        found[at] = scores([left[i] for i in at.tolist()], [right[i] for i in at.tolist()], scorer)
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


def close_words(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 close: one edit, or Jaro-Winkler 0.92; 1 similar: Jaro-Winkler 0.8; short words must be closer."""
    winkler = scores(left, right, JaroWinkler.similarity)
    edits = scores_where((winkler >= 0.7) & (winkler < 0.92), left, right, OSA.distance, FAR)
    shorter = np.minimum(_lengths(left), _lengths(right))
    close = (winkler >= 0.92) | ((edits <= 1) & (shorter > 3)) | ((edits <= 2) & (shorter > 6))
    return np.where(close, 2, winkler >= 0.82).astype(np.uint8)


def family(left: Sequence[str], right: Sequence[str]) -> Bits:
    """3 one is a part of the other, a double name; 2 close; 1 similar."""
    level = close_words(left, right)
    for i, (one, other) in enumerate(zip(left, right, strict=True)):
        if " " in one or " " in other:
            ones, others = one.split(), other.split()
            if "".join(ones) == "".join(others) or set(ones) & set(others):
                level[i] = 3
    return level


def phone(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 the last seven digits are the same; 1 one digit differs or two are swapped."""
    edits = scores_where(_half_same(left, right), left, right, OSA.distance, FAR)
    tail = np.fromiter((a[-7:] == b[-7:] for a, b in zip(left, right, strict=True)), bool, len(left))
    return np.where(tail, 2, edits <= 1).astype(np.uint8)


def account(left: Sequence[str], right: Sequence[str]) -> Bits:
    """Of letters and digits alone: 2 equal; 1 Jaro-Winkler 0.9. Of two handles without any, nothing is alike."""
    near = np.where(_lengths(left) > 0, scores(left, right, JaroWinkler.similarity), 0.0)
    return np.where(near == 1, 2, near >= 0.9).astype(np.uint8)


def place(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 close: edit or token-set similarity 0.9; 1 similar: 0.75."""
    winkler = scores(left, right, JaroWinkler.similarity) - 0.02
    spaced = np.fromiter((" " in a or " " in b for a, b in zip(left, right, strict=True)), bool, len(left))
    asked = (winkler < 0.9) & (spaced | (winkler > 0.5))
    best = np.maximum(winkler, scores_where(asked, left, right, fuzz.token_sort_ratio, 0.0) / 100)
    return np.where(best >= 0.9, 2, best >= 0.78).astype(np.uint8)


def short_code(left: Sequence[str], right: Sequence[str]) -> Bits:
    """1 one edit."""
    return (scores(left, right, OSA.distance) <= 1).astype(np.uint8)


def code(left: Sequence[str], right: Sequence[str]) -> Bits:
    """2 one edit; 1 two edits, if the code has at least five characters."""
    edits = scores(left, right, OSA.distance)
    longer = np.maximum(_lengths(left), _lengths(right))
    return np.where(edits <= 1, 2, (edits <= 2) & (longer >= 5)).astype(np.uint8)


def tokens_cosine(left: Sequence[str], right: Sequence[str], cosine: Scores) -> Bits:
    """Levels of text: the better of weighted shared words (``cosine``) and edit similarity."""
    edit = scores(left, right, Indel.normalized_similarity)
    sort = scores(left, right, fuzz.token_sort_ratio) / 100
    containment = _contained(left, right)
    best = np.maximum.reduce([cosine, edit, sort, containment])
    return np.digitize(best, [0.35, 0.6, 0.78, 0.92]).astype(np.uint8)


def _contained(left: Sequence[str], right: Sequence[str]) -> Scores:
    """0.8 where one text begins with the whole of the other."""
    shared = scores(left, right, Prefix.similarity)
    shorter = np.minimum(_lengths(left), _lengths(right))
    return np.where((shared == shorter) & (shorter >= 6), 0.8, 0.0)


SIMILARITIES: dict[str, Similarity] = {
    "family": family,
    "phone": phone,
    "account": account,
    "street": place,
    "house": short_code,
    "city": place,
    "postcode": code,
    "code": code,
}
