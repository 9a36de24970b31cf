"""What goes wrong elsewhere when records are merged, and must not here; each has its name."""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pyarrow as pa
import pytest

from socialmerge.merging import Consent, Edicts, Pin, Policy, children, golden, keep

Crm = Callable[..., Any]

TIES = {
    "most_frequent": [{"company": "Beta"}, {"company": "Alfa"}, {"company": "Gamma"}],
    "newest": [{"company": name, "updated_at": "2024-01-01"} for name in ("Beta", "Alfa", "Gamma")],
    "oldest": [{"company": name, "updated_at": "2024-01-01"} for name in ("Beta", "Alfa", "Gamma")],
    "most_complete": [{"company": "Beta Co"}, {"company": "Alfa Co"}, {"company": "Gamma Co"}],
    "longest": [{"company": "Betas"}, {"company": "Alfas"}, {"company": "Gamma"}],
    "validated": [{"company": "Beta"}, {"company": "Alfa"}, {"company": "Gamma"}],
}


def companies(crm: Crm, rows: Sequence[dict[str, str]], rule: keep.Strategy) -> set[object]:
    """What is kept, whatever the order of the rows, which keep their ids."""
    case = crm(*rows).together("c0", *(f"c{number}" for number in range(len(rows))))
    found = set()
    for order in permutations(range(len(rows))):
        table = case.customer_table.take(pa.array(order))
        merged = golden(case.cluster_table, table, None, case.schema, Policy(rules={"company": rule}))
        found.add(merged.records["company"][0].as_py())
    return found


@pytest.mark.parametrize("name", TIES)
def test_a_tie_does_not_follow_the_order_of_the_input(crm: Crm, name: str) -> None:
    assert companies(crm, TIES[name], getattr(keep, name)()) == {min(row["company"] for row in TIES[name])}


def test_a_survivor_is_not_picked_by_when_it_was_loaded(crm: Crm) -> None:
    rows = [
        {"company": "Seen last", "updated_at": "2024-05-01"},
        {"company": "Loaded last", "updated_at": "2020-01-01"},
    ]
    assert companies(crm, rows, keep.newest()) == {"Seen last"}
    undated = [{"company": "Dated", "updated_at": "2001-01-01"}, {"company": "Loaded last"}]
    assert companies(crm, undated, keep.newest()) == {"Dated"}


DECIDES: dict[str, tuple[keep.Strategy, str, list[dict[str, str]], str]] = {
    "newest": (keep.newest(), "company", [{"updated_at": "2020-01-01"}, {"updated_at": "2021-01-01"}], "Zulu"),
    "oldest": (keep.oldest(), "company", [{"updated_at": "2021-01-01"}, {"updated_at": "2020-01-01"}], "Zulu"),
    "trusted": (keep.trusted("erp", "crm"), "company", [{"system": "crm"}, {"system": "erp"}], "Zulu"),
    "most_frequent": (keep.most_frequent(), "company", [{}, {}, {"company": "Zulu"}], "Zulu"),
    "most_complete": (keep.most_complete(), "company", [{}, {"company": "Zulu and Sons"}], "Zulu and Sons"),
    "longest": (keep.longest(), "company", [{}, {"company": "Zulus"}], "Zulus"),
    "validated": (keep.validated(), "email", [{"email": "a at b"}, {"email": "z@example.com"}], "z@example.com"),
    "min": (keep.min(), "spend", [{"spend": "10"}, {"spend": "9"}], "9"),
    "max": (keep.max(), "spend", [{"spend": "3"}, {"spend": "20"}], "20"),
    "agreed": (
        keep.agreed(sources=2),
        "company",
        [{"system": "a"}, {"system": "b"}, {"system": "c", "company": "Zulu"}],
        "Zulu",
    ),
}


@pytest.mark.parametrize("name", sorted(keep.STRATEGIES))
def test_no_strategy_is_documented_and_does_nothing(crm: Crm, name: str) -> None:
    if name == "every":
        case = crm({"company": "A"}, {"company": "B"}).together("c0", "c0", "c1")
        assert case.record("c0", Policy(rules={"company": keep.every()}))["company"] == ["A", "B"]
        return
    if name == "pinned":
        pins = Edicts((Pin("d1", "company", "P", "ana", record=("crm", "c0")),))
        assert (
            crm({"company": "A"}).record("c0", Policy(rules={"company": keep.pinned()}), edicts=pins)["company"] == "P"
        )
        assert (
            crm({"company": "A"}).record("c0", Policy(rules={"company": keep.pinned()}), edicts=Edicts())["company"]
            is None
        )
        return
    rule, field, rows, expected = DECIDES[name]
    filled = [{"company": "Alfa" if number == 0 else "Zulu", "system": "crm", **row} for number, row in enumerate(rows)]
    case = crm(*filled).together("c0", *(f"c{number}" for number in range(len(rows))))
    merged = case.merge(Policy(rules={field: rule}, source="system"))
    row = next(row for row in merged.provenance.to_pylist() if row["field"] == field)
    assert (row["value"], row["rule"]) == (expected, str(rule))


def test_consent_does_not_reappear_after_a_merge(crm: Crm) -> None:
    case = crm({"email": "ada@example.com"}, {"email": "ada@example.com", "updated_at": "2026-01-01"})
    case = case.together("c1", "c0", "c1")
    consents = [
        Consent("crm", "c0", "telegram", "marketing", "denied", at="2020-01-01"),
        Consent("crm", "c1", "", "", "granted", at="2026-01-01"),  # later, and not explicit
    ]
    view = case.merge(consents=consents).view(channel="telegram", purpose="service")
    assert view.records.num_rows == 1
    everywhere = [Consent("crm", "c0", "", "", "denied", at="2020-01-01"), consents[1]]
    assert case.merge(consents=everywhere).view(channel="telegram", purpose="service").records.num_rows == 0


def test_sums_do_not_count_twice_on_a_merge_and_no_child_row_goes_on_a_clash() -> None:
    clusters = pa.table({"id": ["c1", "c2"], "entity_id": ["c1", "c1"]})
    carts = pa.table({"customer": ["c1", "c2"], "cart": ["open", "open"], "spend": [5, 5]})
    merged = children(carts, on="customer", identities=clusters)
    assert merged.num_rows == 2
    sums = merged.group_by("entity_id").aggregate([("spend", "sum")])
    assert sums.to_pylist() == [{"entity_id": "c1", "spend_sum": 10}]


def test_an_edict_is_undone_by_leaving_it_out(crm: Crm) -> None:
    case = crm({"company": "A", "email": "ada@example.com"}, {"company": "B"}).together("c0", "c0", "c1")
    pins = Edicts((Pin("d1", "company", "P", "ana", record=("crm", "c0")),))
    before, _, after = case.merge(edicts=Edicts()), case.merge(edicts=pins), case.merge(edicts=Edicts())
    for name in ("records", "provenance", "conflicts"):
        assert getattr(before, name).equals(getattr(after, name))
