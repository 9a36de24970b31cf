"""How the command speaks of what is wrong: one line, in the user's words, and nothing that a terminal obeys."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from socialmerge import cli
from socialmerge.cli import entry, run, show
from socialmerge.cli.printing import visible

Printed = pytest.CaptureFixture[str]
PEOPLE = "id,name,email\nc1,Ada Lovell,ada@example.com\nc2,Brendan Okafor,brendan@example.com\n"
PROFILES = "profile_id,channel,handle,display_name,emails\np1,github,adal,Ada Lovell,ada@example.com\n"
PILOT = "customer,account,same\nc1,https://github.com/adal,yes\n"
_PYTHON = (r"codec", r"Traceback", r"\(at line", r"\w+Error\b", r"\b[a-z_]+=[^C']", r"Plan\.", r"None")
NOT_SAID = re.compile("|".join((*_PYTHON, r" (pilot|labels|orders|consents): ")))
FILES: dict[str, bytes] = {
    "empty": b"",
    "mark": b"\xef\xbb\xbf\n",
    "binary": bytes(range(256)) * 12,
    "latin": "customer,acc\u00f6unt\n\u00e9t\u00e9,x\n[\u00f6".encode("latin-1"),
    "wide": "[x]\n".encode("utf-16"),
    "head": b"some,thing\n",
    "twice": b"customer,account,customer\na,b,c\n",
    "ragged": b"customer,account\na\na,b,c\n",
    "broken": b"[x\n",
    "numbers": b"x = " + b"9" * 5000,
    "nested": b"x = " + b"[" * 5000,
    "twofold": b"[x.y]\n[x.y]\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("manners")
    for name, text in (("people.csv", PEOPLE), ("profiles.csv", PROFILES), ("pilot.csv", PILOT)):
        (where / name).write_text(text, encoding="utf-8")
    for name, data in FILES.items():
        (where / f"{name}.csv").write_bytes(data)
        (where / f"{name}.toml").write_bytes(data)
    (where / "folder.csv").mkdir()
    (where / "folder.toml").mkdir()
    files = [str(where / "profiles.csv"), "--to", str(where / "people.csv"), "--out", str(where / "out")]
    assert run(["attach", *files]) == entry.DONE
    return where


COMMANDS = {
    "check": ["strategy", "check", "{}.toml"],
    "show": ["strategy", "show", "{}.toml"],
    "plan": ["simulate", "--run", "out", "--plan", "{}.toml", "--out", "o.csv"],
    "policy": ["simulate", "--run", "out", "--policy", "{}.toml", "--out", "o.csv"],
    "channels": ["simulate", "--run", "out", "--channels", "{}.toml", "--out", "o.csv"],
    "pilot": ["import-pilot", "{}.csv", "--run", "out", "--out", "o.csv"],
    "labels": ["strategy", "draft", "--run", "out", "--labels", "{}.csv", "--out", "o.toml"],
    "orders": ["strategy", "draft", "--run", "out", "--orders", "{}.csv", "--out", "o.toml"],
    "consents": ["strategy", "draft", "--run", "out", "--consents", "{}.csv", "--out", "o.toml"],
    "view": [
        "view",
        "--run",
        "out",
        "--channel",
        "x",
        "--purpose",
        "service",
        "--consents",
        "{}.csv",
        "--out",
        "o.csv",
    ],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_file_is_one_line_of_what_where_and_what_to_do(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(folder)
    for name in (*FILES, "missing", "folder"):
        asked = [part.format(name) for part in COMMANDS[command]]
        assert run(asked) == entry.WRONG, name
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("socialmerge: "), name
        assert name in said.err, said.err
        assert re.search(r"; |to mend:|not TOML", said.err), said.err
        assert said.err.count("\n") == 1 or "to mend:" in said.err, said.err
        assert not NOT_SAID.search(said.err), said.err
    assert run([*asked, "--json"]) == entry.WRONG
    assert json.loads(capsys.readouterr().err)["error"]["exit_code"] == entry.WRONG


def test_a_time_that_is_none_is_told_by_its_option(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(folder)
    (folder / "policy.toml").write_text('[rules]\nname = "newest"\n', encoding="utf-8")
    asked = ["simulate", "--run", "out", "--policy", "policy.toml", "--as-of", "yesterday", "--out", "o.csv"]
    assert run(asked) == entry.WRONG
    assert capsys.readouterr().err.startswith("socialmerge: --as-of holds no time; write it as ISO 8601")


def test_a_channel_that_is_not_known_hides_no_other_problem(folder: Path, capsys: Printed) -> None:
    path = folder / "many.toml"
    path.write_text('[mastadon]\npurposes = ["servce"]\n[mastodon]\nvisibilty = "public"\n', encoding="utf-8")
    assert run(["strategy", "check", str(path)]) == entry.WRONG
    said = capsys.readouterr().err
    for line, what in ((1, "mastadon: no channel"), (2, "mastadon.purposes"), (4, "mastodon.visibilty: unknown key")):
        assert f"line {line}, {what}" in said


@pytest.mark.parametrize("hostile", ["\x1b[2Jx", "x\u202ey", "a\u0085b", "a\u2066b", "a\x7fb"])
def test_nothing_that_a_terminal_obeys_is_printed(hostile: str, folder: Path, capsys: Printed) -> None:
    path = folder / "hostile.toml"
    path.write_text(f"[{json.dumps(hostile)}]\n", encoding="utf-8")
    asked = ["strategy", "check", str(path)]
    for arguments in (asked, [*asked, "--json"], ["strategy", "check", f"{hostile}.toml"]):
        assert run(arguments) == entry.WRONG
        said = capsys.readouterr().err
        assert hostile not in said
        assert visible(said) == said
    assert run([*asked, "--json"]) == entry.WRONG
    assert hostile in json.loads(capsys.readouterr().err)["error"]["message"]


def test_a_name_in_a_summary_is_neither_markup_nor_an_escape(capsys: Printed) -> None:
    figure = show.Figure("x", "[/b] [red]\x1b[31m would change", 1)
    show.summary(show.Summary("T", (figure,), ("[/i]\u202e",)), out="o\x1b.csv", files=[], as_json=False)
    said = capsys.readouterr().out
    for text in ("[/b] [red]\\u001b[31m would change", "note: [/i]\\u202e", "Wrote o\\u001b.csv"):
        assert text in said


def test_every_command_prints_by_way_of_what_escapes() -> None:
    for module in Path(cli.__file__).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert module.name == "printing.py" or "click.echo" not in text, module.name


LOST = {
    "the page in place of the customers": ["audit", "people.csv", "--html", "people.csv"],
    "the page in place of a store": [
        "attach",
        "profiles.csv",
        "--to",
        "people.csv",
        "--out",
        "new",
        "--html",
        "kept.db",
    ],
    "a table in place of a store": ["suggest", "--run", "out", "--out", "kept.db"],
    "a table in place of a key": ["suggest", "--run", "out", "--out", "kept.db.key"],
    "a table in place of the answers": ["suggest", "--run", "out", "--decisions", "pilot.csv", "--out", "pilot.csv"],
    "decisions in place of the pilot": ["import-pilot", "--out", "./pilot.csv", "pilot.csv", "--run", "out"],
    "one table in place of another": ["simulate", "--run", "out", "--out", "new.csv", "--views", "new.csv"],
    "the plan in place of the customers": ["fit", "people.csv", "--out", "people.csv"],
}


@pytest.mark.parametrize("command", LOST)
def test_what_is_written_takes_the_place_of_nothing_that_is_read_nor_of_a_store(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(folder)
    for name in ("kept.db", "kept.db.key"):
        Path(name).write_bytes(b"SQLite format 3\x00" + bytes(84))
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert run(LOST[command]) == entry.WRONG
    assert re.fullmatch(
        r"socialmerge: .+; (name another|write it such as report\.html); check the path\n", capsys.readouterr().err
    )
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_store_that_is_no_url_is_told_in_one_line(folder: Path, capsys: Printed) -> None:
    files = [str(folder / "profiles.csv"), "--to", str(folder / "people.csv"), "--out", str(folder / "new")]
    assert run(["attach", *files, "--store", "people.db"]) == entry.WRONG
    assert capsys.readouterr().err == (
        "socialmerge: store: this is no database URL; write sqlite:///people.db or postgresql+psycopg://host/database\n"
    )


def test_how_many_questions_is_told_by_its_option(folder: Path, capsys: Printed) -> None:
    assert run(["suggest", "--run", str(folder / "out"), "-n", "0", "--out", str(folder / "new.csv")]) == entry.WRONG
    assert capsys.readouterr().err.startswith("socialmerge: Invalid value for '-n': 0 is not in the range x>=1")
