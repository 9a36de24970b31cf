"""The laws of identities: which records are one entity, against a slow account of the same rules."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from socialmerge.errors import LabelError
from socialmerge.merging.identities import Accounts, Identities, Judgements, Links, Records, identify
from socialmerge.merging.moments import UNDATED
from socialmerge.merging.succession import Event, EventKind, events_between, resolve_id

KEY = b"a key of the tests"
NEAR = 5.0


@dataclass(frozen=True)
class World:
    """Records with what is said about them, as plain lists."""

    rows: tuple[tuple[str, str, int], ...]  # source, record id, created
    told: tuple[tuple[int, int, bool], ...] = ()
    links: tuple[tuple[int, int, float, bool], ...] = ()
    accounts: tuple[tuple[int, int, int, bool], ...] = ()

    def is_customer(self, row: int) -> bool:
        return self.rows[row][0] == "crm"


@st.composite
def worlds(draw: st.DrawFn) -> World:
    size = draw(st.integers(1, 8))
    row = st.integers(0, size - 1)
    kinds = draw(st.lists(st.sampled_from(["crm", "github", "x"]), min_size=size, max_size=size))
    created = st.sampled_from([int(UNDATED), 1, 2])
    rows = tuple((kind, f"r{number}", draw(created)) for number, kind in enumerate(kinds))
    told = draw(st.lists(st.tuples(row, row, st.booleans()), max_size=4))
    weight = st.sampled_from([8.0, 10.0, 16.0, 18.0, 30.0])
    links = draw(st.lists(st.tuples(row, row, weight, st.booleans()), max_size=12))
    found = draw(st.lists(st.tuples(row, st.integers(0, 2), st.booleans()), max_size=4, unique_by=lambda one: one[0]))
    channels = {"github": 0, "x": 1}
    accounts = [(at, channels[kinds[at]], number, sure) for at, number, sure in found if kinds[at] in channels]
    return World(rows, tuple(pair for pair in told if pair[0] != pair[1]), tuple(links), tuple(accounts))


def column(of: Iterable[tuple[object, ...]], place: int, kind: type) -> np.ndarray:
    return np.array([one[place] for one in of], kind)


def found_in(world: World, *, taken: Sequence[pa.Array] = ()) -> Identities:
    rows = world.rows
    records = Records(
        pa.array([row[0] for row in rows], pa.string()),
        pa.array([row[1] for row in rows], pa.string()),
        np.array([row[0] == "crm" for row in rows], bool),
        np.array([row[2] for row in rows], np.int64),
    )
    told, links, own = world.told, world.links, world.accounts
    judgements = Judgements(
        column(told, 0, np.int64),
        column(told, 1, np.int64),
        column(told, 2, bool),
        [f"d{at}" for at in range(len(told))],
    )
    machine = Links(*(column(links, at, kind) for at, kind in enumerate((np.int64, np.int64, np.float64, bool))))
    accounts = Accounts(*(column(own, at, kind) for at, kind in enumerate((np.int64, np.int64, np.int64, bool))))
    return identify(records, judgements, machine, accounts, key=KEY, near_bits=NEAR, taken=taken)


def refusals(found: Identities) -> list[tuple[int, int, str]]:
    return [(one["left"], one["right"], one["reason"]) for one in found.refused.to_pylist()]


def groups_of(found: Identities) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for row, entity in enumerate(found.entity.tolist()):
        groups.setdefault(entity, set()).add(row)
    return {frozenset(group) for group in groups.values()}


# --------------------------------------------------------------------------------------------------- the slow account
def joined(size: int, pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Each node's set, by joining sets until nothing changes."""
    sets = [{node} for node in range(size)]
    for one, other in pairs:
        both = sets[one] | sets[other]
        for node in both:
            sets[node] = both
    return sets


def conflict(world: World, left: set[int], right: set[int], *, between_customers: bool) -> str:
    """Why two sets may not be one, or nothing."""
    for one, other, same in world.told:
        if not same and ((one in left and other in right) or (other in left and one in right)):
            return "different"
    size = len(world.rows)
    crm = [any(node < size and world.is_customer(node) for node in side) for side in (left, right)]
    if all(crm) and not between_customers:
        return "customers"
    return "account" if second_account(world, left, right) else ""


def second_account(world: World, left: set[int], right: set[int]) -> bool:
    for channel in (0, 1):
        sides = [[one for one in world.accounts if one[1] == channel and one[0] in side] for side in (left, right)]
        both = [*sides[0], *sides[1]]
        if all(sides) and len({one[2] for one in both}) > 1 and any(one[3] for one in both):
            return True
    return False


