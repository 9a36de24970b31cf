"""Several changes made as one: all of them are in the store at the end, or none is, on each database."""

from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest
from tests.resolver import light
from tests.resolver.conftest import KEY, Opener
from tests.resolver.people import customers, profiles, stated

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.cli import run
from socialmerge.resolver import answered, state
from socialmerge.store import Store

Printed = pytest.CaptureFixture[str]
MEMBERS = """\
Notes:
"When exporting your connection data, you may notice that some of the email addresses are missing."

First Name,Last Name,URL,Email Address,Company,Position,Connected On
Ada,Lovelace,https://www.linkedin.com/in/ada-lovelace-1a2b3c4d,ada@example.com,Engines,Analyst,01 Feb 2024
,,,,,,02 Feb 2024
"""


class Left(Exception):  # noqa: N818 - nothing is wrong
    """What leaves a block."""


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "judge", light.judge)


def crowd(count: int) -> pa.Table:
    return pa.table({"id": [str(one) for one in range(count)], "name": [f"Ada {one}" for one in range(count)]})


def test_what_an_exception_leaves_is_as_if_it_had_never_begun(database_url: str, resolver: Resolver) -> None:
    resolver.load(customers())
    before, place = stated(resolver), resolver.store.position()
    with suppress(Left), resolver.at_once():
        resolver.ingest(profiles())
        resolver.decide(("c3", "c4"), "same", by="ana")
        assert resolver.resolve_id("c4") == ("c3",)
        with Resolver(store=database_url, key=KEY) as other:  # readers wait for nobody, and see nothing of it
            assert stated(other) == before
        raise Left
    assert (stated(resolver), resolver.store.position()) == (before, place)
    resolver.decide(("c3", "c5"), "same", by="ana")  # the store may be written to again
    assert resolver.resolve_id("c5") == ("c3",)


def test_a_step_that_is_refused_is_out_of_it_alone(resolver: Resolver, reopen: Opener) -> None:
    with resolver.at_once():
        resolver.load(customers())
        with pytest.raises(sm.errors.TableError, match="repeats ids"):
            resolver.load(pa.table({"id": ["c1", "c1"]}))
        with suppress(Left), resolver.at_once():
            resolver.decide(("c3", "c5"), "same", by="ana")
            raise Left
        resolver.decide(("c3", "c4"), "same", by="ana")
        resolver.apply(resolver.preview(), by="ana")
        assert not resolver.erase("c5", by="dpo").is_scrubbed  # at the end it is
    after = stated(resolver)
    assert [row["entity_id"] for row in after["clusters"]] == ["c1", "c1", "c3", "c3"]
    assert resolver.store.scrub()
    assert stated(reopen()) == after


def test_a_store_under_a_model_takes_all_or_nothing_too(resolver: Resolver, reopen: Opener) -> None:
    resolver._session.frozen.worth_freezing = 5
    resolver.load(customers())
    resolver.ingest(profiles("p2", "p3"))
    before = stated(resolver)
    with suppress(Left), resolver.at_once():
        resolver.ingest(profiles())
        resolver.decide(("p1", "c3"), "same", by="ana")
        assert resolver.resolve_id("p1") == ("c3",)
        raise Left
    assert stated(resolver) == before
    assert resolver._session.frozen.standing() is not None
    with resolver.at_once():
        resolver.ingest(profiles())
        resolver.decide(("p1", "c4"), "same", by="ana")
    assert resolver.resolve_id("p1") == ("c4",)
    assert stated(resolver) == stated(reopen())


