"""The comparison with peers: columns by role, scoring, what the tables say, watching, plots."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.large import write_large
from benchmarks.peers import __main__ as command
from benchmarks.peers.answer import Stages, clusters_of, read_answer
from benchmarks.peers.blanks import blanks_text, falls
from benchmarks.peers.columns import Role, canonical_names
from benchmarks.peers.comparing import best_peer, cuts, geometric_mean, ratio
from benchmarks.peers.drawing import accuracy_plot, draw, reliability_plot, scale_plot
from benchmarks.peers.environments import PEERS, Peer, variables
from benchmarks.peers.handed import hand_over
from benchmarks.peers.running import limits
from benchmarks.peers.scoring import score
from benchmarks.peers.tables import page_text, runs_text
from benchmarks.peers.watch import Limits, Watched, watch
from benchmarks.sets import DataSet, Task, read_set

import socialmerge as sm

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

OURS = {
    "set": "s",
    "task": "dedupe",
    "peer": "socialmerge",
    "labels": 0,
    "own_f1": 0.98,
    "best_f1": 0.96,
    "wall_s": 2.0,
}
SPLINK = {"set": "s", "task": "dedupe", "peer": "splink", "labels": 0, "own_f1": 0.90, "best_f1": 0.94, "wall_s": 8.0}
TAUGHT = {
    "set": "s",
    "task": "dedupe",
    "peer": "dedupe",
    "labels": 100,
    "own_f1": 0.99,
    "best_f1": 0.99,
    "wall_s": 50.0,
}
RUNS: list[dict[str, Any]] = [
    {**OURS, "peak_mb": 100.0, "records": 1000, "rows": 1000, "candidates": 5000},
    {**SPLINK, "peak_mb": 400.0, "records": 1000, "rows": 1000},
    {**TAUGHT, "peak_mb": 900.0, "records": 1000, "rows": 1000},
]


def people(folder: Path, text: str, other: str = "") -> DataSet:
    folder.mkdir()
    (folder / "a.csv").write_text(text, encoding="utf-8")
    if other:
        (folder / "b.csv").write_text(other, encoding="utf-8")
    found = read_set(folder)
    assert found is not None
    return found


def clusters(*labels: str, side: tuple[int, ...] = ()) -> pa.Table:
    ids = [str(number) for number in range(len(labels))]
    return pa.table({"side": list(side or (0,) * len(labels)), "id": ids, "entity_id": list(labels)})


def pairs(*rows: tuple[str, str, float]) -> pa.Table:
    left, right, probability = zip(*rows, strict=True)
    return pa.table({"left_id": left, "right_id": right, "probability": probability})


TRUTH = pa.table({"id": ["0", "1", "2", "3"], "entity_id": ["a", "a", "a", "b"]})


def test_columns_are_known_by_their_names_however_they_are_written() -> None:
    names = canonical_names(
        ["First Name", "Surname", "E-mail", "dateOfBirth", "DATE_OF_BIRTH", "Progmod", "venue", "year"]
    )
    assert names == {
        "First Name": "given",
        "Surname": "family",
        "E-mail": "email",
        "DATE_OF_BIRTH": "date",
        "venue": "category",
        "year": "category_2",
    }


def test_accounts_are_named_by_channel_and_a_title_beside_a_name_is_text() -> None:
    assert canonical_names(["speaker", "title", "Twitter", "handle", "birth_year"]) == {
        "speaker": "name",
        "title": "text",
        "Twitter": "handle_twitter",
        "handle": "handle",
        "birth_year": "year",
    }
    assert canonical_names(["title", "authors"]) == {"title": "name", "authors": "text"}


def test_accounts_of_profiles_are_columns_and_handles_are_compared_with_names(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(
        "customer_id,first_name,last_name,github\nc,Ada,O'Byron,https://github.com/adab/\n", encoding="utf-8"
    )
    links = '"links": ["https://example.com/about", "https://www.github.com/AdaB"]'
    lines = ['{"profile_id": "p", "channel": "github", "handle": "@adab"}']
    lines += ['{"profile_id": "q", "channel": "linktree", "handle": "adaob", ' + links + "}"]
    (tmp_path / "profiles.jsonl").write_text("\n".join(lines), encoding="utf-8")
    one = read_set(tmp_path)
    assert one is not None
    handed = hand_over(one)
    assert handed.left.select(["id", "handle", "handle_github"]).to_pylist() == [
        {"id": "p", "handle": "adab", "handle_github": "adab"},
        {"id": "q", "handle": "adaob", "handle_github": "adab"},
    ]
    assert handed.right is not None
    assert handed.right.select(["handle", "handle_github"]).to_pylist() == [
        {"handle": "adaobyron", "handle_github": "adab"}
    ]


def test_dates_with_a_year_of_two_digits_are_of_the_last_century(tmp_path: Path) -> None:
    handed = hand_over(people(tmp_path / "p", "id,dob\n1,8/15/67\n"))
    assert handed.left["date"].to_pylist() == ["1967-08-15"]


def test_peers_are_handed_clean_cells_and_told_what_was_left_out(tmp_path: Path) -> None:
    one = people(tmp_path / "p", "id,first_name,dob,phone,shoe\n1,  ADA  May ,19011231,+1 (201) 555-0123,7\n2,,,,8\n")
    handed = hand_over(one)
    assert handed.left.to_pylist() == [
        {"id": "1", "given": "ada may", "date": "1901-12-31", "phone": "2015550123"},
        {"id": "2", "given": None, "date": None, "phone": None},
    ]
    assert handed.left_out == ("shoe",)
    assert handed.of(Role.PHONE, Role.GIVEN) == ["phone", "given"]


def test_of_two_tables_only_shared_columns_are_handed_over_and_names_are_made_alike(tmp_path: Path) -> None:
    one = people(
        tmp_path / "p", "id,name,email\n1,Ada May Byron,a@example.com\n", "id,given_name,surname\nx,Ada,Byron\n"
    )
    handed = hand_over(one)
    assert handed.right is not None
    assert handed.left.select(["given", "family"]).to_pylist() == [{"given": "ada", "family": "byron"}]
    assert handed.right["name"].to_pylist() == ["ada byron"]
    assert "email" not in handed.columns
    assert handed.left_out == ("email",)


def test_a_tool_s_clusters_and_pairs_are_scored_each_for_themselves() -> None:
    found = score(
        pairs(("1", "0", 0.9), ("0", "1", 0.4), ("2", "3", 0.8)), clusters("x", "x", "y", "y"), TRUTH, threshold=0.5
    )
    assert found["own_precision"] == 0.5
    assert found["own_recall"] == pytest.approx(1 / 3)
    assert found["default_f1"] == pytest.approx(2 / 5)
    assert found["best_f1"] == pytest.approx(2 / 4)
    assert found["pair_completeness"] == pytest.approx(1 / 3)
    assert found["scored_pairs"] == 2
    assert found["largest_cluster"] == 2


def test_scores_of_a_dedupe_are_those_of_evaluate() -> None:
    told, labels = pairs(("0", "1", 0.9), ("1", "2", 0.3), ("2", "3", 0.6)), clusters("x", "x", "x", "y")
    ours = sm.evaluate(SimpleNamespace(clusters=labels.drop_columns(["side"]), pairs=told), TRUTH).as_dict()
    found = score(told, labels, TRUTH, threshold=0.5)
    same = {"own_f1": "f1", "bcubed_f1": "bcubed_f1", "best_f1": "best_f1", "calibration_error": "calibration_error"}
    assert {name: found[name] for name in same} == {name: ours[other] for name, other in same.items()}
    assert found["log_loss"] == ours["log_loss"]


def test_of_a_link_only_pairs_across_the_tables_count() -> None:
    labels = clusters("x", "x", "x", "y", side=(0, 0, 1, 1))
    truth = pa.table({"id_a": ["0", "1"], "id_b": ["2", "3"]})
    found = score(pairs(("0", "2", 0.9), ("1", "2", 0.8)), labels, truth, threshold=0.5)
    assert found["own_precision"] == 0.5
    assert found["own_recall"] == 0.5
    assert found["best_f1"] == pytest.approx(2 / 3)


def test_a_pair_of_an_id_that_no_cluster_has_is_refused() -> None:
    with pytest.raises(ValueError, match="not among the clusters' ids"):
        score(pairs(("0", "9", 0.9)), clusters("x", "y", "z", "z"), TRUTH, threshold=0.5)


def test_clusters_name_the_side_of_each_record(tmp_path: Path) -> None:
    one = people(tmp_path / "p", "id,name\n1,Ada\n", "id,name\n1,Ada\n")
    table = clusters_of(one, [pa.array(["1"]), pa.array(["1"])], [pa.array([5]), pa.array([5])])
    assert table.to_pylist() == [
        {"side": 0, "id": "1", "entity_id": "5"},
        {"side": 1, "id": "1", "entity_id": "5"},
    ]
    with pytest.raises(ValueError, match="clusters of 1 tables"):
        clusters_of(one, [pa.array(["1"])], [pa.array([5])])


def test_labelled_peers_are_not_what_errors_are_cut_against() -> None:
    assert best_peer({str(run["peer"]): run for run in RUNS}) == ("splink", 0.94)
    (cut,) = cuts(RUNS)
    assert cut.error_ratio == pytest.approx(0.02 / 0.06)
    assert geometric_mean([cut.error_ratio]) == pytest.approx(cut.error_ratio)
    assert ratio(RUNS[0], RUNS[1], "wall_s") == 0.25


def test_a_set_without_error_divides_by_a_little() -> None:
    perfect = [{**OURS, "own_f1": 1.0, "records": 1000}, {**SPLINK, "own_f1": 1.0}]
    assert [cut.error_ratio for cut in cuts(perfect)] == [1.0]


def test_sets_of_a_few_records_are_no_part_of_the_error_cut() -> None:
    assert cuts([{**run, "records": 159} for run in RUNS]) == []


def test_tables_list_taught_tools_last_and_what_failed_by_name() -> None:
    failed = {"set": "s", "peer": "goldenmatch", "labels": 0, "error": "ended at 12.1 GB after 90 s"}
    text = runs_text([RUNS[2], RUNS[0], RUNS[1], failed], "today")
    table = text.split("### s\n")[1].split("###")[0]
    assert table.index("socialmerge") < table.index("splink") < table.index("dedupe (L, 100)")
    assert "error cut" in text
    assert "| s   | goldenmatch | ended at 12.1 GB after 90 s |" in text
    assert "| s   | splink | 0.25 | 0.25   |" in text


def test_every_peer_has_a_module_that_cites_where_its_settings_are_from() -> None:
    for peer in PEERS:
        text = (ROOT / (peer.module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        assert not peer.needs or "https://" in text.split('"""')[1]


