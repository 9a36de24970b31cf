"""What a store knows: who is one person, when profiles came, which the machine attached, and who agreed."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.resolver.people import customers, profiles
from tests.store.rows import KEY

import socialmerge as sm
from socialmerge import Resolver, sample, tables
from socialmerge.cli import run
from socialmerge.errors import LabelError, StoreError, TableError
from socialmerge.store import Store

Printed = pytest.CaptureFixture[str]
NOW = datetime(2026, 3, 9, tzinfo=UTC)
SOLD = [
    {"id": "c1", "stage": "lead", "became customer": "", "revenue": "0"},
    {"id": "c2", "stage": "customer", "became customer": "2026-03-08", "revenue": "70"},
    {"id": "c3", "stage": "customer", "became customer": "2020-05-05", "revenue": "30"},
    {"id": "c4", "stage": "customer", "became customer": "2020-05-05", "revenue": "11"},
    {"id": "c5", "stage": "lead", "became customer": "", "revenue": "0"},
]
ORDERS = [
    {"order_id": "1", "customer_id": "c1", "date": "2026-03-01", "amount": "20"},
    {"order_id": "2", "customer_id": "c2", "date": "2026-03-08", "amount": "50"},
    {"order_id": "3", "customer_id": "c3", "date": "2026-03-08", "amount": "30"},
    {"order_id": "4", "customer_id": "c4", "date": "2026-03-08", "amount": "11"},
]


THEN = ("profiles_then", "attached_then", "attach_rate_then")


class Days:
    """A clock that stands still until it is put on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Days:
    return Days()


@pytest.fixture
def url(tmp_path: Path, clock: Days) -> str:
    """A store with five customers, of whom two are one person, and three profiles."""
    url = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=url, clock=clock) as resolver:
        resolver.load(customers())
        resolver.ingest(profiles())
    return url


def told(url: str, clock: Days, work: Callable[[Resolver], object]) -> None:
    with Resolver(store=url, clock=clock) as resolver:
        work(resolver)


def only(table: pa.Table) -> dict[str, Any]:
    (row,) = table.to_pylist()
    found: dict[str, Any] = row
    return found


def test_rows_that_are_one_person_count_once_with_the_money_of_both(url: str) -> None:
    total = only(sm.metrics(url, SOLD, now=NOW).totals)
    assert (total["profiles"], total["attached"], total["customers"]) == (3, 2, 2)
    assert (total["revenue"], total["value_per_profile"]) == (100, pytest.approx(100 / 3))
    assert (total["became_after"], total["became_before"], total["days_median"]) == (1, 1, 6)
    ordered = sm.metrics(url, SOLD, orders=ORDERS, now=NOW)
    total = only(ordered.totals)
    assert (total["orders"], total["revenue"], total["revenue_after"]) == (3, 100, 80)
    people = {row["measure"]: row for row in ordered.coverage.to_pylist()}
    assert (people["rows"]["count"], people["people"]["count"], people["people"]["whole"]) == (3, 2, 4)


def test_orders_of_a_row_that_was_merged_away_are_the_persons(url: str) -> None:
    left = [row for row in SOLD if row["id"] != "c2"]
    assert only(sm.metrics(url, left, orders=ORDERS, now=NOW).totals)["revenue"] == 100


def test_a_store_holds_its_own_customers_too(url: str, clock: Days) -> None:
    rows = [row | {"stage": "customer", "total spent": "5.50"} for row in customers("c3").to_pylist()]
    told(url, clock, lambda resolver: resolver.load(rows))
    found = sm.metrics(url, now=NOW)
    assert (only(found.totals)["customers"], only(found.totals)["revenue"]) == (1, 5.5)


def test_precision_is_of_the_machines_attachments_that_people_judged(url: str, clock: Days) -> None:
    assert only(sm.metrics(url, SOLD, now=NOW).totals)["precision"] is None
    told(url, clock, lambda resolver: resolver.decide(("p2", "c3"), "same", by="ana"))
    told(url, clock, lambda resolver: resolver.decide(("p3", "c5"), "same", by="ana"))  # the machine did not say so
    total = only(sm.metrics(url, SOLD, now=NOW).totals)
    assert (total["judged"], total["right"], total["attached"]) == (1, 1, 3)
    with Resolver(store=url, clock=clock) as resolver:
        decision = resolver.split("p1", by="bob")
    total = only(sm.metrics(url, SOLD, now=NOW).totals)
    assert (total["judged"], total["right"], total["precision"], total["attached"]) == (2, 1, 0.5, 2)
    assert total["precision_low"] == pytest.approx(0.0945, abs=1e-4)
    for one in decision:
        told(url, clock, lambda resolver, one=one: resolver.undo(one.id, by="bob"))  # type: ignore[misc]
    assert only(sm.metrics(url, SOLD, now=NOW).totals)["judged"] == 1


