"""Tokens of block keys that mean the same in every table, and the blocks that too many rows share, split further.

The codes of a table's atoms mean nothing in another. Here an atom of a row is the fingerprint of its derived value, so
that rows that come later fall into the blocks of those that are there. Which blocks are too large, and by what they are
split, is kept: so whether two rows meet depends on the two of them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking.atoms import RAREST_TOKENS, Atom, derivation
from socialmerge.blocking.keys import Budget, Key
from socialmerge.blocking.tokens import Postings
from socialmerge.normalise.features import Feature
from socialmerge.normalise.fingerprints import Counted, Hashes, among, fingerprints

__all__ = ["TOKENISED", "FrozenKey", "splitters_of"]

TOKENISED = ("text", "street", "own")
"""Comparisons of which the rarest words are atoms."""
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class FrozenKey:
    """A key, the atoms by which its large blocks are split one after another, and which blocks these are.

    ``large[0]`` are the tokens, sorted, of blocks of the key that are too large, ``large[k]`` of those that still are
    after k splits.
    """

    atoms: tuple[str, ...]
    splitters: tuple[str, ...]
    large: tuple[Hashes, ...]

    @classmethod
    def of(
        cls, key: Key, splitters: Sequence[str], features: Sequence[Feature], words: Mapping[str, Counted]
    ) -> FrozenKey:
        """Look at the blocks of a table; ``words`` are how common the words of each feature are."""
        found = cls(key.atoms, tuple(name for name in splitters if name not in key.atoms), ())
        postings, large = found._first(features, words), []
        for splitter in (None, *found.splitters):
            if splitter is not None:
                postings = _split(postings, splitter, features, words)
            tokens, count = np.unique(postings.token, return_counts=True)
            large.append(tokens[count > Budget().block_rows])
            postings = postings.take(among(large[-1], postings.token)[1])
        return cls(found.atoms, found.splitters, tuple(large))

    def tokens(self, features: Sequence[Feature], words: Mapping[str, Counted]) -> Postings:
        """The blocks of rows: of a block that is too large its parts, of parts that are too large theirs."""
        postings, kept = self._first(features, words), []
        for splitter, large in zip((None, *self.splitters), self.large, strict=True):
            if splitter is not None:
                postings = _split(postings, splitter, features, words)
            over = among(large, postings.token)[1]
            kept.append(postings.take(~over))
            postings = postings.take(over)
        return Postings(np.concatenate([one.token for one in kept]), np.concatenate([one.row for one in kept]))

    def _first(self, features: Sequence[Feature], words: Mapping[str, Counted]) -> Postings:
        """The blocks of the key itself, each of its atoms known."""
        both = _hashes(self.atoms[0], features, words)
        for name in self.atoms[1:]:
            other = _hashes(name, features, words)
            left, right = both[:, np.newaxis, :], other[np.newaxis, :, :]
            joined = _mixed(left, right)
            joined[(left == 0) | (right == 0)] = 0
            both = joined.reshape(len(both) * len(other), other.shape[1])
        slot, row = np.nonzero(both)
        return Postings(both[slot, row], row.astype(np.int32))


def splitters_of(atoms: Sequence[Atom]) -> tuple[str, ...]:
    """Atoms by which large blocks are split: one value a row, mostly there, those with few values first."""
    single = [atom for atom in atoms if atom.values == 1 and (atom.codes >= 0).mean() > _MOSTLY]
    return tuple(atom.name for atom in sorted(single, key=lambda atom: (atom.distinct, atom.name)))


def _split(postings: Postings, atom: str, features: Sequence[Feature], words: Mapping[str, Counted]) -> Postings:
    """Blocks split by another atom; rows without it are a part of their own."""
    further = _hashes(atom, features, words)[0]
    return Postings(_mixed(postings.token, further[postings.row]), postings.row)


def _hashes(atom: str, features: Sequence[Feature], words: Mapping[str, Counted]) -> Hashes:
    """An atom of rows by fingerprint, of shape (values per row, rows); 0 where there is none."""
    if atom.endswith(".names"):
        return _name_pairs(atom.removesuffix(".names"), features)
    holders = [feature for feature in features if atom == feature.name or atom.startswith(feature.name + ".")]
    feature = max(holders, key=lambda one: len(one.name))
    label = atom[len(feature.name) :]
    if label == ".token" and feature.comparison in TOKENISED:
        remap = _rarest(feature.column, words[feature.name])
    else:
        derive = derivation(feature.comparison, label)
        remap = _of_values(feature.column if derive is None else derive(feature.column))[np.newaxis, :]
    found: Hashes = np.concatenate([remap[:, slot] for slot in feature.codes], axis=0)
    return found


def _of_values(derived: pa.Array) -> Hashes:
    """The fingerprint of each value, and 0 for none: an empty one, and last a code of -1."""
    texts = pc.fill_null(derived if pa.types.is_string(derived.type) else pc.cast(derived, pa.string()), "")
    empty = pc.equal(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    return np.append(np.where(empty, np.uint64(0), fingerprints(texts)), np.uint64(0))


def _name_pairs(field: str, features: Sequence[Feature]) -> Hashes:
    """Given and family name in either order."""
    parts = {one.comparison: one for one in features if one.field == field and one.comparison in ("given", "family")}
    one, other = (
        np.append(fingerprints(parts[part].column), np.uint64(0))[parts[part].codes[0]] for part in ("given", "family")
    )
    both = _mixed(np.minimum(one, other), np.maximum(one, other))
    both[(one == 0) | (other == 0)] = 0
    return both[np.newaxis, :]


def _rarest(texts: pa.Array, words: Counted) -> Hashes:
    """The rarest words of each text: of shape (words, texts and none)."""
    split = pc.split_pattern(texts, " ")
    encoded = pc.dictionary_encode(split.flatten())
    order = pc.sort_indices(encoded.dictionary)
    known = encoded.dictionary.take(order)
    word = np.argsort(order.to_numpy())[encoded.indices.to_numpy(zero_copy_only=False)]
    text = np.repeat(np.arange(len(texts)), pc.list_value_length(split).to_numpy(zero_copy_only=False))
    hashes = fingerprints(known)
    long = pc.greater(pc.utf8_length(known), 1).to_numpy(zero_copy_only=False)
    once = np.unique((text << 32 | word)[long[word]])
    text, word = once >> 32, once & 0xFFFFFFFF
    ranked = np.lexsort((word, words.at(hashes)[word], text))
    text, word = text[ranked], word[ranked]
    place = np.arange(len(text)) - np.searchsorted(text, text)
    found = np.zeros((RAREST_TOKENS, len(texts) + 1), np.uint64)
    few = place < RAREST_TOKENS
    found[place[few], text[few]] = hashes[word[few]]
    return found


def _mixed(one: Hashes, other: Hashes | np.uint64) -> Hashes:
    """One number of two, the order of which counts."""
    value: Hashes = one * np.uint64(0x9E3779B97F4A7C15) + other
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
