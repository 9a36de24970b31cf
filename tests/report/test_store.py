"""A run that is kept in a store: every command that takes a run's folder, or the store itself, answers for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from tests.report import made_up
from tests.report.test_command import read, sections
from tests.report.test_page import words

from socialmerge.cli import run

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


@pytest.fixture(params=["run", "store"])
def asked(request: pytest.FixtureRequest, attached: Path) -> list[str]:
    """The store by the folder of its run, or by itself."""
    return ["--run", str(attached / "run")] if request.param == "run" else ["--store", url(attached)]


def said(capsys: Printed, *arguments: str) -> dict[str, object]:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_attach_writes_a_report_of_the_store_into_its_folder(attached: Path) -> None:
    page = read(attached / "run" / "report.html")
    assert sections(page) == ["attach"]
    assert "Chiara" not in page[0]


def test_explain_says_why_of_a_profile_and_of_two_customers(asked: list[str], capsys: Printed) -> None:
    found = said(capsys, "explain", *asked, "github:1")
    assert (found["left_id"], found["verdict"]) == ("github:1", "attach")
    assert found["lines"]
    pair = said(capsys, "explain", *asked, "c1", "c2")
    assert {pair["left_id"], pair["right_id"]} == {"c1", "c2"}
    assert pair["verdict"] in {"same", "different"}


def test_a_draft_and_metrics_go_by_the_store(asked: list[str], attached: Path, capsys: Printed) -> None:
    out, orders = str(attached / "channels.toml"), str(attached / "orders.csv")
    assert run(["strategy", "draft", *asked, "--orders", orders, "--audit", "--out", out]) == 0
    assert "[github]" in Path(out).read_text()
    assert "revenue of customers first seen here" in Path(out).read_text()
    counted = said(capsys, "metrics", *asked, "--orders", orders, "--seen-on", "2026-01-05", "--now", "2026-02-01")
    assert len(counted["rounds"]) == 1  # type: ignore[arg-type]


def test_a_report_has_every_part(asked: list[str], attached: Path) -> None:
    html, orders = attached / "report.html", str(attached / "orders.csv")
    assert run(["report", *asked, "--out", str(html), "--orders", orders, "--date", "2026-02-01"]) == 0
    page = read(html)
    assert sections(page) == ["foundation", "dedupe", "attach", "channels"]
    assert "Vasquez" not in page[0]
    assert "What became of each channel" in words(page[1])


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


def test_what_takes_files_names_the_store_instead(attached: Path, tmp_path: Path, capsys: Printed) -> None:
    sheet = tmp_path / "pilot.csv"
    sheet.write_text("customer,account\nc1,https://github.com/ada\n")
    assert run(["import-pilot", str(sheet), "--run", str(attached / "run"), "--out", str(tmp_path / "x.csv")]) == 2
    said = capsys.readouterr().err
    assert "this run is in a store" in said
    assert f"socialmerge import-pilot --store {url(attached)}" in said
