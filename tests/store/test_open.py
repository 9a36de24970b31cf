"""Opening: the key, the version of the tables, and what is said when it does not work."""

import os
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from tests.store.rows import KEY, NOW, Opener, person, raws, write

from socialmerge import Resolver
from socialmerge.errors import MissingExtraError, StoreError
from socialmerge.store import Decision, DecisionKind, Store
from socialmerge.store.database import reading, writing
from socialmerge.store.migrations import NEWEST, migrate, version

OLD = Path(__file__).parent / "old"


def test_a_store_is_there_when_it_is_opened_again(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", mail="ada@example.com"))
    with open_store() as store:
        assert raws(store) == [("c1", "mail", "ada@example.com")]


def test_another_key_is_refused(open_store: Opener) -> None:
    open_store().close()
    with pytest.raises(StoreError, match="the key is not the one of this store; give the one it was made with"):
        open_store(key=b"another key of the tests")


def test_a_short_key_is_refused(open_store: Opener) -> None:
    with pytest.raises(StoreError, match="key: 5 bytes are too few for a key; give 16 random bytes or more"):
        open_store(key=b"short")


def test_the_key_is_nowhere_in_the_database(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY) as store:
        write(store, person("c1", mail="ada@example.com"))
        assert all(KEY not in path.read_bytes() for path in tmp_path.iterdir())
        assert all(KEY.hex().encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_new_file_gets_a_key_file_that_its_owner_alone_reads(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Store.open(url) as store:
        write(store, person("c1", mail="ada@example.com"))
        secret = store.key
    path = tmp_path / "people.db.key"
    assert [stat.S_IMODE(found.stat().st_mode) for found in (path, tmp_path / "people.db")] == [0o600, 0o600]
    assert path.read_bytes().strip() == secret
    assert sorted(found.name for found in tmp_path.iterdir()) == ["people.db", "people.db.key"]
    with Store.open(url, key=path) as store:
        assert store.key == secret
    path.rename(tmp_path / "elsewhere")
    with pytest.raises(
        StoreError, match=r"people\.db\.key: the key file of this store is missing; put it back, or give"
    ):
        Store.open(url)
    Store.open(url, key=tmp_path / "elsewhere").close()
    with pytest.raises(StoreError, match="the key file cannot be read"):
        Store.open(url, key=path)


def test_a_store_that_must_be_there_is_not_made(database_url: str) -> None:
    with pytest.raises(StoreError, match="there is no store; see the"):
        Store.open(database_url, key=KEY, create=False)
    Store.open(database_url, key=KEY).close()
    Store.open(database_url, key=KEY, create=False).close()


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("no database " * 500)
    said = {
        "people.db": "store: this is no database URL; write sqlite:///people.db",
        "mysql://host/people": "store: there is no store in mysql; write",
        "sqlite://": "store: the URL names no file; write sqlite:///people.db",
        f"sqlite:///{tmp_path}/absent/people.db": f"{tmp_path}/absent/people.db: the folder {tmp_path}/absent is not",
        f"sqlite:///{tmp_path}/notes.db": f"{tmp_path}/notes.db: this file is no SQLite database; name another file",
    }
    for url, message in said.items():
        with pytest.raises(StoreError) as raised:
            Store.open(url, key=KEY)
        assert str(raised.value).startswith(message)
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_a_sqlite_that_is_too_old_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 26, 0))
    with pytest.raises(StoreError, match=r"this Python has SQLite .*; 3\.33 or newer is needed"):
        Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY)


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://ada:secret@/people?host={tmp_path}"
    with pytest.raises(StoreError, match="needs key=: random bytes, or the path of a file"):
        Store.open(url)
    with pytest.raises(StoreError) as raised:
        Store.open(url, key=KEY)
    assert str(raised.value).startswith(
        f"postgresql {tmp_path}/people: the database is not reachable; see that it runs"
    )
    assert "secret" not in str(raised.value)


def test_a_database_that_does_not_exist_is_said(postgres_url: str) -> None:
    with pytest.raises(
        StoreError, match="absent: the database is not reachable; see that it runs and that the URL names it"
    ):
        Store.open(postgres_url.replace("/postgres?", "/absent?"), key=KEY)


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'socialmerge\[postgres\]'"):
        Store.open("postgresql://localhost/people", key=KEY)


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY).close()
    (tmp_path / "people.db").chmod(0o400)
    with pytest.raises(StoreError, match="the file may not be written to"):
        Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY)


