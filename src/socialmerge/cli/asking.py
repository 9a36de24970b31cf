"""The commands that ask a run or a store: why it decided so, and what it would ask a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import people, places, runs, show
from socialmerge.cli.options import decisions_option, json_option, run_option, store_option
from socialmerge.cli.paths import OUT

if TYPE_CHECKING:
    from socialmerge.matching.explain import Explanation

__all__ = ["COMMANDS"]

_SOME = click.IntRange(min=1)

_WHICH_IDS = {
    "attach": "give one id, the profile's, as in its decisions.csv",
    "dedupe": "give two ids of customers, as in its clusters.csv",
}


@click.command()
@run_option
@store_option
@people.key_option
@click.argument("first", metavar="ID")
@click.argument("second", metavar="[OTHER]", required=False)
@json_option
def explain(
    *, folder: Path | None, store: str | None, key: Path | None, first: str, second: str | None, as_json: bool
) -> None:
    """Say why, comparison by comparison.

    After attach or demo, ID is a profile's id. After dedupe, ID and OTHER are two customers' ids. The run is repeated
    with its own plan on the files it read; when one of them has changed, that is said instead. A store answers for
    what it holds now, with one id or two; so does the folder that attach --store wrote.
    """
    folder, store = places.chosen(folder, store)
    found = _of_run(folder, first, second) if folder else _of_store(store or "", key, first, second)
    show.explanation(found, as_json=as_json)


def _of_store(store: str, key: Path | None, first: str, second: str | None) -> Explanation:
    with people.opened(store, key) as resolver:
        result = resolver.result()
        return result.explain(first) if second is None else result.explain_customers(first, second)


def _of_run(folder: Path, first: str, second: str | None) -> Explanation:
    run, plan = runs.load(folder), runs.plan_of(folder)
    if (run.command == "dedupe") != (second is not None):
        raise click.UsageError(f"{folder} was written by {run.command}: " + _WHICH_IDS[run.command])
    with show.progress() as progress:
        if second is not None:
            return runs.dedupe(run, plan=plan, progress=progress).explain(first, second)
        return runs.attach(run, plan=plan, progress=progress).explain(first)


@click.command()
@run_option
@store_option
@people.key_option
@click.option("-n", "count", type=_SOME, default=50, show_default=True, metavar="N", help="How many pairs.")
@click.option("--duplicates", is_flag=True, help="With --store: ask about pairs of customers, not about profiles.")
@decisions_option
@click.option("--out", type=OUT, required=True, metavar="FILE", help="The table to write, such as reviews.csv.")
@json_option
def suggest(
    *,
    folder: Path | None,
    store: str | None,
    key: Path | None,
    count: int,
    duplicates: bool,
    decisions: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """Pick the pairs whose answers would mend most, for a person to decide.

    Write same, different or unsure into the column verdict of the table, and give it to attach, dedupe or fit with
    --decisions; of a store to 'decide' with --decisions. Pairs of earlier decisions are not asked about again, whether
    the run or the store has them or they are given here. The run is repeated with its own plan on the files it read.
    """
    folder, store = places.chosen(folder, store)
    if folder:
        if duplicates:
            raise click.UsageError("--duplicates goes with --store; of files, run dedupe, and ask about its folder")
        run, plan = runs.load(folder), runs.plan_of(folder)
        with show.progress() as progress:
            repeat = runs.dedupe if run.command == "dedupe" else runs.attach
            reviews = repeat(run, plan=plan, progress=progress).suggest_reviews(count, decisions=decisions)
    else:
        with people.opened(store or "", key) as resolver:
            held = resolver.result()
            asked: sm.DedupeResult | sm.StoreResult = held.duplicates() if duplicates else held
            reviews = asked.suggest_reviews(count, decisions=decisions)
    tables.write(reviews, out)
    show.summary(show.reviews_summary(reviews.num_rows), out=out, files=[], as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (explain, suggest)
"""The commands, in the order in which they are of use."""
