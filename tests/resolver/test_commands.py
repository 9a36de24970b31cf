"""The commands over a store: what they print, and how they end."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.csv
import pytest
from tests.resolver.people import customers

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.cli import run

Printed = pytest.CaptureFixture[str]
PROFILES = """\
profile_id,channel,handle,display_name,emails
p1,github,adalovelace,Ada Lovelace,ada@example.com
p3,x,stranger99,Someone Else,stranger@example.com
"""
SEEN = {"profile_id": "p9", "channel": "x", "handle": "seen-once", "display_name": "Nobody Known"}


@pytest.fixture
def url(tmp_path: Path, capsys: Printed) -> str:
    """A store that attach has filled."""
    (tmp_path / "profiles.csv").write_text(PROFILES)
    pyarrow.csv.write_csv(customers(), tmp_path / "customers.csv")
    store = f"sqlite:///{tmp_path}/people.db"
    files = [str(tmp_path / "profiles.csv"), "--to", str(tmp_path / "customers.csv")]
    assert run(["attach", *files, "--store", store, "--out", str(tmp_path / "out"), "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert (counts["attach"], counts["new"]) == (1, 1)
    return store


def said(capsys: Printed, *arguments: str, code: int = 0) -> dict[str, object]:
    assert run([*arguments, "--json"]) == code
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def decided(capsys: Printed, *arguments: str) -> str:
    """The id of the one decision that a command records."""
    ids: list[str] = [one["decision_id"] for one in said(capsys, *arguments)["decisions"]]  # type: ignore[attr-defined]
    (only,) = ids
    return only


def test_attach_with_a_store_writes_what_the_store_says(url: str, tmp_path: Path) -> None:
    names = sorted(path.name for path in (tmp_path / "out").glob("[a-z]*"))
    assert names == [
        "changes.csv", "clusters.csv", "conflicts.csv", "decisions.csv", "merges.csv", "pairs.parquet", "plan.toml",
        "profiles.csv", "provenance.csv", "records.csv", "records.parquet", "run.json",
    ]  # fmt: skip


def test_a_decision_is_recorded_shown_and_undone(url: str, capsys: Printed) -> None:
    decision_id = decided(capsys, "decide", "p3", "c5", "same", "--by", "ana", "--store", url)
    assert said(capsys, "history", "p3", "--store", url)["entity_ids"] == ["c5"]
    said(capsys, "undo", decision_id, "--by", "ana", "--store", url)
    told = said(capsys, "history", "c5", "--store", url)["decisions"]
    assert [one["in_force"] for one in told] == [False, True]  # type: ignore[attr-defined]


def test_split_parts_and_contradictions_end_with_two(url: str, capsys: Printed) -> None:
    said(capsys, "split", "c1", "c2", "--by", "ana", "--store", url)
    assert run(["decide", "c1", "c2", "same", "--by", "bob", "--store", url]) == 2
    assert "crm:c1" in capsys.readouterr().err


def test_a_pin_a_rejection_and_a_generic_value_are_recorded_and_undone(url: str, capsys: Printed) -> None:
    def record() -> dict[str, object]:
        changes = said(capsys, "preview", "--store", url)["changes"]
        return {row["field"]: row["after"] for row in changes if row["entity_id"] == "c1"}  # type: ignore[attr-defined]

    assert (record()["phone"], record()["email"]) == ("202-555-0143", "ada@example.com")
    words = [
        ["pin", "c2", "phone", "+1 202 555 0199"],
        ["reject", "c1", "phone", "202-555-0143"],
        ["generic", "ADA@example.com"],
    ]
    after = [("+1 202 555 0199", "ada@example.com"), (None, "ada@example.com"), ("202-555-0143", None)]
    for word, wanted in zip(words, after, strict=True):
        decision_id = decided(capsys, *word, "--by", "ana", "--reason", "asked", "--store", url)
        found = record()
        assert (found.get("phone"), found.get("email")) == wanted
        said(capsys, "undo", decision_id, "--by", "ana", "--store", url)
    assert record()["phone"] == "202-555-0143"


@pytest.mark.parametrize(
    ("word", "code", "told"),
    [
        (["pin", "c1", "phnoe", "1"], 2, "unknown field 'phnoe'"),
        (["pin", "c1", "phone", " "], 2, "no value"),
        (["pin", "nobody", "phone", "1"], 2, "no row, profile or entity"),
        (["reject", "c1", "phnoe", "1"], 2, "did you mean 'phone'"),
        (["reject", "c1", "phone"], 2, "Missing argument"),
        (["generic", "Engines"], 2, "neither an e-mail address nor a telephone number"),
        (["retain", "--before", "last year"], 2, "ISO 8601"),
        (["retain", "--before", "2999-01-01"], 2, "--before: this is a time that is still to come"),
    ],
)
def test_words_that_make_no_sense_are_refused_and_leave_nothing(
    url: str, capsys: Printed, word: list[str], code: int, told: str
) -> None:
    before = said(capsys, "preview", "--store", url)
    assert run([*word, "--by", "ana", "--store", url]) == code
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""
    assert said(capsys, "preview", "--store", url) == before


@pytest.mark.parametrize("word", [["pin", "c1", "city", "York"], ["generic", "a@example.com"], ["retain"]])
def test_a_word_needs_somebody_who_says_it(url: str, capsys: Printed, word: list[str]) -> None:
    assert run([*word, "--store", url]) == 2
    assert "--by" in capsys.readouterr().err


def test_retain_deletes_what_was_last_seen_before_a_time(url: str, capsys: Printed) -> None:
    with Resolver(store=url) as resolver:
        resolver.ingest([SEEN], observed_at=datetime(2020, 5, 6, tzinfo=UTC))
    nothing = {"records": 0, "claims": 0, "is_scrubbed": True}
    assert said(capsys, "retain", "--by", "dpo", "--store", url) == nothing
    assert said(capsys, "retain", "--before", "2020-05-06", "--by", "dpo", "--store", url) == nothing
    assert run(["retain", "--before", "2020-05-06T01:00+00:30", "--by", "dpo", "--store", url]) == 0
    assert "and 1 record that had no other" in capsys.readouterr().out
    assert run(["export", "p9", "--store", url]) == 2
    said(capsys, "erase", "c5", "--by", "dpo", "--store", url)
    assert run(["resolve-id", "c5", "--store", url]) == 0
    assert "nobody has this id any more" in capsys.readouterr().out
    assert run(["export", "p3", "--store", url]) == 0  # nobody said when it was seen


def test_resolve_reads_a_profile_and_writes_nothing(url: str, capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = {
        "channel": "github",
        "handle": "ghopper",
        "display_name": "Grace Hopper",
        "emails": ["grace@example.com"],
    }
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(profile)))
    answer = said(capsys, "resolve", "--store", url)
    assert (answer["verdict"], answer["customer"]) == ("attach", "c3")
    assert answer["explanation"]
    for wrong in ("[1]", "[" * 50_000, '{"a":' * 50_000, ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(wrong))
        assert run(["resolve", "--store", url]) == 2


def test_apply_needs_the_position_of_the_preview(url: str, capsys: Printed) -> None:
    position = said(capsys, "preview", "--store", url)["position"]
    assert run(["apply", "--position", "1", "--by", "ana", "--store", url]) == 2
    assert said(capsys, "apply", "--position", str(position), "--by", "ana", "--store", url)["values"]
    assert said(capsys, "preview", "--store", url)["changes"] == []


def test_a_policy_whose_trust_fades_is_asked_for_at_a_time(url: str, tmp_path: Path, capsys: Printed) -> None:
    fading = sm.Policy(rules={"email": sm.keep.trusted("crm", half_life_days=30)})
    with Resolver(policy=fading, store=url) as resolver:
        resolver.load(customers("c4"), observed_at=datetime(2026, 1, 1, tzinfo=UTC))
    view = ["view", "--channel", "slack", "--purpose", "service", "--out", str(tmp_path / "view.csv"), "--store", url]
    for command in (["preview", "--store", url], view):
        assert run(command) == 2
        assert "--as-of" in capsys.readouterr().err
        said(capsys, *command, "--as-of", "2026-03-01")
    at = ["--as-of", "2026-03-01", "--store", url]
    position = said(capsys, "preview", *at)["position"]
    assert said(capsys, "apply", "--position", str(position), "--by", "ana", *at)["values"]
    assert said(capsys, "preview", *at)["changes"] == []


def test_a_person_is_exported_and_erased(url: str, capsys: Printed) -> None:
    assert "stranger@example.com" in json.dumps(said(capsys, "export", "p3", "--store", url))
    assert said(capsys, "erase", "p3", "--by", "dpo", "--store", url)["records"] == 1
    assert run(["export", "p3", "--store", url]) == 2


def test_without_json_a_person_reads_it(url: str, capsys: Printed) -> None:
    assert run(["decide", "p3", "c5", "different", "--by", "ana", "--reason", "a namesake", "--store", url]) == 0
    assert run(["history", "c5", "--store", url]) == 0
    assert "different x:p3, crm:c5 by ana: a namesake" in capsys.readouterr().out
    assert run(["preview", "--store", url]) == 0
    assert "values would be written" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["history", "c1"], ["erase", "c1", "--by", "dpo"], ["preview"]])
def test_a_store_that_is_not_there_is_an_error_and_is_not_made(
    command: list[str], tmp_path: Path, capsys: Printed
) -> None:
    assert run([*command, "--store", f"sqlite:///{tmp_path}/other.db"]) == 2
    assert "other.db" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_errors_are_json_where_json_is_asked_for(url: str, capsys: Printed) -> None:
    cases: dict[str, list[str]] = {
        "StoreError": ["history", "nobody", "--store", url],
        "PolicyError": ["pin", "c1", "phnoe", "1", "--by", "ana", "--store", url],
        "MissingParameter": ["erase", "c1", "--store", url],
        "NoSuchOption": ["preview", "--sotre", url],
    }
    for kind, command in cases.items():
        assert run([*command, "--json"]) == 2
        out, err = capsys.readouterr()
        error = json.loads(err)["error"]
        assert (out, error["type"], error["exit_code"]) == ("", kind, 2)
        assert error["message"]


def test_messages_name_options_and_no_arguments_of_the_library(url: str, capsys: Printed, tmp_path: Path) -> None:
    assert run(["decide", "p3", "c5", "same", "--by", " ", "--store", url]) == 2
    assert "--by: nobody decides" in capsys.readouterr().err
    (tmp_path / "people.db.key").unlink()
    assert run(["preview", "--store", url]) == 2
    err = capsys.readouterr().err
    assert "give --key-file" in err
    assert "key=" not in err


def test_a_url_that_is_none_is_one_line_and_not_printed(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "rows.csv").write_text("id,name\nc1,Ada Lovell\n")
    rows = str(tmp_path / "rows.csv")
    assert run(["attach", rows, "--to", rows, "--store", "people of mine", "--out", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("socialmerge: store: this is no database URL; write sqlite:///")


def test_the_key_may_be_in_the_environment_and_is_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    url, key = f"sqlite:///{tmp_path}/people.db", "planted-key-of-sixteen-bytes-or-more"
    with Resolver(store=url, key=key.encode()):
        pass
    asked = ["history", "c1", "--store", url]
    for held, why in (
        (None, "the key file of this store is missing"),
        (f" {key}\n", "no row, profile or entity has this id"),
        ("planted-another-key-of-the-tests", "the key is not the one of this store"),
        ("planted", "7 bytes are too few for a key"),
    ):
        monkeypatch.delenv("SOCIALMERGE_KEY", raising=False)
        if held:
            monkeypatch.setenv("SOCIALMERGE_KEY", held)
        assert run(asked) == 2
        said = capsys.readouterr().err
        assert why in said
        assert "planted" not in said
    (tmp_path / "a.key").write_text(key)
    assert run([*asked, "--key-file", str(tmp_path / "a.key")]) == 2  # which goes before the environment
    assert "no row, profile or entity" in capsys.readouterr().err
    assert not (tmp_path / "people.db.key").exists()


def test_a_whole_table_takes_rows_out_of_the_store_and_a_part_does_not(
    url: str, tmp_path: Path, capsys: Printed
) -> None:
    pyarrow.csv.write_csv(customers("c1", "c3", "c4", "c5"), tmp_path / "less.csv")
    files = [str(tmp_path / "profiles.csv"), "--to", str(tmp_path / "less.csv"), "--out", str(tmp_path / "less")]
    part = said(capsys, "attach", *files, "--store", url)
    whole = said(capsys, "attach", *files, "--store", url, "--complete")
    told = "1 row is no more in the customers' system"
    assert told not in json.dumps(part)
    assert told in json.dumps(whole)
    assert said(capsys, "history", "c2", "--store", url)["entity_ids"] == ["c1"]
    assert run(["attach", *files, "--complete"]) == 2
    assert "--store URL" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "name,email\nAda,ada@example.com\n", "id,name\n1,Ada\n1,Bob\n"])
def test_a_table_that_load_refuses_leaves_no_store_behind(tmp_path: Path, capsys: Printed, text: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    assert run(["load", str(tmp_path / "bad.csv"), "--store", f"sqlite:///{tmp_path}/new.db"]) == 2
    assert capsys.readouterr().err.startswith("socialmerge: ")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]
