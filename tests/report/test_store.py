"""A run that is kept in a store: every command that takes a run's folder, or the store itself, answers for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from tests.report import made_up
from tests.report.test_command import read, sections
from tests.report.test_page import words

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.cli import places, run
from socialmerge.report import Reportable

Printed = pytest.CaptureFixture[str]
PAIR = ("left_id", "right_id")
ORDERS = "order_id,customer_id,date,amount\n1,c3,2026-01-20,40.00\n2,c4,2026-01-21,25.00\n"


@pytest.fixture(scope="module")
def attached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that attach has filled, and the folder ``run`` that it wrote."""
    folder = tmp_path_factory.mktemp("kept")
    pa_csv.write_csv(made_up.customers(), folder / "customers.csv")
    (folder / "profiles.json").write_text(json.dumps(made_up.profiles()))
    (folder / "orders.csv").write_text(ORDERS)
    asked = ["attach", str(folder / "profiles.json"), "--to", str(folder / "customers.csv"), "--store", url(folder)]
    assert run([*asked, "--out", str(folder / "run"), "--html", str(folder / "run" / "report.html"), "--json"]) == 0
    return folder


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/people.db"


@pytest.fixture
def by_run(attached: Path) -> list[str]:
    """The store by the folder of its run."""
    return ["--run", str(attached / "run")]


@pytest.fixture
def by_store(attached: Path) -> list[str]:
    """The store by itself."""
    return ["--store", url(attached)]


def said(capsys: Printed, *arguments: str) -> dict[str, object]:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_attach_writes_a_report_of_the_store_into_its_folder(attached: Path) -> None:
    page = read(attached / "run" / "report.html")
    assert sections(page) == ["attach"]
    assert "Chiara" not in page[0]


def test_explain_says_why_of_a_profile_and_of_two_customers(
    by_run: list[str], by_store: list[str], capsys: Printed
) -> None:
    found = said(capsys, "explain", *by_run, "github:1")
    assert (found["left_id"], found["verdict"]) == ("github:1", "attach")
    assert found["lines"]
    pair = said(capsys, "explain", *by_store, "c1", "c2")
    assert {pair["left_id"], pair["right_id"]} == {"c1", "c2"}
    assert pair["verdict"] == "different"
    assert run(["explain", *by_store, "c1"]) == 2
    assert "profile" in capsys.readouterr().err


def test_a_draft_and_metrics_go_by_the_store(
    by_run: list[str], by_store: list[str], attached: Path, capsys: Printed
) -> None:
    out, orders = str(attached / "channels.toml"), str(attached / "orders.csv")
    assert run(["strategy", "draft", *by_run, "--orders", orders, "--out", out]) == 0
    assert "revenue of customers first seen here" in Path(out).read_text()
    asked = ["--orders", orders, "--seen-on", "2026-01-05", "--now", "2026-02-01"]
    counted = [said(capsys, "metrics", *place, *asked) for place in (by_run, by_store)]
    assert counted[0] == counted[1]
    assert len(counted[0]["rounds"]) == 1  # type: ignore[arg-type]


def test_a_report_of_the_folder_is_of_its_store(by_run: list[str], attached: Path) -> None:
    html, orders = attached / "report.html", str(attached / "orders.csv")
    assert run(["report", *by_run, "--out", str(html), "--orders", orders, "--no-audit", "--no-duplicates"]) == 0
    page = read(html)
    assert sections(page) == ["attach", "channels"]
    assert "What became of each channel" in words(page[1])
    assert "socialmerge preview" in words(page[1])


def test_what_a_store_says_is_measured_and_told_when_it_is_closed(attached: Path, tmp_path: Path) -> None:
    with Resolver(store=url(attached)) as resolver:
        result = resolver.result()
    truth = pa.table({"profile_id": ["github:1", "github:2"], "customer_id": ["c3", "c1"]})
    found = sm.evaluate(result, truth)
    assert found.attaching is not None
    assert (found.attaching.profiles, found.attaching.attached) == (4, 3)
    assert found.recall == 0.5
    sm.to_html([result, found], tmp_path / "page.html", masked=False)
    page = read(tmp_path / "page.html")
    assert sections(page) == ["attach", "quality"]
    assert "Why: the reasons by how often they decided" in words(page[1])


