"""One run: what was asked for, asking the library for it, and the folder that holds the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.compute as pc

import socialmerge as sm
from socialmerge import channels, tables
from socialmerge.cli.options import packed
from socialmerge.errors import ChannelError, TableError
from socialmerge.records import profiles_schema

__all__ = [
    "PLAN",
    "Input",
    "Progress",
    "Run",
    "Wanted",
    "attach",
    "attach_outputs",
    "dedupe",
    "dedupe_outputs",
    "golden_outputs",
    "load",
    "note",
    "plan_of",
    "profiles_of",
    "remember",
    "save",
    "store_of",
    "store_outputs",
    "strategy_of",
    "style_option",
    "wanted_options",
]

PLAN = "plan.toml"
_CHANNELS = "channels.toml"
_RECORD = "run.json"
_FILE = "sqlite:///"
_BLOCK = 1 << 20

Progress = Callable[[str, int, int], None] | None


@dataclass(frozen=True, slots=True)
class Input:
    """A file that a run reads: where it is, and the SHA-256 of what it holds."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for: with the plan beside it, or the ``store`` that it names, enough to ask for it again."""

    command: str
    customers: Input
    profiles: tuple[Input, ...] = ()
    channel: str | None = None
    id: str | None = None
    region: str | None = None
    version: str = version("socialmerge")
    store: str | None = None


def remember(path: Path) -> Input:
    """Return where a file is and what it holds, as a digest."""
    digest = hashlib.sha256()
    with tables.file_of(path).open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return Input(path=str(path.resolve()), sha256=digest.hexdigest())


def attach(
    run: Run, *, plan: sm.Plan | None, decisions: Path | None = None, progress: Progress = None
) -> sm.AttachResult:
    """Attach the run's profiles to its customers.

    Several exports are read first and handed over as one table, because profiles are evidence for each other.
    """
    ask = partial(
        sm.attach,
        to=run.customers.path,
        plan=plan,
        decisions=decisions,
        id=run.id,
        region=run.region,
        progress=progress,
    )
    source, trusted = profiles_of(run)
    return ask(source, channel=None if trusted is not None else run.channel, trusted=bool(trusted))


def profiles_of(run: Run) -> tuple[str | pa.Table, bool | None]:
    """The profiles of a run: the path of its one file, or a table of several and whether platforms wrote it."""
    if len(run.profiles) == 1:
        return run.profiles[0].path, None
    together = _together([Path(profiles.path) for profiles in run.profiles], run.channel)
    # every one of them is a platform's own export, so what they prove is proved in the table too
    trusted = all(channels.is_export(Path(one.path), channel=run.channel) for one in run.profiles)
    return together, trusted


def _together(exports: list[Path], channel: str | None) -> pa.Table:
    wanted = profiles_schema()
    plain = [export for export in exports if channel is None and channels.recognise(export) is None]
    if plain:
        raise ChannelError(
            f"{plain[0]}: not an export that is recognised; several files are taken together only when each is one: "
            "name the --channel that they share, or attach this file alone"
        )
    read = [channels.read(export, channel=channel) for export in exports]
    notes = [note for table in read for note in tables.notes_of(table)]
    together = pa.concat_tables([table.select(wanted.names).cast(wanted) for table in read])
    return tables.noted(together, notes) if notes else together


