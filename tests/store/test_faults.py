"""Faults: a process killed at any moment, a full disk, a database that goes and comes back, two writers at once.

``nox -s faults`` kills hundreds of writers; the other sessions a few.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from tests.store import worker
from tests.store.faults import Workers, few_pages, grow, killed, largest_file, small_disk, workers
from tests.store.rows import DAY, KEY, NOW, Opener, Parts, person, raws, write
from tests.store.servers import MISSING, Server, server

from socialmerge.errors import StoreError
from socialmerge.store import Store
from socialmerge.store.database import writing

pytestmark = pytest.mark.slow

MANY = 100
ROUNDS = int(os.environ.get("SOCIALMERGE_FAULT_ROUNDS", "10"))  # noqa: TID251 - nox -s faults asks for more


@pytest.fixture(scope="module")
def writers() -> Iterator[Workers]:
    with workers("tests.store.worker") as started:
        yield started


def _found(store: Store) -> Counter[str]:
    """Count what each step left."""
    counts: Counter[str] = Counter()
    with store.snapshot() as view:
        for batch in view.claims():
            counts.update(f"write {name.split('-')[0][1:]}" for name in batch["record_id"].to_pylist())
        for decision in view.decisions():
            verb = "apply" if decision.kind == "apply" else "append"
            counts[f"{verb} {decision.reason.split()[1]}"] += 1
        for batch in view.golden():
            counts.update(f"apply {name.split('-')[0][1:]}" for name in batch["entity_id"].to_pylist())
        counts["tombstones"] = view.count("tombstones")
    return counts


def _after(counts: Counter[str], step: int) -> Counter[str]:
    """Say what is to be counted once a step is done."""
    done = counts.copy()
    verb = worker.kind(step)
    if verb == "erase":
        done.pop(f"write {step - 3}", None)
        done["tombstones"] += worker.PERSONS
    else:
        sizes = {"write": worker.PERSONS * worker.VALUES, "append": worker.DECISIONS, "apply": worker.PERSONS + 1}
        done[f"{verb} {step}"] = sizes[verb]
    return done


def test_a_killed_writer_loses_nothing_acknowledged_and_leaves_nothing_half_done(
    database_url: str, writers: Workers
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    draw, step, tally = random.Random(seed), 0, Counter[str]()
    Store.open(database_url, key=KEY).close()
    expected: Counter[str] = Counter({"tombstones": 0})
    for _ in range(ROUNDS):
        last = killed(writers, f"{database_url} {step}", draw.uniform(0, 0.15))
        for done in range(step, last + 1):
            expected = _after(expected, done)
        with Store.open(database_url, key=KEY) as store:
            with writing(store._database):
                pass  # a server may be ending what the killed one had begun: the next writer comes after it
            found = _found(store)
        in_doubt = _after(expected, last + 1)
        assert found in (expected, in_doubt), f"seed {seed}, steps {step} to {last + 1}"
        tally["acknowledged"] += last + 1 - step
        tally[f"{worker.kind(last + 1)} in doubt, {'done' if found == in_doubt else 'undone'}"] += 1
        expected, step = found, last + 2
    _check_file(database_url)
    said = f"{ROUNDS} writers killed, seed {seed}: {dict(sorted(tally.items()))}; none lost, none half done"
    print(said)  # noqa: T201 - what nox -s faults reports


def _check_file(url: str) -> None:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()


def test_a_writer_that_was_killed_while_it_cleans_up_is_followed_by_one_that_does(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Store.open(url, key=KEY) as store:
        worker.do(store, 0)
        worker.do(store, 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "scrub", _die)
            with pytest.raises(InterruptedError):
                worker.do(store, 3)
    Store.open(url, key=KEY).close()
    assert b"g0-7@example.com" not in (tmp_path / "people.db").read_bytes()
    assert b"g1-7@example.com" in (tmp_path / "people.db").read_bytes()


def _die(_store: Store) -> bool:
    raise InterruptedError


def test_a_full_disk_is_said_and_stores_nothing(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY) as store:
        worker.do(store, 0)
        with few_pages(store._database.engine, 60):
            with pytest.raises(
                StoreError, match="the disk is full; nothing of this change was stored: make room and do it"
            ):
                write(store, person("c1", bio=["b" * 1000 + str(n) for n in range(1000)]))
            assert _found(store) == Counter({"write 0": 120})
        worker.do(store, 1)
        assert _found(store) == Counter({"write 0": 120, "write 1": 120})


def test_a_file_that_may_not_grow_is_said_and_stores_nothing(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY) as store:
        worker.do(store, 0)
        with largest_file(400_000), pytest.raises(StoreError, match=r"the disk (is full|cannot be read or written)"):
            write(store, person("c1", bio=["b" * 1000 + str(n) for n in range(1000)]))
        assert _found(store) == Counter({"write 0": 120})
        worker.do(store, 1)
    _check_file(f"sqlite:///{tmp_path}/people.db")


def test_a_full_disk_of_the_server_is_said_and_stores_nothing(schema_url: str) -> None:
    with Store.open(schema_url, key=KEY) as store:
        worker.do(store, 0)
        with writing(store._database) as connection:
            body = "BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END"
            connection.execute(text(f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
            connection.execute(text("CREATE TRIGGER full_disk BEFORE INSERT ON log EXECUTE FUNCTION full_disk()"))
        with pytest.raises(StoreError, match="the server's disk is full; nothing of this change was stored"):
            worker.do(store, 1)
        with writing(store._database) as connection:
            connection.execute(text("DROP TRIGGER full_disk ON log"))
        assert _found(store) == Counter({"write 0": 120})
        worker.do(store, 1)
        assert _found(store) == Counter({"write 0": 120, "write 1": 120})


@pytest.fixture
def tables_apart(postgres_url: str, postgres_server: Server | None, schema_url: str) -> Iterator[tuple[str, Path]]:
    """Give the URL of a store whose tables lie on a disk of their own, and that disk."""
    if postgres_server is None or str(postgres_server.folder) not in postgres_url:
        pytest.skip("only a server of the tests' own gets a disk of its own")
    name = f"small_{os.getpid()}"
    with small_disk(postgres_server.folder / name, 6) as disk:
        postgres_server.give(disk)
        plain = postgres_url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE {name} LOCATION '{disk}'")
            try:
                yield f"{schema_url}%20-cdefault_tablespace%3D{name}", disk
            finally:
                for (table,) in connection.execute(
                    "SELECT schemaname || '.' || tablename FROM pg_tables WHERE tablespace = %s", [name]
                ).fetchall():
                    connection.execute(f"DROP TABLE {table} CASCADE")
                connection.execute(f"DROP TABLESPACE {name}")


def test_a_disk_of_the_server_s_tables_that_is_really_full_is_said_and_stores_nothing(
    tables_apart: tuple[str, Path],
) -> None:
    url, disk = tables_apart
    with Store.open(url, key=KEY) as store:
        done = _written_until_full(store, "the server's disk is full; nothing of this change was stored")
        found = _found(store)
        assert found == Counter({f"write {step}": 1 for step in range(done)})
        grow(disk, 64)
        write(store, _bulky(done))
        assert _found(store) == found + Counter({f"write {done}": 1})


@pytest.mark.skipif(ROUNDS < MANY, reason="nox -s faults makes a server for it")
def test_a_disk_of_the_whole_server_that_is_full_loses_nothing_acknowledged() -> None:
    with server(disk=partial(small_disk, size_mib=96)) as running:
        if running is None:
            pytest.skip(MISSING)
        with Store.open(running.url, key=KEY, timeout_s=2) as store:
            done = _written_until_full(store, "disk is full|not reachable")  # a server that cannot log ends itself
            assert done > 1
        running.stop(signal.SIGQUIT)
        grow(running.folder, 400)
        running.start()
        with Store.open(running.url, key=KEY) as store:
            wrote = Counter(f"write {step}" for step in range(done))
            assert _found(store) in (wrote, wrote + Counter([f"write {done}"]))
            write(store, _bulky(done))
            assert _found(store) == wrote + Counter([f"write {done}"])


def _bulky(step: int) -> Parts:
    """A record of a megabyte that cannot be packed."""
    return person(f"g{step}-0", bio=random.Random(step).randbytes(500_000).hex())


def _written_until_full(store: Store, why: str) -> int:
    """Write until the disk is full, and give how often it went well."""
    done = list[int]()

    def fill() -> None:
        for step in range(200):
            write(store, _bulky(step))
            done.append(step)

    with pytest.raises(StoreError, match=why):
        fill()
    return len(done)


def test_a_server_that_crashes_and_comes_back_is_found_again(schema_url: str, postgres_server: Server | None) -> None:
    if postgres_server is None or str(postgres_server.folder) not in schema_url:
        pytest.skip("only a server of the tests' own may be stopped")
    with Store.open(schema_url, key=KEY, timeout_s=2) as store:
        worker.do(store, 0)
        postgres_server.stop(signal.SIGQUIT)
        try:
            with pytest.raises(StoreError, match="the database is not reachable; see that it runs"):
                worker.do(store, 1)
            with pytest.raises(StoreError, match="the database is not reachable"):
                _found(store)
        finally:
            postgres_server.start()
        assert _found(store) == Counter({"write 0": 120})
        with pytest.raises(StoreError, match="the database is not reachable"):
            _read_through_a_crash(store, postgres_server)
        worker.do(store, 1)
        assert _found(store) == Counter({"write 0": 120, "write 1": 120})


def _read_through_a_crash(store: Store, server: Server) -> None:
    with store.snapshot() as view:
        server.stop(signal.SIGQUIT)
        server.start()
        view.position()


def test_a_file_that_is_moved_away_is_missed_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    with Store.open(f"sqlite:///{path}", key=KEY) as store:
        worker.do(store, 0)
        path.rename(tmp_path / "away.db")
        with pytest.raises(StoreError, match="the file cannot be opened; see that it is still there"):
            worker.do(store, 1)
        assert not path.exists()
        (tmp_path / "away.db").rename(path)
        worker.do(store, 1)
        assert _found(store) == Counter({"write 0": 120, "write 1": 120})


def test_a_second_writer_waits_and_then_says_so(open_store: Opener) -> None:
    with open_store() as store, open_store(timeout_s=0.2) as other:
        worker.do(store, 0)
        with writing(store._database), pytest.raises(StoreError, match="another process is writing; try again when"):
            worker.do(other, 1)
        worker.do(other, 1)
        assert _found(store) == Counter({"write 0": 120, "write 1": 120})


def test_a_store_is_opened_and_read_while_another_process_writes(open_store: Opener) -> None:
    with open_store() as store:
        worker.do(store, 0)
        with writing(store._database), open_store(timeout_s=0.2) as other:
            assert _found(other) == Counter({"write 0": 120})


def test_writers_at_once_take_turns(open_store: Opener) -> None:
    def work(number: int) -> None:
        with open_store() as store:
            for step in range(5):
                write(
                    store,
                    person(f"w{number}-{step}", mail="ada@example.com"),
                    person("c1", mail=f"{number}@example.com"),
                )

    with open_store() as store:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        assert len(raws(store)) == 24
        with store.snapshot() as view:
            assert view.log()["position"].to_pylist() == list(range(1, 21))


def test_a_clock_that_jumps_backwards_changes_no_order(open_store: Opener) -> None:
    with open_store() as store:
        for number, at in enumerate((NOW, NOW - 300 * DAY, NOW + DAY, NOW - 9000 * DAY)):
            write(store, person(f"c{number}", mail="ada@example.com"), at=at)
        with store.snapshot() as view:
            assert view.log()["position"].to_pylist() == [1, 2, 3, 4]
            assert view.records().read_all()["record_id"].to_pylist() == ["c0", "c1", "c2", "c3"]