def test_questions_are_answered_in_the_store(attached: Path, tmp_path: Path, capsys: Printed) -> None:
    for name in ("people.db", "people.db.key"):
        shutil.copy(attached / name, tmp_path)
    store, sheet = ["--store", url(tmp_path)], tmp_path / "reviews.csv"
    asked = ["suggest", *store, "-n", "2", "--out", str(sheet)]
    assert said(capsys, *asked)["reviews"] == 2
    table = pa_csv.read_csv(sheet)
    profile, customer = (table[name][0].as_py() for name in ("left_id", "right_id"))
    answer = pa.array(["different", "unsure"])
    pa_csv.write_csv(table.set_column(table.column_names.index("verdict"), "verdict", answer), sheet)
    answers = ["decide", "--decisions", str(sheet), "--by", "ana", *store]
    assert len(said(capsys, *answers)["decisions"]) == 1  # type: ignore[arg-type]
    assert said(capsys, *answers)["decisions"] == []  # the same again changes nothing
    said(capsys, *asked)
    assert (profile, customer) not in zip(*(pa_csv.read_csv(sheet)[name].to_pylist() for name in PAIR), strict=True)
    why = said(capsys, "explain", *store, profile)
    assert (why["verdict"], why["reason"]) == ("new", "a person decided that it is somebody else")


def test_a_report_has_nothing_of_who_was_erased_and_masks_the_others(tmp_path: Path) -> None:
    with Resolver(store=url(tmp_path)) as resolver:
        resolver.load(made_up.customers())
        resolver.ingest(made_up.profiles())
        resolver.fit()  # from here on the store keeps a model, which an erasure must reach
        resolver.erase("c3", by="dpo")
        result = resolver.result()
    audit = sm.audit(result.customers, id=result.id_column, costs=False)
    found: list[Reportable] = [audit, result.duplicates(), result, sm.metrics(url(tmp_path))]
    left = {*result.clusters["id"].to_pylist(), *result.decisions["profile_id"].to_pylist()}
    everybody = [*made_up.customers().to_pylist(), *made_up.profiles()]
    names = {str(row.get("id") or row["profile_id"]): values_of(row) for row in everybody}
    gone = set().union(*(values for name, values in names.items() if name not in left))
    stays = set().union(*(values for name, values in names.items() if name in left))
    assert {"Chiara", "chiara@example.com", "chiaram", "+1 212 555 0103"} <= gone - stays
    pages = []
    for masked in (False, True):
        sm.to_html(found, tmp_path / "report.html", masked=masked)
        page = read(tmp_path / "report.html")
        assert sections(page) == ["foundation", "dedupe", "attach", "channels"]
        pages.append(page)
    assert "it joins only what is as good as certain" in words(pages[0][1])
    assert "Vasquez" in pages[0][0]
    assert not [value for value in gone - stays if value in pages[0][0]]
    assert not [value for value in gone | stays if value in pages[1][0]]


def values_of(row: dict[str, Any]) -> set[str]:
    """The personal values of a row, and the words of its name: what tells somebody from others."""
    told = [row.get(name) for name in ("full name", "display_name", "email", "phone", "handle")]
    told += row.get("emails", [])
    return {part for text in told if text for part in (text, *str(text).split()) if len(part) > 4}


def test_a_report_of_a_store_that_has_nobody_left_says_so_plainly(tmp_path: Path) -> None:
    store, html = url(tmp_path), tmp_path / "report.html"
    with Resolver(store=store) as resolver:
        resolver.load(made_up.customers().slice(1, 1))
        resolver.ingest(made_up.profiles()[3:])
        resolver.erase("c2", by="dpo")
    assert run(["report", "--store", store, "--out", str(html)]) == 0
    assert sections(read(html)) == ["attach", "channels"]


def test_a_store_that_is_gone_is_said_to_be(attached: Path, tmp_path: Path, capsys: Printed) -> None:
    shutil.copytree(attached / "run", tmp_path / "run")
    note = tmp_path / "run" / "run.json"
    note.write_text(note.read_text().replace("people.db", "nowhere.db"))
    for command in (["explain", "github:1"], ["report", "--out", str(tmp_path / "x.html")]):
        assert run([*command, "--run", str(tmp_path / "run")]) == 2
        assert "nowhere.db, which is gone; put it back" in capsys.readouterr().err


def test_a_run_notes_its_store_without_the_password() -> None:
    kept = places.address(
        "postgresql+psycopg://ana:secret@db.example.com/people?password=secret&sslpassword=secret&sslmode=require"
    )
    assert kept == "postgresql+psycopg://ana@db.example.com/people?sslmode=require"


def test_a_run_finds_its_store_again_whatever_stood_behind_the_file() -> None:
    assert places.address("sqlite:////shop/people.db?timeout=5") == "sqlite:////shop/people.db"
