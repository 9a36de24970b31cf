"""dedupe, from a table to clusters."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.records import clusters_schema, pairs_schema

GIVEN = (
    *("Ada", "Grace", "Alan", "Barbara", "Edsger", "Katherine", "Donald", "Frances", "Dennis", "Radia"),
    *("Ken", "Adele", "Tim", "Hedy", "Vint", "Sophie", "Linus", "Shafi", "Niklaus", "Margaret"),
)
FAMILY = (
    *("Lovelace", "Hopper", "Turing", "Liskov", "Dijkstra", "Johnson", "Knuth", "Allen", "Ritchie", "Perlman"),
    *("Thompson", "Goldberg", "Bernard", "Lamarr", "Cerf", "Wilson", "Torvald", "Goldwasser", "Wirth", "Hamilton"),
)
Row = dict[str, object]


def customer(number: int, place: int) -> Row:
    given, family = GIVEN[place % 20], FAMILY[place // 20]
    random = np.random.default_rng(place)
    return {
        "id": f"c{number:03d}",
        "first_name": given,
        "last_name": family,
        "email": f"{given}.{family}@example.com".lower(),
        "phone": f"+1 212 555 {random.integers(10_000):04d}",
        "birth_date": f"{random.integers(1940, 2000)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
    }


PLACES = np.random.default_rng(3).permutation(400)[:200].tolist()
ROWS = [customer(number, place) for number, place in enumerate(PLACES)]
DOUBLES = [{**row, "id": f"d{row['id']}", "email": None, "first_name": str(row["first_name"])[:3]} for row in ROWS[:40]]
TABLE = pa.Table.from_pylist([*ROWS, *DOUBLES])


def people(found: sm.DedupeResult) -> dict[str, str]:
    return dict(zip(found.clusters["id"].to_pylist(), found.clusters["entity_id"].to_pylist(), strict=True))


@pytest.fixture(scope="module")
def found() -> sm.DedupeResult:
    return sm.dedupe(TABLE)


def test_every_row_is_in_one_cluster_with_the_columns_of_the_contract(found: sm.DedupeResult) -> None:
    assert found.clusters.schema.equals(clusters_schema())
    assert found.pairs.schema.equals(pairs_schema())
    assert sorted(people(found)) == sorted(TABLE["id"].to_pylist())


def test_doubles_are_found_and_nobody_else(found: sm.DedupeResult) -> None:
    entity = people(found)
    assert len(set(entity.values())) == 200
    assert all(entity[str(row["id"])] == entity[f"d{row['id']}"] for row in ROWS[:40])


def test_an_entity_has_the_id_of_one_of_its_rows(found: sm.DedupeResult) -> None:
    entity = people(found)
    assert all(entity[one] == one for one in entity.values())


def test_results_do_not_depend_on_the_order_of_rows(found: sm.DedupeResult) -> None:
    other = sm.dedupe(TABLE.take(np.random.default_rng(5).permutation(TABLE.num_rows)))
    assert other.clusters.equals(found.clusters)
    assert other.pairs.equals(found.pairs)
    assert other.plan == found.plan


def test_a_small_memory_limit_changes_nothing_but_the_memory(found: sm.DedupeResult) -> None:
    small = sm.dedupe(TABLE, engine=sm.LocalEngine(memory_limit_mb=2))
    assert small.clusters.equals(found.clusters)
    assert small.pairs.equals(found.pairs)


def test_given_and_family_name_that_changed_places_are_one_person() -> None:
    swapped = {**ROWS[3], "id": "swapped", "first_name": ROWS[3]["last_name"], "last_name": ROWS[3]["first_name"]}
    entity = people(sm.dedupe(pa.Table.from_pylist([*ROWS, swapped])))
    assert entity["swapped"] == ROWS[3]["id"]
    assert len(set(entity.values())) == 200


def household(number: int) -> list[Row]:
    """Three people of one family name at one address with one telephone."""
    random = np.random.default_rng(number)
    shared = {
        "last_name": f"{FAMILY[number % 20]}{'aeiou'[number // 20]}",
        "address": f"{number + 1} Main Street",
        "city": "Springfield",
        "phone": f"+1 212 555 {random.integers(10_000):04d}",
    }
    days = [
        f"{random.integers(1940, 2000)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}" for _ in range(3)
    ]
    given = random.permutation(20)[:3].tolist()
    return [
        {"id": f"h{number:02d}-{member}", "first_name": GIVEN[given[member]], "birth_date": days[member], **shared}
        for member in range(3)
    ]


def test_people_of_one_household_are_kept_apart() -> None:
    rows = [row for number in range(100) for row in household(number)]
    doubles = [{**row, "id": f"x{row['id']}"} for row in rows[::10]]
    entity = people(sm.dedupe(pa.Table.from_pylist([*rows, *doubles])))
    assert len(set(entity.values())) == len(rows)
    assert all(entity[str(row["id"])] == entity[f"x{row['id']}"] for row in rows[::10])


def test_a_pair_is_explained_in_bits(found: sm.DedupeResult) -> None:
    said = found.explain("c000", "dc000")
    odds = said.prior + sum(line.bits for line in said.lines)
    assert 1 / (1 + 2**-odds) == pytest.approx(said.probability, abs=1e-6)
    assert (said.verdict, said.reason) == ("same", "the evidence of the pair")
    assert found.explain("c000", "c001").verdict == "different"
    assert str(said).startswith("c000 and dc000: probability 9")


def test_an_unknown_id_is_an_error_without_the_id(found: sm.DedupeResult) -> None:
    with pytest.raises(sm.TableError, match="the customers have no id like the one given") as raised:
        found.explain("c000", "ada@example.com")
    assert "ada" not in str(raised.value)


def test_records_and_changes_come_from_the_clusters(found: sm.DedupeResult) -> None:
    assert len(found.golden().records) == 200
    assert found.changes().num_rows <= 200


def test_keys_are_reported_with_what_they_are_expected_to_find(found: sm.DedupeResult) -> None:
    assert found.plan.keys
    assert 0.9 < found.expected_recall <= 1
    own = sm.dedupe(TABLE, plan=sm.Plan(fields=found.plan.fields, keys=(sm.key("phone"),)))
    assert 0 < own.expected_recall < found.expected_recall


# ----------------------------------------------------------------------------------------------------- little and bad
def test_no_rows_give_no_clusters(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("id,name,email\n", encoding="utf-8")
    found = sm.dedupe(path)
    assert found.clusters.num_rows == 0
    assert found.clusters.schema.equals(clusters_schema())
    assert found.warnings[-1].startswith("there is nothing to compare: fewer than two rows")


def test_one_row_is_one_person() -> None:
    found = sm.dedupe(TABLE.slice(0, 1))
    assert found.clusters.to_pylist() == [{"id": "c000", "entity_id": "c000", "probability": 1.0}]
    with pytest.raises(sm.TableError, match="nothing was compared in this run"):
        found.explain("c000", "c000")
    assert (found.candidates, found.expected_recall) == (0, 1.0)


def test_two_rows_are_compared() -> None:
    assert len(set(people(sm.dedupe(TABLE.slice(0, 2))).values())) == 2
    twice = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(0, 1).set_column(0, "id", pa.array(["again"]))])
    assert sm.dedupe(twice).candidates == 1


def test_columns_without_a_value_join_nobody() -> None:
    table = pa.table({"id": ["1", "2", "3"], "name": pa.nulls(3), "email": pa.nulls(3, pa.string())})
    found = sm.dedupe(table)
    assert set(people(found).values()) == {"1", "2", "3"}
    assert found.warnings[-1].startswith("there is nothing to compare")


def test_a_table_without_an_id_column_is_an_error() -> None:
    with pytest.raises(sm.SchemaError, match=r"customers: no id column found .* Columns: 'name', 'town'"):
        sm.dedupe(pa.table({"name": ["a b", "a b"], "town": ["x", "x"]}))
    with pytest.raises(sm.SchemaError, match="Columns: none at all"):
        sm.dedupe([])


def test_the_id_column_may_be_named() -> None:
    table = pa.table({"ref": [1, 2], "email": ["ada@example.com", "bob@example.com"]})
    assert sm.dedupe(table, id="ref").clusters["id"].to_pylist() == ["1", "2"]


def test_columns_of_every_type_are_taken() -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "name": ["Ada Lovelace", "Ada Lovelace", "Grace Hopper"],
            "score": [1.5, None, 2.0],
            "member": [True, False, None],
            "tags": [["x"], [], None],
            "more": [{"a": 1}, None, {"a": 2}],
            "photo": pa.array([b"\x00\xff", None, b""], pa.binary()),
        }
    )
    assert set(people(sm.dedupe(table))) == {"1", "2", "3"}


def test_a_hundred_thousand_rows_with_one_address_are_no_one_person() -> None:
    rows = 100_000
    table = pa.table(
        {
            "id": [f"{row:06d}" for row in range(rows)],
            "email": ["office@example.com"] * rows,
            "badge": [f"{row // 2:05d}{row * 7919 // 2 % 1000:03d}" for row in range(rows)],
        }
    )
    tracemalloc.start()
    start = time.perf_counter()
    found = sm.dedupe(table)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(set(people(found).values())) >= rows // 2
    assert peak < 400 * 2**20
    assert time.perf_counter() - start < 40


def test_an_address_that_nearly_all_share_is_split_or_dropped_with_a_warning() -> None:
    rows = 20_000
    address = ["office@example.com"] * (rows - 2) + ["ada@example.com"] * 2
    table = pa.table({"id": [f"{row:05d}" for row in range(rows)], "email": address})
    found = sm.dedupe(table, plan=sm.Plan(fields=(sm.email("email"),), keys=(sm.key("email"),)))
    assert found.candidates == 1
    assert "key 'email': 19,998 rows share a value" in found.warnings[-1]


def test_a_simulation_compares_two_policies(found: sm.DedupeResult) -> None:
    same = found.simulate(sm.Policy(), sm.Policy())
    assert (same.changes.num_rows, same.entities) == (0, found.golden().records.num_rows)
    other = found.simulate(sm.Policy(), sm.Policy(otherwise=sm.keep.every()))
    assert other.changes.num_rows == sum(other.counts["changed"].to_pylist()) > 0


def test_merges_name_every_row_that_is_not_its_persons_first(found: sm.DedupeResult) -> None:
    clusters = found.clusters
    repeats = clusters.num_rows - len(set(clusters["entity_id"].to_pylist()))
    assert found.merges().num_rows == repeats > 0
