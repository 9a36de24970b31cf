"""Laws of the one-of-N posterior and of competition between profiles."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.matching.posterior import Floats, Ints, posterior
from socialmerge.matching.rivals import contested

Pairs = dict[tuple[int, int], float]
PROFILES, CUSTOMERS = 6, 8
weights = st.floats(-2000.0, 2000.0, allow_nan=False)
candidates = st.dictionaries(
    st.tuples(st.integers(0, PROFILES - 1), st.integers(0, CUSTOMERS - 1)), weights, min_size=1, max_size=20
)


def arrays(found: Pairs) -> tuple[Ints, Ints, Floats]:
    left, right = (np.array(side, dtype=np.int64) for side in zip(*found, strict=True))
    return left, right, np.array(list(found.values()))


@given(candidates, st.floats(0.0, 1.0))
def test_probabilities_of_a_profile_add_up_to_one_at_most(found: Pairs, recall: float) -> None:
    left, right, weight = arrays(found)
    for result in (
        posterior(left, weight, n_profiles=PROFILES, n_customers=CUSTOMERS, recall=recall),
        contested(left, right, weight, n_profiles=PROFILES, n_customers=CUSTOMERS, recall=recall).posterior,
    ):
        assert np.isfinite(result.candidate).all()
        assert (result.candidate >= 0.0).all()
        assert (np.bincount(left, result.candidate, minlength=PROFILES) <= 1.0 + 1e-9).all()


@given(candidates, st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(found: Pairs, random: Random) -> None:
    items = list(found.items())
    shuffled = items[:]
    random.shuffle(shuffled)
    results = []
    for pairs in (items, shuffled):
        left, right, weight = arrays(dict(pairs))
        contest = contested(left, right, weight, n_profiles=PROFILES, n_customers=CUSTOMERS)
        results.append(dict(zip(dict(pairs), contest.posterior.candidate, strict=True)))
    assert all(results[0][pair] == pytest.approx(results[1][pair], abs=1e-6) for pair in results[0])


@given(candidates, st.integers(0, 19), st.floats(0.0, 50.0))
def test_evidence_against_a_candidate_never_raises_its_probability(found: Pairs, place: int, bits: float) -> None:
    left, _, weight = arrays(found)
    place %= len(weight)
    less = weight.copy()
    less[place] -= bits
    before = posterior(left, weight, n_profiles=PROFILES, n_customers=CUSTOMERS).candidate[place]
    after = posterior(left, less, n_profiles=PROFILES, n_customers=CUSTOMERS).candidate[place]
    assert after <= before + 1e-6


@pytest.mark.parametrize("bits", [15.0, 40.0, 900.0, 1e9])
def test_two_namesakes_get_just_under_a_half_each(bits: float) -> None:
    found = posterior(np.array([0, 0]), np.array([bits, bits]), n_profiles=1, n_customers=100).candidate
    assert found[0] == found[1]
    assert 0.4 < found[0] <= 0.5


def test_a_source_of_strangers_learns_a_small_share() -> None:
    left = np.arange(5)
    found = posterior(left, np.full(5, 30.0), n_profiles=500, n_customers=100)
    assert found.share[0] == pytest.approx(0.01, abs=0.005)


def test_each_source_has_a_share_of_its_own() -> None:
    source = np.repeat([0, 1], 200)
    left = np.arange(200)  # every profile of the first source has a sure candidate, none of the second
    found = posterior(left, np.full(200, 40.0), n_profiles=400, n_customers=200, source=source)
    assert found.share[0] > 0.9
    assert found.share[1] < 0.1


def test_what_blocking_missed_counts_against_the_candidates() -> None:
    left, weight = np.array([0]), np.array([6.0])
    all_found = posterior(left, weight, n_profiles=1, n_customers=10, recall=1.0)
    half_found = posterior(left, weight, n_profiles=1, n_customers=10, recall=0.5)
    assert half_found.candidate[0] < all_found.candidate[0]


def test_without_candidates_nothing_is_known() -> None:
    found = posterior(np.zeros(0, dtype=np.int64), np.zeros(0), n_profiles=3, n_customers=0)
    assert found.known.tolist() == [0.0, 0.0, 0.0]


def one_each(n: int, extra: Sequence[tuple[int, float]]) -> tuple[Ints, Ints, Floats]:
    """A source that holds most of n customers once, and the weights of some more pairs."""
    pairs = {(i, i): 30.0 for i in range(n)}
    pairs.update({(n + k, right): weight for k, (right, weight) in enumerate(extra)})
    return arrays(pairs)


def test_a_sole_claimant_gains_where_a_source_holds_each_person_once() -> None:
    left, right, weight = one_each(300, [(300, 10.0)])
    sizes = {"n_profiles": 320, "n_customers": 310}
    assert (
        contested(left, right, weight, **sizes).posterior.candidate[-1] > posterior(left, weight, **sizes).candidate[-1]
    )


def test_a_second_claimant_loses_where_a_source_holds_each_person_once() -> None:
    left, right, weight = one_each(300, [(0, 15.0)])
    sizes = {"n_profiles": 320, "n_customers": 310}
    contest = contested(left, right, weight, **sizes)
    assert contest.posterior.candidate[-1] < posterior(left, weight, **sizes).candidate[-1]
    assert contest.split[-1] < 0.5
    assert contest.posterior.candidate[0] > 0.99


def test_many_profiles_of_one_person_do_not_compete_where_that_is_usual() -> None:
    left = np.arange(400)
    right = left // 4
    contest = contested(left, right, np.full(400, 30.0), n_profiles=400, n_customers=100)
    assert (contest.posterior.candidate > 0.99).all()
    assert (contest.split == 1.0).all()