def test_a_round_ends_with_a_decision_or_a_day(tmp_path: Path, clock: Days) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=url, clock=clock) as resolver:
        resolver.load(customers())
        resolver.ingest(profiles("p1"))
        resolver.ingest(profiles("p2"))
        resolver.decide(("p2", "c3"), "same", by="ana")
        resolver.ingest(profiles("p3"))
        clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
        resolver.ingest([{"profile_id": "p4", "channel": "x", "emails": ["mary@example.com"], "handle": "mary"}])
    rows = sm.metrics(url, SOLD, now=NOW).rounds.to_pylist()
    assert [(row["round"], row["profiles"], row["decisions"]) for row in rows] == [(1, 2, 1), (2, 1, 0), (3, 1, 0)]
    assert [row["attached"] for row in rows] == [2, 0, 1]
    assert [row["judged"] for row in rows] == [1, 0, 0]
    assert [row["began_at"].day for row in rows] == [2, 2, 4]
    assert [row["revenue"] for row in rows] == [100, 0, 11]


def test_how_a_round_ended_is_told_of_that_time_and_not_of_now(url: str, clock: Days) -> None:
    before = only(sm.metrics(url, SOLD, now=NOW).rounds)
    assert [before[name] for name in THEN] == [3, 2, pytest.approx(2 / 3)]
    told(url, clock, lambda resolver: resolver.split("p1", by="bob"))
    clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    told(url, clock, lambda resolver: resolver.ingest([{"profile_id": "p4", "channel": "x", "handle": "zoe"}]))
    told(url, clock, lambda resolver: resolver.decide(("p3", "c5"), "same", by="ana"))
    told(url, clock, lambda resolver: resolver.decide(("p4", "c5"), "same", by="ana"))
    first, second = sm.metrics(url, SOLD, now=NOW).rounds.to_pylist()
    assert [first["attached"], second["attached"]] == [2, 1]  # p1 is parted and p3 joined: as they stand now
    assert [first[name] for name in THEN] == [3, 1, pytest.approx(1 / 3)]  # p1 was parted in the first round
    assert [second[name] for name in THEN] == [4, 3, 0.75]


def test_reviews_and_precision_are_told_as_each_round_ended(url: str, clock: Days) -> None:
    told(url, clock, lambda resolver: resolver.decide(("p2", "c3"), "same", by="ana"))
    clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    told(url, clock, lambda resolver: resolver.ingest([{"profile_id": "p4", "channel": "x", "handle": "zoe"}]))
    with Resolver(store=url, clock=clock) as resolver:
        parted = resolver.split("p1", by="bob")
    told(url, clock, lambda resolver: resolver.decide(("p3", "c5"), "same", by="ana"))  # nobody's: judges nothing
    clock.now = datetime(2026, 3, 6, 9, tzinfo=UTC)
    told(url, clock, lambda resolver: resolver.ingest([{"profile_id": "p5", "channel": "x", "handle": "yan"}]))
    for one in parted:
        told(url, clock, lambda resolver, one=one: resolver.undo(one.id, by="bob"))  # type: ignore[misc]
    rows = sm.metrics(url, SOLD, now=NOW).rounds.to_pylist()
    assert [(row["judged_then"], row["right_then"]) for row in rows] == [(1, 1), (2, 1), (1, 1)]
    assert [row["precision_then"] for row in rows] == [1.0, 0.5, 1.0]
    assert rows[1]["precision_low_then"] == pytest.approx(0.0945, abs=1e-4)
    assert [row["reviews_then"] for row in rows] == [1, 0, 0]  # p3 waited until somebody said whose it is
    assert rows[0]["review_rate_then"] == pytest.approx(1 / 3)


def test_what_was_erased_leaves_the_decisions_of_others_in_their_rounds(url: str, clock: Days) -> None:
    told(url, clock, lambda resolver: resolver.decide(("p2", "c3"), "same", by="ana"))
    told(url, clock, lambda resolver: resolver.decide(("p1", "c1"), "same", by="ana"))
    clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    told(url, clock, lambda resolver: resolver.ingest([{"profile_id": "p4", "channel": "x", "handle": "zoe"}]))
    told(url, clock, lambda resolver: resolver.erase("c3", by="dpo"))
    rows = sm.metrics(url, now=NOW).rounds.to_pylist()
    assert [row["judged_then"] for row in rows] == [1, 1]


