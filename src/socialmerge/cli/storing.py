"""``attach --store``: customers, profiles and answers brought into a store, and a folder of what it says then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import admitting, people, places, reporting, runs, show
from socialmerge.cli.options import MOST_GONE_ALONE, STORE_VARIABLE, most_gone_option, packed

if TYPE_CHECKING:  # a store's packages take 0.3 s to import, and most commands open none
    from socialmerge.resolver.bringing import Coming

__all__ = ["Brought", "Kept", "attach", "kept_options"]


@dataclass(frozen=True, slots=True)
class Kept:
    """The store that a run is kept in, if it is in one, the file with its key, and who admits ids to it or answered.

    ``complete`` says that the customers are all that their system has, ``most_gone`` that they are, few as they be.
    """

    store: str | None = None
    key: Path | None = None
    admit: tuple[str, ...] = ()
    by: str | None = None
    complete: bool = False
    most_gone: bool = False

    def check(self, decisions: Path | None) -> None:
        """Raise where options do not go together."""
        if not self.store and (self.admit or self.by):
            raise click.UsageError("--admit and --by go with --store; a run of files notes no names")
        if self.admit and not self.by:
            raise click.UsageError("--admit ID goes with --store URL and with --by WHO, who admits the row")
        if self.complete and not self.store:
            raise click.UsageError("--complete goes with --store URL: it says which of the store's rows are gone")
        if self.most_gone and not self.complete:
            raise click.UsageError(MOST_GONE_ALONE)
        if self.store and decisions and not self.by:
            raise click.UsageError("--decisions with --store needs --by WHO: a store notes who decided")
        if self.by and not self.admit and not decisions:
            raise click.UsageError("--by says who admits rows (--admit) or decided (--decisions); give one of these")


kept_options = packed(
    "kept",
    Kept,
    click.option(
        "--store",
        metavar="URL",
        envvar=STORE_VARIABLE,
        help="Keep all of it in a store, such as sqlite:///people.db, and go on from there.",
    ),
    people.key_option,
    click.option(
        "--admit",
        multiple=True,
        metavar="ID",
        help="With --store, a row to take in although it looks like somebody erased; may be repeated.",
    ),
    click.option("--by", metavar="WHO", help="With --store: who decided what --decisions says, and admits --admit."),
    click.option(
        "--complete",
        is_flag=True,
        help="With --store, CUSTOMERS has every row of its system: rows that it lacks are gone.",
    ),
    most_gone_option,
)


@dataclass(frozen=True, slots=True)
class Brought:
    """What is brought in: the run with people's decisions, and the plan, policy and strategy that are asked for."""

    run: runs.Run
    decisions: Path | None = None
    wanted: runs.Wanted = field(default_factory=runs.Wanted)
    plan: sm.Plan | None = None
    policy: sm.Policy | None = None
    strategy: sm.Strategy | None = None


def attach(asked: Brought, kept: Kept, page: reporting.Page, out: Path) -> tuple[list[str], show.Summary]:
    """Bring customers, profiles and answers into a store, and write what it says now; give the files and the counts."""
    with tables.folder(out) as folder, _ready(asked, kept) as (resolver, coming):
        with resolver.at_once():
            said = _brought(asked, kept, resolver, coming)
        result = resolver.result()
        run = replace(asked.run, store=places.address(kept.store or ""))
        outputs = runs.store_outputs(result, asked.run.customers.path, asked.wanted)
        files = runs.save(folder, run, result.plan, outputs, strategy=asked.strategy)
        reporting.write(result, page, within=(out, folder))
        return files, replace(show.attach_summary(result, said), store=run.store or "")


def _brought(asked: Brought, kept: Kept, resolver: sm.Resolver, coming: Coming) -> list[str]:
    """Write what comes in, and by which plan, policy and strategy the store goes from now on; give what is to say."""
    from socialmerge.resolver.answered import record_answers
    from socialmerge.resolver.bringing import bring

    resolver.go_by(_plan(asked, resolver), asked.policy, strategy=asked.strategy)
    bringing: list[admitting.Bring] = [partial(bring, *part, resolver) for part in coming.parts()]
    said = admitting.brought(bringing, kept.admit, resolver, by=kept.by)
    if coming.answers is not None:
        record_answers(resolver, coming.answers, by=kept.by or "")
    return said


@contextmanager
def _ready(asked: Brought, kept: Kept) -> Iterator[tuple[sm.Resolver, Coming]]:
    """The open store and what comes in: all of it was read and checked before a store is made or any is changed."""
    from socialmerge.resolver.bringing import check
    from socialmerge.store import NoStoreError

    url = kept.store or ""
    try:
        resolver = people.opened(url, kept.key)
    except NoStoreError:
        coming = _read(asked, kept, _plan(asked, None) or sm.Plan(), None)
        check(coming, None, as_of=asked.wanted.as_of)
        resolver = people.opened(url, kept.key, create=True)
    else:
        with _closed_if_wrong(resolver):
            coming = _read(asked, kept, _plan(asked, resolver) or resolver.plan, resolver)
            check(coming, resolver, as_of=asked.wanted.as_of)
    with resolver:
        yield resolver, coming


@contextmanager
def _closed_if_wrong(resolver: sm.Resolver) -> Iterator[None]:
    try:
        yield
    except BaseException:
        resolver.close()
        raise


def _read(asked: Brought, kept: Kept, plan: sm.Plan, resolver: sm.Resolver | None) -> Coming:
    """Read all files of a run."""
    from socialmerge.resolver.bringing import read

    policy = asked.policy or (resolver.policy if resolver else sm.Policy.default())
    run = asked.run
    profiles = [one.path for one in run.profiles]
    return read(
        run.customers.path,
        profiles,
        plan,
        policy,
        resolver,
        channel=run.channel,
        complete=kept.complete,
        most_gone=kept.most_gone,
        answers=asked.decisions,
    )


def _plan(asked: Brought, resolver: sm.Resolver | None) -> sm.Plan | None:
    """The plan that is asked for, with what else is said of it; None where the store's own holds."""
    plan, run = asked.plan, asked.run
    if not (run.id or run.region):
        return plan
    base = plan or (resolver.plan if resolver else sm.Plan())
    return replace(base, id=run.id or base.id, region=(run.region or base.region).upper())