def test_a_store_of_a_newer_release_is_refused(open_store: Opener) -> None:
    with open_store() as store, writing(store._database) as connection:
        connection.execute(text("UPDATE meta SET value = '99' WHERE name = 'version'"))
    with pytest.raises(StoreError, match=f"the store has version 99, this release knows {NEWEST}; install a newer"):
        open_store()


def columns(store: Store) -> dict[str, list[tuple[str, str, bool]]]:
    with reading(store._database) as connection:
        found = inspect(connection)
        return {
            name: [(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(name)]
            for name in sorted(found.get_table_names())
            if not name.startswith("staged_")
        }


@pytest.mark.parametrize("number", range(1, NEWEST + 1))
def test_a_file_of_each_earlier_version_becomes_the_newest(number: int, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "people.db")
    connection.executescript((OLD / f"v{number}.sql").read_text())
    connection.close()
    key = b"the key of the files of old versions"
    with (
        Store.open(f"sqlite:///{tmp_path}/people.db", key=key) as store,
        Store.open(f"sqlite:///{tmp_path}/new.db", key=key) as new,
    ):
        assert columns(store) == columns(new)
        assert raws(store) == [("c1", "mail", "ada@example.com"), ("m1", "bio", "Ada of the machines")]
        assert write(store, person("c1", mail="ada@example.com", at=NOW)).position == 2
        with reading(store._database) as connection_now:
            assert version(connection_now) == NEWEST


def test_migrations_run_in_their_order_once_and_whole_or_not_at_all(open_store: Opener) -> None:
    ran = []

    def second(connection: Connection) -> None:
        ran.append(2)
        connection.execute(text("ALTER TABLE meta ADD COLUMN second TEXT"))

    def third(connection: Connection) -> None:
        ran.append(3)
        connection.execute(text("ALTER TABLE meta ADD COLUMN third TEXT"))
        if ran.count(3) == 1:
            raise InterruptedError

    steps = {NEWEST + 1: second, NEWEST + 2: third}
    with open_store() as store:
        with pytest.raises(InterruptedError), writing(store._database) as connection:
            migrate(connection, where="here", migrations=steps, newest=NEWEST + 2)
        with reading(store._database) as connection:
            assert version(connection) == NEWEST
            assert [one["name"] for one in inspect(connection).get_columns("meta")] == ["name", "value"]
        for found in (NEWEST, NEWEST + 2):
            with writing(store._database) as connection:
                assert migrate(connection, where="here", migrations=steps, newest=NEWEST + 2) == found
    assert ran == [2, 3, 2, 3]


def test_a_database_of_another_program_is_left_alone(tmp_path: Path, schema_url: str) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE orders (id)")
    before = path.read_bytes()
    for key in (None, KEY):
        with pytest.raises(StoreError, match="something else's and no store"):
            Store.open(f"sqlite:///{path}", key=key)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])
    engine = create_engine(schema_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE records (id integer)"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"tables of other programs .* \(records\)"):
        Store.open(schema_url, key=KEY)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_and_its_parent_go_on_with_the_store(open_store: Opener) -> None:
    with open_store() as store, store.snapshot() as view:  # in the parent a connection is in use
        child = os.fork()
        if not child:  # nothing of the tests may run on in it
            try:
                with store.snapshot() as own:
                    own.position()
                store.append([Decision(DecisionKind.GENERIC_VALUE, (), "ana", NOW, value="info@example.com")])
                os._exit(0)
            except BaseException:  # noqa: BLE001 - whatever it is, the parent says so
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        assert view.position() == 0
        assert store.position() == 1


def test_an_id_with_a_nul_is_asked_for_and_not_refused_by_the_database(database_url: str) -> None:
    with Resolver(store=database_url, key=KEY) as resolver:
        for ask in (resolver.golden, resolver.history, resolver.resolve_id, resolver.export):
            with pytest.raises(StoreError, match="no row, profile or entity"):
                ask("a\0b")