def test_profiles_count_from_their_own_date_or_from_the_day_they_came_in(url: str, clock: Days) -> None:
    clock.now = datetime(2026, 3, 5, 9, tzinfo=UTC)
    dated = {"profile_id": "p5", "channel": "x", "handle": "e", "observed_at": "2025-12-24T10:00:00Z"}
    told(url, clock, lambda resolver: resolver.ingest([dated]))
    months = sm.metrics(url, SOLD, now=NOW).months.to_pylist()
    assert [(str(row["month"]), row["channel"], row["profiles"]) for row in months] == [
        ("2025-12-01", "x", 1),
        ("2026-03-01", "github", 2),
        ("2026-03-01", "x", 1),
    ]


def test_an_erased_person_is_counted_no_more(url: str, clock: Days) -> None:
    told(url, clock, lambda resolver: resolver.erase("c3", by="dpo"))
    found = sm.metrics(url, now=NOW)
    assert (only(found.totals)["profiles"], only(found.totals)["attached"]) == (2, 1)


def test_attached_and_asked_are_those_of_the_resolver(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=url) as resolver:
        resolver.load(tables.read(sample.customers()).slice(0, 600))
        resolver.ingest(sample.exports()["x"])
        asked = next(row for row in resolver.decisions.to_pylist() if row["verdict"] == "review")
        resolver.decide((asked["profile_id"], asked["customer_id"]), "different", by="ana")
        verdicts = resolver.decisions.to_pylist()
    total = only(sm.metrics(url).totals)
    found = [row["verdict"] for row in verdicts]
    assert (total["attached"], total["reviews"]) == (found.count("attach"), found.count("review"))
    last = sm.metrics(url).rounds.to_pylist()[-1]  # which has not ended
    assert (last["reviews_then"], last["attached_then"]) == (total["reviews"], total["attached"])


def test_postgresql_counts_as_sqlite_does(schema_url: str, tmp_path: Path) -> None:
    found = []
    for url in (f"sqlite:///{tmp_path}/people.db", schema_url):
        clock = Days()
        with Resolver(store=url, key=KEY, clock=clock) as resolver:
            resolver.load(customers())
            resolver.ingest(profiles("p1", "p2"))
            resolver.decide(("p2", "c3"), "same", by="ana")
            clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
            resolver.ingest(profiles("p3"))
            resolver.erase("c5", by="dpo")
        counted = [sm.metrics(url, rows, orders=ORDERS, key=KEY, now=NOW) for rows in (SOLD, None)]
        found.append([one.to_json() for one in counted])
        assert (only(counted[0].totals)["profiles"], counted[0].rounds.num_rows) == (3, 2)
        assert (only(counted[0].totals)["judged"], only(counted[0].totals)["right"]) == (1, 1)
    assert found[0] == found[1]


def test_an_open_store_stays_open_and_one_that_is_not_there_is_an_error(url: str, tmp_path: Path) -> None:
    with Store.open(url) as store:
        assert sm.metrics(store, SOLD, now=NOW).to_json() == sm.metrics(store, SOLD, now=NOW).to_json()
        assert store.digest("still open")
    with pytest.raises(StoreError, match="there is no store"):
        sm.metrics(f"sqlite:///{tmp_path}/nowhere.db", SOLD)
    with pytest.raises(TableError, match="a store has decisions"):
        sm.metrics(url, SOLD, decisions=pa.table({"left_id": ["p1"]}))


