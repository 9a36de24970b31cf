"""Writing: idempotent, in any order, all or nothing."""

from datetime import datetime
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.store.rows import DAY, KEY, NOW, Opener, Parts, names, person, raws, tables, write

from socialmerge.errors import StoreError
from socialmerge.merging.claims import Claims, claim_ids
from socialmerge.store import Store


def claim_rows(store: Store) -> list[dict[str, Any]]:
    with store.snapshot() as view:
        found: list[dict[str, Any]] = view.claims().read_all().to_pylist()
    return sorted(found, key=lambda row: str(row["claim_id"]))


def test_a_value_that_was_written_is_read_back(open_store: Opener) -> None:
    with open_store() as store:
        written = write(store, person("c1", mail="ada@example.com", at=NOW))
        with store.snapshot() as view:
            (claim,) = view.claims().read_all().to_pylist()
    assert (written.records, written.claims, written.observations, written.position) == (1, 1, 1, 1)
    assert claim["raw"] == "ada@example.com"
    assert claim["first_seen"] == claim["last_seen"] == NOW
    assert claim["kind"] == "customer"


def test_writing_again_changes_nothing_and_leaves_the_position(open_store: Opener) -> None:
    both = [person("c1", mail=["ada@example.com", "ada@example.org"]), person("m1", source="mastodon", bio="Ada")]
    with open_store() as store:
        first = write(store, *both)
        again = write(store, *both)
    assert (again.records, again.claims, again.observations, again.seen_again) == (0, 0, 0, 0)
    assert again.position == first.position


def test_any_order_and_any_batches_end_in_the_same_claims(open_store: Opener) -> None:
    def seen(at: datetime | None, **terms: object) -> list[pa.Table]:
        records, claims, *rest = tables(person("c1", mail="ada@example.com", at=at))
        for name, value in terms.items():
            place = claims.column_names.index(name)
            claims = claims.set_column(place, claims.field(name), [pa.array([value], claims.field(name).type)])
        return [records, claims, *rest]

    sights = [
        seen(NOW, is_verified=True, purposes="service marketing", visibility="public"),
        seen(NOW - DAY, visibility="secret", keep_until=NOW + DAY, place=3),
        seen(None, purposes="service research", basis="consent", keep_until=NOW),
    ]
    ends = []
    with open_store() as store:
        for order in permutations(range(3)):
            for place in order:
                store.write(*sights[place], at=NOW, actor="ana")
            ends.append(claim_rows(store))
            store.retain(at=NOW + 2 * DAY, actor="dpo")  # empties the store
        (record, *_), *others = zip(*sights, strict=True)
        store.write(record, *map(pa.concat_tables, others), at=NOW, actor="ana")
        ends.append(claim_rows(store))
    assert all(end == ends[0] for end in ends)
    (claim,) = ends[0]
    assert (claim["first_seen"], claim["last_seen"], claim["is_verified"]) == (NOW - DAY, NOW, True)
    assert (claim["purposes"], claim["visibility"], claim["basis"]) == ("service", "secret", "consent")
    assert (claim["keep_until"], claim["place"]) == (NOW, 0)


def test_what_is_known_of_a_record_is_completed(open_store: Opener) -> None:
    def record(**known: object) -> list[pa.Table]:
        first, *rest = tables(person("m1", source="mastodon", bio="x"))
        row = first.to_pylist()[0] | known
        return [pa.Table.from_pylist([row], first.schema), *rest]

    with open_store() as store:
        store.write(*record(is_person=True, created_at=NOW), at=NOW, actor="ana")
        written = store.write(*record(is_person=False, created_at=NOW - DAY, account_id="7"), at=NOW, actor="ana")
        with store.snapshot() as view:
            (found,) = view.records().read_all().to_pylist()
    assert (written.records, written.seen_again) == (0, 1)
    assert (found["is_person"], found["created_at"], found["account_id"]) == (False, NOW - DAY, "7")


def test_the_ids_of_claims_are_those_of_the_golden_record(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("m1", source="mastodon", bio="Ada"))
        (claim,) = claim_rows(store)
        assert store.key == KEY
    texts = {name: pa.chunked_array([[claim[name]]], pa.string()) for name in ("channel", "scope", "account_id")}
    origin = pa.table({"source": ["mastodon"], "record_id": ["m1"], **texts})
    texts_of = (pa.array(["Ada"]), pa.array(["Ada"]), pa.array(["bio"]))
    one = Claims(np.zeros(1, np.int64), *texts_of, np.zeros(1, bool), np.full(1, -1))
    (digest,) = claim_ids(one, SimpleNamespace(origin=origin), KEY)  # type: ignore[arg-type]
    assert claim["claim_id"] == digest[:16].hex()


