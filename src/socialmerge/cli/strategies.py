"""The commands on how channels are used: check, show and draft a strategy, and see what it lets be used where."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pyarrow.compute as pc

import socialmerge as sm
from socialmerge import tables
from socialmerge.api.attaching import profiles_of
from socialmerge.channels.loader import PURPOSES
from socialmerge.channels.strategy_file import render
from socialmerge.cli import counting, people, places, runs, show
from socialmerge.cli.options import json_option, store_option
from socialmerge.cli.paths import FILE, FOLDER, OUT
from socialmerge.cli.printing import echo
from socialmerge.cli.wording import files
from socialmerge.errors import TableError, amount

if TYPE_CHECKING:  # a store's packages take 0.3 s to import, and most commands open none
    from socialmerge.resolver.drafting import Draft

__all__ = ["COMMANDS", "channels_option"]


channels_option = click.option(
    "--channels", "channels_file", type=FILE, help="How the channels are used (channels.toml), instead of as usual."
)


@click.group()
def strategy() -> None:
    """Say what each channel is used for, who may see what came from it, and on which ground."""


@strategy.command()
@click.argument("file", type=FILE)
@json_option
def check(*, file: Path, as_json: bool) -> None:
    """Check a channels.toml: every problem is listed, with its line."""
    found = sm.Strategy.load(file)
    changed = {name: asdict(use) for name, use in found.uses.items() if use != sm.Strategy().use(name)}
    if as_json:
        echo(json.dumps({"channels": len(found.uses), "changed": changed}, indent=2))
        return
    echo(f"{file.name}: {amount(len(found.uses), 'channel', 'channels')}, {len(changed)} used otherwise than usual")
    for name in changed:
        echo(f"  {name}: {_said(found, name)}")


@strategy.command(name="show")
@click.argument("file", type=FILE, required=False)
@json_option
def show_strategy(*, file: Path | None, as_json: bool) -> None:
    """Print how every channel is used, as a channels.toml; under FILE, or as usual."""
    chosen = sm.Strategy.load(file) if file else sm.Strategy()
    uses = {name: chosen.use(name) for name in sm.Strategy.defaults().uses}
    if as_json:
        echo(json.dumps({name: asdict(use) for name, use in uses.items()}, indent=2))
    else:
        echo(render(uses), nl=False)


@strategy.command()
@click.option("--run", "folder", type=FOLDER, metavar="DIR", help="What attach or demo wrote.")
@store_option
@people.key_option
@click.option("--labels", type=FILE, help="A pilot: what import-pilot wrote with --lines, or its decisions.")
@click.option("--audit", "audited", is_flag=True, help="Audit the customers too, and go by the verdict.")
@click.option("--orders", type=FILE, help="The customers' orders: tells what the profiles brought in.")
@counting.order_column_option
@click.option("--consents", type=FILE, help="What people said about being reached: source, record_id, state ...")
@click.option("--out", type=OUT, required=True, metavar="FILE", help="The channels.toml to write.")
@json_option
def draft(
    *,
    folder: Path | None,
    store: str | None,
    key: Path | None,
    labels: Path | None,
    audited: bool,
    orders: Path | None,
    order_columns: dict[str, str],
    consents: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """Propose a channels.toml from a pilot, an audit, orders and consents, with counts and reasons as comments.

    It never lets more be seen or used than is usual. A run is repeated without people's decisions, so that the pilot
    can say how many attachments are right.
    """
    folder, store = places.chosen(folder, store)
    if store:
        if labels or consents:
            wrong = "--labels and --consents go with a run of files"
            raise click.UsageError(f"{wrong}; a store has its own decisions and consents")
        found = _draft_of_store(store, key, _Beside(None, orders, order_columns, None, audited))
    else:
        known = _Beside(labels, orders, order_columns, consents, audited)
        found = _draft_of_run(folder or Path(), known)
    found.save(out)
    if as_json:
        echo(json.dumps({**found.as_dict(), "out": str(out)}, indent=2, ensure_ascii=False))
        return
    echo(f"{found}\nWrote {out}")


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is known beside a run: files, and whether its customers are audited."""

    labels: Path | None
    orders: Path | None
    order_columns: dict[str, str]
    consents: Path | None
    audited: bool


def _draft_of_store(store: str, key: Path | None, known: _Beside) -> Draft:
    from socialmerge.resolver.drafting import draft_of_store

    with people.opened(store, key) as resolver:
        audit = counted = None
        if known.audited:
            result = resolver.result()
            audit = sm.audit(result.customers, id=result.id_column, costs=False)
        if known.orders:
            with files(orders=known.orders):
                counted = sm.metrics(store, orders=known.orders, order_columns=known.order_columns, key=key)
                counted = _sold(counted, "the store")
        return draft_of_store(resolver, audit=audit, metrics=counted)


