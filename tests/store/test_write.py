"""Writing: idempotent, in any order, all or nothing."""

import pytest
from tests.store.rows import NOW, Opener, person, tables, write

from socialmerge.errors import StoreError


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


def test_a_record_is_never_two_kinds(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", mail="ada@example.com"))
        (record, *rest) = tables(person("c1", mail="ada@example.com"))
        record = record.set_column(2, "kind", [["profile"]])
        with pytest.raises(StoreError, match="other kind"):
            store.write(record, *rest, at=NOW, actor="ana")
