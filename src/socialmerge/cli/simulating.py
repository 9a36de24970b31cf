"""The command that tries a plan, a policy and a strategy before they are used."""

from __future__ import annotations

from pathlib import Path

import click

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import people, places, runs, show
from socialmerge.cli.options import json_option, run_option, store_option
from socialmerge.cli.paths import FILE, OUT

__all__ = ["simulate"]


@click.command()
@run_option
@store_option
@people.key_option
@click.option("--plan", type=FILE, help="The plan to try (TOML).")
@click.option("--policy", type=FILE, help="The policy to try (TOML).")
@click.option("--channels", type=FILE, help="The strategy to try (channels.toml).")
@click.option("--before-plan", type=FILE, help="The plan it would replace, instead of that of the run or the store.")
@click.option("--before", type=FILE, help="The policy it would replace, instead of the default or the store's.")
@click.option(
    "--before-channels", type=FILE, help="The strategy it would replace, instead of that of the run or the store."
)
@click.option(
    "--as-of", metavar="TIME", help="When it is, for a policy whose trust fades (ISO 8601, such as 2026-01-31)."
)
@click.option("--out", type=OUT, required=True, metavar="FILE", help="The table to write, such as simulation.csv.")
@click.option(
    "--verdicts", type=OUT, metavar="FILE", help="A table to write: profiles that would be decided otherwise."
)
@click.option("--views", type=OUT, metavar="FILE", help="A table to write: what may be used where, before and after.")
@json_option
def simulate(
    *,
    folder: Path | None,
    store: str | None,
    key: Path | None,
    plan: Path | None,
    policy: Path | None,
    channels: Path | None,
    before_plan: Path | None,
    before: Path | None,
    before_channels: Path | None,
    as_of: str | None,
    out: Path,
    verdicts: Path | None,
    views: Path | None,
    as_json: bool,
) -> None:
    """Say what another plan, merge policy or strategy would change, before it is used.

    The table has a row for each field of a record that would change, with both values and both rules; the summary
    counts them by field, the verdicts by kind with examples, and the values that may be used on each channel. The run
    is repeated on the files it read; nothing is written to a store.
    """
    folder, store = places.chosen(folder, store)
    if not (plan or policy or channels):
        raise click.UsageError("nothing to try: give --plan, --policy or --channels")
    now, then = _setting(before_plan, before, before_channels), _setting(plan, policy, channels)
    with show.progress():
        if store:
            with people.opened(store, key) as resolver:
                found = sm.simulate(store=resolver, before=now, after=then, as_of=as_of)
        else:
            found = _of_run(folder or Path(), now, then, as_of)
    tables.write(found.changes, out)
    beside = {}
    for path, table, holds in ((verdicts, found.verdicts, _VERDICTS), (views, found.views, _VIEWS)):
        if path is not None:
            tables.write(table, path)
            beside[path] = holds
    show.summary(_summary(found), out=out, files=[], as_json=as_json, beside=beside)


_VERDICTS = "the profiles that would be decided otherwise"
_VIEWS = "what may be used where, before and after"


def _setting(plan: Path | None, policy: Path | None, channels: Path | None) -> sm.Setting:
    return sm.Setting(
        sm.Plan.load(plan) if plan else None,
        sm.Policy.load(policy) if policy else None,
        sm.Strategy.load(channels) if channels else None,
    )


def _of_run(folder: Path, now: sm.Setting, then: sm.Setting, as_of: str | None) -> sm.Comparison:
    run = runs.load(folder)
    before = sm.Setting(
        now.plan or runs.plan_of(folder),
        now.policy or sm.Policy.default(),
        now.strategy or runs.strategy_of(folder),
    )
    source, trusted = runs.profiles_of(run) if run.profiles else (None, None)
    return sm.simulate(
        source,
        to=run.customers.path,
        before=before,
        after=then,
        channel=None if trusted is not None else run.channel,
        trusted=bool(trusted),
        id=run.id,
        region=run.region,
        as_of=as_of,
    )


def _summary(found: sm.Comparison) -> show.Summary:
    whole = found.entities
    kinds = [
        show.Figure(f"{row['change']}", f"  {row['change']}, such as {row['examples'][0]}", row["count"])
        for row in found.kinds.to_pylist()
    ]
    fields = [
        show.Figure(row["field"], f"  {row['field']} would change", row["changed"], whole)
        for row in found.counts.to_pylist()
    ]
    views = [
        show.Figure(f"{row['channel']} for {row['purpose']}", f"  {_seen(row)}", row["values_after"] or 0)
        for row in found.views.to_pylist()
    ]
    figures = (
        show.Figure("records", "records", whole),
        *fields,
        show.Figure("appeared", "records that appear", found.appeared),
        show.Figure("vanished", "records that vanish", found.vanished),
        show.Figure("verdicts", "verdicts that would change", found.verdicts.num_rows),
        *kinds,
        show.Figure("views", "views that would change", found.views.num_rows),
        *views,
    )
    return show.Summary(title="Simulation", figures=figures)


def _seen(row: dict[str, object]) -> str:
    name = f"{row['channel']} for {row['purpose']}"
    if row["values_after"] is None:
        return f"{name}: not used any more; {row['values_before']} values may be used now"
    was = "not used now" if row["values_before"] is None else f"{row['values_before']} values may be used now"
    return f"{name}: {was}; then (with {row['gained']} gained, {row['lost']} lost)"
