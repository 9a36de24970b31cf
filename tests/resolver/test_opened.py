"""A store just opened reads what a verb needs, and says what it says once all is read."""

import shutil
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from tests.resolver.test_frozen import learned, opened

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
    read = Snapshot.claims

    def of_profiles(
        self: Snapshot, of: pa.Table | None = None, *, kind: str | None = None, **named: object
    ) -> pa.RecordBatchReader:
        assert of is not None or kind == "profile", "claims of all customers were read"
        return read(self, of, kind=kind, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Snapshot, "claims", of_profiles)
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
