"""The commands: each parses its arguments, asks the library once, writes a folder and prints a summary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import (
    asking,
    auditing,
    consents,
    counting,
    demonstration,
    holdings,
    people,
    pilots,
    previewing,
    reporting,
    runs,
    show,
    simulating,
    storing,
    strategies,
)
from socialmerge.cli.options import (
    decisions_option,
    id_option,
    json_option,
    out_option,
    plan_option,
    policy_option,
    region_option,
)
from socialmerge.cli.paths import FILE, FOLDER, OUT

__all__ = ["socialmerge"]

_channel = click.option("--channel", metavar="NAME", help="Whose export it is, where that is not recognised.")


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
@plan_option
@decisions_option
@policy_option
@runs.wanted_options
@id_option
@region_option
@storing.kept_options
@reporting.page_options
@auditing.require_option
@strategies.channels_option
@out_option
@json_option
def attach(
    *,
    profiles: tuple[Path, ...],
    customers: Path,
    channel: str | None,
    plan: Path | None,
    decisions: Path | None,
    policy: Path | None,
    wanted: runs.Wanted,
    id_column: str | None,
    region: str | None,
    kept: storing.Kept,
    page: reporting.Page,
    require_foundation: bool,
    channels_file: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """Say of each profile which customer it is, if any.

    PROFILES are exports of social channels, as they came, packed or not, or one table of profile rows. Every table may
    be CSV, XLSX, Parquet, JSON or JSON Lines, and that of the customers vCard. Several exports are taken together:
    profiles are evidence for each other.

    With --store, customers, profiles and decisions are added to those that the store has, what people decided there
    holds, and the folder tells of all of them. Nothing is written before every file was read and fits.

    The customers are looked at first, and what is wrong with them at large is said; see 'audit'. With --channels, the
    file is checked and kept, with the run or in the store, and 'view' goes by it. With --admit, a row that looks like
    somebody who was erased comes in, such as a relative's with the household's telephone.
    """
    kept.check(decisions)
    warnings = auditing.warned(customers, id_column=id_column, region=region, required=require_foundation)
    files = runs.remember(customers), tuple(map(runs.remember, profiles))
    run = runs.Run("attach", *files, channel=channel, id=id_column, region=region)
    chosen = sm.Policy.load(policy) if policy else None
    strategy = sm.Strategy.load(channels_file) if channels_file else None
    asked = storing.Brought(run, decisions, wanted, _load(plan), chosen, strategy)
    written, found = storing.attach(asked, kept, page, out) if kept.store else _attach(asked, page, out)
    show.summary(_beginning(found, warnings), out=out, files=written, html=page.html, as_json=as_json)


def _attach(asked: storing.Brought, page: reporting.Page, out: Path) -> tuple[list[str], show.Summary]:
    """Attach the run's profiles, and write its folder; give the files and the counts."""
    run = asked.run
    with tables.folder(out) as folder, show.progress() as progress:
        result = runs.attach(run, plan=asked.plan, decisions=asked.decisions, progress=progress)
        outputs = runs.attach_outputs(result, asked.policy, asked.wanted)
        files = runs.save(folder, run, result.plan, outputs, strategy=asked.strategy)
        reporting.write(result, page, within=(out, folder))
    return files, show.attach_summary(result)


@socialmerge.command()
@click.argument("customers", type=FILE)
@plan_option
@decisions_option
@policy_option
@click.option(
    "--as-of", metavar="TIME", help="When it is, for a policy whose trust fades (ISO 8601, such as 2026-01-31)."
)
@runs.style_option
@id_option
@region_option
@reporting.page_options
@out_option
@json_option
def dedupe(
    *,
    customers: Path,
    plan: Path | None,
    decisions: Path | None,
    policy: Path | None,
    as_of: str | None,
    style: str,
    id_column: str | None,
    region: str | None,
    page: reporting.Page,
    out: Path,
    as_json: bool,
) -> None:
    """Find the rows of one table that are the same person.

    CUSTOMERS is a table: CSV, XLSX, Parquet, JSON or JSON Lines.
    """
    run = runs.Run("dedupe", runs.remember(customers), id=id_column, region=region)
    chosen = sm.Policy.load(policy) if policy else None
    wanted = runs.Wanted(style, as_of=as_of)
    with tables.folder(out) as folder, show.progress() as progress:
        result = runs.dedupe(run, plan=_load(plan), decisions=decisions, progress=progress)
        files = runs.save(folder, run, result.plan, runs.dedupe_outputs(result, chosen, wanted))
        reporting.write(result, page, within=(out, folder))
    show.summary(show.dedupe_summary(result), out=out, files=files, html=page.html, as_json=as_json)


@socialmerge.command()
@click.argument("customers", type=FILE)
@click.argument("profiles", required=False, type=FILE)
@decisions_option
@_channel
@plan_option
@id_option
@region_option
@click.option("--seed", default=7, show_default=True, help="Of the sample of pairs: one seed, one plan.")
@click.option("--out", type=OUT, required=True, metavar="FILE", help="The plan to write.")
@json_option
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
@json_option
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
    *asking.COMMANDS,
    counting.metrics,
    simulating.simulate,
    *strategies.COMMANDS,
    pilots.import_pilot,
    *holdings.COMMANDS,
    *people.COMMANDS,
    *consents.COMMANDS,
    *previewing.COMMANDS,
    *reporting.COMMANDS,
)
for _command in _COMMANDS:
    socialmerge.add_command(_command)