def test_peers_see_no_keys_of_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    assert "SOME_API_KEY" not in variables()


def ran(tmp_path: Path, program: str, limits: Limits) -> Watched:
    program = f"import pathlib, time\ndone = pathlib.Path({str(tmp_path / 'done')!r})\n{program}"
    return watch([sys.executable, "-c", program], cwd=tmp_path, env=variables(), limits=limits, until=tmp_path / "done")


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are watched through /proc")


@needs_proc
def test_what_a_process_and_its_children_hold_is_counted(tmp_path: Path) -> None:
    child = 'import time; x = b"1" * 200_000_000; time.sleep(1)'
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])\ndone.touch()"
    found = ran(tmp_path, program, Limits(60, 4096))
    assert found.fault == ""
    assert found.peak_mb > 190
    assert found.wall_s > 0.9


@needs_proc
@pytest.mark.parametrize(
    ("program", "limits", "fault"),
    [
        ("time.sleep(30)", Limits(0.3, 4096), "ended after 0 s"),
        ("x = b'1' * 300_000_000; time.sleep(30)", Limits(30, 200), "ended at 0."),
        ("raise SystemExit('no such column')", Limits(30, 4096), "exit code 1: no such column"),
    ],
)
def test_a_process_over_its_limits_is_ended_and_says_why(
    tmp_path: Path, program: str, limits: Limits, fault: str
) -> None:
    assert ran(tmp_path, program, limits).fault.startswith(fault)