def test_nothing_of_it_counts_once_the_database_has_failed(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver.load(customers("c1"))

    def failing() -> None:
        with resolver.at_once():
            resolver.load(customers("c3"))
            with monkeypatch.context() as patch, suppress(sm.errors.StoreUnavailableError):
                patch.setattr("socialmerge.store.log.LAST_POSITION", "SELECT 1 FROM nowhere")
                resolver.load(customers("c4"))

    with pytest.raises(sm.errors.StoreUnavailableError, match="nothing of it was stored"):
        failing()
    assert [row["id"] for row in resolver.clusters.to_pylist()] == ["c1"]


def test_what_is_written_to_a_store_that_is_over_is_refused(database_url: str) -> None:
    with Store.open(database_url, key=KEY) as store:
        with store.at_once() as joined:
            assert joined.position() == store.position()
        with pytest.raises(sm.errors.StoreError, match="was closed"):
            joined.snapshot().__enter__()


def test_a_whole_table_that_looks_cut_off_changes_nothing(resolver: Resolver) -> None:
    resolver.load(crowd(30))
    before, place = stated(resolver), resolver.store.position()
    with pytest.raises(sm.errors.StoreError, match=r"lacks 16 of the 30 rows .* 'crm'.* most_gone=True"):
        resolver.load(crowd(14), complete=True)
    with pytest.raises(sm.errors.StoreError, match=r"a table without rows .* the store has 30 rows"):
        resolver.load(crowd(0), complete=True, most_gone=True)
    assert (stated(resolver), resolver.store.position()) == (before, place)
    assert resolver.load(crowd(15), complete=True).gone == 15  # a half may be gone
    assert resolver.load(crowd(6), complete=True).gone == 9  # what few are missing is seen
    assert resolver.load(crowd(30), complete=True).returned == 24
    assert resolver.load(crowd(1), complete=True, most_gone=True).gone == 29


def test_the_commands_ask_whether_most_rows_are_gone(tmp_path: Path, capsys: Printed) -> None:
    rows, store = tmp_path / "customers.csv", ["--store", f"sqlite:///{tmp_path}/people.db"]
    (tmp_path / "members.csv").write_text(MEMBERS)
    pa.csv.write_csv(crowd(30), rows)
    attach = ["attach", str(tmp_path / "members.csv"), "--to", str(rows), "--out", str(tmp_path / "out"), *store]
    assert run(attach) == 0
    pa.csv.write_csv(crowd(3), rows)
    for command in (["load", str(rows), *store], attach):
        assert run([*command, "--most-gone"]) == 2
        assert "goes with --complete" in capsys.readouterr().err
        assert run([*command, "--complete"]) == 2
        assert "lacks 27 of the 30 rows" in (said := capsys.readouterr().err)
        assert "with --most-gone" in said
    assert run([*attach, "--complete", "--most-gone"]) == 0
    assert "27 rows are no more in the customers' system" in capsys.readouterr().out


def test_attach_into_a_store_that_is_stopped_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=url) as resolver:
        resolver.load(customers("c1"))
        before = resolver.store.position()

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(answered, "record_answers", stopped)
    pa.csv.write_csv(customers(), tmp_path / "customers.csv")
    (tmp_path / "members.csv").write_text(MEMBERS)
    (tmp_path / "answers.csv").write_text("left_id,right_id,verdict\nc3,c4,different\n")
    (tmp_path / "policy.toml").write_text('[rules]\nemail = ["every"]\n')
    files = [str(tmp_path / "members.csv"), "--to", str(tmp_path / "customers.csv"), "--out", str(tmp_path / "out")]
    more = ["--decisions", str(tmp_path / "answers.csv"), "--by", "ana", "--policy", str(tmp_path / "policy.toml")]
    assert run(["attach", *files, *more, "--store", url]) == 130
    with Resolver(store=url) as resolver:
        assert resolver.store.position() == before
        assert [row["id"] for row in resolver.clusters.to_pylist()] == ["c1"]


def test_a_table_that_is_refused_leaves_the_plan_of_the_store_too(tmp_path: Path, capsys: Printed) -> None:
    url, rows = f"sqlite:///{tmp_path}/people.db", tmp_path / "customers.csv"
    load = ["load", str(rows), "--store", url, "--region"]
    pa.csv.write_csv(crowd(1), rows)
    assert run([*load, "gb"]) == 0
    pa.csv.write_csv(crowd(0), rows)
    assert run([*load, "fr", "--complete"]) == 2
    assert "nothing was changed" in capsys.readouterr().err
    with Resolver(store=url) as resolver:
        assert resolver.plan.region == "GB"


def test_several_files_come_in_together_or_not_at_all(tmp_path: Path, capsys: Printed) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=url) as resolver:
        resolver.load(customers())
    (tmp_path / "members.csv").write_text(MEMBERS)
    (tmp_path / "broken.json").write_text("{")
    files = [str(tmp_path / name) for name in ("members.csv", "broken.json")]
    assert run(["ingest", *files, "--store", url]) == 2
    with Resolver(store=url) as resolver:
        assert resolver.decisions.num_rows == 0
    capsys.readouterr()
    assert run(["ingest", files[0], "--store", url]) == 0
    told = capsys.readouterr().out  # and what was left out is said, as attach says it
    assert "1 row new" in told
    assert "left" in told


def test_attach_says_what_was_left_out_of_an_export_in_a_store_too(tmp_path: Path, capsys: Printed) -> None:
    pa.csv.write_csv(customers(), tmp_path / "customers.csv")
    (tmp_path / "members.csv").write_text(MEMBERS)
    files = [str(tmp_path / "members.csv"), "--to", str(tmp_path / "customers.csv")]
    said = []
    for more in ([], ["--store", f"sqlite:///{tmp_path}/people.db"]):
        assert run(["attach", *files, "--out", str(tmp_path / f"out{len(more)}"), *more]) == 0
        out = capsys.readouterr().out
        said.append([line for line in out.splitlines() if "left out" in line])
    assert said[0]
    assert said[0] == said[1]
