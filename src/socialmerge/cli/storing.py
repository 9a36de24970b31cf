"""``attach --store``: customers and profiles brought into a store, and a folder of what it says then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import pyarrow as pa

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import admitting, people, places, reporting, runs, show
from socialmerge.cli.options import packed

__all__ = ["Brought", "Kept", "attach", "kept_options"]


@dataclass(frozen=True, slots=True)
class Kept:
    """The store that a run is kept in, if it is in one, the file with its key, and the ids that ``by`` admits to it.

    ``complete`` says that the customers are all that their system has.
    """

    store: str | None = None
    key: Path | None = None
    admit: tuple[str, ...] = ()
    by: str | None = None
    complete: bool = False

    def check(self, decisions: Path | None, wanted: runs.Wanted) -> None:
        """Raise where options do not go together."""
        if self.store and (decisions or wanted.style != "generic" or wanted.insert_new):
            said = "--store goes without --decisions, --changes-style and --insert-new"
            raise click.UsageError(f"{said}; give decisions to 'decide', which has --decisions too")
        if bool(self.admit) != bool(self.by) or (self.admit and not self.store):
            raise click.UsageError("--admit ID goes with --store URL and with --by WHO, who admits the row")
        if self.complete and not self.store:
            raise click.UsageError("--complete goes with --store URL: it says which of the store's rows are gone")


kept_options = packed(
    "kept",
    Kept,
    click.option(
        "--store", metavar="URL", help="Keep all of it in a store, such as sqlite:///people.db, and go on from there."
    ),
    people.key_option,
    click.option(
        "--admit",
        multiple=True,
        metavar="ID",
        help="With --store, a row to take in although it looks like somebody erased; may be repeated.",
    ),
    click.option("--by", metavar="WHO", help="Who admits the rows of --admit."),
    click.option(
        "--complete",
        is_flag=True,
        help="With --store, CUSTOMERS has every row of its system: rows that it lacks are gone.",
    ),
)


@dataclass(frozen=True, slots=True)
class Brought:
    """What is brought in: the run, and the plan, the policy and the strategy that are asked for, if any."""

    run: runs.Run
    plan: sm.Plan | None = None
    policy: sm.Policy | None = None
    strategy: sm.Strategy | None = None


def attach(asked: Brought, kept: Kept, page: reporting.Page, out: Path) -> tuple[list[str], show.Summary]:
    """Bring customers and profiles into a store, and write what it says now; give the files and the counts."""
    with tables.folder(out) as folder, _opened(asked, kept) as resolver:
        run = replace(asked.run, store=places.address(kept.store or ""))
        ingest = partial(resolver.ingest, channel=run.channel)
        bringing: list[admitting.Bring] = [partial(resolver.load, run.customers.path, complete=kept.complete)]
        bringing += [partial(ingest, one.path) for one in run.profiles]
        said = admitting.brought(bringing, kept.admit, resolver, by=kept.by)
        result = resolver.result()
        files = _write(folder, run, result, resolver.golden())
        reporting.write(result, page, within=(out, folder))
        return files, show.attach_summary(result, said)


def _opened(asked: Brought, kept: Kept) -> sm.Resolver:
    """The store, with the settings that are asked for; none where the store's own hold."""
    plan, run = asked.plan, asked.run
    if run.id or run.region:
        plan = replace(plan or sm.Plan(), id=run.id or "", region=(run.region or "").upper())
    settings = {"plan": plan, "policy": asked.policy, "strategy": asked.strategy}
    return people.opened(kept.store or "", kept.key, create=True, **settings)


def _write(folder: Path, run: runs.Run, result: sm.StoreResult, golden: sm.Golden) -> list[str]:
    found: dict[str, pa.Table] = {
        "decisions.csv": result.decisions,
        "profiles.csv": result.profiles,
        "clusters.csv": result.clusters,
        **runs.golden_outputs(golden),
    }
    for name, table in found.items():
        tables.write(table, folder / name)
    return [*found, runs.note(folder, run)]