@needs_proc
def test_a_process_that_grows_at_once_is_refused_the_memory(tmp_path: Path) -> None:
    program = "time.sleep(0.3)\nx = bytearray(2_000_000_000)\ndone.touch()"
    assert ran(tmp_path, program, Limits(30, 400)).fault == "exit code 1: MemoryError"


def test_a_run_may_take_longer_with_its_rows_and_one_that_learns_longest() -> None:
    most, quick, taught = Limits(900, 8192), Peer("quick"), Peer("taught", labels=True)
    assert [limits(most, quick, rows).timeout_s for rows in (1000, 10_000, 1_000_000)] == [66, 120, 900]
    assert limits(most, taught, 1000).timeout_s == 198
    assert limits(most, Peer("slow", most_s=50), 10_000).timeout_s == 50
    assert limits(most, quick, 2_000_000).timeout_s == 1800
    assert limits(most, quick, 2_000_000).memory_mb >= limits(most, quick, 1000).memory_mb == 8192


BLANKED = [
    {**run, "set": "s_blanked_20", "own_f1": own, "best_f1": best}
    for run, own, best in zip(RUNS, (0.95, 0.88, 0.9), (0.94, 0.93, 0.9), strict=True)
]


def test_falls_are_those_of_the_same_tool_and_judged_by_the_peer_that_was_best() -> None:
    ours, splink, taught = falls([*RUNS, *BLANKED], 0.2)
    assert ours.own == (0.98, 0.95)
    assert ours.judged == pytest.approx(0.03)
    assert splink.judged == pytest.approx(0.94 - 0.93)
    assert taught.labels
    text = blanks_text([*RUNS, *BLANKED], 0.2, "today")
    cells = [cell.strip() for cell in text.splitlines()[-1].split("|")]
    assert cells[1:6] == ["s", "0.0300", "splink", "0.0100", "no"]


