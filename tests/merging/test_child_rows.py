"""Child rows find the entity of their parent."""

import pyarrow as pa
import pytest

from socialmerge.errors import TableError
from socialmerge.merging import children
from socialmerge.records import clusters_schema, decisions_schema

ORDERS = pa.table({"order": [1, 2, 3, 4], "customer": ["c1", "c2", "c2", None], "spend": [5, 7, 7, 1]})


def clusters(**entities: str) -> pa.Table:
    rows = [{"id": id_, "entity_id": entity} for id_, entity in entities.items()]
    return pa.Table.from_pylist(rows, schema=clusters_schema())


def test_rows_stay_as_they_are_and_those_without_a_parent_are_kept() -> None:
    found = children(ORDERS, on="customer", identities=clusters(c1="c1", c2="c1"), id="order")
    assert found["entity_id"].to_pylist() == ["c1", "c1", "c1", None]
    assert found.drop_columns(["entity_id"]).equals(ORDERS)


def test_a_split_gives_each_row_back_to_its_own_parent() -> None:
    merged = children(ORDERS, on="customer", identities=clusters(c1="c1", c2="c1"))
    split = children(merged.drop_columns(["entity_id"]), on="customer", identities=clusters(c1="c1", c2="c2"))
    assert split["entity_id"].to_pylist() == ["c1", "c2", "c2", None]


def test_two_orders_that_look_alike_are_both_kept() -> None:
    alike = pa.table({"customer": ["c1", "c2"], "spend": [7, 7]})
    found = children(alike, on="customer", identities=clusters(c1="c1", c2="c1"))
    assert found["spend"].to_pylist() == [7, 7]


def test_numbers_are_ids_too() -> None:
    found = children(pa.table({"customer": [1, 2]}), on="customer", identities=clusters(**{"1": "1", "2": "1"}))
    assert found["entity_id"].to_pylist() == ["1", "1"]


def test_decisions_give_the_entities_of_profiles_and_of_customers() -> None:
    rows = [
        {"profile_id": "p0", "verdict": "attach", "customer_id": "c1", "entity_id": "e1"},
        {"profile_id": "p1", "verdict": "attach", "customer_id": "c1", "entity_id": "e1"},
        {"profile_id": "p2", "verdict": "review", "customer_id": "c2"},
        {"profile_id": "p3", "verdict": "new", "entity_id": "n3"},
    ]
    decisions = pa.Table.from_pylist(rows, schema=decisions_schema())
    visits = pa.table({"profile": ["p3", "p2", "p0"]})
    found = children(visits, on="profile", identities=decisions, of="profiles")
    assert found["entity_id"].to_pylist() == ["n3", None, "e1"]
    assert children(ORDERS, on="customer", identities=decisions)["entity_id"].to_pylist() == ["e1", "c2", "c2", None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"on": "client"}, "children: no column 'client'"),
        ({"of": "orders"}, "of= is 'customers' or 'profiles'"),
        ({"of": "profiles"}, "clusters know customers only"),
        ({"id": "spend"}, "repeats ids"),
        ({"identities": pa.table({"id": ["c1", "c1"], "entity_id": ["a", "b"]})}, "1 rows of the identities repeat"),
        ({"identities": pa.table({"row": ["c1"]})}, "the identities have no column 'id'"),
    ],
)
def test_what_would_lose_or_repeat_a_row_is_refused(arguments: dict[str, object], message: str) -> None:
    given = {"on": "customer", "identities": clusters(c1="c1", c2="c1"), **arguments}
    with pytest.raises(TableError, match=message):
        children(ORDERS, **given)


def test_a_column_entity_id_is_not_overwritten() -> None:
    table = ORDERS.append_column("entity_id", ORDERS["customer"])
    with pytest.raises(TableError, match="has a column entity_id already"):
        children(table, on="customer", identities=clusters(c1="c1"))