def test_a_resolver_and_its_result_are_taken_where_a_result_is(url: str, clock: Days, tmp_path: Path) -> None:
    told(url, clock, lambda resolver: resolver.decide(("p2", "c3"), "same", by="ana"))
    truth = pa.table({"profile_id": ["p1", "p2"], "customer_id": ["c1", "c3"]})
    counted = sm.metrics(url, SOLD, now=NOW)
    with Resolver(store=url, clock=clock) as resolver:
        result = resolver.result()
        assert sm.metrics(resolver, SOLD, now=NOW).to_json() == counted.to_json()
        assert sm.evaluate(resolver, truth) == sm.evaluate(result, truth)
        assert str(sm.draft_strategy(resolver)) == str(sm.draft_strategy(result))
        with pytest.raises(LabelError, match="a store has its own"):
            sm.draft_strategy(result, labels=truth)
        sm.to_html([resolver], tmp_path / "now.html")
        sm.to_html(result, tmp_path / "then.html")
        assert resolver.explain("p1").as_dict() == result.explain("p1").as_dict()
        assert resolver.explain("c1", "c2").verdict == "same"
        assert resolver.suggest_reviews().equals(result.suggest_reviews())
    assert (tmp_path / "now.html").read_bytes() == (tmp_path / "then.html").read_bytes()
    alone = sm.metrics(result, SOLD, now=NOW, seen_on=clock.now)  # the store is closed, and its days with it
    assert alone.totals.equals(counted.totals)
    with pytest.raises(TableError, match="a store has decisions"):
        sm.metrics(result, SOLD, decisions=truth)
    with pytest.raises(TableError, match="not int"):
        sm.metrics(7, SOLD)  # type: ignore[arg-type]


def test_the_command_prints_text_or_json_and_writes_the_tables(url: str, tmp_path: Path, capsys: Printed) -> None:
    pa_rows = pa.Table.from_pylist(SOLD)
    path = tmp_path / "sold.csv"
    path.write_text("\n".join([",".join(pa_rows.column_names), *(",".join(row.values()) for row in SOLD)]) + "\n")
    arguments = ["metrics", "--store", url, "--customers", str(path), "--now", "2026-03-09"]
    assert run([*arguments, "--json", "--out", str(tmp_path / "out")]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["revenue"] == 100
    assert sorted(one.name for one in (tmp_path / "out").glob("*.*") if not one.name.startswith(".")) == [
        "channels.csv", "coverage.csv", "groups.csv", "metrics.json", "months.csv", "rounds.csv", "totals.csv",
    ]  # fmt: skip
    assert run(arguments) == 0
    said = capsys.readouterr().out
    assert "2 customers, of whom 1 became one after they were first seen" in " ".join(said.split())
    assert "does not say that the channel caused it" in " ".join(said.split())


def _says_options_and_no_arguments(folder: Path, capsys: Printed) -> None:
    """What the command prints of a table of orders that lacks the amount, as text, as JSON and as an error."""
    orders = folder / "orders.csv"
    orders.write_text("customer id,date\n@c1,2026-03-05\n")
    for more in ([], ["--json"]):
        assert run(["metrics", "--run", str(folder / "run"), "--orders", str(orders), *more]) == 0
        said = capsys.readouterr().out
        assert "name it with --order-column" in said
        assert "1 has no date of when first seen, which --seen-on gives" in " ".join(said.split())
        assert not re.search(r"order_columns=|seen_on=", said)
    orders.write_text("date,sum\n2026-03-05,1\n")
    assert run(["metrics", "--run", str(folder / "run"), "--orders", str(orders)]) == 2
    assert "as in --order-column customer='...'" in capsys.readouterr().err


def test_the_folder_of_a_run_is_counted_with_its_own_customers(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "customers.csv").write_text("id,name,email,revenue\n@c1,Ada Lovelace,ada@example.com,12.50\n")
    (tmp_path / "profiles.csv").write_text("profile_id,channel,handle,emails\n@p,x,ada,ada@example.com\n")
    files = [str(tmp_path / "profiles.csv"), "--to", str(tmp_path / "customers.csv"), "--out", str(tmp_path / "run")]
    assert run(["attach", *files, "--json"]) == 0
    capsys.readouterr()
    page = tmp_path / "page.html"
    assert run(["metrics", "--run", str(tmp_path / "run"), "--html", str(page), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["totals"]["customers"], found["totals"]["revenue"]) == (1, 12.5)
    assert found["columns"]["customers.revenue"] == "revenue"
    assert "12.50" in page.read_text(encoding="utf-8")
    _says_options_and_no_arguments(tmp_path, capsys)
    (tmp_path / "customers.csv").unlink()
    assert run(["metrics", "--run", str(tmp_path / "run")]) == 2
    assert "it is gone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ([], 2, "give one of --run and --store"),
        (["--run", "nowhere"], 2, "no run.json here"),
        (["--store", "sqlite:///nowhere.db"], 2, "there is no store"),
        (["--store", "x", "--run", "y"], 2, "give one of --run and --store"),
        (["--run", "y", "--column", "revenue"], 2, "write ROLE=COLUMN"),
    ],
)
def test_the_command_says_what_is_wrong(
    more: list[str], code: int, message: str, capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["metrics", *more]) == code
    assert message in capsys.readouterr().err