def test_a_tool_without_an_answer_to_the_blanked_set_has_no_fall() -> None:
    failed = {"set": "s_blanked_20", "peer": "splink", "labels": 0, "error": "ended after 90 s"}
    text = blanks_text([*RUNS, BLANKED[0], failed], 0.2, "today")
    assert "ended after 90 s" in text
    assert "ours falls no more" not in text


def test_stages_follow_each_other_and_a_repeated_name_goes_on() -> None:
    stages = Stages()
    for name in ("read", "read", "match"):
        stages.begin(name)
    assert [stage.name for stage in stages.done] == ["start", "read"]


@needs_proc
def test_our_own_run_is_measured_scored_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{n},Ada,Byron{n // 2},ada{n // 2}@example.com\n" for n in range(40))
    people(tmp_path / "data", "id,first_name,surname,email\n" + rows)
    truth = "".join(f"{n},{n // 2}\n" for n in range(40))
    (tmp_path / "data" / "truth.csv").write_text("id,entity_id\n" + truth, encoding="utf-8")
    words = [str(tmp_path), "--set", "data", "--peer", "socialmerge", "--work", str(tmp_path / "work")]
    assert command.main(words) == 0
    part = tmp_path / "work" / "parts" / "data.socialmerge.json"
    first = part.read_text(encoding="utf-8")
    assert '"own_f1": ' in first
    assert command.main([*words, "--resume", "--json", str(tmp_path / "all.json")]) == 0
    assert part.read_text(encoding="utf-8") == first
    assert "normalise" in capsys.readouterr().out


def test_a_set_that_no_folder_has_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path), "--set", "nowhere", "--work", str(tmp_path / "w")]) == 2
    assert "no folder has a set named nowhere" in capsys.readouterr().err


def test_an_answer_is_read_as_it_was_said(tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text(
        '{"threshold": 0.5, "candidates": null, "labels": 0, "note": "", "ended": 1.0, "cpu_s": 2.0, "peak_mb": 3.0,'
        ' "stages": [{"name": "read", "wall_s": 1.0, "cpu_s": 1.0, "peak_mb": 1.0}], "versions": {}}',
        encoding="utf-8",
    )
    assert read_answer(tmp_path).stages[0].name == "read"


def test_plots_are_drawn_from_the_runs_alone(tmp_path: Path) -> None:
    sizes = [{**run, "set": f"gecko_people_{size}", "rows": size} for size in (1000, 10_000) for run in RUNS]
    bins = [{**RUNS[0], "reliability": [[0.1, 0.0, 5], [0.9, 1.0, 5]]}]
    told = draw([*sizes, *bins], tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"peers-accuracy.svg", "peers-time.svg", "peers-memory.svg", "peers-reliability.svg"}
    assert set(told) == names
    assert "![error by set](peers-accuracy.svg)" in page_text(sizes, "today", told)
    assert accuracy_plot(sizes) == accuracy_plot(list(sizes))
    assert "dedupe (L)" in accuracy_plot(sizes)
    assert scale_plot(RUNS, "wall_s", title="t", y="s") == ""
    assert reliability_plot(RUNS) == ""


def test_large_sets_are_the_same_for_the_same_seed_and_hold_their_answers(tmp_path: Path) -> None:
    once, again = (write_large(tmp_path / name, rows=3000, seed=3) for name in ("once", "again"))
    rows, truth = (pq.read_table(once / f"{name}.parquet") for name in ("a", "truth"))
    assert rows.equals(pq.read_table(again / "a.parquet"))
    assert rows["id"].equals(truth["id"])
    assert len(set(rows["id"].to_pylist())) == rows.num_rows == 3000
    assert 1500 < len(set(truth["entity_id"].to_pylist())) < 2500
    assert read_set(once) == DataSet("people_3000", Task.DEDUPE, once / "a.parquet", None, once / "truth.parquet")


def test_rows_of_one_person_in_a_large_set_are_alike_and_reachable(tmp_path: Path) -> None:
    home = write_large(tmp_path, rows=3000, seed=3)
    rows = pq.read_table(home / "a.parquet").to_pylist()
    owners = pq.read_table(home / "truth.parquet")["entity_id"].to_pylist()
    assert all(row["email"] or row["phone"] or (row["street"] and row["birth_date"]) for row in rows)
    births: dict[str, set[str]] = {}
    for row, owner in zip(rows, owners, strict=True):
        births.setdefault(owner, set()).update(filter(None, [row["birth_date"]]))
    assert all(len(found) <= 1 for found in births.values())
