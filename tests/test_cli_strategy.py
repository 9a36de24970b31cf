"""The commands on how channels are used."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from socialmerge import Resolver, Strategy
from socialmerge.cli import entry, run

Printed = pytest.CaptureFixture[str]
CUSTOMERS = """\
id,first_name,last_name,email,city
c1,Ada,Lovell,ada.lovell@example.com,Springfield
c2,Brendan,Okafor,brendan@okafor.example.com,Rivertown
c3,Chiara,Montefiore,chiara.m@example.com,Lakeside
"""
PROFILES = """\
profile_id,channel,handle,display_name,emails,bio
p1,mastodon,@chiaram@social.example.com,Chiara Montefiore,chiara.m@example.com,Gardener
"""
CHANNELS = '[mastodon]\npurposes = ["service"]\nfields = { bio = "private" }\n'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("customers.csv", CUSTOMERS), ("profiles.csv", PROFILES), ("channels.toml", CHANNELS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def attach(folder: Path, *more: str) -> int:
    files = [str(folder / "profiles.csv"), "--to", str(folder / "customers.csv"), "--out", str(folder / "out")]
    return run(["attach", *files, "--channels", str(folder / "channels.toml"), *more])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_check_says_what_is_used_otherwise_than_usual(files: Path, capsys: Printed) -> None:
    assert run(["strategy", "check", str(files / "channels.toml")]) == entry.DONE
    assert "1 channel, 1 used otherwise than usual\n  mastodon: for service; shows" in capsys.readouterr().out
    assert run(["strategy", "check", str(files / "channels.toml"), "--json"]) == entry.DONE
    assert json.loads(capsys.readouterr().out)["changed"]["mastodon"]["fields"] == {"bio": "private"}


def test_check_ends_with_2_where_the_file_is_wrong(files: Path, capsys: Printed) -> None:
    (files / "channels.toml").write_text('[mastadon]\npurposes = ["service"]\n')
    assert run(["strategy", "check", str(files / "channels.toml")]) == entry.WRONG
    assert "line 1, mastadon: no channel; did you mean 'mastodon'?" in capsys.readouterr().err


def test_show_prints_a_file_that_check_takes(files: Path, capsys: Printed) -> None:
    assert run(["strategy", "show", str(files / "channels.toml")]) == entry.DONE
    path = files / "all.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert Strategy.load(path).use("mastodon") == Strategy.load(files / "channels.toml").use("mastodon")
    assert set(Strategy.load(path).uses) == set(Strategy.defaults().uses)


@pytest.mark.parametrize("kept_in", ["run", "store"])
def test_view_goes_by_the_strategy_that_was_kept(files: Path, kept_in: str, capsys: Printed) -> None:
    url = f"sqlite:///{files}/people.db"
    assert attach(files, *(["--store", url] if kept_in == "store" else [])) == entry.DONE
    place = ["--store", url] if kept_in == "store" else ["--run", str(files / "out")]
    asked = ["view", *place, "--channel", "mastodon", "--out", str(files / "view.csv")]
    capsys.readouterr()
    assert run([*asked, "--purpose", "marketing"]) == entry.WRONG
    assert "mastodon is not good for marketing; these channels are: bluesky" in capsys.readouterr().err
    assert run([*asked, "--purpose", "service", "--json"]) == entry.DONE
    counts = json.loads(capsys.readouterr().out)
    assert counts["records"] == 1
    assert counts["withheld: private: not for this channel"] > 0
    (row,) = rows(files / "view.csv")
    assert (row["entity_id"], row["bio"]) == ("c3", "")
    usual = files / "usual.toml"
    usual.write_text("version = 1\n", encoding="utf-8")
    assert run([*asked, "--purpose", "service", "--channels", str(usual)]) == entry.DONE
    assert rows(files / "view.csv")[0]["bio"] == "Gardener"


def test_the_shares_of_a_view_are_of_every_value_that_was_looked_at(files: Path, capsys: Printed) -> None:
    card = "p1,vcard,card-1,Chiara Montefiore,chiara.m@example.com,Gardener"  # whose account is private
    (files / "profiles.csv").write_text(f"{PROFILES.splitlines()[0]}\n{card}\n", encoding="utf-8")
    assert attach(files) == entry.DONE
    capsys.readouterr()
    asked = ["view", "--run", str(files / "out"), "--channel", "mastodon", "--purpose", "service"]
    assert run([*asked, "--out", str(files / "view.csv")]) == entry.DONE
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("values", "  left out"))]
    shares = [float(line.split()[-2]) for line in told]
    assert len(shares) > 1
    assert sum(shares) == pytest.approx(100, abs=0.06 * len(shares))


def test_view_heeds_what_people_said(files: Path) -> None:
    assert attach(files) == entry.DONE
    (files / "consents.csv").write_text("source,record_id,state\ncrm,c3,denied\n")
    asked = ["view", "--run", str(files / "out"), "--channel", "mastodon", "--purpose", "service"]
    more = ["--consents", str(files / "consents.csv"), "--out", str(files / "view.csv")]
    assert run([*asked, *more]) == entry.DONE
    assert rows(files / "view.csv") == []


def test_view_asks_for_one_place(files: Path, capsys: Printed) -> None:
    assert run(["view", "--channel", "x", "--purpose", "service", "--out", str(files / "view.csv")]) == entry.WRONG
    assert "give one of --run and --store" in capsys.readouterr().err


def test_a_resolver_keeps_its_strategy_with_the_store(files: Path) -> None:
    url = f"sqlite:///{files}/people.db"
    chosen = Strategy.load(files / "channels.toml")
    with Resolver(store=url, strategy=chosen) as resolver:
        resolver.load(files / "customers.csv")
        resolver.ingest(files / "profiles.csv")
    with Resolver(store=url) as resolver:
        assert resolver.golden().strategy == chosen
        one = resolver.golden("p1")
    assert one.strategy == chosen
    assert "bio" not in str(one.view(channel="mastodon", purpose="service").grounds["field"].to_pylist())