@dataclass(frozen=True)
class Link:
    one: int
    other: int
    weight: float
    tier: int


def links_in_order(world: World) -> list[Link]:
    """Of rows to the account that they are, then verified ones, then the others; each pair once, by its surest."""
    size = len(world.rows)
    order = {row: at for at, row in enumerate(sorted(range(size), key=lambda row: world.rows[row][:2]))}
    nodes = sorted({one[1:3] for one in world.accounts})
    hubs = [Link(one[0], size + nodes.index(one[1:3]), 0.0, -1) for one in world.accounts]
    ends = [(*sorted(one[:2], key=order.__getitem__), *one[2:]) for one in world.links if one[0] != one[1]]
    links = [Link(one, other, weight, int(not sure)) for one, other, weight, sure in ends]
    hubs.sort(key=lambda link: (order[link.one], link.other))
    links.sort(key=lambda link: (link.tier, -link.weight, order[link.one], order[link.other]))
    pairs = [(link.one, link.other) for link in links]
    return [*hubs, *(link for at, link in enumerate(links) if pairs[at] not in pairs[:at])]


def slowly(world: World) -> set[frozenset[int]]:
    """Entities by the words of the rules: everything is worked out anew at every step."""
    size = len(world.rows)
    same = [(one, other) for one, other, is_same in world.told if is_same]

    def sets_with(taken: list[Link]) -> list[set[int]]:
        return joined(size + len(world.accounts), [*same, *((link.one, link.other) for link in taken)])

    def refusal(link: Link, taken: list[Link]) -> str:
        sets = sets_with(taken)
        left, right = sets[link.one], sets[link.other]
        both = all(end < size and world.is_customer(end) for end in (link.one, link.other))
        return "" if left is right else conflict(world, left, right, between_customers=both)

    taken, refused = list[Link](), list[Link]()
    for link in links_in_order(world):
        (refused if refusal(link, taken) else taken).append(link)
    final = sets_with(taken)
    contenders = [link for link in refused if final[link.one] is not final[link.other]]
    while contenders:
        cut, ties = list[Link](), list[Link]()
        for link in contenders:
            sets = sets_with(taken)
            if second_account(world, sets[link.one], sets[link.other]):
                continue
            if refusal(link, []) or not refusal(link, taken):
                continue
            # the weakest link of the chain that forbids it: with the surer ones alone it was allowed
            rival = next(one for at, one in enumerate(taken) if refusal(link, taken[: at + 1]))
            if rival.tier == link.tier and abs(rival.weight - link.weight) <= NEAR:
                cut.append(rival)
                ties.append(link)
        taken = [link for link in taken if link not in cut]
        contenders = ties
    groups = {frozenset(row for row in group if row < size) for group in sets_with(taken)}
    return groups - {frozenset()}


def contradicts(world: World) -> bool:
    sets = joined(len(world.rows), [(one, other) for one, other, same in world.told if same])
    return any(not same and sets[one] is sets[other] for one, other, same in world.told)


@given(worlds())
def test_identities_are_those_of_the_slow_account(world: World) -> None:
    assume(not contradicts(world))
    assert groups_of(found_in(world)) == slowly(world)


@given(worlds())
def test_people_who_contradict_each_other_are_told_so(world: World) -> None:
    if contradicts(world):
        with pytest.raises(LabelError, match="the shortest chain is"):
            found_in(world)
    else:
        found_in(world)


@given(worlds())
def test_what_people_decided_holds_through_any_chain(world: World) -> None:
    assume(not contradicts(world))
    entity = found_in(world).entity
    for one, other, same in world.told:
        assert (entity[one] == entity[other]) == same


@given(worlds(), st.randoms(use_true_random=False))
def test_no_order_matters(world: World, chance: random.Random) -> None:
    assume(not contradicts(world))
    to = list(range(len(world.rows)))
    chance.shuffle(to)
    place = {old: new for new, old in enumerate(to)}
    told = [(place[b], place[a], same) for a, b, same in world.told]
    links = [(place[b], place[a], weight, sure) for a, b, weight, sure in world.links]
    accounts = [(place[row], *rest) for row, *rest in world.accounts]
    for one in (told, links, accounts):
        chance.shuffle(one)
    turned = World(tuple(world.rows[old] for old in to), tuple(told), tuple(links), tuple(accounts))  # type: ignore[arg-type]  # unpacked
    before, after = found_in(world).of_rows().to_pylist(), found_in(turned).of_rows().to_pylist()
    assert [after[place[row]] for row in range(len(to))] == before


