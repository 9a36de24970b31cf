"""The report by command: ``--html`` beside a run, and ``socialmerge report`` of an earlier one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import html5lib
import pyarrow.csv as pa_csv
import pytest
from tests.report import made_up
from tests.report.test_attacks import Read
from tests.report.test_page import every, words

from socialmerge.cli import run
from socialmerge.report import rendering


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    pa_csv.write_csv(made_up.customers(), path)
    return path


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    path = tmp_path / "profiles.json"
    path.write_text(json.dumps(made_up.profiles()))
    return path


def read(path: Path) -> Read:
    written = path.read_text(encoding="utf-8")
    return written, html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(written)


def sections(page: Read) -> list[str | None]:
    """The parts of a page that are of results."""
    ids = [one.get("id") for one in every(page[1], "section")]
    return [one for one in ids if one not in {"in-short", "next", "words"}]


def test_attach_and_dedupe_write_a_report_beside_their_folder(customers: Path, profiles: Path, tmp_path: Path) -> None:
    html, out = tmp_path / "report.html", str(tmp_path / "run")
    assert run(["attach", str(profiles), "--to", str(customers), "--out", out, "--html", str(html)]) == 0
    assert sections(read(html)) == ["attach"]
    assert "github: 2 attached, 0 to review, 1 new; mastodon: 1 attached" in read(html)[0]
    assert run(["dedupe", str(customers), "--out", str(tmp_path / "people"), "--html", str(html)]) == 0
    assert sections(read(html)) == ["dedupe"]


def test_a_report_inside_the_folder_of_the_run_is_one_of_its_files(
    customers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    asked = ["dedupe", str(customers), "--out", str(out), "--html", str(out / "report.html"), "--json"]
    for _ in range(2):  # the second time, the folder is there and is replaced
        assert run(asked) == 0
        assert json.loads(capsys.readouterr().out)["html"] == str(out / "report.html")
    assert sections(read(out / "report.html")) == ["dedupe"]


def test_a_report_of_an_earlier_run_has_its_duplicates_and_how_good_it_is(
    customers: Path, profiles: Path, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("profile_id,customer_id\ngithub:1,c3\ngithub:2,c4\n")
    out, html = str(tmp_path / "run"), tmp_path / "report.html"
    assert run(["attach", str(profiles), "--to", str(customers), "--out", out]) == 0
    asked = ["report", "--run", out, "--out", str(html), "--truth", str(truth), "--date", "2026-01-31"]
    assert run([*asked, "--title", "Spring"]) == 0
    page = read(html)
    assert sections(page) == ["foundation", "dedupe", "attach", "quality", "channels"]
    assert words(next(every(page[1], "h1"))) == "Spring"
    assert words(next(every(page[1], "time"))) == "2026-01-31"
    assert "Chiara" not in page[0]
    asked += ["--no-audit", "--no-duplicates", "--no-metrics"]
    assert run([*asked, "--unmasked"]) == 0
    assert sections(read(html)) == ["attach", "quality"]
    assert "Vasquez" in read(html)[0]


def test_audit_and_metrics_write_a_report_of_what_they_print(
    customers: Path, profiles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html, out = tmp_path / "report.html", str(tmp_path / "run")
    assert run(["audit", str(customers), "--no-costs", "--as-of", "2026-01-31", "--html", str(html), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    page = read(html)
    assert sections(page) == ["foundation"]
    assert said["readiness"].capitalize() in words(page[1])
    assert all(one["says"] in words(page[1]) for one in said["findings"][:3])
    assert run(["attach", str(profiles), "--to", str(customers), "--out", out]) == 0
    assert run(["metrics", "--run", out, "--seen-on", "2026-01-05", "--now", "2026-01-31", "--html", str(html)]) == 0
    assert sections(read(html)) == ["channels"]


def test_a_report_takes_again_what_metrics_was_given_with_the_run(
    customers: Path, profiles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, html, orders = str(tmp_path / "run"), tmp_path / "report.html", tmp_path / "orders.csv"
    orders.write_text("Kunde;Datum;Betrag\nc3;2026-01-20;71,50\nc3;2026-01-21;10,00\n", encoding="utf-8")
    assert run(["attach", str(profiles), "--to", str(customers), "--out", out]) == 0
    asked = [
        "metrics",
        "--run",
        out,
        "--orders",
        str(orders),
        "--now",
        "2026-01-31",
        "--order-column",
        "customer=Kunde",
    ]
    assert run([*asked, "--currency", "EUR"]) == 0
    again = [
        "report",
        "--run",
        out,
        "--out",
        str(html),
        "--date",
        "2026-01-31",
        "--no-audit",
        "--no-duplicates",
        "--json",
    ]
    capsys.readouterr()
    assert run(again) == 0
    assert "81.50" in read(html)[0]
    assert json.loads(capsys.readouterr().out)["warnings"] == [f"{orders}: taken as --orders, as it was given before"]
    orders.write_text(orders.read_text(encoding="utf-8") + "c4;2026-01-22;5,00\n", encoding="utf-8")
    assert run(again) == 0
    assert "86.50" in read(html)[0]
    (said,) = json.loads(capsys.readouterr().out)["warnings"]
    assert said.endswith("and has changed since; the page tells of it as it is now")
    orders.unlink()
    assert run(again) == 0
    (said,) = json.loads(capsys.readouterr().out)["warnings"]
    assert said.endswith("was given as --orders before, and is gone; the page is made without it")
    (tmp_path / "run" / "beside.json").write_text('{"files": {}, "reading": {"seen": 1}}', encoding="utf-8")
    assert run(again) == 2
    assert "beside.json: not as this version of socialmerge writes it" in capsys.readouterr().err


def test_all_that_became_of_the_files_of_a_run_is_said_at_once(
    customers: Path, profiles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["attach", str(profiles), "--to", str(customers), "--out", str(tmp_path / "run")]) == 0
    profiles.unlink()
    customers.write_text(customers.read_text() + "\n", encoding="utf-8")
    assert run(["report", "--run", str(tmp_path / "run"), "--out", str(tmp_path / "x.html")]) == 2
    told = capsys.readouterr().err.replace("\n", " ")
    assert (
        f"{customers}: has changed since the run; {profiles}: the run read this file, and it is gone; the run" in told
    )


def test_a_date_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--run", str(tmp_path), "--out", str(tmp_path / "x.html"), "--date", "tomorrow"]) == 2
    assert "ISO 8601" in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()


def test_a_missing_extra_is_said_before_the_work_in_one_line(
    customers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rendering._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert run(["dedupe", str(customers), "--out", str(tmp_path / "run"), "--html", str(tmp_path / "x.html")]) == 1
    assert "pip install 'socialmerge[report]'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
