"""``attach --store`` takes what ``attach`` over files takes, gives what that gives, and does nothing by halves."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import click
import pyarrow.csv
import pyarrow.parquet
import pytest
from tests.resolver.people import customers

from socialmerge import Plan, Resolver, keep
from socialmerge.cli import run
from socialmerge.cli.commands import socialmerge
from socialmerge.merging import Policy
from socialmerge.records import pairs_schema

Printed = pytest.CaptureFixture[str]
PROFILES = """\
profile_id,channel,handle,display_name,emails,websites
p1,github,adalovelace,Ada Lovelace,ada@example.com,https://ada.example.com
p3,x,stranger99,Zora Quist,stranger@example.com,
"""
Attach = Callable[..., int]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "profiles.csv").write_text(PROFILES)
    pyarrow.csv.write_csv(customers().append_column("site", [[""] * 5]), tmp_path / "customers.csv")
    return tmp_path


@pytest.fixture
def attach(place: Path) -> Attach:
    """Run attach on the files of the test; with ``store`` into the store."""

    def attached(*more: str, store: bool = True, profiles: str = "profiles.csv", out: str = "out") -> int:
        kept = ["--store", f"sqlite:///{place}/people.db"] if store else []
        files = [str(place / profiles), "--to", str(place / "customers.csv"), "--out", str(place / out)]
        return run(["attach", *files, *kept, *more])

    return attached


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0]


def test_both_ways_write_the_same_files_with_the_same_columns(attach: Attach, place: Path, capsys: Printed) -> None:
    style = ["--changes-style", "salesforce", "--insert-new"]
    assert attach(*style) == 0
    assert "Kept in sqlite:///" in capsys.readouterr().out
    assert attach(*style, store=False, out="files") == 0
    names = {path.name: path for path in (place / "files").glob("[a-z]*")}
    kept = {path.name: path for path in (place / "out").glob("[a-z]*")}
    assert kept.keys() == {*names, "clusters.csv"}
    for name in ("decisions.csv", "profiles.csv", "records.csv", "provenance.csv", "conflicts.csv"):
        assert header(kept[name]) == header(names[name])
    assert pyarrow.parquet.read_schema(kept["pairs.parquet"]).names == pairs_schema().names
    assert rows(kept["changes.csv"]) == [{"Id": "c1", "phone": "202-555-0143", "site": "https://ada.example.com"}]
    assert rows(kept["inserts.csv"]) == [{"name": "Zora Quist", "email": "stranger@example.com"}]
    assert rows(kept["merges.csv"]) == [{"MasterRecordId": "c1", "MergeRecordId1": "c2", "MergeRecordId2": ""}]
    Plan.load(kept["plan.toml"])


def test_answers_are_kept_with_who_gave_them(attach: Attach, place: Path, capsys: Printed) -> None:
    (place / "answers.csv").write_text("left_id,right_id,verdict\np3,c5,same\np1,c4,unsure\n")
    answers = ["--decisions", str(place / "answers.csv")]
    assert attach(*answers) == 2
    assert "needs --by WHO" in capsys.readouterr().err
    assert attach(*answers, "--by", "ana") == 0
    assert attach(*answers, "--by", "ana") == 0  # what it has is not noted again
    with Resolver(store=f"sqlite:///{place}/people.db") as resolver:
        assert [(one.kind, one.by) for one in resolver.history("p3")] == [("same", "ana")]
    assert {row["profile_id"]: row["customer_id"] for row in rows(place / "out" / "decisions.csv")}["p3"] == "c5"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("broken.csv", "word\nword\n", "no id column found"),
        ("twice.csv", "profile_id,channel,handle\np1,x,a\np1,x,b\n", "repeats ids"),
    ],
)
def test_profiles_that_cannot_be_read_leave_no_store(
    attach: Attach, place: Path, capsys: Printed, name: str, text: str, told: str
) -> None:
    (place / name).write_text(text)
    assert attach(profiles=name) == 2
    assert told in capsys.readouterr().err
    assert not list(place.glob("people.db*"))
    assert not (place / "out").exists()


def test_what_does_not_fit_leaves_a_store_as_it_was(attach: Attach, place: Path, capsys: Printed) -> None:
    assert attach("--by", "ana", "--decisions", str(_answers(place, "p3,c5,same"))) == 0
    with Resolver(store=f"sqlite:///{place}/people.db") as resolver:
        before = resolver.preview().position
    (place / "other.csv").write_text("profile_id,channel,handle\np1,mastodon,ada\n")
    (place / "policy.toml").write_text('observed = "no such column"\n')
    wrong: list[tuple[list[str], str]] = [
        (["--by", "bob", "--decisions", str(_answers(place, "p3,c5,different"))], "undo one of these"),
        (["--by", "bob", "--decisions", str(_answers(place, "p3,nobody,same"))], "not an id of the table"),
        (["--policy", str(place / "policy.toml")], "no such column"),
    ]
    for more, told in wrong:
        (place / "customers.csv").write_text("id,name,email\nc9,Sofia Kovalevskaya,sofia@example.com\n")
        assert attach(*more, out="again") == 2
        assert told in capsys.readouterr().err
    assert attach(profiles="other.csv", out="again") == 2
    assert "of another source" in capsys.readouterr().err
    with Resolver(store=f"sqlite:///{place}/people.db") as resolver:
        assert resolver.preview().position == before
        assert "c9" not in resolver.clusters["id"].to_pylist()


def _answers(place: Path, *lines: str) -> Path:
    path = place / f"answers{len(list(place.glob('answers*')))}.csv"
    path.write_text("\n".join(["left_id,right_id,verdict", *lines, ""]))
    return path


def test_what_a_change_replaces_is_what_the_crm_has_now(attach: Attach, place: Path) -> None:
    first = [{"id": "c1", "name": "Ada Lovelace", "city": "Marylebone, London"}]
    now = [{"id": "c1", "name": "Ada Lovelace", "city": "Surrey"}]
    for table in (first, now):
        pyarrow.csv.write_csv(pyarrow.Table.from_pylist(table), place / "customers.csv")
        assert attach() == 0
    (change,) = rows(place / "out" / "changes.csv")
    assert (change["field"], change["before"], change["after"]) == ("city", "Surrey", "Marylebone, London")


def test_an_id_or_a_region_that_is_told_leaves_the_rest_of_the_stores_plan(attach: Attach, place: Path) -> None:
    url = f"sqlite:///{place}/people.db"
    with Resolver(Plan(minimum_assurance="verified"), store=url):
        pass
    assert attach("--region", "gb") == 0
    with Resolver(store=url) as resolver:
        assert (resolver.plan.minimum_assurance, resolver.plan.region) == ("verified", "GB")


def test_a_policy_that_fades_asks_when_it_is_before_anything_is_written(
    attach: Attach, place: Path, capsys: Printed
) -> None:
    Policy(rules={"phone": keep.trusted("crm", half_life_days=10)}, observed="created_at").save(place / "policy.toml")
    assert attach("--policy", str(place / "policy.toml")) == 2
    assert "--as-of" in capsys.readouterr().err
    assert attach("--as-of", "last week") == 2
    assert "--as-of holds no time" in capsys.readouterr().err
    assert not list(place.glob("people.db*"))
    assert attach("--policy", str(place / "policy.toml"), "--as-of", "2026-01-31") == 0


def test_a_table_of_people_is_attached_by_what_its_columns_mean(attach: Attach, place: Path) -> None:
    (place / "guests.csv").write_text(
        "id,Full name,Mail,Town\nq1,Ada Lovelace,ada@example.com,London\nq2,Zora Quist,,\n"
    )
    assert attach(profiles="guests.csv") == 0
    found = {row["profile_id"]: row for row in rows(place / "out" / "decisions.csv")}
    assert (found["q1"]["customer_id"], found["q1"]["assurance"]) == ("c1", "inferred")
    assert found["q2"]["verdict"] == "new"


def test_every_command_that_takes_a_store_reads_the_variable() -> None:
    def commands(group: click.Group) -> list[click.Command]:
        nested = [commands(one) if isinstance(one, click.Group) else [one] for one in group.commands.values()]
        return [one for some in nested for one in some]

    options = [
        (command.name, option)
        for command in commands(socialmerge)
        for option in command.params
        if "--store" in option.opts
    ]
    assert len(options) > 20
    assert [name for name, option in options if option.envvar != "SOCIALMERGE_STORE"] == []


def test_a_store_that_the_variable_names_is_simulated_and_takes_a_pilot(
    attach: Attach, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setenv("SOCIALMERGE_STORE", f"sqlite:///{place}/people.db")
    assert attach(store=False) == 0
    assert (place / "people.db").is_file()
    (place / "pilot.csv").write_text("customer,handle,channel,match\nc5,stranger99,x,yes\n")
    capsys.readouterr()
    pilot = ["import-pilot", str(place / "pilot.csv"), "--accept-contradicted", "--json"]
    assert run(pilot) == 0
    assert json.loads(capsys.readouterr().out)["written"] == 1
    assert (
        run(["import-pilot", str(place / "pilot.csv"), "--accept-contradicted", "--run", str(place / "out"), "--json"])
        == 0
    )
    assert json.loads(capsys.readouterr().out)["known"] == 1
    (place / "policy.toml").write_text('otherwise = "most_frequent"\n')
    told = ["simulate", "--policy", str(place / "policy.toml"), "--out", str(place / "simulation.csv"), "--json"]
    assert run(told) == 0
    assert json.loads(capsys.readouterr().out)["records"] == 4
