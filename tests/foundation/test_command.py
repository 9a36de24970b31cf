"""The command ``audit``, and the look that ``attach`` begins with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from socialmerge.cli import entry, run
from socialmerge.cli.auditing import NOT_READY

Printed = pytest.CaptureFixture[str]
NAMES = [(given, family) for given in ("Ada", "Bea", "Cyril", "Dora") for family in ("Kingsley", "Colter", "Dunmore")]


def _write(path: Path, repeats: int) -> Path:
    rows = [f"c{n},{g},{f},{g}.{f}@example.com".lower() for n, (g, f) in enumerate([*NAMES, *NAMES[:repeats]])]
    path.write_text("\n".join(["id,first_name,last_name,email", *rows, ""]))
    return path


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    path = tmp_path / "profiles.csv"
    path.write_text("profile_id,channel,handle,display_name,emails\np1,x,adak,Ada Kingsley,ada.kingsley@example.com\n")
    return path


def _attach(profiles: Path, customers: Path, *more: str) -> int:
    out = customers.with_suffix("")
    return run(["attach", str(profiles), "--to", str(customers), "--out", str(out), *more])


def test_audit_prints_a_verdict_and_what_to_do(tmp_path: Path, capsys: Printed) -> None:
    assert run(["audit", str(_write(tmp_path / "c.csv", 6)), "--as-of", "2026-06-30", "--no-costs"]) == entry.DONE
    said = capsys.readouterr().out
    assert "not ready" in said
    assert "socialmerge dedupe" in said


@pytest.mark.parametrize("option", ["--quick", "--no-costs"])
def test_audit_gives_one_object_of_json(tmp_path: Path, capsys: Printed, option: str) -> None:
    assert run(["audit", str(_write(tmp_path / "c.csv", 6)), option, "--json"]) == entry.DONE
    found = json.loads(capsys.readouterr().out)
    assert found["rows"] == 18
    assert found["expected_duplicates"] == pytest.approx(6, abs=0.5)


def test_the_notes_of_an_audit_name_options_and_no_arguments(tmp_path: Path, capsys: Printed) -> None:
    rows = "".join(f"{n},Ada King,(747) 555-01{n}\n" for n in range(10, 20))
    (tmp_path / "c.csv").write_text(f"id,name,phone\n{rows}")
    assert run(["audit", str(tmp_path / "c.csv"), "--quick"]) == entry.DONE
    said = capsys.readouterr().out
    assert "--region" in said
    assert "region=" not in said


def test_attach_warns_of_customers_who_are_twice(tmp_path: Path, profiles: Path, capsys: Printed) -> None:
    assert _attach(profiles, _write(tmp_path / "c.csv", 6), "--json") == entry.DONE
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    said = "the customers are not ready: at least 33 % of the rows repeat"
    assert any(warning.startswith(said) for warning in warnings)


def test_attach_says_nothing_of_customers_who_are_ready(tmp_path: Path, profiles: Path, capsys: Printed) -> None:
    assert _attach(profiles, _write(tmp_path / "c.csv", 0), "--json", "--require-foundation") == entry.DONE
    assert not any("the customers are" in warning for warning in json.loads(capsys.readouterr().out)["warnings"])


def test_a_required_foundation_stops_with_its_own_exit_code(tmp_path: Path, profiles: Path, capsys: Printed) -> None:
    customers = _write(tmp_path / "c.csv", 6)
    assert _attach(profiles, customers, "--require-foundation") == NOT_READY == 3
    assert "nothing was attached" in capsys.readouterr().err
    assert not customers.with_suffix("").exists()


def test_a_table_of_products_is_no_foundation(tmp_path: Path, profiles: Path, capsys: Printed) -> None:
    products = tmp_path / "products.csv"
    products.write_text("id,product,price\n1,Merino 4-ply,12.50\n2,Wool wash,7.00\n3,Alpaca DK,9.80\n")
    assert run(["audit", str(products), "--quick"]) == entry.DONE
    assert "3 rows: not ready\n  nothing to find anybody by: no column holds names" in capsys.readouterr().out
    assert _attach(profiles, products, "--require-foundation") == NOT_READY
    assert "nothing to find anybody by" in capsys.readouterr().err


def test_a_plan_that_does_not_fit_is_a_mistake_and_no_verdict(tmp_path: Path, capsys: Printed) -> None:
    assert run(["audit", str(_write(tmp_path / "c.csv", 0)), "--id", "nocolumn"]) == entry.WRONG
    assert "nocolumn" in capsys.readouterr().err
