"""Laws of merging that no other property states; which test states which law is in docs/explanation/laws.md."""

import tempfile
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.frozen_sample import frozen, weights
from tests.resolver import light
from tests.resolver.conftest import KEY
from tests.resolver.models import remember
from tests.resolver.people import CUSTOMERS, PROFILES, customers, profiles, stated

from socialmerge import Resolver
from socialmerge.engines.scoring import Scored, Scorer
from socialmerge.engines.settling import verdicts
from socialmerge.matching.posterior import posterior
from socialmerge.matching.rivals import contested
from socialmerge.resolver import state as states

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERYBODY = [row["id"] for row in CUSTOMERS] + [row["profile_id"] for row in PROFILES]


@st.composite
def portions(draw: st.DrawFn) -> list[list[str]]:
    """Everybody, in any order, cut anywhere."""
    order = draw(st.permutations(EVERYBODY))
    cuts = sorted(draw(st.lists(st.integers(1, len(order) - 1), max_size=3, unique=True)))
    return [list(order[start:end]) for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def brought(resolver: Resolver, portion: list[str]) -> None:
    known = {row["id"] for row in CUSTOMERS}
    if mine := [id_ for id_ in portion if id_ in known]:
        resolver.load(customers(*mine))
    if theirs := [id_ for id_ in portion if id_ not in known]:
        resolver.ingest(profiles(*theirs))


def in_portions(parts: list[list[str]]) -> dict[str, list[object]]:
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/people.db"
        with Resolver(store=store, key=KEY, clock=lambda: NOW) as resolver:
            for part in parts:
                brought(resolver, part)
            return stated(resolver)


@cache
def at_once(model: str) -> dict[str, list[object]]:
    """What is stated of everybody brought at once, by the light model or the real one."""
    del model
    return in_portions([EVERYBODY])


@given(portions())
@settings(max_examples=max(settings().max_examples // 16, 4))
def test_law_3_incremental_is_batch(parts: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(states, "judge", light.judge)
        assert in_portions(parts) == at_once("light")


@given(portions())
@settings(max_examples=max(settings().max_examples // 50, 2))
def test_law_3_incremental_is_batch_by_the_real_model(parts: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        remember(patch)
        assert in_portions(parts) == at_once("real")


def with_proof(profile: pa.Table, email: str, link: str) -> pa.Table:
    """A profile that also shows an address and an account, both of them proved."""
    (row,) = profile.to_pylist()
    for name, value in (("emails", email), ("verified_emails", email), ("links", link), ("verified_links", link)):
        row[name] = [*(row[name] or []), *([value] if value else [])]
    return pa.Table.from_pylist([row], schema=profile.schema)


def probability(scorer: Scorer, profile: pa.Table) -> float:
    """How likely the only customer there is is the profile's."""
    decided = verdicts(scorer.score(profile), frozen().model)
    return float(decided.probability[0]) if decided.customer[0] >= 0 else 0.0


# An address and an account of somebody else, which look like nobody's name.
strange = st.text("qxz0123456789", min_size=5, max_size=12)


@settings(max_examples=max(settings().max_examples // 5, 10))
@given(st.data(), strange.map("{}@example.net".format), strange.map("https://github.com/{}".format) | st.just(""))
def test_law_13_a_conflicting_verified_identifier_never_raises_the_weight_of_a_candidate_nor_its_probability_alone(
    data: st.DataObject, email: str, link: str
) -> None:
    sample = frozen()
    table = sample.rows.table
    profile = sample.profiles.slice(data.draw(st.integers(0, sample.profiles.num_rows - 1)), 1)
    proved = with_proof(profile, email, link)
    before, after = (weights(sample.scorer.score(one), one) for one in (profile, proved))
    has = pc.and_(pc.not_equal(table["email"], ""), pc.not_equal(table["github_url"], "") if link else True)
    has = dict(zip(table[sample.plan.id].to_pylist(), pc.fill_null(has, fill_value=False).to_pylist(), strict=True))
    mine = sorted(customer for _, customer in before if has[customer])
    own = profile["profile_id"][0].as_py()
    for customer in mine:
        held = after.get((own, customer))
        assert held is None or held[0] <= before[own, customer][0] + 1e-9
    for customer in data.draw(st.lists(st.sampled_from(mine), max_size=2)) if mine else ():
        row = table.filter(pc.equal(table[sample.plan.id], customer))
        alone = Scorer.of(row, sample.rows.schema, sample.model)
        assert probability(alone, proved) <= probability(alone, profile) + 1e-9


def chances(scored: Scored) -> tuple[dict[int, float], float]:
    """How likely each customer is the one profile's, by its row, and how likely it is nobody's who is a candidate."""
    found, model = scored.candidates, frozen().model
    source, habits = model.sources.of(scored.channels)
    own = np.arange(len(found.left))  # no other profile competes
    size = {"n_profiles": 1, "n_customers": model.people}
    told = contested(found.left, own, found.weight, source=source, habits=habits, **size).posterior
    return dict(zip(found.right.tolist(), told.candidate.tolist(), strict=True)), 1 - float(told.known[0])


@settings(max_examples=max(settings().max_examples // 10, 5))
@given(st.data(), strange.map("{}@example.net".format), strange.map("https://github.com/{}".format) | st.just(""))
def test_law_13_nor_its_odds_against_anybody_else_nor_the_probability_of_all_that_it_conflicts_with(
    data: st.DataObject, email: str, link: str
) -> None:
    sample = frozen()
    profile = sample.profiles.slice(data.draw(st.integers(0, sample.profiles.num_rows - 1)), 1)
    (before, nobody), (after, then) = (
        chances(sample.scorer.score(one)) for one in (profile, with_proof(profile, email, link))
    )
    has = sample.rows.table["email"].to_pylist(), sample.rows.table["github_url"].to_pylist()
    mine = [row for row in before if has[0][row] and (has[1][row] or not link)]
    assert sum(after.get(row, 0.0) for row in mine) <= sum(before[row] for row in mine) + 1e-9
    others = [(nobody, then), *((before[row], after[row]) for row in before.keys() & after.keys() - {*mine})]
    for row in mine:
        for was, now in others:
            # Odds, multiplied out: what is less likely than anything may be zero.
            assert after.get(row, 0.0) * was <= before[row] * now * (1 + 1e-6) + 1e-12


def test_law_13_cannot_hold_of_the_probability_of_each_of_several_as_bayes_rule_has_it() -> None:
    both = np.zeros(2, np.int64)
    was = posterior(both, np.array([20.0, 20.0]), n_profiles=1, n_customers=100).candidate
    # It speaks against both, and more against the second.
    now = posterior(both, np.array([19.0, 17.0]), n_profiles=1, n_customers=100).candidate
    assert (was.round(2).tolist(), now.round(2).tolist()) == ([0.5, 0.5], [0.8, 0.2])
    alike = posterior(both, np.array([17.0, 17.0]), n_profiles=1, n_customers=100).candidate
    assert (alike <= was).all()
