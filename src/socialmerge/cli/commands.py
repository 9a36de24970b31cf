"""The commands: each parses its arguments, asks the library once, writes a folder and prints a summary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import (
    auditing,
    counting,
    demonstration,
    people,
    pilots,
    previewing,
    reporting,
    runs,
    show,
    simulating,
    strategies,
)

__all__ = ["socialmerge"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output, and no text.")
_plan = click.option("--plan", type=FILE, help="A plan (TOML), instead of one inferred from the data.")
_policy = click.option("--policy", type=FILE, help="A merge policy (TOML), instead of the default.")
_decisions = click.option(
    "--decisions",
    type=FILE,
    metavar="FILE",
    help="People's decisions: left_id, right_id, verdict (same, different, unsure), as 'suggest' asks for them.",
)
_id = click.option("--id", "id_column", metavar="COLUMN", help="The customers' id column, where it is not found.")
_region = click.option("--region", metavar="CC", help="The country of national phone numbers, such as GB.")
_channel = click.option("--channel", metavar="NAME", help="Whose export it is, where that is not recognised.")
_as_of = click.option(
    "--as-of", metavar="TIME", help="When it is, for a policy whose trust fades (ISO 8601, such as 2026-01-31)."
)
_style = click.option(
    "--changes-style",
    type=click.Choice(["generic", "salesforce", "hubspot", "sql"]),
    default="generic",
    show_default=True,
    help="For whom the changes and the merges are written.",
)
_insert_new = click.option(
    "--insert-new", is_flag=True, help="List the people who are not among the customers too, to be inserted."
)
_out = click.option("--out", type=FOLDER, required=True, metavar="DIR", help="The folder to write.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="socialmerge")
def socialmerge() -> None:
    """Attach the social data that customers volunteer to the customer records you have, without creating a duplicate.

    Exit codes: 0 done, 1 the run failed, 2 the arguments or a file are wrong, 3 the foundation audit said no.
    """


@socialmerge.command()
@click.argument("profiles", nargs=-1, required=True, type=FILE)
@click.option("--to", "customers", required=True, type=FILE, metavar="CUSTOMERS", help="The table of customers.")
@_channel
@_plan
@_decisions
@_policy
@_as_of
@_style
@_insert_new
@_id
@_region
@click.option(
    "--store", metavar="URL", help="Keep all of it in a store, such as sqlite:///people.db, and go on from there."
)
@people.key_option
@people.admit_options
@reporting.html_option
@reporting.unmasked_option
@auditing.require_option
@strategies.channels_option
@_out
@_json
def attach(
    *,
    profiles: tuple[Path, ...],
    customers: Path,
    channel: str | None,
    plan: Path | None,
    decisions: Path | None,
    policy: Path | None,
    as_of: str | None,
    changes_style: str,
    insert_new: bool,
    id_column: str | None,
    region: str | None,
    store: str | None,
    key: Path | None,
    admit: tuple[str, ...],
    by: str | None,
    html: Path | None,
    unmasked: bool,
    require_foundation: bool,
    channels_file: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """Say of each profile which customer it is, if any.

    PROFILES are exports of social channels, as they came, packed or not, or one table of profile rows. Every table may
    be CSV, XLSX, Parquet, JSON or JSON Lines, and that of the customers vCard. Several exports are taken together:
    profiles are evidence for each other.

    With --store, customers and profiles are added to those that the store has, what people decided there holds, and
    the folder tells of all of them.

    The customers are looked at first, and what is wrong with them at large is said; see 'audit'. With --channels, the
    file is checked and kept, with the run or in the store, and 'view' goes by it. With --admit, a row that looks like
    somebody who was erased comes in, such as a relative's with the household's telephone.
    """
    if bool(admit) != bool(by) or (admit and not store):
        raise click.UsageError("--admit ID goes with --store URL and with --by WHO, who admits the row")
    warnings = auditing.warned(customers, id_column=id_column, region=region, required=require_foundation)
    if store:
        if decisions or changes_style != "generic" or insert_new or html:
            wrong = "--store goes without --decisions, --changes-style, --insert-new and --html"
            raise click.UsageError(f"{wrong}; see 'decide'")
        settings = people.settings(_load(plan), policy, id_column=id_column, region=region, channels=channels_file)
        files, found = people.attach(customers, profiles, channel, people.Place(store, key, out, admit, by), settings)
        show.summary(_beginning(found, warnings), out=out, files=files, as_json=as_json)
        return
    run = runs.Run(
        "attach",
        runs.remember(customers),
        tuple(map(runs.remember, profiles)),
        channel=channel,
        id=id_column,
        region=region,
    )
    chosen = sm.Policy.load(policy) if policy else None
    strategy = sm.Strategy.load(channels_file) if channels_file else None
    wanted = runs.Wanted(changes_style, insert_new, as_of)
    with tables.folder(out) as folder, show.progress() as progress:
        result = runs.attach(run, plan=_load(plan), decisions=decisions, progress=progress)
        files = runs.save(folder, run, result.plan, runs.attach_outputs(result, chosen, wanted), strategy=strategy)
        reporting.write(result, html, unmasked=unmasked, within=(out, folder))
    found = _beginning(show.attach_summary(result), warnings)
    show.summary(found, out=out, files=files, html=html, as_json=as_json)


@socialmerge.command()
@click.argument("customers", type=FILE)
@_plan
@_decisions
@_policy
@_as_of
@_style
@_id
@_region
@reporting.html_option
@reporting.unmasked_option
@_out
@_json
def dedupe(
    *,
    customers: Path,
    plan: Path | None,
    decisions: Path | None,
    policy: Path | None,
    as_of: str | None,
    changes_style: str,
    id_column: str | None,
    region: str | None,
    html: Path | None,
    unmasked: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Find the rows of one table that are the same person.

    CUSTOMERS is a table: CSV, XLSX, Parquet, JSON or JSON Lines.
    """
    run = runs.Run("dedupe", runs.remember(customers), id=id_column, region=region)
    chosen = sm.Policy.load(policy) if policy else None
    wanted = runs.Wanted(changes_style, as_of=as_of)
    with tables.folder(out) as folder, show.progress() as progress:
        result = runs.dedupe(run, plan=_load(plan), decisions=decisions, progress=progress)
        files = runs.save(folder, run, result.plan, runs.dedupe_outputs(result, chosen, wanted))
        reporting.write(result, html, unmasked=unmasked, within=(out, folder))
    show.summary(show.dedupe_summary(result), out=out, files=files, html=html, as_json=as_json)


