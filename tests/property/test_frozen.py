"""Laws of a frozen model: the bits of a pair are those of its two rows, whatever comes with them and in what order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.frozen_sample import frozen, weights

from socialmerge.engines.scoring import Scorer
from socialmerge.engines.settling import verdicts
from socialmerge.records import Kind, profiles_schema

pytestmark = pytest.mark.slow

FEW = settings(max_examples=15, deadline=None)


def rows_of(size: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, size - 1), min_size=1, max_size=20, unique=True)


@FEW
@given(st.data())
def test_any_profiles_in_any_order_and_portions_have_the_same_bits(data: st.DataObject) -> None:
    sample = frozen()
    rows = data.draw(rows_of(sample.profiles.num_rows))
    cut = data.draw(st.integers(0, len(rows)))
    whole = weights(sample.scorer.score(sample.profiles), sample.profiles)
    found = {}
    for part in (rows[:cut], rows[cut:]):
        some = sample.profiles.take(pa.array(part, pa.int64()))
        found |= weights(sample.scorer.score(some), some)
    wanted = {sample.profiles["profile_id"][row].as_py() for row in rows}
    assert found == {pair: bits for pair, bits in whole.items() if pair[0] in wanted}


@FEW
@given(st.data())
def test_any_customers_in_any_order_and_portions_have_the_same_bits(data: st.DataObject) -> None:
    sample = frozen()
    table, schema = sample.rows.table, sample.rows.schema
    order = np.random.default_rng(data.draw(st.integers(0, 1000))).permutation(table.num_rows)
    order = order[: data.draw(st.integers(2, table.num_rows))]
    cut = data.draw(st.integers(1, len(order) - 1))
    scorer = Scorer.of(table.take(pa.array(order[:cut])), schema, sample.model)
    scorer = scorer.with_customers(table.take(pa.array(order[cut:])))
    profiles = sample.profiles.take(pa.array(data.draw(rows_of(sample.profiles.num_rows)), pa.int64()))
    whole = weights(sample.scorer.score(profiles), profiles)
    there = set(scorer.ids.to_pylist())
    assert weights(scorer.score(profiles), profiles) == {pair: bits for pair, bits in whole.items() if pair[1] in there}


def pieces(kind: Kind) -> list[str]:
    """Values of the customers, a hundred of each column of a kind."""
    rows = frozen().rows
    columns = [column.name for column in rows.schema.columns if column.kind is kind]
    return [value for name in columns for value in rows.table[name].to_pylist()[:100] if value]


@st.composite
def profiles(draw: st.DrawFn) -> list[dict[str, object]]:
    names, emails, phones, places = map(pieces, (Kind.NAME, Kind.EMAIL, Kind.PHONE, Kind.PLACE))
    word = st.one_of(st.sampled_from(names), st.text("abcdefghijklmnopqrstuvwxyz0123456789._- é", max_size=40))
    rows = []
    for number in range(draw(st.integers(1, 5))):
        shown = draw(st.lists(word, min_size=1, max_size=3))
        row: dict[str, object] = {"profile_id": f"p{number}", "channel": draw(st.sampled_from(["github", "x", "new"]))}
        row["handle"] = "".join(draw(st.permutations(shown))).replace(" ", "").lower()
        row["display_name"] = draw(st.one_of(st.none(), st.just(" ".join(shown)), word))
        row["location"] = draw(st.one_of(st.none(), st.sampled_from(places), word))
        row["employer"] = draw(st.one_of(st.none(), word))
        row["emails"] = draw(st.lists(st.sampled_from(emails), max_size=3))
        row["verified_emails"] = draw(st.lists(st.sampled_from(emails), max_size=2))
        row["phones"] = draw(st.lists(st.sampled_from(phones), max_size=2))
        row["links"] = draw(st.lists(st.sampled_from(["https://x.com/ada", "https://ada.example.com"]), max_size=2))
        rows.append(row)
    return rows


@FEW
@given(profiles())
def test_whatever_profiles_show_they_have_the_same_bits_and_verdicts_alone_and_together(
    rows: list[dict[str, object]],
) -> None:
    sample = frozen()
    table = pa.Table.from_pylist(rows, schema=profiles_schema())
    together = sample.scorer.score(table)
    decided = verdicts(together, sample.model)
    found = {}
    for row in range(table.num_rows):
        one = table.slice(row, 1)
        scored = sample.scorer.score(one)
        found |= weights(scored, one)
        alone = verdicts(scored, sample.model)
        assert (alone.verdict[0], alone.probability[0]) == (decided.verdict[row], decided.probability[row])
    assert found == weights(together, table)
