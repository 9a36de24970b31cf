"""Learn the chain without labels: how people make handles and how names vary, from the tables at hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking.once import once
from socialmerge.matching.chain import ChainModel, weigh
from socialmerge.matching.chain_evidence import Evidence, gather
from socialmerge.matching.chain_lessons import Lessons
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.characters import Floats, Ints, mix
from socialmerge.matching.handles import HandleModel, fit_affixes, fit_shares
from socialmerge.matching.name_evidence import start_variants
from socialmerge.matching.posterior import posterior
from socialmerge.matching.vocabulary import Signatures

__all__ = ["Sample", "fit"]

_ENOUGH = 5_000  # rows of a side that the shares are fitted on; more change them by less than their error
_ENOUGH_PAIRS = 50_000  # candidate pairs that they are fitted on
_LIKELY = 0.02  # probability from which a pair teaches anything


@dataclass(frozen=True, slots=True)
class Sample:
    """What the chain is learned from: pairs of a sample of the profiles with all that they show.

    ``rows`` are the pairs, of all candidate pairs; ``profiles`` the sampled profiles, ``left`` the place among them of
    each pair's. ``lessons`` are strings with the names of their owners, and ``start`` is the model to begin with.
    """

    rows: Ints
    profiles: Ints
    left: Ints
    customers: int
    evidence: Evidence
    lessons: Lessons
    start: ChainModel

    @classmethod
    def of(cls, tables: ChainTables, left: Ints, right: Ints) -> Sample:
        """Draw the sample from the candidate pairs of two sides."""
        profiles, customers = tables.profiles, tables.customers
        a_profile = max(len(left) / max(len(profiles.name), 1), 1.0)
        used = _sampled(profiles, min(_ENOUGH, max(int(_ENOUGH_PAIRS / a_profile), 1)))
        chosen = np.zeros(len(profiles.name), dtype=np.bool_)
        chosen[used] = True
        rows = np.flatnonzero(chosen[left])
        others = np.union1d(right[rows], _sampled(customers, _ENOUGH)).astype(np.int64)
        evidence = gather(tables, left[rows], right[rows])
        lessons = Lessons.of(tables, used, others, evidence)
        model = ChainModel(HandleModel.start(tables.population, *_strings_of(tables, used, others)), start_variants())
        return cls(rows, used, np.searchsorted(used, left[rows]), len(customers.name), evidence, lessons, model)


def fit(
    sample: Sample,
    *,
    extra: Floats | None = None,
    source: npt.NDArray[np.integer] | None = None,
    rounds: int = 3,
) -> ChainModel:
    """Learn the chain without labels.

    The shares of the ways to make a handle come from rows that show both a name and a handle, and from candidate pairs
    by their probability; those of the name variants from the candidate pairs.

    Args:
        sample: from the two tables and their candidate pairs.
        extra: bits of other evidence (e-mail, phone, place, date) for each candidate pair.
        source: for each profile the code of its source.
        rounds: of EM.
    """
    origin = None if source is None else source[sample.profiles]
    beside = 0.0 if extra is None else extra[sample.rows]
    model = sample.start
    for _ in range(rounds):
        bits = weigh(sample.evidence, model).bits + beside
        found = posterior(
            sample.left, bits, n_profiles=len(sample.profiles), n_customers=sample.customers, source=origin
        )
        model = _improve(sample, model, found.candidate)
    return model


def _sampled(side: ChainSide, most: int) -> Ints:
    """Rows to learn from, drawn by what they say, so that the order of rows does not matter."""
    size = len(side.name)
    if size <= most:
        return np.arange(size)
    words = Signatures.of(side.names.words).hashes
    shown = mix(words[side.names.part("given")].astype(np.int64), words[side.names.part("family")])
    texts = np.append(np.append(side.text, np.int32(-1))[side.start[:-1]], np.int32(-1))
    first = np.where(np.diff(side.start) > 0, texts[:-1], -1)
    drawn = mix(first.astype(np.int64), np.append(shown, np.uint64(0))[side.name])
    return np.sort(np.argsort(drawn, kind="stable")[:most])


def _strings_of(tables: ChainTables, profiles: Ints, customers: Ints) -> tuple[list[str], list[str]]:
    """The distinct texts of rows of both sides, and their squeezed names."""
    sides = tables.profiles.take(profiles), tables.customers.take(customers)
    used = once(np.concatenate([side.text for side in sides]))
    texts = sides[0].texts.column.take(pa.array(used[used >= 0])).to_pylist()
    names = [name for side in sides for name in _squeezed_names(side)]
    return texts, names


def _squeezed_names(side: ChainSide) -> list[str]:
    code = once(side.name)
    names = side.names.take(code[code >= 0])
    parts = [names.part(part) for part in ("given", "family")]
    words = [
        pc.fill_null(names.words.column.take(pa.array(part.astype(np.int64), mask=part < 0)), "") for part in parts
    ]
    found: list[str] = pc.binary_join_element_wise(*words, "").to_pylist()
    return found


def _improve(sample: Sample, model: ChainModel, probability: Floats) -> ChainModel:
    """One step of EM."""
    likely = np.where(probability > _LIKELY, probability, 0.0)
    lessons = sample.lessons
    weight = lessons.weights(likely)
    affixed = model.handles.scored(lessons.handles.strings, lessons.common)
    handles = fit_shares(
        model.handles,
        affixed,
        lessons.found,
        handle=lessons.handle,
        channel=lessons.kind,
        channels=lessons.kinds,
        weight=weight,
    )
    handles = fit_affixes(handles, lessons.texts, affixed, lessons.found, handle=lessons.handle, weight=weight)
    return ChainModel(handles, sample.evidence.names.fit(model.variants, likely))
