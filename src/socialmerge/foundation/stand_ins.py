"""Names that stand in for nobody in particular (*Walk-in Customer*, *Max Mustermann*), by lists and by frequency.

**By frequency.** Of each whole name it is counted how many *different people* it would be: its rows with an e-mail
address or telephone number, those that share one being one. A real name is frequent because its parts are. How frequent
it would be by chance is read off the parts: a bearer of the family name *f* other than this name's has some given name;
of the others who have that given name some share is called *f* as well. The mean of these shares, times the bearers of
the given name *g*, is what is expected of *g f* (likewise with the parts changed over; the larger counts). The share is
taken among namesakes of the family's own given names, and not in the whole table, for names come in communities: a
*Maria Garcia* is no wonder among people called *Jose* and *Carmen*. *Mustermann* comes with no given name but *Max*, so
that nothing is expected of the two. To `MARGIN` times the expected number the usual number of a name's different
contacts in this table is added (people have several), and the name stands in for nobody where a Poisson number of that
mean would be as large with a chance below `CHANCE` over all names of the table (by Chernoff's bound).

**By lists.** A whole name on the list, or made of words that say a part in business (*Cash Client*), is nobody's in any
number of rows. One such word as a family name beside a given name may be somebody's (*Gast*, *Kunde*): it is taken for
none where more have it than `RARE` of all rows and chance would give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.foundation.columns import Columns, Read
from socialmerge.foundation.copies import same_rows
from socialmerge.matching.components import components
from socialmerge.normalise import lexicon
from socialmerge.normalise.text import fold
from socialmerge.records import Kind

__all__ = ["CHANCE", "LEAST", "MARGIN", "RARE", "stand_ins"]

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]

LEAST = 5
"""Different people from which on a name may be nobody's."""
MARGIN = 5.0
"""How many times more frequent than its parts say a real name may be: of one village, of one year."""
CHANCE = 0.01
"""Chance that any name of a table of real ones is taken for nobody's."""
RARE = 1 / 2000
"""Share of people, at most, with a word of the list as their family name."""


@dataclass(frozen=True, slots=True, eq=False)
class _Names:
    """Given and family name of each row as places in ``words``, -1 where there is none, folded."""

    given: Ints
    family: Ints
    words: list[str]


def stand_ins(columns: Columns) -> Mask:
    """Which rows bear a name that is nobody's in particular."""
    names = _names(columns)
    if names is None or not columns.rows:
        return np.zeros(columns.rows, bool)
    whole, parts = _whole(names)
    listed = _listed(names.words, parts)
    person = _people(columns, whole)
    first = np.unique(np.where(person < 0, -1, whole * columns.rows + person), return_index=True)[1]
    first = first[person[first] >= 0]
    people = np.bincount(whole[first], minlength=len(parts))  # of each whole name
    odd = listed | _too_many(parts, people) | _word_too_many(names.words, parts, people, columns.rows)
    found: Mask = odd[whole] & ((names.given >= 0) | (names.family >= 0))
    return found


def _names(columns: Columns) -> _Names | None:
    """The name columns as words: of a whole name in one cell the last word is the family name."""
    given, family = (next(iter(columns.of(Kind.NAME, part)), None) for part in ("given", "family"))
    full = next(iter(columns.of(Kind.NAME, "full", "")), None)
    if given is None and family is None and full is None:
        return None
    places: dict[str, int] = {}
    one, two = (np.full(columns.rows, -1, np.int64) for _ in range(2))
    if full is not None:
        split = [_split(text) for text in _folded(full)]
        one, two = (_placed(full, [parts[side] for parts in split], places) for side in (0, 1))
    for read, cells in ((given, one), (family, two)):
        if read is not None:
            own = _placed(read, _folded(read), places)
            cells[:] = np.where(own >= 0, own, cells)
    return _Names(one, two, list(places))


def _folded(read: Read) -> list[str]:
    return [fold(text) for text in read.texts.to_pylist()]


def _split(text: str) -> tuple[str, str]:
    given, _, family = text.rpartition(" ")
    return given, family


def _placed(read: Read, words: list[str], places: dict[str, int]) -> Ints:
    found = [places.setdefault(word, len(places)) if word else -1 for word in words]
    return np.append(np.array(found, np.int64), -1)[read.codes]


