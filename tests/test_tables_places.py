"""What is written takes the place of nothing that is not its own to replace, and what a killed writer left goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.tables.placing import replacing

PEOPLE = "id,name,email\nc1,Ada Lovell,ada@example.com\nc2,Brendan Okafor,brendan@example.com\n"
TABLE = pa.table({"id": ["1"]})
posix = pytest.mark.skipif(sys.platform == "win32", reason="a handle does not lock there")


@cache
def _people() -> sm.DedupeResult:
    return sm.dedupe([{"id": "1", "name": "Ada Lovell"}, {"id": "2", "name": "Ada Lovell"}])


WRITERS: dict[str, Callable[[Path], object]] = {
    "table": lambda path: tables.write(TABLE, path),
    "text": lambda path: tables.write_text("x", path),
    "page": lambda path: sm.to_html(_people(), path),
    "plan": sm.Plan().save,
    "policy": sm.Policy().save,
    "strategy": sm.Strategy().save,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_no_writer_takes_the_place_of_a_store_or_its_key(writer: str, tmp_path: Path) -> None:
    database, key, beside = tmp_path / "a.csv", tmp_path / "a.csv.key", tmp_path / "a.csv-wal"
    database.write_bytes(b"SQLite format 3\x00" + bytes(84))
    key.write_text("any key of sixteen bytes or more")
    beside.write_bytes(b"changes that are not in the file yet")
    apart = tmp_path / "key.csv"
    apart.write_text("0123456789abcdef" * 4 + "\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path in before:
        if writer != "table" or path.suffix == ".csv":  # it says first that it cannot write such a file
            with pytest.raises(TableError, match=r"would be lost; name another"):
                WRITERS[writer](path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("writer", ["page", "plan", "policy", "strategy"])
def test_a_page_and_settings_take_the_place_of_their_own_kind_alone(writer: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer,amount\nc1,5\n")
    with pytest.raises(TableError, match=r"is there and is not (HTML|TOML)"):
        WRITERS[writer](path)
    assert path.read_text() == "customer,amount\nc1,5\n"
    path.write_text("")
    for _ in range(2):
        WRITERS[writer](path)


def test_what_was_read_may_be_mended_and_written_back(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    tables.write(tables.read(path).slice(0, 1), path)
    assert tables.read(path).num_rows == 1


def test_a_key_from_a_file_apart_is_not_written_over(tmp_path: Path) -> None:
    key = tmp_path / "secret.csv"
    key.write_text("a passphrase of sixteen bytes or more")
    with sm.Resolver(store=f"sqlite:///{tmp_path / 'people.db'}", key=key):
        pass
    with pytest.raises(TableError, match="would be lost"):
        tables.write(TABLE, key)


def test_a_folder_is_not_replaced_with_a_file_that_was_read_from_it(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with tables.folder(target) as out:
        tables.write(TABLE, out / "a.csv")
    (target / "a.csv").write_text(PEOPLE)
    with pytest.raises(TableError, match="would be lost with its folder"), tables.folder(target) as out:
        tables.write(tables.read(target / "a.csv"), out / "b.csv")
    assert (target / "a.csv").read_text() == PEOPLE
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_named_like_a_folder_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(TableError, match="is a folder; name a file in it"):
        tables.write(TABLE, tmp_path / "a.csv")


@posix
def test_nobody_else_may_read_what_is_on_its_way_and_a_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    mask = os.umask(0)
    try:
        with replacing(path) as temporary:
            assert temporary.stat().st_mode & 0o777 == 0o600
        assert path.stat().st_mode & 0o777 == 0o666
        path.chmod(0o600)
        tables.write(TABLE, path)
        assert path.stat().st_mode & 0o777 == 0o600
        with tables.folder(tmp_path / "out") as out:
            assert out.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(mask)


KILLED = """
import os, signal, sys
from pathlib import Path
from socialmerge.tables.placing import folder, replacing
target = Path(sys.argv[1])
with replacing(target / "a.csv") as file, folder(target / "out") as out:
    for path in (file, out / "b.csv"):
        path.write_text("planted@example.com")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@posix
def test_what_a_killed_writer_left_goes_with_the_next_write_to_the_same_place(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = {path.name.partition(".socialmerge-")[0] for path in tmp_path.iterdir()}
    assert left == {".a.csv", ".out"}
    others = (".a.csv.swp", ".a.csv.socialmerge-notes", ".a.csv.x.socialmerge-0a1b2c3d")
    strangers = [tmp_path / name for name in others]
    for stranger in strangers:
        stranger.write_text("mine")
    tables.write(TABLE, tmp_path / "a.csv")
    with tables.folder(tmp_path / "out") as out:
        tables.write(TABLE, out / "b.csv")
    assert sorted(tmp_path.iterdir()) == sorted([*strangers, tmp_path / "a.csv", tmp_path / "out"])


@posix
def test_what_a_living_writer_is_writing_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with replacing(path) as temporary:
        temporary.write_text("slow\n")
        tables.write(TABLE, path)
        assert temporary.exists()
    assert path.read_text() == "slow\n"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_folder_that_a_killed_writer_put_aside_comes_back(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with tables.folder(target) as out:
        tables.write(TABLE, out / "a.csv")
    aside = tmp_path / ".out.socialmerge-0a1b2c3d"
    aside.mkdir()
    target.rename(aside / ".socialmerge-before")
    with pytest.raises(ZeroDivisionError), tables.folder(target):
        raise ZeroDivisionError
    assert tables.read(target / "a.csv").equals(TABLE)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
