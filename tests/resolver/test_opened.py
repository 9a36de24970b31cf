"""A store just opened reads what a verb needs, and says what it says once all is read."""

import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from tests.resolver.test_frozen import learned, opened

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.resolver.frozen import Frozen
from socialmerge.store import Snapshot


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a crowd under a model, with decisions, whose file is copied for each test."""
    folder = tmp_path_factory.mktemp("opened")
    learned(folder)
    with opened(folder, "whole") as resolver:
        held = resolver.decisions.to_pylist()
        mine = [(one["profile_id"], one["customer_id"]) for one in held if one["verdict"] == "attach"]
        resolver.decide(mine[0], "different", by="ana")
        resolver.decide(mine[1], "same", by="ana", verified=True)
        undone = resolver.decide((mine[2][0], mine[3][1]), "same", by="ana")
        resolver.undo(undone.id, by="ana")
    return folder


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    for path in folder.glob("whole.*"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture
def no_claim_of_a_customer(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Fail where all claims are read, or those of all customers."""
    read = Snapshot.numbered_claims

    def of_profiles(self: Snapshot, columns: Collection[str], kind: str | None = None) -> pa.Table:
        assert kind == "profile", "claims of all customers were read"
        return read(self, columns, kind)

    monkeypatch.setattr(Snapshot, "numbered_claims", of_profiles)
    return monkeypatch


def test_what_holds_of_profiles_is_told_without_a_claim_of_a_customer(
    copied: Path, no_claim_of_a_customer: pytest.MonkeyPatch
) -> None:
    with opened(copied, "whole") as resolver:
        quick = resolver.decisions, resolver.refused
        assert resolver.decisions is quick[0], "it is worked out once"
    no_claim_of_a_customer.undo()
    with opened(copied, "whole") as resolver, patch.object(Frozen, "of_profiles", return_value=None):
        assert quick == (resolver.decisions, resolver.refused)
        assert {*quick[0]["verdict"].to_pylist()} >= {"attach", "new"}
    with opened(copied, "whole") as resolver:
        assert resolver.decisions == quick[0]
        last = [row for row in quick[0].to_pylist() if row["verdict"] == "attach"][-1]
        resolver.decide((last["profile_id"], last["customer_id"]), "different", by="bob")
        after = resolver.decisions
        assert after != quick[0]
    with opened(copied, "whole") as resolver, patch.object(Frozen, "of_profiles", return_value=None):
        assert resolver.decisions == after


def test_who_is_erased_in_a_store_just_opened_is_gone_as_with_all_in_memory(copied: Path) -> None:
    for name in ("one", "other"):
        for path in copied.glob("whole.*"):
            shutil.copy(path, copied / f"{name}{path.suffix}")
    with opened(copied, "whole") as resolver:
        ids = resolver.decisions["profile_id"].to_pylist()[::9] + resolver.clusters["id"].to_pylist()[1::12]
    alone = 0
    for any_id in ids:
        with (
            opened(copied, "one") as resolver,
            patch.object(Frozen, "standing", autospec=True, side_effect=Frozen.standing) as all_read,
        ):
            quick = _told(resolver, any_id)
            alone += not all_read.called
        with opened(copied, "other") as resolver:
            resolver._session.frozen.standing()
            assert quick == _told(resolver, any_id)
        assert _kept(copied, "one") == _kept(copied, "other")
    assert 0 < alone < len(ids), "some are nobody else's candidates, and some are"


def _told(resolver: Resolver, any_id: str) -> object:
    try:
        return resolver.erase(any_id, by="dpo")
    except sm.StoreError as error:
        return str(error)


def _kept(folder: Path, name: str) -> dict[str, list[str]]:
    """All rows of a store, but for when something was done."""
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    rows["log"] = [(row[0], *row[2:]) for row in rows["log"]]
    return {table: sorted(map(repr, found)) for table, found in rows.items()}
