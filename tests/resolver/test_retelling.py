"""A question about a profile that is known is answered as the next ingest would be, whatever was said of it before."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.resolver import light
from tests.resolver.conftest import KEY
from tests.resolver.people import customers

from socialmerge import Policy, Resolver
from socialmerge.resolver import state

PARTS = ("verdict", "customer", "entity_id", "probability", "assurance", "reason")
EMAILS = ["ada@example.com", "grace@example.com", "mary@example.com", "new@example.com"]
DATES = [None, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]

tellings = st.fixed_dictionaries(
    {
        "display_name": st.sampled_from(["Ada Lovelace", "Grace Hopper", "Some One", ""]),
        "emails": st.lists(st.sampled_from(EMAILS), max_size=2, unique=True),
        "observed_at": st.sampled_from(DATES),
    },
    optional={"account_id": st.sampled_from(["7", "8"]), "bio": st.just("Engines")},
)


def differing(resolver: Resolver, telling: dict[str, Any], *, trusted: bool) -> dict[str, tuple[object, object]]:
    """Where the answer about a profile is another than what holds once it was brought in."""
    row = {"profile_id": "p1", "channel": "github", "handle": "someone"} | telling
    answer = resolver.resolve(row, trusted=trusted)
    resolver.ingest([row], trusted=trusted)
    (held,) = (one for one in resolver.decisions.to_pylist() if one["profile_id"] == "p1")
    after = {"customer": held["customer_id"], **held}
    return {
        name: (said, after[name]) for name, said in answer.as_dict().items() if name in PARTS and said != after[name]
    }


ADA = {"display_name": "Ada Lovelace", "emails": ["ada@example.com"], "observed_at": None}
GRACE = {"display_name": "Grace Hopper", "emails": ["grace@example.com"], "observed_at": None}


@settings(max_examples=5, deadline=None)
@example([(ADA, False), (GRACE, False)], False)
@given(st.lists(st.tuples(tellings, st.booleans()), min_size=2, max_size=3), st.booleans())
def test_what_is_told_again_is_answered_as_it_is_ingested(
    several: list[tuple[dict[str, Any], bool]], clears: bool
) -> None:
    policy = Policy(clears=("github",)) if clears else None
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(state, "judge", light.judge)
        with Resolver(policy=policy, store=f"sqlite:///{folder}/people.db", key=KEY) as resolver:
            resolver.load(customers())
            for telling, trusted in several:
                assert differing(resolver, telling, trusted=trusted) == {}


def test_so_it_is_under_a_frozen_model(tmp_path: Path) -> None:
    with Resolver(store=f"sqlite:///{tmp_path}/people.db", key=KEY) as resolver:
        resolver.load(customers())
        assert differing(resolver, ADA, trusted=False) == {}
        resolver.fit()
        assert differing(resolver, GRACE, trusted=True) == {}
