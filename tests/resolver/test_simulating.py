"""Two sets of plan, policy and strategy on the same data, side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from socialmerge import Plan, Policy, PolicyError, Resolver, Setting, Strategy, TableError, keep, simulate
from socialmerge.channels.strategy import Use
from socialmerge.cli import entry, run
from socialmerge.records import Label

Printed = pytest.CaptureFixture[str]
NAMES = ("Ada Lovell", "Brendan Okafor", "Chiara Montefiore", "Dmitri Vasquez", "Eunji Hartmann", "Farid Osei")
CUSTOMERS = pa.table(
    {
        "id": [f"c{place}" for place in range(7)],
        "name": [*NAMES, "Ada Lovell"],
        "email": [*(f"{name.split()[0].lower()}@example.com" for name in NAMES), "ada@example.com"],
        "city": [*["Springfield"] * 6, "Springfield-upon-River"],
    }
)
PROFILES = pa.table(
    {
        "profile_id": [f"p{place}" for place in range(4)],
        "channel": ["mastodon"] * 4,
        "handle": [f"{name.split()[-1].lower()}@social.example.org" for name in NAMES[1:5]],
        "display_name": NAMES[1:5],
        "emails": [[f"{name.split()[0].lower()}@example.com"] for name in NAMES[1:5]],
        "bio": ["Potter", None, "Baker", None],
    }
)
SILENT = Strategy({"mastodon": Use(("service",), "public", "consent", {"bio": "private"})})
CAUTIOUS = Plan(minimum_assurance="verified")


def test_nothing_differs_from_itself() -> None:
    found = simulate(PROFILES, to=CUSTOMERS, after=Setting(Plan(), Policy.default(), Strategy()))
    assert [table.num_rows for table in (found.verdicts, found.kinds, found.changes, found.counts, found.views)] == [
        0
    ] * 5
    assert (found.appeared, found.vanished) == (0, 0)


def test_another_plan_changes_verdicts_and_what_follows_from_them() -> None:
    found = simulate(PROFILES, to=CUSTOMERS, after=Setting(plan=CAUTIOUS))
    assert found.kinds.to_pylist() == [{"change": "attach to review", "count": 4, "examples": ["p0", "p1", "p2", "p3"]}]
    one = found.verdicts.to_pylist()[0]
    assert (one["profile_id"], one["verdict_before"], one["verdict_after"], one["customer_before"]) == (
        "p0", "attach", "review", "c1",
    )  # fmt: skip
    changed = {(row["entity_id"], row["field"], row["before"], row["after"]) for row in found.changes.to_pylist()}
    assert ("c1", "bio", "Potter", None) in changed
    lost = {row["purpose"]: (row["gained"], row["lost"]) for row in found.views.to_pylist()}
    assert lost["service"][0] == 0
    assert lost["service"][1] > 0


def test_another_strategy_changes_views_alone() -> None:
    found = simulate(PROFILES, to=CUSTOMERS, after=Setting(strategy=SILENT))
    assert (found.verdicts.num_rows, found.changes.num_rows) == (0, 0)
    views = {row["purpose"]: row for row in found.views.to_pylist()}
    assert set(views) == {"marketing", "service", "research"}
    assert views["marketing"]["values_after"] is None
    assert (views["service"]["gained"], views["service"]["lost"]) == (0, 2)


def test_rows_of_one_table_are_compared_by_their_people() -> None:
    apart = Plan(decisions=(Label("c0", "c6", "different"),))
    found = simulate(to=CUSTOMERS, after=Setting(plan=apart))
    assert found.kinds.to_pylist() == [{"change": "another person", "count": 1, "examples": ["c6"]}]
    assert (found.appeared, found.vanished) == (1, 0)


def test_decisions_hold_on_both_sides() -> None:
    told = pa.table({"left_id": ["p0"], "right_id": ["c5"], "verdict": ["same"]})
    found = simulate(PROFILES, to=CUSTOMERS, decisions=told, after=Setting(plan=CAUTIOUS))
    assert "p0" not in found.verdicts["profile_id"].to_pylist()


def test_what_is_missing_is_said() -> None:
    with pytest.raises(TableError, match="give the customers with to=, or a store="):
        simulate(PROFILES, after=Setting())
    with pytest.raises(TableError, match="not both"):
        simulate(PROFILES, to=CUSTOMERS, store="sqlite:///people.db", after=Setting())
    with pytest.raises(PolicyError, match="names no field"):
        simulate(PROFILES, to=CUSTOMERS, after=Setting(policy=Policy(rules={"shoe": keep.every()})))


@pytest.fixture
def url(tmp_path: Path) -> str:
    store = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=store) as resolver:
        resolver.load(CUSTOMERS)
        resolver.ingest(PROFILES)
        resolver.decide(("p0", "c1"), "same", by="ana")
    return store


def test_a_store_is_left_as_it_was(url: str) -> None:
    with Resolver(store=url) as resolver:
        before = resolver.decisions, resolver.golden().records, resolver.preview().position
        found = simulate(store=resolver, after=Setting(CAUTIOUS, None, SILENT))
        assert found.kinds["change"].to_pylist() == ["attach to review"]
        assert "p0" not in found.verdicts["profile_id"].to_pylist()
        assert (resolver.decisions, resolver.golden().records, resolver.preview().position) == before
        assert resolver.golden().strategy == Strategy()


def test_the_command_says_what_differs(url: str, tmp_path: Path, capsys: Printed) -> None:
    CAUTIOUS.save(tmp_path / "plan.toml")
    SILENT.save(tmp_path / "channels.toml")
    outs = {name: tmp_path / f"{name}.csv" for name in ("out", "verdicts", "views")}
    asked = ["simulate", "--store", url, *(part for name, path in outs.items() for part in (f"--{name}", str(path)))]
    assert run(asked) == entry.WRONG
    assert "nothing to try" in capsys.readouterr().err
    tried = ["--plan", str(tmp_path / "plan.toml"), "--channels", str(tmp_path / "channels.toml")]
    assert run([*asked, *tried, "--json"]) == entry.DONE
    said = json.loads(capsys.readouterr().out)
    assert (said["verdicts"], said["attach to review"], said["views"]) == (3, 3, 3)
    assert said["files"] == [str(outs["verdicts"]), str(outs["views"])]
    assert pyarrow.csv.read_csv(outs["verdicts"]).num_rows == 3
    assert pyarrow.csv.read_csv(outs["views"])["channel"].to_pylist() == ["mastodon"] * 3
