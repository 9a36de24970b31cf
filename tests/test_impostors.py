"""Whoever only claims to be a customer: never verified, and never a new way to reach the customer."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge import channels
from socialmerge.cli import runs

GIVEN = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Tony", "John", "Mary", "Frances"]
FAMILY = [
    "Lovelock",
    "Hopperton",
    "Turingham",
    "Dykstro",
    "Liskovsky",
    "Knuthsen",
    "Hoarewood",
    "Backusson",
    "Kellerby",
    "Allenby",
]
CUSTOMERS: list[dict[str, object]] = [
    {
        "id": f"c{10 * i + j}",
        "name": f"{given} {family}",
        "email": f"{given}.{family}@example.com".lower(),
        "github": f"{given[0]}{family}{j}".lower(),
    }
    for i, given in enumerate(GIVEN)
    for j, family in enumerate(FAMILY)
]
VICTIM = CUSTOMERS[57]
THIEF = {"emails": [VICTIM["email"], "thief@example.net"], "phones": ["+12025550143"]}


def slack_row(number: int, customer: dict[str, object], **more: object) -> dict[str, object]:
    emails = [customer["email"]]
    return {
        "profile_id": f"p{number}",
        "handle": f"u{number}",
        "account_id": f"U{number}",
        "display_name": customer["name"],
        "emails": emails,
        "verified_emails": emails,
        **more,
    }


ROWS = [slack_row(0, VICTIM, **THIEF), *(slack_row(n, row) for n, row in enumerate(CUSTOMERS[:40], 1))]


def reached(result: sm.AttachResult) -> set[str]:
    record = next(row for row in result.golden().records.to_pylist() if row["entity_id"] == VICTIM["id"])
    return {text for text in ("thief@example.net", "2025550143") if text in json.dumps(record)}


@pytest.mark.parametrize("channel", [None, "profiles", "slack", "github"])
def test_rows_that_anybody_could_have_written_prove_nothing_whatever_channel_is_named(channel: str | None) -> None:
    result = sm.attach(ROWS, to=CUSTOMERS, channel=channel)
    assert set(result.decisions["assurance"].to_pylist()) <= {"inferred", None}
    assert reached(result) == set()


def test_rows_prove_what_they_say_where_the_caller_vouches_for_them() -> None:
    result = sm.attach(ROWS, to=CUSTOMERS, trusted=True)
    assert "verified" in result.decisions["assurance"].to_pylist()
    assert reached(result) == set()  # the address of the thief is none that was proved


def test_files_of_rows_given_together_prove_nothing_whatever_channel_is_named(tmp_path: Path) -> None:
    for number, rows in enumerate((ROWS[:20], ROWS[20:])):
        # without a profile_id they are told from an export by their columns alone
        plain = [{name: value for name, value in row.items() if name != "profile_id"} for row in rows]
        (tmp_path / f"{number}.json").write_text(json.dumps(plain), encoding="utf-8")
    (tmp_path / "crm.json").write_text(json.dumps(CUSTOMERS), encoding="utf-8")
    files = [runs.remember(tmp_path / name) for name in ("crm.json", "0.json", "1.json")]
    result = runs.attach(runs.Run("attach", files[0], tuple(files[1:]), channel="slack"), plan=None)
    assert set(result.decisions["assurance"].to_pylist()) <= {"inferred", None}


def test_an_export_is_told_from_rows_that_name_its_channel() -> None:
    export = [{"login": "ada", "id": 1, "node_id": "MDQ6", "type": "User"}]
    rows = [{"handle": "ada", "display_name": "Ada"}]
    assert channels.is_export(export)
    assert channels.is_export(export, channel="github")
    assert not channels.is_export(rows, channel="github")
    assert not channels.is_export(pa.Table.from_pylist([{"channel": "github", **rows[0]}]))
