"""Pilots: a sheet that was matched by hand, its lines checked, and decisions made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from socialmerge import LabelError, Pilot, Resolver, attach, import_pilot
from socialmerge.api.pilot_sheets import read_sheet, verdict_of
from socialmerge.cli import entry, run

Printed = pytest.CaptureFixture[str]
NAMES = ("Ada Lovell", "Brendan Okafor", "Chiara Montefiore", "Dmitri Vasquez", "Eun-ji Hartmann", "Farid Osei")
CUSTOMERS = "id,name,email,city\n" + "".join(
    f"c{place},{name},{name.split()[0].lower()}@example.com,Springfield\n" for place, name in enumerate(NAMES, 1)
)
PROFILES = "profile_id,channel,handle,display_name,emails\n" + "".join(
    f"p{place},github,{name.split()[-1].lower()}-dev,{name},{name.split()[0].lower()}@example.com\n"
    for place, name in enumerate(NAMES[:5], 1)
)
PROFILES += "p6,mastodon,lopsidedkettle@social.example.org,Lopsided Kettle,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    (tmp_path / "profiles.csv").write_text(PROFILES)
    return tmp_path


def sheet(*lines: tuple[str, str, str], names: tuple[str, str, str] = ("Customer", "Account", "Same?")) -> pa.Table:
    return pa.table({name: [line[place] for line in lines] for place, name in enumerate(names)})


def imported(folder: Path, table: object, **told: object) -> Pilot:
    told.setdefault("trusted", True)
    told = {"profiles": folder / "profiles.csv", "to": folder / "customers.csv"} | told
    return import_pilot(table, **told)  # type: ignore[arg-type]


def standings(pilot: Pilot) -> list[str]:
    found: list[str] = pilot.lines["standing"].to_pylist()
    return found


GITHUB = "https://github.com/"


def test_each_line_is_set_against_the_evidence(folder: Path) -> None:
    pilot = imported(
        folder,
        sheet(
            ("c1", GITHUB + "lovell-dev", "yes"),
            ("brendan@example.com", GITHUB + "Okafor-Dev", "Ja"),
            ("c4", GITHUB + "montefiore-dev", "yes"),
            ("c4", GITHUB + "vasquez-dev", "no"),
            ("c6", "https://social.example.org/@lopsidedkettle", "yes"),
            ("c1", "https://social.example.org/@lopsidedkettle", "no!"),
            ("c5", GITHUB + "hartmann-dev", "not sure"),
            ("c99", GITHUB + "hartmann-dev", "yes"),
            ("c5", GITHUB + "nobody-here", "yes"),
            ("c5", "the one with the cat", "yes"),
            ("c5", GITHUB + "hartmann-dev", "blue"),
        ),
    )
    assert standings(pilot) == [
        *("agreed", "agreed", "contradicted", "contradicted", "doubtful", "agreed", "unsure"),
        *("unknown customer", "unknown account", "unreadable", "unreadable"),
    ]
    assert pilot.lines["line"].to_pylist() == list(range(2, 13))
    assert pilot.counts["contradicted"] == 2
    taken = {(row["left_id"], row["right_id"]): row["verdict"] for row in pilot.labels.to_pylist()}
    assert taken == {
        ("p1", "c1"): "same",
        ("p2", "c2"): "same",
        ("p6", "c6"): "same",
        ("p6", "c1"): "different",
        ("p5", "c5"): "unsure",
    }


def test_contradicted_lines_are_taken_where_that_is_asked_for(folder: Path) -> None:
    table = sheet(("c4", GITHUB + "montefiore-dev", "yes"))
    assert imported(folder, table).labels.num_rows == 0
    assert imported(folder, table, accept_contradicted=True).labels["right_id"].to_pylist() == ["c4"]


def test_lines_that_clash_are_never_taken(folder: Path) -> None:
    table = sheet(
        ("c6", GITHUB + "lovell-dev", "no"),
        ("c1", GITHUB + "lovell-dev", "yes"),
        ("c1", GITHUB + "lovell-dev", "no"),
        ("c6", "https://social.example.org/@lopsidedkettle", "yes"),
        ("c5", "https://social.example.org/@lopsidedkettle", "yes"),
    )
    pilot = imported(folder, table, accept_contradicted=True)
    assert standings(pilot) == ["agreed", *["contradicted"] * 4]
    assert pilot.lines["reason"].to_pylist()[3] == "line 6 says otherwise of this account"
    assert pilot.labels.to_pylist()[0]["right_id"] == "c6"
    assert pilot.labels.num_rows == 1


def test_another_row_of_the_same_person_is_no_contradiction(folder: Path) -> None:
    with (folder / "customers.csv").open("a") as file:
        file.write("c7,Ada Lovell,ada@example.com,Springfield\n")
    pilot = imported(folder, sheet(("c7", GITHUB + "lovell-dev", "yes"), ("c1", GITHUB + "lovell-dev", "yes")))
    assert standings(pilot) == ["agreed", "agreed"]
    assert standings(imported(folder, sheet(("ada@example.com", GITHUB + "lovell-dev", "yes")))) == ["unknown customer"]


@pytest.mark.parametrize(
    "names",
    [
        ("Customer no", "Profile URL", "Is it them?"),
        ("CRM id", "Link", "Match"),
        ("a", "b", "c"),
        ("Name of column", "Whatever", "Antwort"),
    ],
)
def test_columns_are_recognised_by_their_names_or_by_what_they_hold(folder: Path, names: tuple[str, str, str]) -> None:
    pilot = imported(folder, sheet(("c1", GITHUB + "lovell-dev", "yes"), names=names))
    assert standings(pilot) == ["agreed"]


def test_handles_stand_beside_a_channel_and_who_and_when_are_kept(folder: Path) -> None:
    table = pa.table(
        {
            "customer": ["c1", "c6"],
            "platform": ["GitHub", "Mastodon"],
            "handle": ["@lovell-dev", "@lopsidedkettle@social.example.org"],
            "same": ["y", "y"],
            "checked by": ["Mara", ""],
            "date": ["2026-10-20", "last week"],
            "comment": ["asked at the till", ""],
        }
    )
    pilot = imported(folder, table, by="Jo")
    assert standings(pilot) == ["agreed", "doubtful"]
    assert pilot.labels["by"].to_pylist() == ["Mara", "Jo"]
    assert [at and at.date().isoformat() for at in pilot.labels["at"].to_pylist()] == ["2026-10-20", None]
    assert "till" not in str(pilot.lines.to_pylist()) + str(pilot.labels.to_pylist())


@pytest.mark.parametrize(
    ("who", "when", "day"),
    [
        ("Wer", "Wann", "20.10.2026"),
        ("Geprüft von", "Geprüft am", "20.10.2026"),
        ("Qui", "Quand", "20/10/2026"),
        ("Quién", "Cuándo", "2026-10-20"),
        ("Revisado por", "Fecha", "20/10/26"),
    ],
)
def test_who_and_when_are_known_in_several_languages(folder: Path, who: str, when: str, day: str) -> None:
    table = sheet(("c1", GITHUB + "lovell-dev", "yes")).append_column(who, [["Mara"]]).append_column(when, [[day]])
    (row,) = imported(folder, table).labels.to_pylist()
    assert (row["by"], row["at"].date().isoformat()) == ("Mara", "2026-10-20")


@pytest.mark.parametrize("name", ["Account", "whatever"])
def test_a_bare_handle_is_of_the_one_channel_there_is(folder: Path, name: str) -> None:
    of_one = PROFILES.splitlines(keepends=True)
    (folder / "profiles.csv").write_text(of_one[0] + of_one[-1])
    names = ("Customer", name, "Same?")
    lines = [("c6", "lopsidedkettle@social.example.org", "yes"), ("c5", "somebody@social.example.org", "yes")]
    pilot = imported(folder, sheet(*lines, names=names))
    assert standings(pilot) == ["doubtful", "unknown account"]
    assert pilot.lines["profile_id"].to_pylist() == ["p6", None]
    (folder / "profiles.csv").write_text("".join(of_one[:-1]))
    assert standings(imported(folder, sheet(("c1", "Lovell-dev", "yes"), names=names))) == ["agreed"]


def test_of_several_channels_a_bare_handle_tells_its_own_by_its_host_alone(folder: Path) -> None:
    table = sheet(
        ("c6", "lopsidedkettle@social.example.org", "yes"),
        ("c5", "eun-ji@example.com", "yes"),
        ("c1", "lovell-dev", "yes"),
    )
    assert standings(imported(folder, table)) == ["doubtful", "unreadable", "unreadable"]


def test_lines_that_one_line_clashes_with_are_named_together(folder: Path) -> None:
    account = GITHUB + "lovell-dev"
    pilot = imported(folder, sheet(("c1", account, "yes"), ("c1", account, "yes"), ("c2", account, "yes")))
    assert pilot.lines["reason"].to_pylist() == [
        *["line 4 says otherwise of this account"] * 2,
        "lines 2 and 3 say otherwise of this account",
    ]


def test_a_sheet_without_verdicts_is_a_list_of_matches(folder: Path) -> None:
    table = sheet(("c1", GITHUB + "lovell-dev", "")).select(["Customer", "Account"])
    assert imported(folder, table).labels["verdict"].to_pylist() == ["same"]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("same", ("Yes", "TRUE", "x", "ja", "oui", "sí", "да", "Yes!")),
        ("different", ("No.", "0", "nein", "não", "not a match")),
        ("unsure", ("?", "Maybe", "don't know", "Not sure")),
        ("", ("", "blue", "7")),
    ],
)
def test_words_of_many_languages_are_verdicts(verdict: str, words: tuple[str, ...]) -> None:
    assert {verdict_of(word) for word in words} == {verdict}


def test_what_is_missing_is_said(folder: Path) -> None:
    with pytest.raises(LabelError, match="no column of accounts is recognised among 'id', 'colour'"):
        imported(folder, pa.table({"id": ["c1"], "colour": ["blue"]}))
    with pytest.raises(LabelError, match="no line is readable"):
        imported(folder, sheet(("c1", GITHUB + "lovell-dev", "blue")))
    with pytest.raises(
        LabelError, match=r"pilot\.ods: a workbook of this kind is not read; open it in Excel or LibreOffice"
    ):
        imported(folder, folder / "pilot.ods")
    with pytest.raises(LabelError, match="give profiles= and to=, or a store="):
        import_pilot(sheet())
    with pytest.raises(LabelError, match="not both"):
        imported(folder, sheet(), store="sqlite:///people.db")


def test_the_decisions_hold_in_attach(folder: Path) -> None:
    pilot = imported(folder, sheet(("c6", "https://social.example.org/@lopsidedkettle", "yes")))
    result = attach(folder / "profiles.csv", to=folder / "customers.csv", decisions=pilot.labels)
    assert {row["profile_id"]: row["customer_id"] for row in result.decisions.to_pylist()}["p6"] == "c6"


@pytest.fixture
def store(folder: Path) -> str:
    url = f"sqlite:///{folder}/people.db"
    with Resolver(store=url) as resolver:
        resolver.load(folder / "customers.csv")
        resolver.ingest(folder / "profiles.csv", trusted=True)
    return url


def test_a_store_keeps_the_decisions_once(folder: Path, store: str) -> None:
    table = sheet(
        ("c6", "https://social.example.org/@lopsidedkettle", "yes"),
        ("c1", GITHUB + "okafor-dev", "no"),
        ("c4", GITHUB + "montefiore-dev", "yes"),
        ("c5", GITHUB + "hartmann-dev", "unsure"),
    )
    first = import_pilot(table, store=store)
    assert (first.written, first.known) == (2, 0)
    with Resolver(store=store) as resolver:
        again = import_pilot(table, store=resolver, by="somebody else")
        assert (again.written, again.known) == (0, 2)
        assert again.lines["standing"].to_pylist() == first.lines["standing"].to_pylist()
        assert resolver.resolve_id("p6") == ("c6",)
        assert [one.reason for one in resolver.history("p6")] == ["matched by hand, in a pilot"]


def test_what_was_decided_before_is_not_overruled(folder: Path, store: str) -> None:
    with Resolver(store=store) as resolver:
        resolver.decide(("p6", "c6"), "different", by="ana")
        table = sheet(("c6", "https://social.example.org/@lopsidedkettle", "yes"))
        pilot = import_pilot(table, store=resolver, accept_contradicted=True)
        assert pilot.lines["reason"].to_pylist() == ["it was decided 'different' before; undo that decision first"]
        assert (pilot.written, pilot.labels.num_rows) == (0, 0)


def test_all_decisions_are_written_or_none(folder: Path, store: str) -> None:
    with Resolver(store=store) as resolver:
        resolver.decide(("c5", "c6"), "different", by="ana")
        resolver.decide(("p6", "c5"), "same", by="ana")
        table = sheet(("c2", GITHUB + "okafor-dev", "yes"), ("c6", "https://social.example.org/@lopsidedkettle", "yes"))
        with pytest.raises(LabelError):
            import_pilot(table, store=resolver)
        assert resolver.history("p2") == ()


def test_the_command_writes_decisions_and_says_what_was_not_taken(folder: Path, capsys: Printed) -> None:
    files = [str(folder / "profiles.csv"), "--to", str(folder / "customers.csv"), "--out", str(folder / "out")]
    assert run(["attach", *files]) == entry.DONE
    (folder / "pilot.csv").write_text(
        f"customer;account;same\nc1;{GITHUB}lovell-dev;yes\nc9;{GITHUB}okafor-dev;yes\n", encoding="utf-8"
    )
    asked = ["import-pilot", str(folder / "pilot.csv"), "--run", str(folder / "out")]
    assert run(asked) == entry.WRONG
    assert "--run needs --out" in capsys.readouterr().err
    more = ["--out", str(folder / "labels.csv"), "--lines", str(folder / "lines.csv")]
    assert run([*asked, *more]) == entry.DONE
    wrote = f"Wrote {folder / 'labels.csv'}\nWrote {folder / 'lines.csv'}: every line, and what is said of it\n"
    assert capsys.readouterr().out.endswith(wrote)
    assert run([*asked, *more, "--json"]) == entry.DONE
    said = json.loads(capsys.readouterr().out)
    assert (said["lines"], said["unknown customer"], said["decisions"]) == (2, 1, 1)
    assert said["warnings"] == ["line 3: unknown customer: no customer has this id or address"]
    assert (said["out"], said["files"]) == (str(folder / "labels.csv"), [str(folder / "lines.csv")])
    assert run(["attach", *files, "--decisions", str(folder / "labels.csv")]) == entry.DONE


def test_the_command_keeps_decisions_in_a_store(folder: Path, store: str, capsys: Printed) -> None:
    (folder / "pilot.csv").write_text(f"customer,account,same\nc1,{GITHUB}lovell-dev,yes\n", encoding="utf-8")
    assert run(["import-pilot", str(folder / "pilot.csv"), "--store", store, "--json"]) == entry.DONE
    assert json.loads(capsys.readouterr().out)["written"] == 1


def test_cells_that_were_guarded_against_formulas_are_read_as_they_were() -> None:
    sheet = [
        {"customer": "'=7", "account": "'@ada", "channel": "x", "who": "'+ana"},
        {"customer": "'=8", "account": "@b"},
    ]
    lines = read_sheet(sheet, is_customer={"=7", "'=8"}.__contains__)
    assert [(line.customer, line.account, line.by) for line in lines] == [("=7", "@ada", "+ana"), ("'=8", "@b", "")]
