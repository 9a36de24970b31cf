"""What is not as a release writes it is one error, which holds nothing of what stands there."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.store.rows import KEY, NOW, names, person, write

from socialmerge.errors import StoreError
from socialmerge.store import Decision, DecisionKind, Store, Target

DAMAGED = {
    "a kind of decision": "UPDATE decisions SET kind = 'planted'",
    "the version": "UPDATE meta SET value = 'planted' WHERE name = 'version'",
    "the holders of a tombstone": "UPDATE tombstones SET holders = 'planted'",
    "the time of a decision": "UPDATE decisions SET at = 9223372036854775807",
    "a value that is no text": "UPDATE claims SET raw = x'706c616e746564ff'",
    "a text": "UPDATE claims SET raw = CAST(x'706c616e746564ff' AS TEXT)",
    "the tables": "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = CAST(x'706c616e746564ff' AS TEXT)",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "people.db"
    with Store.open(f"sqlite:///{path}", key=KEY) as store:
        write(store, person("c1", name="Ada", strong=[("email", "a@example.com")]), person("c2", name="Bob"))
        store.append([Decision(DecisionKind.SAME, (Target("crm", "c1"), Target("crm", "c2")), "ana", NOW)])
        store.erase(names("c1"), at=NOW, actor="dpo")
    return path.read_bytes()


def read_back(url: str) -> None:
    with Store.open(url, key=KEY) as store:
        write(store, person("c9", name="Cy", strong=[("email", "a@example.com")]))
        with store.snapshot() as view:
            view.decisions()
            view.claims().read_all()


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_damaged_is_one_error_that_holds_nothing_of_it(what: str, whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DAMAGED[what])
    with pytest.raises(StoreError) as raised:
        read_back(f"sqlite:///{path}")
    assert "planted" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert "damaged" in str(raised.value) or "refused" in str(raised.value)


@pytest.mark.parametrize(
    "url", ["sqlite:///a\0b", "postgresql+psycopg://u:planted@h:abc/d", "postgresql+psycopg://u:planted@h:99999999/d"]
)
def test_a_url_that_is_none_is_one_error_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as raised:
        Store.open(url, key=KEY)
    assert "planted" not in str(raised.value)


def test_what_a_killed_process_left_of_a_key_is_in_nobodys_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "people.db.key.1").write_text("half a k")
    monkeypatch.setattr("os.getpid", lambda: 1)
    with Store.open(f"sqlite:///{tmp_path}/people.db"):
        key = (tmp_path / "people.db.key").read_text()
    assert re.fullmatch("[0-9a-f]{64}", key.strip())
    with Store.open(f"sqlite:///{tmp_path}/people.db"):
        assert (tmp_path / "people.db.key").read_text() == key
