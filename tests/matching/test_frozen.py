"""A frozen model as bytes: what comes back is equal, and anything else is refused in words."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.frozen_sample import frozen

from socialmerge.engines.scoring import Scorer
from socialmerge.errors import PlanError
from socialmerge.matching.frozen import FrozenModel
from socialmerge.matching.kept import pack, unpack
from socialmerge.normalise.fingerprints import Counted


def test_a_model_comes_back_equal_and_scores_the_same() -> None:
    sample = frozen()
    data = sample.model.to_bytes()
    found = FrozenModel.from_bytes(data)
    assert found == sample.model
    assert found.version == sample.model.version
    assert hash(found) == hash(sample.model)
    assert found.to_bytes() == data
    profiles = sample.profiles.slice(0, 50)
    again = Scorer.of(sample.rows.table, sample.rows.schema, found).score(profiles)
    assert np.array_equal(again.candidates.weight, sample.scorer.score(profiles).candidates.weight)


def test_anything_else_is_another_version() -> None:
    model = frozen().model
    assert replace(model, people=model.people + 1).version != model.version
    assert replace(model, people=model.people + 1) != model


def _with_header(data: bytes, **changes: object) -> bytes:
    with np.load(io.BytesIO(data)) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(arrays["header"].tobytes()) | changes
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(PlanError, match="format 99, and only format 2 is known"):
        FrozenModel.from_bytes(_with_header(frozen().model.to_bytes(), version=99))


@pytest.mark.parametrize("data", [b"", b"PK", b"\x80\x04K\x01.", b"{}"])
def test_bytes_of_something_else_are_refused(data: bytes) -> None:
    with pytest.raises(PlanError, match="no frozen model"):
        FrozenModel.from_bytes(data)


def test_a_model_cut_short_is_refused() -> None:
    data = frozen().model.to_bytes()
    with pytest.raises(PlanError, match="no frozen model"):
        FrozenModel.from_bytes(data[: len(data) // 2])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3), st.none() | st.integers(0, 10_000))
def test_damaged_bytes_are_refused_in_words_wherever_the_damage_is(place: int, said: bytes, end: int | None) -> None:
    some = Counted.of(np.arange(40, dtype=np.uint64), np.arange(40) / 7.0)
    data = bytearray(pack(some, what="counts", version=1))
    data[place % len(data) : place % len(data) + len(said)] = said
    try:
        found = unpack(bytes(data[:end]), [Counted], what="counts", version=1)
    except PlanError:
        return
    assert isinstance(found, Counted)


def test_no_class_is_made_but_a_models_own() -> None:
    told = {"class": "Popen", "fields": {"args": "true"}}
    with pytest.raises(PlanError, match="damaged"):
        FrozenModel.from_bytes(_with_header(frozen().model.to_bytes(), value=told))
