"""The chain: names, handles, local parts and labels, none counted twice."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from socialmerge.matching.chain import ChainWeights, Sign, weights
from socialmerge.matching.chain_fit import Sample, fit
from socialmerge.matching.chain_names import ChainNames
from socialmerge.matching.chain_sides import ChainColumn, ChainSide, ChainValue
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.name_evidence import NameEvidence, Variant, variants
from socialmerge.matching.population import Population
from socialmerge.matching.vocabulary import Words
from socialmerge.records import PersonName

Ints = npt.NDArray[np.int64]
Person = tuple[PersonName | None, dict[str, ChainValue]]

GIVEN = "ada bo cy di ed flo gus hal ida jo kit lou max ned oz pam quin ray sue ty"
FAMILY = "marsh nolan oakes pratt quigley rowan sharp tully usher vance wolfe yates zeller abbot birch crane"


def name(given: str, family: str, **parts: str) -> PersonName:
    return PersonName(
        f"{given} {family}".title(),
        given=given,
        family=family,
        middle=parts.get("middle", ""),
        suffix=parts.get("suffix", ""),
        nickname=parts.get("nickname", ""),
    )


CROWD = [name(g, f) for g in GIVEN.split() for f in FAMILY.split()][::3]


def side(names: Sequence[PersonName | None], *columns: tuple[str, dict[int, ChainValue]]) -> ChainSide:
    """One row for each name (None: no name), and columns of (kind, {row: value})."""
    distinct = list(dict.fromkeys(n for n in names if n))
    code = [distinct.index(n) if n else -1 for n in names]
    return ChainSide.of(
        ChainNames.of(distinct), code, [ChainColumn.of(kind, values.items()) for kind, values in columns]
    )


def weighed(one: ChainSide, other: ChainSide, left: Ints, right: Ints) -> ChainWeights:
    """Pairs weighed with what they teach."""
    tables = ChainTables.of(one, other)
    return weights(tables, left, right, fit(Sample.of(tables, left, right)))


def bits(profile: Person, customer: Person) -> tuple[float, int]:
    """Bits and signs of one profile (name, kind to value) against one customer among a crowd."""
    one = side([profile[0]], *((k, {0: v}) for k, v in profile[1].items()))
    other = side([customer[0], *CROWD], *((k, {0: v}) for k, v in customer[1].items()))
    left, right = np.zeros(1 + len(CROWD), dtype=np.int64), np.arange(1 + len(CROWD))
    found = weighed(one, other, left, right)
    return float(found.bits[0]), int(found.signs[0])


def handle(text: str) -> ChainValue:
    return ChainValue(text, text.lower())


def test_a_handle_that_the_profiles_own_name_explains_adds_nothing_to_it() -> None:
    ada = name("ada", "marsh")
    alone, _ = bits((ada, {}), (ada, {}))
    both, _ = bits((ada, {"x": handle("adamarsh")}), (ada, {}))
    assert both == pytest.approx(alone, abs=0.7)


def test_one_handle_on_two_channels_says_no_more_than_the_names_it_comes_from() -> None:
    ada = name("ada", "marsh")
    from_name, _ = bits((ada, {"x": handle("adamarsh")}), (ada, {"github": handle("adamarsh")}))
    odd, signs = bits((ada, {"x": handle("xdragon77")}), (ada, {"github": handle("xdragon77")}))
    alone, _ = bits((ada, {}), (ada, {}))
    assert from_name < alone + 3.0
    assert odd > alone + 12.0
    assert signs & Sign.STRING_SHARED


def test_a_handle_tells_the_family_name_that_the_display_name_leaves_out() -> None:
    ada = PersonName("Ada", given="ada")
    short, _ = bits((ada, {}), (name("ada", "quigley"), {}))
    told, signs = bits((ada, {"x": handle("adaquigley")}), (name("ada", "quigley"), {}))
    wrong, _ = bits((ada, {"x": handle("adaquigley")}), (name("ada", "marsh"), {}))
    assert told > short + 5.0
    assert wrong < told - 8.0
    assert signs & Sign.HANDLE_FROM_NAME


def test_a_display_name_that_repeats_the_handle_is_not_counted_twice() -> None:
    shown = PersonName("xdragon77", given="xdragon77")
    customer = (name("ada", "marsh"), {"github": handle("xdragon77")})
    once, _ = bits((None, {"x": handle("xdragon77")}), customer)
    twice, _ = bits((shown, {"x": handle("xdragon77")}), customer)
    assert twice < once + 4.0


def test_a_local_part_equal_to_the_handle_speaks_for_the_customer() -> None:
    customer = (name("ada", "marsh"), {"email": ChainValue("moonquokka", "moonquokka@example.com")})
    found, _ = bits((None, {"x": handle("moonquokka")}), customer)
    assert found > 12.0


def test_an_equal_address_is_left_to_the_field_of_its_own() -> None:
    address = ChainValue("moonquokka", "moonquokka@example.com")
    found, signs = bits((None, {"email": address}), (name("ada", "marsh"), {"email": address}))
    assert found == 0.0
    assert signs & Sign.EMAIL_SAME


def test_the_same_account_counts_and_a_conflicting_stable_id_beats_it() -> None:
    account = {"x": handle("moonquokka"), "id:x": ChainValue("", "1")}
    same, signs = bits((None, account), (name("ada", "marsh"), account))
    other = {"x": handle("moonquokka"), "id:x": ChainValue("", "2")}
    reused, conflict = bits((None, account), (name("ada", "marsh"), other))
    assert signs & Sign.ID_SAME
    assert signs & Sign.ACCOUNT_SAME
    assert conflict & Sign.ID_CONFLICT
    assert not conflict & Sign.ACCOUNT_SAME
    assert reused < 0.0 < same


def test_a_conflicting_stable_id_never_raises_a_weight() -> None:
    for profile_name in (None, name("ada", "marsh")):
        for text in ("adamarsh", "moonquokka"):
            customer = name("ada", "marsh"), {"x": handle("moonquokka"), "id:x": ChainValue("", "2")}
            without, _ = bits((profile_name, {"x": handle(text)}), customer)
            with_id, _ = bits((profile_name, {"x": handle(text), "id:x": ChainValue("", "1")}), customer)
            assert with_id <= without + 1e-9


def test_another_account_on_the_same_channel_counts_against() -> None:
    ada = name("ada", "marsh")
    plain, _ = bits((ada, {"x": handle("adamarsh")}), (ada, {}))
    second, signs = bits((ada, {"x": handle("adamarsh")}), (ada, {"x": handle("moonquokka")}))
    assert signs & Sign.SECOND_ACCOUNT
    assert second < plain


def test_a_website_that_one_person_lists_is_theirs_and_a_shared_one_is_not() -> None:
    page = ChainValue("moonquokka", "moonquokka.example.com", "moonquokka.example.com")
    ada, crowd = name("ada", "marsh"), dict.fromkeys(range(60), page)
    own, signs = bits((None, {"website": page}), (ada, {"website": page}))
    one = side([None], ("website", {0: page}))
    other = side([ada, *CROWD], ("website", crowd))
    left, right = np.zeros(1 + len(CROWD), dtype=np.int64), np.arange(1 + len(CROWD))
    shared = weighed(one, other, left, right).bits[0]
    assert signs & Sign.WEBSITE_SAME
    assert own > shared + 6.0


def test_only_strings_verified_on_both_sides_give_verified_bits() -> None:
    value = handle("moonquokka")
    for proofs, expected in (((True, True), True), ((True, False), False), ((False, True), False)):
        sides = [
            ChainSide.of(ChainNames.of([]), [-1], [ChainColumn.of("x", [(0, value)], verified=proof)])
            for proof in proofs
        ]
        zero = np.zeros(1, dtype=np.int64)
        found = weighed(*sides, zero, zero)
        assert (found.verified[0] > 0.0) is np.bool_(expected)


def test_nothing_to_compare_weighs_nothing() -> None:
    empty = side([None, None])
    zero = np.zeros(1, dtype=np.int64)
    found = weighed(empty, empty, zero, zero)
    assert (found.bits.tolist(), found.verified.tolist(), found.signs.tolist()) == ([0.0], [0.0], [0])


def test_pairs_weigh_the_same_in_any_order_and_in_any_batch() -> None:
    one = side(CROWD[:20], ("x", {i: handle(n.given + n.family) for i, n in enumerate(CROWD[:20])}))
    other = side(CROWD)
    left, right = (a.ravel() for a in np.meshgrid(np.arange(20), np.arange(len(CROWD)), indexing="ij"))
    tables = ChainTables.of(one, other)
    model = fit(Sample.of(tables, left, right))
    whole = weights(tables, left, right, model).bits
    order = np.array(random.Random(1).sample(range(len(left)), len(left)))
    assert weights(tables, left[order], right[order], model).bits == pytest.approx(whole[order], abs=1e-9)
    assert weights(tables, left[:50], right[:50], model).bits == pytest.approx(whole[:50], abs=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "variant"),
    [
        (name("robert", "lee"), name("robert", "lee"), Variant.EXACT),
        (name("bob", "lee"), name("robert", "lee"), Variant.NICKNAME),
        (name("henry", "lee"), name("otto", "lee", nickname="henry"), Variant.NICKNAME),
        (name("r", "lee"), name("robert", "lee"), Variant.INITIAL),
        (name("luis", "lee"), name("j", "lee", middle="luis"), Variant.MIDDLE),
        (name("robert", "fernandes"), name("robert", "fernandez"), Variant.CLOSE),
        (name("lee", "robert"), name("robert", "lee"), Variant.SWAPPED),
        (name("teresa", "fernandez"), name("teresa", "leger fernandez"), Variant.FAMILY_PART),
        (name("otto", "lee"), name("robert", "lee"), Variant.FAMILY_ONLY),
        (name("robert", "marsh"), name("robert", "lee"), Variant.GIVEN_ONLY),
        (name("otto", "marsh"), name("robert", "lee"), Variant.DIFFERENT),
        (PersonName("Lee Ltd", family="lee", is_organisation=True), name("robert", "lee"), Variant.UNKNOWN),
    ],
)
def test_names_fall_in_the_best_variant_that_holds(left: PersonName, right: PersonName, variant: Variant) -> None:
    assert Variant(compared(left, right).variant[0]) is variant


def compared(left: PersonName, right: PersonName) -> NameEvidence:
    """What two names say among the crowd's."""
    names = ChainNames.of([left, right, *CROWD])
    words = Words.of(names.words, Population.of(ChainNames.of(CROWD)))
    return variants(words, names, names, (np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)))


def test_junior_and_senior_are_held_apart() -> None:
    junior, senior = name("robert", "lee", suffix="jr"), name("robert", "lee", suffix="sr")
    same, apart = compared(junior, junior).bits[0], compared(junior, senior).bits[0]
    assert apart < same - 8.0


def test_a_label_that_many_profiles_show_was_not_made_from_one_customers_name() -> None:
    virginia = name("virginia", "foxglove")
    page = ChainValue("virginia", "virginia.example.com/x", "virginia.example.com")
    own = ChainValue("virginia", "virginia.example.net", "virginia.example.net")
    other = side([virginia])
    zero = np.zeros(1, dtype=np.int64)
    shared = side(CROWD[:60], ("website", dict.fromkeys(range(60), page)))
    alone = side(CROWD[:60], ("website", {0: own}))
    many, one = (weighed(s, other, zero, zero).bits[0] for s in (shared, alone))
    assert many < one - 2.0
