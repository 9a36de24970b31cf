"""A store filled file by file, and its golden records told value by value: each with its claim, or with why not."""

import json
from pathlib import Path

import pyarrow.csv
import pytest
from tests.resolver.people import customers

from socialmerge import Golden, Resolver
from socialmerge.cli import run
from socialmerge.cli.commands import socialmerge

PROFILE = "profile_id,channel,handle,display_name,emails\np1,x,a,Ada,ada@example.com\n"
Printed = pytest.CaptureFixture[str]
SHOP = [
    {"id": "s1", "name": "Ada Lovelace", "mail": "ada@example.com", "phone": "+1 202 555 0143", "town": "London"},
    {"id": "s2", "name": "A. Lovelace", "mail": "ADA@example.com", "phone": "+1 202 555 0150", "town": "Surrey"},
    {"id": "s3", "name": "Grace Hopper", "mail": "grace@example.com", "phone": "+1 202 555 0199", "town": ""},
]
SEEN = [
    {"profile_id": "p1", "channel": "github", "handle": "ada", "display_name": "Ada King",
     "emails": ["ada@example.com"], "location": "Paris", "websites": ["https://ada.example.com"]},
    {"profile_id": "p2", "channel": "x", "handle": "grace", "display_name": "Grace Hopper", "bio": "Compilers"},
]  # fmt: skip


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/people.db"


def printed(capsys: Printed, *arguments: str, code: int = 0) -> str:
    assert run(list(arguments)) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def test_a_store_is_filled_and_told_file_by_file(url: str, tmp_path: Path, capsys: Printed) -> None:
    pyarrow.csv.write_csv(customers(), tmp_path / "customers.csv")
    (tmp_path / "profiles.csv").write_text(PROFILE)
    rows, seen, store = str(tmp_path / "customers.csv"), str(tmp_path / "profiles.csv"), ["--store", url]
    assert "there is no store" in printed(capsys, "ingest", seen, *store, code=2)
    assert not (tmp_path / "people.db").exists()
    assert "5 rows new" in printed(capsys, "load", rows, "--region", "us", "--observed-at", "2026-01-02", *store)
    counts = json.loads(printed(capsys, "load", rows, "--observed-at", "2026-01-02", "--json", *store))
    assert (counts["records"], counts["claims"], counts["refused"]) == (0, 0, 0)
    assert "1 row new" in printed(capsys, "ingest", seen, "--trusted", *store)
    assert printed(capsys, "resolve-id", "p1", *store) == "c1\n"
    told = printed(capsys, "golden", "p1", *store)
    assert "  account: a on x  (x:p1: inferred)\n" in told
    assert "phone: 202-555-0143  (crm:c2, seen 2026-01-02: the only value there is)" in told
    assert "give an ID" in printed(capsys, "golden", *store, code=2)
    assert "4 records" in printed(capsys, "golden", "--out", str(tmp_path / "golden"), *store)
    assert len((tmp_path / "golden" / "records.csv").read_text().splitlines()) == 5
    printed(capsys, "erase", "c5", "--by", "dpo", *store)
    assert "1 row is of people who were erased" in printed(capsys, "load", rows, *store)
    assert "--by WHO" in printed(capsys, "load", rows, "--admit", "c5", *store, code=2)


def test_each_golden_value_names_its_claim_and_each_rejected_one_its_rule(url: str) -> None:
    with Resolver(store=url) as resolver:
        resolver.load(SHOP)
        resolver.ingest(SEEN)
        for pair in (("s1", "s2"), ("p1", "s1"), ("p2", "s3")):
            resolver.decide(pair, "same", by="ana")
        resolver.pin("s1", "town", "Ockham", by="ana")
        resolver.reject("s3", "phone", "+1 202 555 0199", by="ana")
        golden = resolver.golden()
        claims = {
            one["claim_id"]: (record["record_id"], one["attribute"], one["raw"])
            for any_id in ("s1", "s3")
            for record in resolver.export(any_id)["records"]  # type: ignore[attr-defined]
            for one in record["claims"]
        }
        pins = {entry.decision_id: entry.value for entry in resolver.history("s1") if entry.kind == "pin"}
    assert list(pins.values()) == ["Ockham"]
    assert golden.provenance.num_rows
    assert golden.conflicts.num_rows
    _claims_are_named(golden, claims, pins)
    _nothing_is_lost(golden, claims)


def _claims_are_named(golden: Golden, claims: dict[str, tuple[str, str, str]], pins: dict[str, str]) -> None:
    told: dict[tuple[str, str], set[str]] = {}
    for row in golden.provenance.to_pylist():
        told.setdefault((row["entity_id"], row["field"]), set()).add(row["value"])
        if row["rule"] == "pinned":
            assert pins[row["claim_id"]] == row["value"]
        elif row["field"] != "id":  # an id is the row's own name, and no claim about it
            record, attribute, raw = claims[row["claim_id"]]
            assert (row["record_id"], row["attribute"], row["value"]) == (record, attribute, raw)
    for record in golden.records.to_pylist():
        for field, value in list(record.items())[2:]:
            wanted = set(value) if isinstance(value, list) else {value} - {None}
            assert told.get((record["entity_id"], field), set()) == wanted


def _nothing_is_lost(golden: Golden, claims: dict[str, tuple[str, str, str]]) -> None:
    """Every value of a row is kept, or written otherwise than one that is, or rejected by a rule with a reason."""
    kept = {row["value"].casefold() for row in golden.provenance.to_pylist()}
    lost = {row["rejected"]: row for row in golden.conflicts.to_pylist()}
    assert all(row["rule"] and row["reason"] for row in lost.values())
    left = {raw for _, attribute, raw in claims.values() if attribute != "handle" and raw.casefold() not in kept}
    assert left <= lost.keys()
    assert lost["London"]["rule"] == "pinned"
    assert lost["+1 202 555 0199"]["rule"] == "rejected by a person"
    assert lost["Ada King"]["reason"].startswith("github: ")


def test_every_verb_of_the_resolver_is_a_command_and_stands_in_the_reference() -> None:
    verbs = (
        "load ingest resolve decide undo split history resolve-id golden preview apply erase export retain pin reject"
    )
    verbs += " generic consent simulate explain suggest view metrics report"
    assert set(verbs.split()) <= set(socialmerge.commands)
    for name in verbs.split():
        command = socialmerge.commands[name]
        assert command.help
        if name != "consent":
            assert any("--json" in option.opts for option in command.params)
