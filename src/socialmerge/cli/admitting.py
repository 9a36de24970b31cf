"""Files brought into a store, and of their rows those that an erasure keeps out and somebody admits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click
from rapidfuzz import process

import socialmerge as sm
from socialmerge.errors import amount

if TYPE_CHECKING:  # a store's packages take 0.3 s to import, and most commands open none
    from socialmerge.store import Written

__all__ = ["Bring", "Guests", "brought", "written"]

_ADDED = ("records", "claims", "observations", "seen_again", "gone", "returned")
"""What a file changed, where it was brought in twice."""

Bring = Callable[..., "Written"]
"""What brings one file in."""


@dataclass(frozen=True, slots=True)
class Guests:
    """The ids of rows that ``by`` admits."""

    admit: tuple[str, ...] = ()
    by: str | None = None

    def check(self) -> None:
        """Raise where one goes without the other."""
        if bool(self.admit) != bool(self.by):
            raise click.UsageError("--admit ID goes with --by WHO, who admits the row")


def brought(bringing: Sequence[Bring], admit: Sequence[str], resolver: sm.Resolver, *, by: str | None) -> list[str]:
    """Bring files in, then those once more that have rows to be admitted; say what was kept out and what came in."""
    return written(bringing, admit, resolver, by=by)[1]


def written(
    bringing: Sequence[Bring], admit: Sequence[str], resolver: sm.Resolver, *, by: str | None
) -> tuple[list[Written], list[str]]:
    """As ``brought``, with what each file changed in all."""
    first = [bring() for bring in bringing]
    spare = _check(admit, first, resolver)
    last = [_admitted(bring, found, admit, by) for bring, found in zip(bringing, first, strict=True)]
    notes = dict.fromkeys(note for one in first for note in one.notes)
    return last, [*notes, *_kept_out(last), *_departed(last), *spare]


def _check(admit: Sequence[str], written: Sequence[Written], resolver: sm.Resolver) -> list[str]:
    """See that there are the rows that are to be admitted; say which of them nothing keeps out."""
    out = {one for found in written for one in found.refused["record_id"].to_pylist()}
    more = [one for one in admit if one not in out]
    if not more:
        return []
    known = {*resolver.clusters["id"].to_pylist(), *resolver.decisions["profile_id"].to_pylist()}
    for one in more:
        if one not in known:
            near = _nearest(one, out, known)
            raise click.UsageError(f"--admit: no row has the id '{one}'{near}; nobody was admitted")
    return [f"nothing keeps the row '{one}' out; it need not be admitted" for one in more]


def _nearest(one: str, out: set[str], known: set[str]) -> str:
    """Ids that may be meant: of rows that are kept out, else of any."""
    near = [found for ids in (out, known) for found, *_ in process.extract(one, sorted(ids), limit=3, score_cutoff=60)]
    close = list(dict.fromkeys(near))[:3]
    shown = close or sorted(out)[:3]
    said = "the nearest" if close else "some that are kept out"
    return f" ({said}: {', '.join(map(repr, shown))})" if shown else ""


def _admitted(bring: Bring, written: Written, admit: Sequence[str], by: str | None) -> Written:
    """Bring a file in once more with those of its rows admitted that were kept out and are asked for."""
    found = [one for one in written.refused["record_id"].to_pylist() if one in admit]
    if not found:
        return written
    again = bring(admit=found, by=by)
    return replace(again, **{name: getattr(written, name) + getattr(again, name) for name in _ADDED})


def _departed(written: Sequence[Written]) -> list[str]:
    gone, back = sum(one.gone for one in written), sum(one.returned for one in written)
    said = {"no more": gone, "again": back}
    return [
        f"{amount(count, 'row is', 'rows are')} {word} in the customers' system"
        for word, count in said.items()
        if count
    ]


def _kept_out(written: Sequence[Written]) -> list[str]:
    out, admitted = sum(one.refused.num_rows for one in written), sum(one.admitted for one in written)
    said = [f"{amount(out, 'row is', 'rows are')} of people who were erased, and left out"] if out else []
    looks = amount(admitted, "row was admitted although it looks", "rows were admitted although they look")
    return said + ([f"{looks} like somebody erased"] if admitted else [])