@given(worlds())
def test_a_link_that_a_rule_refuses_changes_nothing(world: World) -> None:
    assume(not contradicts(world))
    found = found_in(world)
    gone = {
        (left, right)
        for left, right, reason in zip(
            *(found.refused[name].to_pylist() for name in ("left", "right", "reason")), strict=True
        )
        if "about as likely" not in reason
    }
    kept = tuple(one for one in world.links if (one[0], one[1]) not in gone and (one[1], one[0]) not in gone)
    assert found_in(replace(world, links=kept)).of_rows().equals(found.of_rows())


@given(worlds())
def test_every_link_is_taken_or_refused_with_a_reason(world: World) -> None:
    assume(not contradicts(world))
    found = found_in(world)
    refused = {
        frozenset(pair)
        for pair in zip(found.refused["left"].to_pylist(), found.refused["right"].to_pylist(), strict=True)
    }
    for one, other, *_ in world.links:
        assert found.entity[one] == found.entity[other] or frozenset((one, other)) in refused
    for one in found.refused.to_pylist():
        assert found.entity[one["left"]] != found.entity[one["right"]] or "as likely" in one["reason"]
        assert (one["decision"] is not None) == ("a person decided" in one["reason"])


@given(worlds())
def test_profiles_never_make_two_customers_one(world: World) -> None:
    assume(not contradicts(world))
    found = found_in(world)
    ends = [(a, b) for a, b, *_ in world.links if world.is_customer(a) and world.is_customer(b)]
    said = [(a, b) for a, b, same in world.told if same]
    sets = joined(len(world.rows), [*ends, *said])
    for group in groups_of(found):
        customers = [row for row in group if world.is_customer(row)]
        assert all(sets[one] is sets[other] for one, other in combinations(customers, 2))


@given(worlds())
def test_ids_are_of_the_first_customer_or_hashes_and_no_two_entities_share_one(world: World) -> None:
    assume(not contradicts(world))
    found = found_in(world)
    ids = found.of_rows().to_pylist()
    assert len(set(ids)) == len(groups_of(found)) == len(found.ids)
    for group in groups_of(found):
        customers = [row for row in group if world.is_customer(row)]
        id_ = ids[min(group)]
        if customers:
            dated = [row for row in customers if world.rows[row][2] != UNDATED]
            first = min(dated or customers, key=lambda row: (world.rows[row][2], world.rows[row][1]))
            assert id_ == world.rows[first][1]
        else:
            assert len(id_) == 32


@given(worlds())
def test_an_id_that_is_taken_is_no_strangers(world: World) -> None:
    assume(not contradicts(world))
    before = found_in(world)
    customers = {row[1] for row in world.rows if row[0] == "crm"}
    taken = pa.array(before.ids.to_pylist()[::2], pa.string())
    after = found_in(world, taken=[taken])
    assert not set(after.ids.to_pylist()) & set(taken.to_pylist()) - customers
    assert set(before.ids.to_pylist()) - set(taken.to_pylist()) <= set(after.ids.to_pylist())
    assert groups_of(after) == groups_of(before)


# ---------------------------------------------------------------------------------------------------------- succession
@st.composite
def histories(draw: st.DrawFn) -> list[dict[tuple[str, str], str]]:
    """States that follow each other: each record's entity, named after the first record of it."""
    size = draw(st.integers(1, 5))
    states = []
    for _ in range(draw(st.integers(1, 6))):
        label = draw(st.lists(st.integers(0, size - 1), min_size=size, max_size=size))
        first: dict[int, int] = {}
        states.append({("crm", f"r{row}"): f"r{first.setdefault(one, row)}" for row, one in enumerate(label)})
    return states


@given(histories(), st.booleans())
def test_an_id_always_leads_to_living_entities_and_to_all_that_have_its_records(
    states: list[dict[tuple[str, str], str]], undone: bool
) -> None:
    events: list[Event] = []
    for position, (before, after) in enumerate(pairwise(states)):
        events += events_between(before, after, position=position, undone=undone)
    now = states[-1]
    alive = set(now.values())
    for state in states:
        for id_ in set(state.values()):
            found = resolve_id(id_, events)
            assert found
            assert set(found) <= alive
    for id_ in alive:
        assert id_ in resolve_id(id_, events)


