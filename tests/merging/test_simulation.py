"""What would change under another policy."""

from collections.abc import Callable
from typing import Any

import pytest

from socialmerge.errors import PolicyError
from socialmerge.merging import Edicts, Pin, Policy, keep, simulate

Crm = Callable[..., Any]


def test_each_changed_field_has_a_row_with_both_values_and_both_rules(crm: Crm) -> None:
    rows = ({"company": "Long Company", "name": "Ada"}, {"company": "Co", "name": "Ada"}, {"company": "Alone"})
    case = crm(*rows).together("c0", "c0", "c1")
    told = (case.cluster_table, case.customer_table, None, case.schema)
    found = simulate(*told, Policy(otherwise=keep.longest()), Policy(rules={"company": keep.every()}))
    assert found.changes.to_pylist() == [
        {
            "entity_id": entity,
            "field": "company",
            "before": before,
            "after": after,
            "rule_before": rule,
            "rule_after": "every",
        }
        for entity, before, after, rule in [("c0", "Long Company", "Co ::: Long Company", "longest")]
    ]
    assert found.counts.to_pylist() == [{"field": "company", "changed": 1, "filled": 0, "emptied": 0, "replaced": 1}]
    assert found.entities == 2


def test_what_is_filled_and_what_is_emptied_is_counted_apart(crm: Crm) -> None:
    case = crm({"company": "Co"}, {}).attach("c1", emails=["ada@example.com"])
    told = (case.decision_table, case.customer_table, case.profile_table, case.schema)
    after = Policy(rules={"company": keep.pinned()}, contact_points="asserted")
    found = simulate(*told, Policy(), after, edicts=Edicts())
    assert found.counts.to_pylist() == [
        {"field": "company", "changed": 1, "filled": 0, "emptied": 1, "replaced": 0},
        {"field": "email", "changed": 1, "filled": 1, "emptied": 0, "replaced": 0},
    ]
    rules = [(row["rule_before"], row["rule_after"]) for row in found.changes.to_pylist()]
    assert rules == [("only", "pinned"), ("assurance", "fill")]


def test_the_same_policy_changes_nothing_and_pins_stand_under_both(crm: Crm) -> None:
    case = crm({"company": "A"}, {"company": "Bb"}).together("c0", "c0", "c1")
    told = (case.cluster_table, case.customer_table, None, case.schema)
    assert simulate(*told, Policy(), Policy()).changes.num_rows == 0
    edicts = Edicts((Pin("d1", "company", "P", "ana", record=("crm", "c1")),))
    other = Policy(otherwise=keep.longest())
    assert simulate(*told, Policy(otherwise=keep.most_frequent()), other).changes.num_rows == 1
    assert simulate(*told, Policy(otherwise=keep.most_frequent()), other, edicts=edicts).changes.num_rows == 0


def test_a_column_that_only_one_policy_names_is_filled_by_it_or_emptied(crm: Crm) -> None:
    case = crm({"name": "A"}).attach("c0", followers="3")
    told = (case.decision_table, case.customer_table, case.profile_table, case.schema)
    named = Policy(rules={"followers": keep.longest()})
    for policies, values in (((Policy(), named), (None, "3")), ((named, Policy()), ("3", None))):
        changes = simulate(*told, *policies).changes.to_pylist()
        assert [(row["field"], row["before"], row["after"]) for row in changes] == [("followers", *values)]


def test_batches_do_not_change_what_would_change(crm: Crm) -> None:
    rows = [{"company": text, "name": text} for text in ("A", "Bb", "C", "Dd", "E", "Ff")]
    case = crm(*rows).together("c0", "c0", "c1").together("c2", "c2", "c3").together("c4", "c4", "c5")
    told = (case.cluster_table, case.customer_table, None, case.schema)
    policies = (Policy(otherwise=keep.most_frequent()), Policy(otherwise=keep.longest()))
    whole, parts = simulate(*told, *policies), simulate(*told, *policies, entities=1)
    assert whole.changes["entity_id"].to_pylist() == ["c0", "c2", "c4"]
    assert parts.changes.equals(whole.changes)
    assert parts.counts.equals(whole.counts)


def test_a_policy_that_does_not_fit_is_refused(crm: Crm) -> None:
    case = crm({"company": "A"})
    told = (case.cluster_table, case.customer_table, None, case.schema)
    with pytest.raises(PolicyError, match="newest needs dates"):
        simulate(*told, Policy(), Policy(otherwise=keep.newest()))
