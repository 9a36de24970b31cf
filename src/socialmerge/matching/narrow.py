"""A side cut down to some of its rows and what these hold, so that a few rows of a large table cost what a few cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.matching.chain_names import ChainNames
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.characters import Ints
from socialmerge.normalise.texts import Texts

__all__ = ["narrow"]

Codes = npt.NDArray[np.int32]


def narrow(side: ChainSide, rows: Ints) -> ChainSide:
    """Some rows of a side, over the words, texts and keys that they hold and no others; sorted texts stay sorted."""
    some = side.take(rows)
    names, (name,) = _used(some.name)
    texts, (text,) = _used(some.text)
    keys, (key, wider) = _used(some.key, some.wider)
    return replace(
        some,
        names=_narrow_names(side.names.take(names)),
        name=name,
        text=text,
        key=key,
        wider=wider,
        texts=_at(side.texts, texts),
        keys=_at(side.keys, keys),
    )


def _narrow_names(names: ChainNames) -> ChainNames:
    words, codes = _used(*names.codes)
    spellings, (spelling,) = _used(names.spelling)
    return replace(
        names,
        words=_at(names.words, words),
        codes=np.array(codes, np.int32).reshape(names.codes.shape),
        spellings=_at(names.spellings, spellings),
        spelling=spelling,
    )


def _used(*columns: Codes) -> tuple[Codes, list[Codes]]:
    """The codes that columns hold, in order, and the columns over these; codes below 0 stay."""
    whole = np.concatenate(columns)
    used = np.unique(whole[whole >= 0])
    return used, [np.where(column >= 0, np.searchsorted(used, column), column).astype(np.int32) for column in columns]


def _at(texts: Texts, rows: Codes) -> Texts:
    return Texts(texts.column.take(pa.array(rows)))