def _whole(names: _Names) -> tuple[Ints, Ints]:
    """For each row the place of its whole name, and of each the places of its two parts."""
    size = len(names.words) + 1
    distinct, whole = np.unique((names.given + 1) * size + names.family + 1, return_inverse=True)
    return whole.astype(np.int64), np.stack([distinct // size - 1, distinct % size - 1], axis=1)


def _people(columns: Columns, whole: Ints) -> Ints:
    """A number of the person that each row is as far as its contacts say, -1 where it has none."""
    one, other = same_rows(columns, Kind.EMAIL, Kind.PHONE, names=whole)
    known = columns.any_valid([*columns.of(Kind.EMAIL), *columns.of(Kind.PHONE)])
    return np.where(known, components(columns.rows, one, other), -1).astype(np.int64)


def _listed(words: list[str], parts: Ints) -> Mask:
    """Which whole names are on the list, or are made of its words; a name may be cut in two at any place."""
    known = lexicon.words("stand_ins", "words")
    of_words = np.array([known.issuperset(word.split()) for word in words] + [True], bool)
    places = {word: place for place, word in enumerate(words)} | {"": -1}
    pairs = [
        (places.get(" ".join(said[:cut])), places.get(" ".join(said[cut:])))
        for said in map(str.split, lexicon.words("stand_ins", "names") | lexicon.words("stand_ins", "alone"))
        for cut in range(len(said) + 1)
    ]
    size = len(words) + 1
    wanted = [(one + 1) * size + two + 1 for one, two in pairs if one is not None and two is not None]
    on_list = np.isin((parts[:, 0] + 1) * size + parts[:, 1] + 1, np.array(wanted, np.int64))
    found: Mask = on_list | (of_words[parts[:, 0]] & of_words[parts[:, 1]])
    return found


def _too_many(parts: Ints, people: Ints) -> Mask:
    """Which whole names more different people bear than the frequency of their parts explains."""
    both = (parts >= 0).all(axis=1) & (people > 0)
    odd = np.zeros(len(parts), bool)
    if not (people[both] >= LEAST).any():
        return odd
    (given, family), count = parts[both].T, people[both].astype(np.float64)
    expected = np.maximum(_expected(given, family, count), _expected(family, given, count))
    usual = (count.sum() - count) / max(len(count) - 1, 1)  # of the other names
    odd[both] = (count >= LEAST) & _beyond(count, MARGIN * expected + usual, len(count))
    return odd


def _expected(one: Ints, other: Ints, count: Array) -> Array:
    """What is expected of each name: bearers of its first part, times the share of its second among namesakes."""
    ones, others = np.bincount(one, count).astype(np.float64), np.bincount(other, count)
    share = np.where(ones[one] > 1, (count - 1) / np.maximum(ones[one] - 1, 1), 0.0)  # of the others, without oneself
    seen = np.bincount(other, count * share)  # summed over bearers of the second part
    rest = others[other] - count
    mean = np.where(rest > 0, (seen[other] - count * share) / np.maximum(rest, 1), 0.0)
    found: Array = ones[one] * mean
    return found


def _word_too_many(words: list[str], parts: Ints, people: Ints, rows: int) -> Mask:
    """Which names have a family name that is a word of the list and that more bear than bear it as their own."""
    family = parts[:, 1]
    listed = lexicon.words("stand_ins", "words") | lexicon.words("stand_ins", "alone")
    here = np.array([word in listed for word in words] + [False], bool)[family]
    count = np.bincount(family[here], people[here], minlength=len(words) + 1).astype(np.float64)
    kinds = max(int(np.count_nonzero(count)), 1)
    odd = (count >= LEAST) & _beyond(count, np.full(len(count), RARE * rows), kinds)
    found: Mask = here & odd[family]
    return found


def _beyond(count: Array, mean: Array, tries: int) -> Mask:
    """Whether a Poisson number is so large or larger with less than the chance that is left to each try.

    The chance is Chernoff's bound of it, which is above the true one.
    """
    most = np.maximum(mean, 1e-12)
    bound = count - most - count * np.log(np.maximum(count, 1e-12) / most)
    found: Mask = (count > most) & (bound < np.log(CHANCE / tries))
    return found