@socialmerge.command()
@click.option("--run", "folder", required=True, type=FOLDER, metavar="DIR", help="What attach, dedupe or demo wrote.")
@click.argument("first", metavar="ID")
@click.argument("second", metavar="[OTHER]", required=False)
@_json
def explain(*, folder: Path, first: str, second: str | None, as_json: bool) -> None:
    """Say why, comparison by comparison.

    After attach or demo, ID is a profile's id. After dedupe, ID and OTHER are two customers' ids. The run is repeated
    with its own plan on the files it read; when one of them has changed, that is said instead.
    """
    run, plan = runs.load(folder), runs.plan_of(folder)
    if (run.command == "dedupe") != (second is not None):
        raise click.UsageError(f"{folder} was written by {run.command}: " + _WHICH_IDS[run.command])
    with show.progress() as progress:
        if second is not None:
            found = runs.dedupe(run, plan=plan, progress=progress).explain(first, second)
        else:
            found = runs.attach(run, plan=plan, progress=progress).explain(first)
    show.explanation(found, as_json=as_json)


_WHICH_IDS = {
    "attach": "give one id, the profile's, as in its decisions.csv",
    "dedupe": "give two ids of customers, as in its clusters.csv",
}


@socialmerge.command()
@click.option("--run", "folder", required=True, type=FOLDER, metavar="DIR", help="What attach, dedupe or demo wrote.")
@click.option("-n", "count", default=50, show_default=True, metavar="N", help="How many pairs.")
@_decisions
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The table to write, such as reviews.csv.",
)
@_json
def suggest(*, folder: Path, count: int, decisions: Path | None, out: Path, as_json: bool) -> None:
    """Pick the pairs whose answers would mend most, for a person to decide.

    Write same, different or unsure into the column verdict of the table, and give it to attach, dedupe or fit with
    --decisions. Pairs of earlier decisions are not asked about again, whether the run was given them or they are given
    here. The run is repeated with its own plan on the files it read.
    """
    run, plan = runs.load(folder), runs.plan_of(folder)
    with show.progress() as progress:
        repeat = runs.dedupe if run.command == "dedupe" else runs.attach
        reviews = repeat(run, plan=plan, progress=progress).suggest_reviews(count, decisions=decisions)
    tables.write(reviews, out)
    show.summary(show.reviews_summary(reviews.num_rows), out=out, files=[], as_json=as_json)


@socialmerge.command()
@click.argument("customers", type=FILE)
@click.argument("profiles", required=False, type=FILE)
@_decisions
@_channel
@_plan
@_id
@_region
@click.option("--seed", default=7, show_default=True, help="Of the sample of pairs: one seed, one plan.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE", help="The plan to write."
)
@_json
def fit(
    *,
    customers: Path,
    profiles: Path | None,
    decisions: Path | None,
    channel: str | None,
    plan: Path | None,
    id_column: str | None,
    region: str | None,
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Learn a plan's weights from the data, once.

    People's decisions teach it more, where there are any. Without --plan the plan is inferred first. Give the result
    to attach or dedupe with --plan.
    """
    with show.progress() as progress:
        fitted = sm.fit(
            _load(plan),
            customers,
            profiles,
            decisions=decisions,
            seed=seed,
            channel=channel,
            id=id_column,
            region=region,
            progress=progress,
        )
    fitted.save(out)
    show.summary(show.Summary(title="Plan"), out=out, files=[], as_json=as_json)


@socialmerge.command()
@click.option("--out", type=FOLDER, default="socialmerge-demo", show_default=True, metavar="DIR", help="What to write.")
@_json
def demo(*, out: Path, as_json: bool) -> None:
    """Show all that on made-up data.

    The exports of six channels are attached to a CRM of 2,000 customers, and three of the answers are explained.
    """
    with tables.folder(out) as folder, show.progress() as progress:
        found, files = demonstration.run(folder, progress=progress)
    show.summary(found, out=out, files=files, as_json=as_json)


def _load(plan: Path | None) -> sm.Plan | None:
    return sm.Plan.load(plan) if plan else None


def _beginning(found: show.Summary, warnings: tuple[str, ...]) -> show.Summary:
    """The summary with some warnings before its own."""
    return replace(found, warnings=(*warnings, *found.warnings))


_COMMANDS = (
    auditing.audit,
    counting.metrics,
    simulating.simulate,
    *strategies.COMMANDS,
    pilots.import_pilot,
    *people.COMMANDS,
    *previewing.COMMANDS,
    *reporting.COMMANDS,
)
for _command in _COMMANDS:
    socialmerge.add_command(_command)