def test_observations_say_which_columns_were_seen_and_when(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", mail="ada@example.com", at=NOW), person("c2", mail="bob@example.com"))
        write(store, person("c1", mail="ada@example.com", phone="+12025550100", at=NOW + DAY))
        with store.snapshot() as view:
            found = view.observations(names("c1", "c2")).read_all().to_pylist()
    assert [(row["record_id"], row["observed_at"], row["columns"]) for row in found] == [
        ("c1", NOW, '["mail"]'),
        ("c1", NOW + DAY, '["mail", "phone"]'),
        ("c2", None, '["mail"]'),
    ]


def test_text_of_every_kind_comes_back(open_store: Opener) -> None:
    odd = [
        "'; DROP TABLE claims; --",
        "naïve 大 \U0001f600",
        "a\nb\tc",
        "x" * 1_000_000,
        " spaced ",
        '"',
        "%s %(x)s :y",
    ]
    with open_store() as store:
        write(store, person("c1; --", bio=odd), person("c2", bio="nul\0here"))
        assert sorted(raw for record, _, raw in raws(store) if record == "c1; --") == sorted(odd)
        assert [raw for record, _, raw in raws(store) if record == "c2"] == ["nul\N{REPLACEMENT CHARACTER}here"]
        assert write(store, person("c2", bio="nul\0here")).claims == 0


def test_more_than_one_batch_is_written_and_read(open_store: Opener) -> None:
    many = [
        person(f"c{n:05}", mail=f"p{n}@example.com", strong=[("email", f"p{n}@example.com")]) for n in range(25_000)
    ]
    with open_store() as store:
        written = write(store, *many)
        assert (written.records, written.claims, written.observations) == (25_000,) * 3
        with store.snapshot() as view:
            sizes = [batch.num_rows for batch in view.claims()]
            some = view.claims(names(*(f"c{n:05}" for n in range(0, 25_000, 5)), "absent")).read_all()
    assert sum(sizes) == 25_000
    assert len(sizes) > 1
    assert some["raw"].to_pylist() == [f"p{n}@example.com" for n in range(0, 25_000, 5)]


def test_a_record_is_never_two_kinds(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", mail="ada@example.com"))
        (record, *rest) = tables(person("c1", mail="ada@example.com"))
        record = record.set_column(2, "kind", [["profile"]])
        with pytest.raises(StoreError, match="other kind"):
            store.write(record, *rest, at=NOW, actor="ana")


WRONG: dict[str, tuple[int, str, Any, str]] = {
    "an unknown kind": (
        0,
        "kind",
        "robot",
        "records: column 'kind' holds another word than customer, profile; use these",
    ),
    "a claim of no record": (1, "record_id", "c9", "claims: 1 row names a record that is not in records"),
    "a claim without value": (1, "raw", None, "claims: 1 row has no 'raw'; give every row one"),
    "an unknown purpose": (
        1,
        "purposes",
        "spying",
        "claims: 1 unknown words in column 'purposes'; known are marketing",
    ),
    "an unknown visibility": (1, "visibility", "hidden", "claims: column 'visibility' holds another word than public"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_table_is_refused_and_nothing_is_written(open_store: Opener, wrong: str) -> None:
    place, name, value, message = WRONG[wrong]
    given = tables(person("c1", mail="ada@example.com"))
    shape = given[place].schema
    column = shape.get_field_index(name)
    given[place] = given[place].set_column(column, shape.field(name), [pa.array([value], pa.string())])
    with open_store() as store:
        with pytest.raises(StoreError) as raised:
            store.write(*given, at=NOW, actor="ana")
        with store.snapshot() as view:
            assert (view.position(), view.count("records")) == (0, 0)
    assert str(raised.value).startswith(message)
    assert "ada@" not in str(raised.value)


def test_a_table_without_a_column_or_of_another_type_is_refused(open_store: Opener) -> None:
    records, claims, seen, _ = tables(person("c1", mail="ada@example.com"))
    with open_store() as store:
        with pytest.raises(StoreError, match="claims: no column 'raw'; a table of source, record_id, attribute, raw"):
            store.write(records, claims.drop_columns(["raw"]), seen, at=NOW, actor="ana")
        with pytest.raises(StoreError, match="records: a record is there twice"):
            store.write(pa.concat_tables([records, records]), claims, seen, at=NOW, actor="ana")
        with pytest.raises(StoreError, match="column 'observed_at' holds list"):
            store.write(records, claims.set_column(5, "observed_at", [[["x"]]]), seen, at=NOW, actor="ana")


def test_a_time_without_a_zone_is_refused(open_store: Opener) -> None:
    with open_store() as store, pytest.raises(StoreError, match="no time zone"):
        write(store, person("c1"), at=NOW.replace(tzinfo=None))


def test_an_empty_write_is_none(open_store: Opener) -> None:
    nobody: Parts = ([], [], [], [])
    with open_store() as store:
        assert write(store, nobody).position == 0


def test_a_reader_sees_one_moment_and_holds_nobody_up(open_store: Opener) -> None:
    with open_store() as store, open_store() as other:
        write(store, person("c1", mail="ada@example.com"))
        with other.snapshot() as view:
            before = view.position()
            write(store, person("c2", mail="bob@example.com"))
            assert (view.position(), view.records().read_all().num_rows) == (before, 1)
        with other.snapshot() as view:
            assert view.records().read_all().num_rows == 2


def test_the_position_is_that_of_this_moment_whoever_wrote(open_store: Opener) -> None:
    with open_store() as store, open_store() as other:
        assert (store.position(), other.position()) == (0, 0)
        last = write(store, person("c1", mail="ada@example.com")).position
        assert (store.position(), other.position()) == (last, last)
        with other.snapshot() as view:
            write(store, person("c2", mail="bob@example.com"))
            assert view.position() == last
            assert other.position() > last