def _draft_of_run(folder: Path, known: _Beside) -> Draft:
    run, plan = runs.load(folder), replace(runs.plan_of(folder), decisions=())
    if run.command == "dedupe":
        raise click.UsageError(f"{folder} was written by dedupe: a strategy is about the channels of profiles")
    given = (known.labels, known.orders, known.consents)  # before the run is repeated, which takes longer
    labels, orders, said = (tables.read(path) if path else None for path in given)
    with show.progress() as progress:
        result = runs.attach(run, plan=plan, progress=progress)
        audit = sm.audit(run.customers.path, id=run.id, region=run.region, costs=False) if known.audited else None
    source, trusted = runs.profiles_of(run)
    profiles, _ = profiles_of(source, None if trusted is not None else run.channel)
    with files(labels=known.labels, orders=known.orders, consents=known.consents):
        counted = None
        if orders is not None:
            columns, id_column, region = known.order_columns, run.id or "", run.region or ""
            counted = sm.metrics(
                result, run.customers.path, orders=orders, order_columns=columns, id=id_column, region=region
            )
            counted = _sold(counted, Path(run.customers.path).name)
        return sm.draft_strategy(
            result.decisions,
            profiles,
            labels=labels,
            consents=said,
            audit=audit,
            metrics=counted,
            customers=run.customers.path,
            id=run.id or "",
            region=run.region or "",
        )


def _sold(found: sm.Metrics, whose: str) -> sm.Metrics:
    """The figures with the orders; a file that tells of no sale to these customers is the wrong one."""
    if not {"orders.amount", "orders.line_amount", "orders.price"} & set(dict(found.columns)):
        raise TableError("orders: no column with an amount is found; name it, as in --order-column amount=Total")
    sold = {row["measure"]: row["whole"] for row in found.coverage.to_pylist()}
    if not sold.get("orders"):
        raise TableError(
            f"orders: no order is of a customer of the run; check that its ids or e-mail addresses are those of {whose}"
        )
    return found


def _said(chosen: sm.Strategy, name: str) -> str:
    use = chosen.use(name)
    hidden = "".join(f"; {field} is {level}" for field, level in use.fields.items())
    return f"for {', '.join(use.purposes) or 'nothing'}; shows what is {use.visibility}; on {use.basis}{hidden}"


@click.command()
@click.option("--run", "folder", type=FOLDER, metavar="DIR", help="What attach, dedupe or demo wrote.")
@store_option
@people.key_option
@click.option("--channel", required=True, metavar="NAME", help="Where the values are to be used.")
@click.option("--purpose", required=True, metavar="PURPOSE", help=f"What for: {', '.join(PURPOSES)}.")
@channels_option
@click.option("--consents", type=FILE, help="What people said about being reached: source, record_id, state ...")
@click.option("--policy", type=FILE, help="A merge policy (TOML), instead of the default.")
@click.option(
    "--as-of", metavar="TIME", help="When it is, for a policy whose trust fades (ISO 8601, such as 2026-01-31)."
)
@click.option("--out", type=OUT, required=True, metavar="FILE", help="The table to write, such as view.csv.")
@json_option
def view(
    *,
    folder: Path | None,
    store: str | None,
    key: Path | None,
    channel: str,
    purpose: str,
    channels_file: Path | None,
    consents: Path | None,
    policy: Path | None,
    as_of: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Write the part of the golden records that may be used on a channel for a purpose.

    What is left out is counted by its reason. The run is repeated with its own plan on the files it read.
    """
    folder, store = places.chosen(folder, store)
    if store and consents:
        raise click.UsageError("--consents goes with a run of files; a store has its own")
    chosen = sm.Policy.load(policy) if policy else None
    strategy = sm.Strategy.load(channels_file) if channels_file else None
    if store:
        with people.opened(store, key) as resolver:
            golden = resolver.golden(policy=chosen, as_of=as_of)
    else:
        said = tables.read(consents) if consents else None
        with files(consents=consents):
            golden = _again(folder or Path()).golden(chosen, as_of=as_of, consents=said)
        golden = replace(golden, strategy=runs.strategy_of(folder or Path()))
    found = golden.view(channel=channel, purpose=purpose, strategy=strategy)
    tables.write(found.records, out)
    show.summary(_summary(golden, found), out=out, files=[], as_json=as_json)


def _again(folder: Path) -> sm.AttachResult | sm.DedupeResult:
    run, plan = runs.load(folder), runs.plan_of(folder)
    with show.progress() as progress:
        return (runs.dedupe if run.command == "dedupe" else runs.attach)(run, plan=plan, progress=progress)


def _summary(golden: sm.Golden, found: sm.merging.View) -> show.Summary:
    # accounts have no row in the provenance, so that it does not count every value
    records, values = golden.records.num_rows, found.grounds.num_rows + found.withheld.num_rows
    reasons = sorted(
        ((one["values"], one["counts"]) for one in pc.value_counts(found.withheld["reason"]).to_pylist()),
        key=lambda pair: (-pair[1], pair[0]),
    )
    figures = [
        show.Figure("records", "records of whom something may be used", found.records.num_rows, records),
        show.Figure("values", "values that may be used", found.grounds.num_rows, values),
        *(show.Figure(f"withheld: {reason}", f"  left out: {reason}", count, values) for reason, count in reasons),
    ]
    return show.Summary(title=f"{found.channel} for {found.purpose}", figures=tuple(figures))


COMMANDS: tuple[click.Command, ...] = (strategy, view)
"""The commands, in the order in which they are of use."""