def dedupe(
    run: Run, *, plan: sm.Plan | None, decisions: Path | None = None, progress: Progress = None
) -> sm.DedupeResult:
    """Find the rows of the run's customers that are one person."""
    return sm.dedupe(
        run.customers.path, plan=plan, decisions=decisions, id=run.id, region=run.region, progress=progress
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is merged and written: as of when, for which system, and whether new people are listed."""

    style: str = "generic"
    insert_new: bool = False
    as_of: str | None = None


style_option = click.option(
    "--changes-style",
    "style",
    type=click.Choice(["generic", "salesforce", "hubspot", "sql"]),
    default="generic",
    show_default=True,
    help="For whom the changes and the merges are written.",
)
wanted_options = packed(
    "wanted",
    Wanted,
    click.option(
        "--as-of", metavar="TIME", help="When it is, for a policy whose trust fades (ISO 8601, such as 2026-01-31)."
    ),
    style_option,
    click.option(
        "--insert-new", is_flag=True, help="List the people who are not among the customers too, to be inserted."
    ),
)


def attach_outputs(result: sm.AttachResult, policy: sm.Policy | None, wanted: Wanted) -> dict[str, pa.Table]:
    """Return the tables of an attach run by the name of their file."""
    golden = result.golden(policy, as_of=wanted.as_of)
    return {
        "decisions.csv": result.decisions,
        "profiles.csv": result.profiles,
        "pairs.parquet": result.pairs,
        **golden_outputs(golden),
        **_changes(result, golden, wanted),
    }


def store_outputs(result: sm.StoreResult, customers: str, wanted: Wanted) -> dict[str, pa.Table]:
    """Return the tables of a store by the name of their file; ``customers`` is their table as the CRM has it now."""
    golden = result.golden(as_of=wanted.as_of)
    return {
        "decisions.csv": result.decisions,
        "profiles.csv": result.profiles,
        "clusters.csv": result.clusters,
        "pairs.parquet": result.pairs,
        **golden_outputs(golden),
        **_changes(result, golden, wanted, customers=customers),
    }


def dedupe_outputs(result: sm.DedupeResult, policy: sm.Policy | None, wanted: Wanted) -> dict[str, pa.Table]:
    """Return the tables of a dedupe run by the name of their file."""
    golden = result.golden(policy, as_of=wanted.as_of)
    return {
        "clusters.csv": result.clusters,
        "pairs.parquet": result.pairs,
        **golden_outputs(golden),
        **_changes(result, golden, wanted),
    }


def _changes(
    result: sm.AttachResult | sm.DedupeResult | sm.StoreResult,
    golden: sm.Golden,
    wanted: Wanted,
    *,
    customers: str | None = None,
) -> dict[str, pa.Table]:
    """Return the changes and the merges; a loader updates or inserts, so that new people have a file of their own."""
    told = {"style": wanted.style, "golden": golden}
    merges = result.merges(**told)  # type: ignore[arg-type]  # each as it is named
    told |= {"insert_new": wanted.insert_new} | ({"customers": customers} if customers is not None else {})
    changes = result.changes(**told)  # type: ignore[arg-type]  # likewise
    if wanted.style == "sql":
        return {"changes.sql": changes, "merges.csv": merges}
    files = {"changes.csv": changes, "merges.csv": merges}
    if wanted.insert_new and wanted.style != "generic":
        key = changes.column_names[0]
        files["changes.csv"] = _filled(changes.filter(pc.is_valid(changes[key])), key)
        files["inserts.csv"] = _filled(changes.filter(pc.is_null(changes[key])).drop_columns([key]))
    return files


def _filled(table: pa.Table, *always: str) -> pa.Table:
    """Without the columns that no row of this file has a value in, which are the other file's."""
    kept = [name for name in table.column_names if name in always or table[name].null_count < table.num_rows]
    return table.select(kept)


def golden_outputs(golden: sm.Golden) -> dict[str, pa.Table]:
    """Return the tables of merged records by the name of their file."""
    # Records twice: a spreadsheet opens the one, the other keeps the types and the lists.
    return {
        "records.csv": golden.records,
        "records.parquet": golden.records,
        "provenance.csv": golden.provenance,
        "conflicts.csv": golden.conflicts,
    }


def save(
    folder: Path, run: Run, plan: sm.Plan, outputs: dict[str, pa.Table], *, strategy: sm.Strategy | None = None
) -> list[str]:
    """Write the files of a run into an open folder, and return their names.

    ``outputs`` are tables by file name; the suffix says the format. A ``strategy`` is kept beside them.
    """
    for name, table in outputs.items():
        if name.endswith(".sql"):
            tables.write_text("\n".join([*table["statement"].to_pylist(), ""]), folder / name)
        else:
            tables.write(table, folder / name)
    plan.save(folder / PLAN)
    note(folder, run)
    if strategy is None:
        return [*outputs, PLAN, _RECORD]
    strategy.save(folder / _CHANNELS)
    return [*outputs, PLAN, _CHANNELS, _RECORD]


def note(folder: Path, run: Run) -> str:
    """Write what was asked for into the folder of a run, and give the name of the file."""
    text = json.dumps(asdict(run), indent=2, ensure_ascii=False)
    (folder / _RECORD).write_text(text + "\n", encoding="utf-8")
    return _RECORD


def load(folder: Path) -> Run:
    """Read back what a run was asked for, having checked that the files it read are as they were.

    Raises :class:`~socialmerge.errors.TableError` when the folder is not a run's, or a file is gone or has changed.
    """
    run = _noted(folder)
    wrong = [said for source in (run.customers, *run.profiles) if (said := _changed(source))]
    if wrong:
        raise TableError(
            f"{'; '.join(wrong)}; the run cannot be repeated as it was: put the file back, or {run.command} anew"
        )
    return run


def store_of(folder: Path) -> str | None:
    """The URL of the store that a run is in; None where it is in none.

    Raises :class:`~socialmerge.errors.TableError` when the folder is not a run's, or the store is a file that is gone.
    """
    store = _noted(folder).store
    path = Path((store or "").removeprefix(_FILE))
    if store and store.startswith(_FILE) and not path.is_file():
        raise TableError(f"{folder}: this run is in a store, {path}, which is gone; put it back, or give its --store")
    return store


def _noted(folder: Path) -> Run:
    record = folder / _RECORD
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
        found["customers"] = Input(**found["customers"])
        found["profiles"] = tuple(Input(**one) for one in found["profiles"])
        return Run(**found)
    except FileNotFoundError:
        raise TableError(f"{folder}: no {_RECORD} here; name a folder that attach, dedupe or demo wrote") from None
    except (KeyError, TypeError, ValueError) as error:
        raise TableError(f"{record}: not as this version of socialmerge writes it; run the command again") from error


def _changed(source: Input) -> str:
    """What became of a file that a run read; "" where it is as it was."""
    path = Path(source.path)
    if not tables.file_of(path).is_file():
        return f"{path}: the run read this file, and it is gone"
    return "" if remember(path) == source else f"{path}: has changed since the run"


def plan_of(folder: Path) -> sm.Plan:
    """Read the plan that a run used, so that repeating it gives the same answer."""
    return sm.Plan.load(folder / PLAN)


def strategy_of(folder: Path) -> sm.Strategy | None:
    """Read the strategy that was kept with a run, if one was."""
    path = folder / _CHANNELS
    return sm.Strategy.load(path) if path.is_file() else None