@given(histories())
def test_an_id_of_the_last_state_but_one_leads_to_all_that_have_its_records(
    states: list[dict[tuple[str, str], str]],
) -> None:
    assume(len(states) > 1)
    before, now = states[-2:]
    events = events_between(before, now, position=0)
    for id_ in set(before.values()):
        heirs = {now[record] for record, old in before.items() if old == id_}
        assert set(resolve_id(id_, events)) == heirs


@given(histories())
def test_what_is_undone_leaves_every_id_as_it_was(states: list[dict[tuple[str, str], str]]) -> None:
    first = states[0]
    merged = {record: min(first.values()) for record in first}
    events = [
        *events_between(first, merged, position=0),
        *events_between(merged, first, position=1, undone=True),
    ]
    for id_ in set(first.values()):
        assert resolve_id(id_, events) == (id_,)


@given(
    histories(),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.lists(st.integers(0, 4), min_size=1, max_size=3),
)
def test_what_is_decided_and_undone_at_once_leaves_every_id_as_it_was_whatever_came_before(
    states: list[dict[tuple[str, str], str]], undone: list[bool], chosen: list[int]
) -> None:
    """Laws 4 and 7."""
    events: list[Event] = []
    for position, (before, after) in enumerate(pairwise(states)):
        events += events_between(before, after, position=position, undone=undone[position])
    # decided: some entities are one, under the id of one of them
    first = states[-1]
    groups = sorted(set(first.values()))
    one = {groups[at % len(groups)] for at in chosen}
    other = {record: min(one) if id_ in one else id_ for record, id_ in first.items()}
    once = events_between(first, other, position=10)
    back = events_between(other, first, position=11, undone=True)
    again = [Event(12, event.kind, event.old, event.new) for event in once]
    ids = sorted({id_ for state in states for id_ in state.values()})
    assert [resolve_id(id_, [*events, *once, *back]) for id_ in ids] == [resolve_id(id_, events) for id_ in ids]
    held = [resolve_id(id_, [*events, *once]) for id_ in ids]
    assert [resolve_id(id_, [*events, *once, *back, *again]) for id_ in ids] == held


def test_an_id_that_was_split_off_and_merged_elsewhere_is_not_sent_back_by_an_undo_of_something_else() -> None:
    events = [
        Event(1, EventKind.MERGE, "c2", ("c4",)),
        Event(2, EventKind.UNDO, "c4", ("c2", "c4")),
        Event(3, EventKind.MERGE, "c2", ("c1",)),
        Event(4, EventKind.MERGE, "c4", ("c1",)),
        Event(5, EventKind.UNDO, "c1", ("c1", "c4")),
    ]
    assert resolve_id("c2", events) == ("c1",)
    assert resolve_id("c4", events) == ("c4",)


def test_an_erased_id_leads_nowhere_and_says_so() -> None:
    events = events_between({("crm", "1"): "1"}, {}, position=4)
    assert events == [Event(4, EventKind.ERASE, "1", ())]
    assert resolve_id("1", events) == ()


def test_what_an_earlier_split_led_to_is_not_forgotten_when_a_later_one_is_undone() -> None:
    """Of two splits into the same two entities the undoing of the second took the first back: a history found it."""
    split = [Event(at, EventKind.SPLIT, "c2", ("c1", "c2")) for at in (1, 2, 3)]
    undo = [Event(at, EventKind.UNDO, "c1", ("c1", "c2")) for at in (4, 5)]
    assert resolve_id("c2", split[:1]) == ("c1", "c2")
    assert resolve_id("c2", [*split[:2], undo[0]]) == ("c1", "c2")
    assert resolve_id("c2", [*split, *undo]) == ("c1", "c2")
    assert resolve_id("c2", [split[0], undo[0]]) == ("c2",)


def test_a_row_that_was_gone_and_is_there_again_stands_for_whoever_was_split_off_from_it_before() -> None:
    """Its records went to one that was there and to one made for the rest, which is merged back: a history found it."""
    split = Event(1, EventKind.SPLIT, "c1", ("c1", "c2"))
    gone = Event(2, EventKind.SPLIT, "c1", ("c2", "e1"))
    back = [Event(3, EventKind.UNDO, "c2", ("c1", "c2")), Event(3, EventKind.MERGE, "e1", ("c1",))]
    assert resolve_id("c1", [split, gone, *back]) == resolve_id("c1", [split]) == ("c1", "c2")
    assert resolve_id("c1", [gone, *back]) == ("c1",)
    other = [back[0], Event(3, EventKind.MERGE, "e2", ("c1",))]  # what is merged is not what was made: no such undo
    assert resolve_id("c1", [split, gone, *other]) == ("c1", "e1")
