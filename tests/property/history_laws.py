"""The laws of a moment: what holds of a store after every step of its ``History``."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import combinations
from unittest.mock import patch

from tests.property.history_rows import CUSTOMERS, ORDERS, VIEWS

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.merging import Consent, Golden, children
from socialmerge.merging.consent import applies
from socialmerge.merging.fields import ATTRIBUTES
from socialmerge.merging.succession import resolve_id
from socialmerge.resolver.frozen import Frozen
from socialmerge.resolver.people import Few
from socialmerge.resolver.state import State
from socialmerge.store import DecisionKind

Viewed = dict[tuple[str, str], list[str]]
"""Whose values are in each view."""


def check_records(state: State, erased: set[str]) -> None:
    """Each record is in one entity; law 9: nobody who was erased is back."""
    names = [name for members in state.members.values() for name in members]
    assert sorted(names) == sorted(state.names)
    assert not erased & {name for _, name in state.names}


def check_decisions(state: State, acknowledged: Collection[str]) -> None:
    """Law 5, and that nothing acknowledged is lost."""
    ids = [one.id for one in state.decisions]
    assert [one.seq for one in state.decisions] == list(range(1, len(ids) + 1))
    assert set(acknowledged) <= set(ids)
    for decision in state.in_force:
        names = [(one.source, one.record_id) for one in decision.targets]
        if decision.kind in (DecisionKind.SAME, DecisionKind.DIFFERENT):
            for one, other in combinations([name for name in names if name in state.rows], 2):
                together = state.entity_of[one] == state.entity_of[other]
                assert together == (decision.kind is DecisionKind.SAME)


def check_ids(resolver: Resolver, state: State, ids: set[str], gone: set[str], erased: set[str]) -> None:
    """Law 7: an id leads to living entities, ends, and is nobody else's later."""
    alive = set(state.members)
    assert not gone & alive
    with resolver._session.store.snapshot() as view:
        events, log = resolver._session.events(view), view.log()
    assert log["position"].to_pylist() == list(range(1, state.position + 1))
    for id_ in ids:
        found = {one for one in resolve_id(id_, events) if one in alive}
        if id_ in alive - found:  # a row that was swept has come again, with the id that its system gave
            assert id_ in CUSTOMERS
            assert id_ in resolver.resolve_id(id_)
    lost = next((id_ for id_ in sorted(ids - alive - erased)), None)
    if lost is not None:
        try:
            assert set(resolver.resolve_id(lost)) <= alive
        except sm.StoreError:
            assert erased


def check_few(resolver: Resolver, state: State, ids: Iterable[str]) -> bool:
    """Whoever is asked for is told the same from the store's own tables as from all that it has; says if there were."""
    session = resolver._session
    with session.store.snapshot() as view:
        if not session.frozen.is_settled(view):
            return False
        asked = sorted({*ids, *(name[1] for name in state.names)})
        few = Few.of(view, asked)
        opened = Frozen(session.store, session.plan, session.policy, session.clock).of_profiles(view)
    if opened is not None:
        assert opened.whole(session.plan).verdicts == state.verdicts, "who just opened the store is told the same"
    assert few.entity_of == state.entity_of
    assert few.members == state.members
    some = [asked[(state.position + place) % len(asked)] for place in range(2)]
    told = [answers(resolver, one) for one in some]
    with patch.object(Frozen, "is_settled", return_value=False):
        assert [answers(resolver, one) for one in some] == told
    return True


def answers(resolver: Resolver, any_id: str) -> list[object]:
    """What is said of an id by each verb that asks for one person; an error is its text."""
    found: list[object] = []
    for verb in (resolver.resolve_id, resolver.history, resolver.export, resolver.consents):
        try:
            found.append(verb(any_id))
        except sm.StoreError as error:
            found.append(str(error))
    return found


def check_golden(resolver: Resolver, state: State, golden: Golden) -> None:
    """Law 6: each value is a living claim's, or a pin's."""
    with resolver._session.store.snapshot() as view:
        living = set(view.claims(columns=["claim_id"]).read_all()["claim_id"].to_pylist())
    said = {one.id for one in state.in_force if one.kind is DecisionKind.PIN}
    fields = set(golden.provenance["field"].to_pylist())
    assert fields <= {"id", "name", "email", "phone", "created_at", "updated_at", *ATTRIBUTES}
    for row in golden.provenance.to_pylist():
        if row["field"] == "id":
            assert (row["source"], row["record_id"]) in state.rows
            continue
        assert row["claim_id"] in (said if row["rule"] == "pinned" else living)
    found = golden.records["entity_id"].to_pylist()
    assert found == sorted(set(found) & set(state.members))
    assert set(found) >= set(state.entity_of_customer.values())
    if found:
        one = found[state.position % len(found)]
        entities = {state.entity_of[name] for name in resolver._session.find(one)}
        assert resolver.golden(one)._parts() == golden.of(sorted(entities))._parts(), "one is asked for as all are"


def check_child_rows(resolver: Resolver) -> None:
    """Law 12: over merges, splits and erasures each child row is there once."""
    found = children(ORDERS, on="customer", identities=resolver.clusters)
    assert found.drop_columns(["entity_id"]).equals(ORDERS)
    sums: dict[str | None, int] = {}
    for row in found.to_pylist():
        sums[row["entity_id"]] = sums.get(row["entity_id"], 0) + row["spend"]
    assert sum(sums.values()) == sum(ORDERS["spend"].to_pylist())


def check_consents(state: State, golden: Golden, consents: Iterable[Consent], viewed: Viewed) -> None:
    """Law 8: whoever denied, in any row of theirs, is in no view; but for an explicit, dated, later opt-in."""
    said = [_followed(state, one) for one in consents]
    said = [one for one in said if (one.source, one.record_id) in state.rows]
    shown = {tuple(row.values()) for row in golden.consents.select(["record_id", "state", "at"]).to_pylist()}
    assert shown <= {(one.record_id, one.state, one.at) for one in said}, "none is left over"
    of_customers = {(one.record_id, one.state, one.at) for one in said if one.record_id in CUSTOMERS}
    assert shown >= of_customers, "none is lost"
    for (channel, purpose), entities in viewed.items():
        for entity in entities:
            mine = [one for one in said if state.entity_of[one.source, one.record_id] == entity]
            mine = [one for one in mine if applies(one, channel, purpose)]
            denials = [one.at for one in mine if one.state == "denied"]
            opted = [one.at for one in mine if one.state == "granted" and one.explicit and one.at]
            assert not denials or (all(denials) and max(opted, default="") > max(denials))


def _followed(state: State, said: Consent) -> Consent:
    """A statement as it holds now: what a row said that is gone is its survivor's."""
    source, record_id = state.gone.get((said.source, said.record_id)) or (said.source, said.record_id)
    return replace(said, source=source, record_id=record_id)


def check_departed(resolver: Resolver, state: State) -> None:
    """A row that is gone is in no entity, and whoever asks for it is led to its survivor."""
    assert not state.gone.keys() & state.rows.keys()
    for name, entity in state.followers.items():
        assert resolver.resolve_id(":".join(name)) == (entity,)


def views(golden: Golden) -> Viewed:
    """Whose values are in each view."""
    found = {}
    for channel, purpose in VIEWS if golden.consents.num_rows else ():
        view = golden.view(channel=channel, purpose=purpose, unknown="allow")
        found[channel, purpose] = view.records["entity_id"].to_pylist()
    return found
