"""Verdicts: what is attached, what a person is asked about, what is new, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.matching.decide import Candidates, Costs, Tables, decide
from socialmerge.matching.reasons import Cause, Caution, sentence
from socialmerge.records import Assurance, decisions_schema

Pairs = dict[tuple[int, int], float]
Option = Any  # the keyword arguments of `decide`
LABELS = ("name", "website", "phone")


def table(candidates: Candidates, tables: Tables, **options: Option) -> pa.Table:
    profiles = [f"p{i}" for i in range(tables.n_profiles)]
    customers = [f"c{i}" for i in range(tables.n_customers)]
    return decide(candidates, tables, **options).table(profiles, customers, LABELS)


def row(candidates: Candidates, tables: Tables, **options: Option) -> dict[str, Any]:
    return table(candidates, tables, **options).to_pylist()[0]


def test_a_sure_candidate_is_attached_and_the_reason_names_what_agrees() -> None:
    found = row(Candidates.of([0], [3], [30.0], evidence=[0b11]), Tables(1, 10))
    assert found["verdict"] == "attach"
    assert found["customer_id"] == found["entity_id"] == "c3"
    assert found["reason"] == "name and website agree; nobody else in the table fits"
    assert found["assurance"] == "inferred"
    assert found["runner_up_id"] is None
    assert found["runner_up_probability"] is None


def test_two_namesakes_go_to_a_person() -> None:
    found = row(Candidates.of([0, 0], [1, 2], [30.0, 30.0], evidence=[1, 1]), Tables(1, 10))
    assert found["verdict"] == "review"
    assert found["probability"] < 0.5 + 1e-9
    assert {found["customer_id"], found["runner_up_id"]} == {"c1", "c2"}
    assert found["reason"] == "name agrees, but one other customer fits about as well"


def test_a_profile_that_fits_nobody_is_new_and_keeps_an_identity_of_its_own() -> None:
    found = table(Candidates.of([0], [1], [-5.0]), Tables(2, 10)).to_pylist()
    assert [f["verdict"] for f in found] == ["new", "new"]
    assert [f["customer_id"] for f in found] == [None, None]
    assert [f["entity_id"] for f in found] == ["new:p0", "new:p1"]


def test_no_profiles_and_no_candidates_give_an_empty_table_with_the_schema() -> None:
    found = table(Candidates.of([], [], []), Tables(0, 0))
    assert found.schema == decisions_schema()
    assert found.num_rows == 0


def test_a_customer_table_of_one_row_attaches_a_sure_candidate() -> None:
    assert row(Candidates.of([0], [0], [40.0]), Tables(1, 1))["verdict"] == "attach"


def test_rows_of_one_customer_are_one_candidate_and_the_canonical_row_is_attached() -> None:
    entity = np.array([0, 1, 1, 3])
    found = row(Candidates.of([0, 0], [1, 2], [30.0, 31.0]), Tables(1, 4, entity=entity))
    assert (found["verdict"], found["customer_id"], found["runner_up_id"]) == ("attach", "c1", None)


def test_a_doubtful_pair_of_customer_rows_asks_for_dedupe_first() -> None:
    doubtful = np.array([1]), np.array([2])
    for weights in ([30.0, 30.0], [30.0, 25.0]):
        found = row(Candidates.of([0, 0], [1, 2], weights), Tables(1, 10, doubtful=doubtful))
        assert found["verdict"] == "review"
        assert found["reason"] == "two customer rows look like the same person: dedupe first"


def test_a_doubtful_double_that_fits_far_worse_changes_nothing() -> None:
    tables = Tables(1, 10, doubtful=(np.array([1]), np.array([2])))
    assert row(Candidates.of([0, 0], [1, 2], [30.0, 15.0]), tables)["verdict"] == "attach"


def test_costs_move_the_lines() -> None:
    candidates = Candidates.of([0], [0], [6.5])
    assert row(candidates, Tables(1, 10))["verdict"] == "review"
    assert row(candidates, Tables(1, 10), costs=Costs(wrong_merge=10.0, asking=1.0))["verdict"] == "attach"
    assert Costs(wrong_merge=1000.0).attach_line == pytest.approx(0.999)


@pytest.mark.parametrize(
    ("sign", "says"),
    [
        (Caution.LOOKALIKE, "other letters"),
        (Caution.ID_CONFLICT, "stable id"),
        (Caution.SECOND_ACCOUNT, "another account"),
        (Caution.CLAIM, "official"),
    ],
)
def test_signs_of_impersonation_go_to_a_person_with_the_sign_as_the_reason(sign: Caution, says: str) -> None:
    found = row(Candidates.of([0], [0], [40.0], verified=[40.0], warning=[int(sign)]), Tables(1, 10))
    assert found["verdict"] == "review"
    assert says in found["reason"]


def test_what_the_platform_calls_no_person_is_never_attached() -> None:
    warning = np.array([int(Caution.NOT_A_PERSON)])
    found = row(Candidates.of([0], [0], [40.0], verified=[40.0]), Tables(1, 10, warning=warning))
    assert found["verdict"] == "new"
    assert found["reason"] == "the platform says that this account is not a person's"


def test_words_of_an_organisation_go_to_a_person() -> None:
    warning = np.array([int(Caution.ORGANISATION_WORDS)])
    assert row(Candidates.of([0], [0], [40.0]), Tables(1, 10, warning=warning))["verdict"] == "review"


def test_verified_evidence_alone_makes_an_attachment_verified() -> None:
    sizes = Tables(1, 10)
    assert row(Candidates.of([0], [0], [40.0], verified=[30.0]), sizes)["assurance"] == "verified"
    assert row(Candidates.of([0], [0], [40.0], verified=[2.0]), sizes)["assurance"] == "inferred"


def test_minimum_assurance_refuses_what_is_only_inferred() -> None:
    found = row(Candidates.of([0], [0], [40.0]), Tables(1, 10), minimum_assurance=Assurance.VERIFIED)
    assert found["verdict"] == "review"
    assert "nothing verified" in found["reason"]


def test_a_customer_has_one_verified_account_in_a_source() -> None:
    candidates = Candidates.of([0, 1, 2], [0, 0, 0], [45.0, 40.0, 30.0], verified=[45.0, 40.0, 0.0])
    found = table(candidates, Tables(3, 10))["verdict"].to_pylist()
    assert found == ["attach", "review", "review"]


def test_accounts_on_several_channels_may_all_be_verified() -> None:
    candidates = Candidates.of([0, 1], [0, 0], [45.0, 40.0], verified=[45.0, 40.0])
    found = table(candidates, Tables(2, 10, source=np.array([0, 1])))["verdict"].to_pylist()
    assert found == ["attach", "attach"]


def test_cardinality_one_only_withdraws_attachments() -> None:
    candidates = Candidates.of([0, 1, 2], [0, 0, 1], [40.0, 35.0, 40.0])
    many = table(candidates, Tables(3, 10)).to_pylist()
    one = table(candidates, Tables(3, 10), cardinality="one").to_pylist()
    assert [r["verdict"] for r in many] == ["attach", "attach", "attach"]
    assert [r["verdict"] for r in one] == ["attach", "review", "attach"]
    assert [r["probability"] for r in many] == [r["probability"] for r in one]
    assert "a profile that fits better" in one[1]["reason"]


def test_profiles_shown_to_be_one_person_resolve_together() -> None:
    group = np.array([0, 0, 1])
    found = table(Candidates.of([0, 1], [4, 5], [40.0, 1.0]), Tables(3, 10, group=group)).to_pylist()
    assert [f["customer_id"] for f in found] == ["c4", "c4", None]


def test_one_stranger_with_three_accounts_is_one_new_identity() -> None:
    stranger = np.array([7, 7, 7, 9])
    found = table(Candidates.of([], [], []), Tables(4, 10, stranger=stranger)).to_pylist()
    assert [f["entity_id"] for f in found] == ["new:p0", "new:p0", "new:p0", "new:p3"]


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(0, 5)), st.sampled_from([-3.0, 8.0, 20.0, 40.0]), max_size=15
    ),
    st.permutations(range(5)),
    st.permutations(range(6)),
    st.sampled_from(["many", "one"]),
)
def test_the_order_of_rows_does_not_matter(
    pairs: Pairs, profiles: list[int], customers: list[int], cardinality: str
) -> None:
    def run(place: list[int], seat: list[int]) -> pa.Table:
        left, right = [place[i] for i, _ in pairs], [seat[j] for _, j in pairs]
        profile_ids = [f"p{place.index(i)}" for i in range(5)]
        customer_ids = [f"c{seat.index(i)}" for i in range(6)]
        tables = Tables(5, 6, rank=np.argsort(np.argsort(customer_ids)))
        found = decide(Candidates.of(left, right, list(pairs.values())), tables, cardinality=cardinality)
        return found.table(profile_ids, customer_ids, LABELS)

    plain = run(list(range(5)), list(range(6)))
    moved = run(list(profiles), list(customers))
    for name in ("profile_id", "verdict", "customer_id", "runner_up_id", "entity_id", "reason"):
        assert plain[name].to_pylist() == moved[name].to_pylist()
    assert plain["probability"].to_pylist() == pytest.approx(moved["probability"].to_pylist(), abs=1e-9)


def test_every_cause_has_a_sentence_without_placeholders() -> None:
    for cause in Cause:
        said = sentence(cause, 0b111, LABELS, warning=int(Caution.CLAIM), others=3)
        assert said
        assert "{" not in said


SPREAD = Candidates.of(np.arange(400), np.arange(400), [*[40.0] * 200, *np.linspace(25.0, -5.0, 200)])
"""Two hundred links that are sure, and as many that are less and less so."""


def test_links_judged_as_a_whole_attach_more_while_few_of_all_are_expected_to_be_wrong() -> None:
    each, whole = decide(SPREAD, Tables(400, 400)), decide(SPREAD, Tables(400, 400), as_a_whole=True)
    attached = whole.verdict == 0
    assert attached.sum() > (each.verdict == 0).sum() >= 200
    assert float((1 - whole.probability[attached]).mean()) <= 0.005
    assert 0.5 <= float(whole.probability[attached].min()) < 0.99
    following = float(whole.probability[~attached].max())
    assert following < 0.5 or (attached.sum() * 0.005 - (1 - whole.probability[attached]).sum()) < 1 - following


def test_links_judged_as_a_whole_are_held_to_dearer_costs() -> None:
    found = [
        int((decide(SPREAD, Tables(400, 400), costs=Costs(wrong_merge=cost), as_a_whole=True).verdict == 0).sum())
        for cost in (20.0, 100.0, 10_000.0)
    ]
    assert found[0] > found[1] > found[2] >= 200


def test_links_judged_as_a_whole_never_attach_fewer() -> None:
    candidates = Candidates.of(np.arange(50), np.arange(50), np.full(50, 12.5))
    each, whole = decide(candidates, Tables(50, 50)), decide(candidates, Tables(50, 50), as_a_whole=True)
    assert (each.verdict == whole.verdict).all()


def test_of_two_rows_that_fit_one_row_of_a_linked_table_at_most_one_is_attached() -> None:
    sure = np.arange(2, 300)
    candidates = Candidates.of([0, 1, *sure], [0, 0, *sure], [24.0, 23.5, *[40.0] * 298])
    found = decide(candidates, Tables(300, 300), as_a_whole=True)
    assert int((found.verdict[:2] == 0).sum()) <= 1
