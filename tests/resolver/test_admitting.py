"""A relative who comes after an erasure, with what the household shared: kept out, unless somebody admits them."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest
from tests.resolver import light
from tests.resolver.conftest import Opener

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.cli import run
from socialmerge.resolver import state

HOME = "+1 202 555 0143"
GRACE = {"id": "c1", "name": "Grace Hopper", "email": "grace@example.com", "phone": HOME}
MARY = {"id": "c2", "name": "Mary Hopper", "email": "mary@example.com", "phone": HOME}
ADA = {"id": "c3", "name": "Ada Lovelace", "email": "ada@example.com", "phone": ""}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def ids(found: pa.Table) -> list[str]:
    return found["record_id"].to_pylist()  # type: ignore[no-any-return]


@pytest.fixture
def erased(resolver: Resolver) -> Resolver:
    """A store out of which Grace was erased, whose telephone is that of her household."""
    resolver.load(table(GRACE, ADA))
    resolver.erase("c1", by="dpo")
    return resolver


def test_a_relative_with_the_telephone_of_somebody_erased_comes_in_when_admitted(erased: Resolver) -> None:
    assert ids(erased.load(table(MARY)).refused) == ["c2"]
    written = erased.load(table(GRACE, MARY), admit=["c2"], by="dpo")
    assert (written.records, written.admitted, ids(written.refused)) == (1, 1, ["c1"])
    assert erased.golden("c2").records["name"].to_pylist() == ["Mary Hopper"]
    assert "grace" not in str(erased.golden().records.to_pylist()).casefold()


def test_who_was_admitted_stays_admitted_and_nobody_else_is(erased: Resolver, reopen: Opener) -> None:
    erased.load(table(MARY), admit=["c2"], by="dpo")
    with reopen() as again:
        assert not again.load(table(MARY)).refused.num_rows
        other = MARY | {"id": "c4", "name": "Jane Hopper", "email": "jane@example.com"}
        assert ids(again.load(table(other)).refused) == ["c4"]
        seen = [{"profile_id": "p1", "channel": "x", "handle": "amazing", "phones": ["+12025550143"]}]
        assert ids(again.ingest(seen).refused) == ["p1"]
        assert again.ingest(seen, admit=["p1"], by="dpo").admitted == 1


@pytest.mark.parametrize("change", [{"email": "grace@example.com"}, {"name": "Grace Hopper"}], ids=["address", "name"])
def test_an_admitted_row_does_not_bring_more_of_the_erased_person_back(
    erased: Resolver, change: dict[str, str]
) -> None:
    erased.load(table(MARY), admit=["c2"], by="dpo")
    assert ids(erased.load(table(MARY | change)).refused) == ["c2"]
    assert "grace" not in str(erased.golden().records.to_pylist()).casefold()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (GRACE | {"email": "", "name": "Mary Hopper"}, "is a record of the erased person"),
        (GRACE | {"id": "c9", "email": ""}, "bears the erased person's name"),
        (GRACE | {"id": "c9", "email": "", "name": "Hopper, Grace"}, "bears the erased person's name"),
    ],
    ids=["her own row", "her name", "her name turned round"],
)
def test_the_erased_person_is_not_admitted(erased: Resolver, row: dict[str, str], why: str) -> None:
    with pytest.raises(sm.StoreError, match=why):
        erased.load(table(row, MARY), admit=["c2", row["id"]], by="dpo")
    assert erased.clusters["id"].to_pylist() == ["c3"]
    assert ids(erased.load(table(MARY)).refused) == ["c2"]


def test_a_name_in_two_columns_is_a_relative_s_or_the_erased_person_s(resolver: Resolver) -> None:
    parts = [("c1", "Grace"), ("c2", "Mary"), ("c9", "Grace")]
    grace, mary, again = (
        {"id": one, "first_name": given, "last_name": "Hopper", "phone": HOME} for one, given in parts
    )
    resolver.load(table(grace, ADA | {"first_name": "Ada", "last_name": "Lovelace"}).select(list(grace)))
    resolver.erase("c1", by="dpo")
    assert resolver.load(table(mary), admit=["c2"], by="dpo").admitted == 1
    with pytest.raises(sm.StoreError, match="bears the erased person's name"):
        resolver.load(table(again), admit=["c9"], by="dpo")
    profile = {"profile_id": "p1", "channel": "x", "display_name": "Grace Hopper", "phones": ["+12025550143"]}
    with pytest.raises(sm.StoreError, match="bears the erased person's name"):
        resolver.ingest([profile], admit=["p1"], by="dpo")


def test_the_log_says_who_admitted_how_many_and_no_value(erased: Resolver) -> None:
    erased.load(table(MARY), admit=["c2"], by="ana")
    with erased._session.store.snapshot() as view:
        log = [row for row in view.log().to_pylist() if "admitted" in row["counts"]]
    assert [(row["actor"], json.loads(row["counts"])["admitted"]) for row in log] == [("ana", 1)]


@pytest.mark.parametrize(
    ("admit", "by", "why"),
    [
        (["c7"], "dpo", "that of no row here"),
        (["c2"], "import", "say who with by="),
        ("c2", "dpo", "give a list of ids"),
    ],
)
def test_a_mistake_in_admitting_is_said_and_nothing_is_written(
    erased: Resolver, admit: list[str], by: str, why: str
) -> None:
    with pytest.raises(sm.StoreError, match=why):
        erased.load(table(MARY), admit=admit, by=by)
    assert erased.clusters["id"].to_pylist() == ["c3"]


def test_admitting_who_is_not_kept_out_does_nothing_more(erased: Resolver) -> None:
    erased.load(table(MARY), admit=["c2"], by="dpo")
    again = erased.load(table(MARY, ADA), admit=["c2", "c3"], by="dpo")
    assert (again.admitted, again.records, again.refused.num_rows) == (0, 0, 0)


def test_an_admitted_person_may_be_erased_too(erased: Resolver) -> None:
    erased.load(table(MARY), admit=["c2"], by="dpo")
    erased.erase("c2", by="dpo")
    assert ids(erased.load(table(MARY)).refused) == ["c2"]
    with pytest.raises(sm.StoreError, match="is a record of the erased person"):
        erased.load(table(MARY), admit=["c2"], by="dpo")


def test_rows_are_admitted_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url, customers, profiles = f"sqlite:///{tmp_path}/people.db", tmp_path / "customers.csv", tmp_path / "profiles.csv"
    profiles.write_text("profile_id,channel,handle,display_name\np3,x,stranger99,Someone Else\n")
    command = ["attach", str(profiles), "--to", str(customers), "--store", url, "--out", str(tmp_path / "out")]
    pyarrow.csv.write_csv(table(GRACE, ADA), customers)
    assert run(command) == 0
    assert run(["erase", "c1", "--by", "dpo", "--store", url]) == 0
    pyarrow.csv.write_csv(table(GRACE, ADA, MARY), customers)
    assert run([*command, "--admit", "c2"]) == 2
    assert "--by WHO" in capsys.readouterr().err
    assert run([*command, "--admit", "c2", "--by", "dpo"]) == 0
    assert "1 row was admitted" in capsys.readouterr().out
    clusters = (tmp_path / "out" / "clusters.csv").read_text()
    assert "c2" in clusters
    assert "c1" not in clusters
    pyarrow.csv.write_csv(table(GRACE, ADA, MARY | {"id": "c9", "name": "Peter Lovelace"}), customers)
    assert run(["load", str(customers), "--complete", "--admit", "c9", "--by", "dpo", "--json", "--store", url]) == 0
    counts = json.loads(capsys.readouterr().out)  # of both times that the file came in
    assert [counts[name] for name in ("records", "admitted", "refused", "gone")] == [1, 1, 1, 1]
    assert not [one for one in counts["notes"] if "region=" in one]


def test_history_and_export_tell_who_admitted_a_row_and_it_is_not_undone(erased: Resolver) -> None:
    erased.load(table(MARY), admit=["c2"], by="dpo")
    (entry,) = erased.history("c2")
    assert (entry.kind, entry.by, entry.records, entry.in_force) == ("admit", "dpo", (("crm", "c2"),), True)
    assert [one["kind"] for one in erased.export("c2")["decisions"]] == ["admit"]  # type: ignore[attr-defined]
    with pytest.raises(sm.StoreError, match="who was admitted stays"):
        erased.undo(entry.decision_id, by="dpo")
    erased.load(table(MARY), admit=["c2"], by="dpo")
    assert len(erased.history("c2")) == 1
    erased.decide(("c2", "c3"), "different", by="ana")
    assert [one.kind for one in erased.history("c2")] == ["admit", "different"]


def test_an_id_that_no_row_has_is_refused_with_the_nearest_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    url, customers, profiles = f"sqlite:///{tmp_path}/people.db", tmp_path / "customers.csv", tmp_path / "profiles.csv"
    profiles.write_text("profile_id,channel,handle,display_name\np3,x,stranger99,Someone Else\n")
    with Resolver(store=url) as resolver:
        resolver.load(table(GRACE | {"id": "grace"}, ADA))
        resolver.erase("grace", by="dpo")
    pyarrow.csv.write_csv(table(ADA, MARY | {"id": "mary-7"}), customers)
    command = ["attach", str(profiles), "--to", str(customers), "--store", url, "--out", str(tmp_path / "out")]
    assert run([*command, "--admit", "mary7", "--by", "dpo"]) == 2
    assert "no row has the id 'mary7' (the nearest: 'mary-7'); nobody was admitted" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert run([*command, "--admit", "c3", "--admit", "mary-7", "--by", "dpo"]) == 0
    out = capsys.readouterr().out
    assert "1 row was admitted" in out
    assert "nothing keeps the row 'c3' out" in out
    assert run(["history", "mary-7", "--store", url]) == 0
    assert "admit crm:mary-7 by dpo" in capsys.readouterr().out
