"""The command line: what it writes, what it prints, and how it ends."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from socialmerge.cli import entry, run
from socialmerge.cli.commands import socialmerge as command_line
from socialmerge.merging.styles import STYLES

Printed = pytest.CaptureFixture[str]

CUSTOMERS = """\
id,first_name,last_name,email,phone,city
c1,Ada,Lovell,ada.lovell@example.com,+1 212 555 0101,Springfield
c2,Ada,Lovell,ada.lovell@example.com,,Springfield
c3,Brendan,Okafor,brendan@okafor.example.com,+1 212 555 0102,Rivertown
c4,Chiara,Montefiore,chiara.m@example.com,+1 212 555 0103,Lakeside
c5,Dmitri,Vasquez,dv@example.com,+1 212 555 0104,Hillview
c6,Eun-ji,Hartmann,eunji.hartmann@example.com,+1 212 555 0105,Springfield
"""
PROFILES = """\
profile_id,channel,handle,display_name,emails,location
p1,mastodon,@chiaram@social.example.com,Chiara Montefiore,chiara.m@example.com,Lakeside
p2,github,zzyzx-nobody,Quentin Abernathy,,Farland
"""


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS)
    return path


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    path = tmp_path / "profiles.csv"
    path.write_text(PROFILES)
    return path


@pytest.fixture
def attached(customers: Path, profiles: Path, tmp_path: Path) -> Path:
    out = tmp_path / "attached"
    assert run(["attach", str(profiles), "--to", str(customers), "--out", str(out)]) == entry.DONE
    return out


@pytest.fixture
def deduped(customers: Path, tmp_path: Path) -> Path:
    out = tmp_path / "deduped"
    assert run(["dedupe", str(customers), "--out", str(out)]) == entry.DONE
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


RECORDS = {"records.csv", "records.parquet", "provenance.csv", "conflicts.csv"}
GOLDEN = {*RECORDS, "changes.csv", "merges.csv", "plan.toml", "run.json"}


class TestAttach:
    def test_writes_a_folder_with_a_decision_for_every_profile(self, attached: Path) -> None:
        assert names(attached) == {"decisions.csv", "profiles.csv", "pairs.parquet", *GOLDEN}
        assert [row["profile_id"] for row in rows(attached / "decisions.csv")] == ["p1", "p2"]
        assert pq.read_schema(attached / "pairs.parquet").names[:2] == ["left_id", "right_id"]

    def test_prints_how_many_are_attached_for_review_and_new(
        self, customers: Path, profiles: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        out = tmp_path / "out"
        assert run(["attach", str(profiles), "--to", str(customers), "--out", str(out)]) == entry.DONE
        printed = capsys.readouterr().out
        assert "attached to a customer" in printed
        assert "By channel" in printed
        assert "for a person to review" in printed
        assert f"Wrote {out}" in printed

    def test_prints_nothing_but_json_when_asked(
        self, customers: Path, profiles: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        out = tmp_path / "out"
        assert run(["attach", str(profiles), "--to", str(customers), "--out", str(out), "--json"]) == entry.DONE
        printed = capsys.readouterr()
        found = json.loads(printed.out)
        assert printed.err == ""  # nothing is drawn where stderr is not a terminal
        assert found["profiles"] == found["attach"] + found["review"] + found["new"] == 2
        assert set(found["files"]) == names(out)

    def test_uses_the_plan_it_is_given(self, attached: Path, customers: Path, profiles: Path, tmp_path: Path) -> None:
        plan, again = attached / "plan.toml", tmp_path / "again"
        given = ["--plan", str(plan), "--id", "id", "--region", "US"]
        assert run(["attach", str(profiles), "--to", str(customers), "--out", str(again), *given]) == entry.DONE
        assert (again / "decisions.csv").read_bytes() == (attached / "decisions.csv").read_bytes()

    def test_takes_several_exports_as_one(self, customers: Path, profiles: Path, tmp_path: Path) -> None:
        other, out = tmp_path / "other.csv", tmp_path / "out"
        other.write_text("profile_id,channel,handle,display_name\np3,github,dv-codes,Dmitri Vasquez\n")
        assert run(["attach", str(profiles), str(other), "--to", str(customers), "--out", str(out)]) == entry.DONE
        assert [row["profile_id"] for row in rows(out / "decisions.csv")] == ["p1", "p2", "p3"]


class TestChanges:
    def test_are_written_for_salesforce_with_the_new_people_apart(self, customers: Path, tmp_path: Path) -> None:
        profiles, out = tmp_path / "new.csv", tmp_path / "out"
        profiles.write_text("profile_id,channel,handle,given_name,family_name\np9,github,zq,Zora,Quist\n")
        asked = ["attach", str(profiles), "--to", str(customers), "--out", str(out)]
        assert run([*asked, "--changes-style", "salesforce", "--insert-new"]) == entry.DONE
        assert rows(out / "inserts.csv") == [{"first_name": "Zora", "last_name": "Quist"}]
        assert (out / "changes.csv").read_text().splitlines()[0].split(",")[0] == "Id"

    def test_are_a_script_for_a_database(self, customers: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        assert run(["dedupe", str(customers), "--out", str(out), "--changes-style", "sql"]) == entry.DONE
        assert "changes.csv" not in names(out)
        script = (out / "changes.sql").read_text().splitlines()
        assert (script[0], script[-1]) == ("BEGIN TRANSACTION;", "COMMIT;")
        assert [row["survivor_id"] for row in rows(out / "merges.csv")] == ["c1"]

    def test_of_a_policy_whose_trust_fades_are_as_of_a_time(self, tmp_path: Path, capsys: Printed) -> None:
        customers, policy, out = tmp_path / "crm.csv", tmp_path / "policy.toml", tmp_path / "out"
        rows_ = ["id,name,city,updated_at", "a,Ada Lovell,York,2020-01-02", "b,Bob Stone,Leeds,2024-01-02"]
        customers.write_text("\n".join([*rows_, ""]))
        policy.write_text('otherwise = { strategy = "trusted", sources = ["crm"], half_life_days = 365 }\n')
        asked = ["dedupe", str(customers), "--id", "id", "--policy", str(policy), "--out", str(out)]
        assert run(asked) == entry.WRONG
        assert "--as-of" in capsys.readouterr().err
        assert run([*asked, "--as-of", "2026-01-31"]) == entry.DONE

    @pytest.mark.parametrize("command", ["attach", "dedupe"])
    def test_have_every_style_of_the_library(self, command: str) -> None:
        option = next(one for one in command_line.commands[command].params if "--changes-style" in one.opts)
        assert tuple(option.type.choices) == STYLES


class TestSimulate:
    def test_writes_what_another_policy_would_change_and_counts_it(
        self, deduped: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        policy, out = tmp_path / "policy.toml", tmp_path / "simulation.csv"
        policy.write_text('[rules]\nphone = "every"\ncity = "pinned"\n')
        capsys.readouterr()
        asked = ["simulate", "--run", str(deduped), "--policy", str(policy), "--out", str(out), "--json"]
        assert run(asked) == entry.WRONG
        assert "pinned keeps what people pinned" in capsys.readouterr().err
        policy.write_text('[rules]\ncity = "longest"\nemail = { strategy = "trusted", sources = ["crm"] }\n')
        assert run(asked) == entry.DONE
        assert json.loads(capsys.readouterr().out)["records"] == 5
        assert rows(out) == []


class TestDedupe:
    def test_gives_every_row_an_entity(self, deduped: Path) -> None:
        assert names(deduped) == {"clusters.csv", "pairs.parquet", *GOLDEN}
        entity = {row["id"]: row["entity_id"] for row in rows(deduped / "clusters.csv")}
        assert list(entity) == ["c1", "c2", "c3", "c4", "c5", "c6"]
        assert entity["c1"] == entity["c2"] != entity["c3"]

    def test_counts_rows_people_and_repeats_in_json(self, customers: Path, tmp_path: Path, capsys: Printed) -> None:
        assert run(["dedupe", str(customers), "--out", str(tmp_path / "out"), "--json"]) == entry.DONE
        found = json.loads(capsys.readouterr().out)
        assert (found["rows"], found["people"], found["duplicates"]) == (6, 5, 1)


class TestExplain:
    def test_says_why_of_a_profile(self, attached: Path, capsys: Printed) -> None:
        capsys.readouterr()
        assert run(["explain", "--run", str(attached), "p1"]) == entry.DONE
        assert "c4" in capsys.readouterr().out

    def test_says_why_of_two_customers(self, deduped: Path, capsys: Printed) -> None:
        capsys.readouterr()
        assert run(["explain", "--run", str(deduped), "c1", "c2", "--json"]) == entry.DONE
        found = json.loads(capsys.readouterr().out)
        assert {found["left_id"], found["right_id"]} == {"c1", "c2"}
        assert found["lines"][0].keys() == {"what", "said", "bits"}

    def test_refuses_when_an_input_has_changed(self, attached: Path, customers: Path, capsys: Printed) -> None:
        customers.write_text(CUSTOMERS.replace("Lakeside", "Seaside"))
        assert run(["explain", "--run", str(attached), "p1"]) == entry.WRONG
        assert "customers.csv: has changed since the run" in capsys.readouterr().err

    def test_refuses_when_an_input_is_gone(self, attached: Path, profiles: Path, capsys: Printed) -> None:
        profiles.unlink()
        assert run(["explain", "--run", str(attached), "p1"]) == entry.WRONG
        assert "profiles.csv: the run read this file, and it is gone" in capsys.readouterr().err

    def test_refuses_a_folder_that_no_run_wrote(self, tmp_path: Path, capsys: Printed) -> None:
        assert run(["explain", "--run", str(tmp_path), "p1"]) == entry.WRONG
        assert "no run.json here" in capsys.readouterr().err

    @pytest.mark.parametrize("text", ["{", "[]", '{"customers": {}}'], ids=["broken", "list", "short"])
    def test_refuses_a_record_that_it_did_not_write(self, tmp_path: Path, capsys: Printed, text: str) -> None:
        (tmp_path / "run.json").write_text(text)
        assert run(["explain", "--run", str(tmp_path), "p1"]) == entry.WRONG
        assert "not as this version" in capsys.readouterr().err

    def test_asks_for_two_ids_after_dedupe_and_for_one_after_attach(
        self, deduped: Path, attached: Path, capsys: Printed
    ) -> None:
        assert run(["explain", "--run", str(deduped), "c1"]) == entry.WRONG
        assert "give two ids" in capsys.readouterr().err
        assert run(["explain", "--run", str(attached), "p1", "c1"]) == entry.WRONG
        assert "give one id" in capsys.readouterr().err

    def test_says_that_an_id_is_not_in_the_run(self, attached: Path, capsys: Printed) -> None:
        assert run(["explain", "--run", str(attached), "p99"]) == entry.WRONG
        assert "socialmerge: " in capsys.readouterr().err


class TestSuggest:
    def test_asks_about_a_run_and_its_answers_hold_in_the_next(
        self, customers: Path, deduped: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        reviews, again = tmp_path / "reviews.csv", tmp_path / "again"
        assert run(["suggest", "--run", str(deduped), "-n", "1", "--out", str(reviews), "--json"]) == entry.DONE
        assert json.loads(capsys.readouterr().out)["reviews"] == 1
        [asked] = rows(reviews)
        assert asked["verdict"] == ""
        together = {row["id"]: row["entity_id"] for row in rows(deduped / "clusters.csv")}
        now = together[asked["left_id"]] == together[asked["right_id"]]
        verdict = "different" if now else "same"
        reviews.write_text(f"left_id,right_id,verdict\n{asked['left_id']},{asked['right_id']},{verdict}\n")
        assert run(["dedupe", str(customers), "--decisions", str(reviews), "--out", str(again)]) == entry.DONE
        then = {row["id"]: row["entity_id"] for row in rows(again / "clusters.csv")}
        assert (then[asked["left_id"]] == then[asked["right_id"]]) is not now
        assert run(["suggest", "--run", str(again), "--out", str(reviews)]) == entry.DONE
        assert asked not in rows(reviews)

    def test_asks_about_profiles_too(self, attached: Path, tmp_path: Path) -> None:
        assert run(["suggest", "--run", str(attached), "--out", str(tmp_path / "reviews.csv")]) == entry.DONE
        assert {row["left_id"] for row in rows(tmp_path / "reviews.csv")} <= {"p1", "p2"}

    def test_decisions_that_do_not_fit_the_run_are_refused(
        self, deduped: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        told = tmp_path / "told.csv"
        told.write_text("left_id,right_id,verdict\nc1,nobody,same\n")
        command = ["suggest", "--run", str(deduped), "--decisions", str(told), "--out", str(tmp_path / "out.csv")]
        assert run(command) == entry.WRONG
        assert "right_id in row 1" in capsys.readouterr().err


class TestFit:
    def test_writes_a_plan_that_attach_can_use(self, customers: Path, profiles: Path, tmp_path: Path) -> None:
        plan, out = tmp_path / "plan.toml", tmp_path / "out"
        assert run(["fit", str(customers), str(profiles), "--out", str(plan)]) == entry.DONE
        command = ["attach", str(profiles), "--to", str(customers), "--plan", str(plan), "--out", str(out)]
        assert run(command) == entry.DONE

    def test_learns_from_decisions(self, customers: Path, tmp_path: Path, capsys: Printed) -> None:
        decisions, plan = tmp_path / "decisions.csv", tmp_path / "plan.toml"
        decisions.write_text("left_id,right_id,verdict\nc1,c2,same\nc3,c4,different\n")
        assert run(["fit", str(customers), "--decisions", str(decisions), "--out", str(plan), "--json"]) == entry.DONE
        assert json.loads(capsys.readouterr().out)["out"] == str(plan)
        assert plan.is_file()


class TestMistakes:
    """Each ends with exit code 2 and one message; none shows a traceback."""

    def test_a_file_that_is_not_there(self, tmp_path: Path, capsys: Printed) -> None:
        command = ["attach", str(tmp_path / "none.csv"), "--to", str(tmp_path / "none.csv"), "--out", str(tmp_path)]
        assert run(command) == entry.WRONG
        assert "does not exist" in capsys.readouterr().err

    def test_an_option_that_is_missing(self, customers: Path, capsys: Printed) -> None:
        assert run(["dedupe", str(customers)]) == entry.WRONG
        assert "--out" in capsys.readouterr().err

    def test_a_channel_that_is_not_known(
        self, customers: Path, profiles: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        command = ["attach", str(profiles), "--to", str(customers), "--out", str(tmp_path / "out")]
        assert run([*command, "--channel", "nochannel"]) == entry.WRONG
        assert "nochannel" in capsys.readouterr().err

    def test_an_id_column_that_is_not_there(self, customers: Path, tmp_path: Path, capsys: Printed) -> None:
        out = tmp_path / "out"
        assert run(["dedupe", str(customers), "--id", "nocolumn", "--out", str(out)]) == entry.WRONG
        assert "nocolumn" in capsys.readouterr().err
        assert not out.exists()

    def test_a_table_without_rows_that_can_be_read(self, tmp_path: Path, capsys: Printed) -> None:
        empty = tmp_path / "empty.csv"
        empty.write_text("")
        assert run(["dedupe", str(empty), "--out", str(tmp_path / "out")]) == entry.WRONG
        assert "empty.csv" in capsys.readouterr().err

    def test_a_plan_and_a_policy_that_do_not_load(self, customers: Path, tmp_path: Path, capsys: Printed) -> None:
        broken = tmp_path / "broken.toml"
        broken.write_text("fields = [")
        for option in ("--plan", "--policy"):
            assert run(["dedupe", str(customers), option, str(broken), "--out", str(tmp_path / "out")]) == entry.WRONG
            assert "broken.toml" in capsys.readouterr().err

    def test_several_files_of_which_one_is_no_export(
        self, customers: Path, profiles: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        table = tmp_path / "table.csv"
        table.write_text("id,name\n1,Ada Lovell\n")
        command = ["attach", str(profiles), str(table), "--to", str(customers), "--out", str(tmp_path / "out")]
        assert run(command) == entry.WRONG
        assert "table.csv: not an export that is recognised" in capsys.readouterr().err


class TestTheProcess:
    def test_shows_its_version(self, capsys: Printed) -> None:
        assert run(["--version"]) == entry.DONE
        assert "version" in capsys.readouterr().out

    def test_shows_help_for_every_command(self, capsys: Printed) -> None:
        for command in ("attach", "dedupe", "explain", "suggest", "fit", "demo"):
            assert run([command, "--help"]) == entry.DONE
            assert capsys.readouterr().out.startswith(f"Usage: socialmerge {command}")

    def test_ends_quietly_when_interrupted(
        self, customers: Path, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("socialmerge.dedupe", interrupted)  # a person's Ctrl-C, without the race of a signal
        assert run(["dedupe", str(customers), "--out", str(tmp_path / "out")]) == entry.INTERRUPTED
        assert capsys.readouterr().err.strip() == ""

    def test_fails_with_1_when_the_folder_cannot_be_written(
        self, customers: Path, tmp_path: Path, capsys: Printed
    ) -> None:
        (tmp_path / "file").write_text("in the way")
        assert run(["dedupe", str(customers), "--out", str(tmp_path / "file" / "out")]) == entry.FAILED
        assert f"{tmp_path / 'file' / 'out'}: cannot be made (" in capsys.readouterr().err

    def test_runs_as_a_module(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "socialmerge", "dedupe"], capture_output=True, text=True, check=False
        )
        assert done.returncode == entry.WRONG
        assert "Usage: socialmerge dedupe" in done.stderr


def test_the_demonstration_attaches_the_sample_and_explains_three_answers(tmp_path: Path, capsys: Printed) -> None:
    out = tmp_path / "demo"
    assert run(["demo", "--out", str(out)]) == entry.DONE
    printed = capsys.readouterr().out
    assert "Profiles of 6 channels, and a CRM of 2,000 rows" in printed
    assert all(
        heading in printed for heading in ("Attached, on much evidence", "Attached, on just enough", "A namesake")
    )
    assert names(out) == {"decisions.csv", "profiles.csv", "pairs.parquet", *GOLDEN}
    assert {row["verdict"] for row in rows(out / "decisions.csv")} == {"attach", "review", "new"}


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="pandas is not installed")
def test_the_command_leaves_pandas_alone_and_lets_others_have_it(customers: Path, tmp_path: Path) -> None:
    # A process of its own, as the command has: Arrow asks for pandas once and remembers.
    program = (
        "import sys; from socialmerge.cli import entry\n"
        "sys.argv[1:] = ['dedupe', sys.argv[1], '--out', sys.argv[2]]\n"
        "try: entry.main()\n"
        "except SystemExit as end: print('pandas' in sys.modules, end.code)\n"
        "import pandas; print(pandas.DataFrame({'a': [1]})['a'].sum())\n"
    )
    call = [sys.executable, "-c", program, str(customers), str(tmp_path / "out")]
    said = subprocess.run(call, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[-2:] == ["False 0", "1"]
