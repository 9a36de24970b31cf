"""Proposes a strategy from what is known of each channel: a pilot, an audit, metrics; with counts and reasons."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.channels.registry import find
from socialmerge.channels.strategy import Strategy, Use
from socialmerge.channels.strategy_file import render
from socialmerge.errors import LabelError
from socialmerge.outcomes.measures import wilson
from socialmerge.records import Verdict
from socialmerge.resolver.pilots import said_before
from socialmerge.resolver.resolver import Resolver

__all__ = ["Draft", "draft_of_store", "draft_strategy"]

WANTED = 0.95
"""The share of attachments that must be right before people are written to by name."""
_OUTWARD = ("marketing", "service")
"""Purposes for which a wrong attachment reaches the wrong person."""
_LABELS = ["left_id", "right_id", "verdict"]


class Audited(Protocol):
    """What is read of an audit."""

    @property
    def readiness(self) -> str:
        """The verdict."""

    @property
    def reasons(self) -> Sequence[str]:
        """Why."""


class Measured(Protocol):
    """What is read of metrics."""

    @property
    def channels(self) -> pa.Table:
        """One row a channel."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A strategy that is proposed: ``str()`` is a ``channels.toml`` whose comments say why; ``reasons`` the same.

    ``reasons`` maps each channel, and "" for what concerns all, to sentences.
    """

    strategy: Strategy
    reasons: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        head = "\n".join(("A draft: read the reasons, change what you know better, then check it.", *self.reasons[""]))
        return render(self.strategy.uses, notes=self.reasons, head=head)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the draft, with its reasons as comments, as a file that `Strategy.load` reads."""
        Path(path).write_text(str(self), encoding="utf-8", newline="\n")


@dataclass(slots=True)
class _Counts:
    """What was counted of one channel; ``judged`` attachments that a person looked at, ``right`` of them."""

    profiles: int = 0
    attached: int = 0
    reviews: int = 0
    private: int = 0
    judged: int = 0
    right: int = 0
    asked: int = 0
    theirs: int = 0
    became: int | None = None
    revenue: float | None = None


def draft_strategy(
    decisions: pa.Table,
    profiles: pa.Table | None = None,
    *,
    labels: tables.Source | None = None,
    audit: Audited | None = None,
    metrics: Measured | None = None,
) -> Draft:
    """Propose how to use the channels that came in, from what is known of them.

    It never lets more be seen, or used, than is usual. Marketing and service are left out for a channel where the pilot
    shows, at 95 %, that fewer than 95 of 100 attachments are right; where few were looked at nothing is concluded, and
    the draft says how few.

    Args:
        decisions: what `attach` decided, or a resolver's ``decisions``.
        profiles: the profiles, with ``profile_id`` and ``channel``; without them the channel is read off the ids.
        labels: people's decisions: best a pilot's ``lines``, which hold those too that the evidence contradicts; or
            its ``labels``. They must not be what the run was given, or every attachment would be right.
        audit: an audit of the customers.
        metrics: figures by channel.

    Raises:
        LabelError: the labels have no left_id, right_id and verdict.

    >>> decisions = pa.table(
    ...     {"profile_id": ["github:ada"], "verdict": ["attach"], "customer_id": ["7"], "probability": [0.999]}
    ... )
    >>> print(draft_strategy(decisions).reasons["github"][0])
    1 profile: 1 attached (95 % interval of the share 0.21 to 1.00), 0 for a person to review
    """
    channel_of = _channels(decisions, profiles)
    counts: dict[str, _Counts] = {}
    for row in decisions.to_pylist():
        if name := channel_of.get(row["profile_id"]):
            _count(counts.setdefault(name, _Counts()), row)
    if labels is not None:
        _judge(counts, channel_of, decisions, tables.read(labels, what="labels"))
    if metrics is not None:
        _measure(counts, metrics.channels)
    uses, reasons = {}, {"": _at_large(audit, counts)}
    for name in sorted(counts):
        uses[name], reasons[name] = _proposed(name, counts[name])
        if audit is not None and audit.readiness == "not ready":
            uses[name] = _inward(uses[name])
    return Draft(Strategy(uses), reasons)


def draft_of_store(resolver: Resolver, *, audit: Audited | None = None, metrics: Measured | None = None) -> Draft:
    """A draft from a store: what the model says by itself, judged by what people decided there."""
    state = resolver._session.state()  # noqa: SLF001 - the same package
    said = said_before(state)
    labels = {
        "left_id": pa.array([pair[0] for pair in said], pa.string()),
        "right_id": pa.array([pair[1] for pair in said], pa.string()),
        "verdict": pa.array(list(said.values()), pa.string()),
    }
    model, profiles = state.judged.scored.decisions, state.facts.profiles.table
    return draft_strategy(model, profiles, labels=pa.table(labels), audit=audit, metrics=metrics)


def _channels(decisions: pa.Table, profiles: pa.Table | None) -> dict[str, str]:
    """The channel of each profile, where it is one that is known."""
    ids = (decisions if profiles is None else profiles)["profile_id"].to_pylist()
    told = [one.partition(":")[0] for one in ids] if profiles is None else profiles["channel"].to_pylist()
    found = ((one, find(channel or "")) for one, channel in zip(ids, told, strict=True))
    return {one: channel.rules.name for one, channel in found if channel is not None}


def _count(found: _Counts, row: Mapping[str, object]) -> None:
    found.profiles += 1
    attached = row["verdict"] == Verdict.ATTACH.value
    found.attached += attached
    found.reviews += row["verdict"] == Verdict.REVIEW.value
    found.private += attached and row.get("evidence") == "private"


def _judge(counts: Mapping[str, _Counts], channel_of: Mapping[str, str], decisions: pa.Table, labels: pa.Table) -> None:
    if "profile_id" in labels.column_names and "customer_id" in labels.column_names:  # the lines of a pilot
        labels = labels.select(["profile_id", "customer_id", "verdict"]).rename_columns(_LABELS)
        labels = labels.filter(pc.and_(pc.is_valid(labels["left_id"]), pc.is_valid(labels["right_id"])))
    missing = [name for name in _LABELS if name not in labels.column_names]
    if missing:
        raise LabelError(f"labels: no column {missing[0]!r}; give left_id, right_id and verdict, as a pilot has them")
    said = {
        row["profile_id"]: row["customer_id"] for row in decisions.to_pylist() if row["verdict"] == Verdict.ATTACH.value
    }
    for row in labels.to_pylist():
        profile, found = row["left_id"], counts.get(channel_of.get(row["left_id"], ""))
        if found is None or row["verdict"] not in ("same", "different"):
            continue
        found.asked += 1
        found.theirs += row["verdict"] == "same"
        if profile in said and (row["verdict"] == "same" or said[profile] == row["right_id"]):
            found.judged += 1
            found.right += row["verdict"] == "same" and said[profile] == row["right_id"]


def _measure(counts: Mapping[str, _Counts], channels: pa.Table) -> None:
    for row in channels.to_pylist():
        found = counts.get(row.get("channel") or "")
        if found is None:
            continue
        found.became, found.revenue = row.get("became_after"), row.get("revenue")
        if not found.judged and row.get("judged"):
            found.judged, found.right = row["judged"], row["right"]


def _at_large(audit: Audited | None, counts: Mapping[str, _Counts]) -> tuple[str, ...]:
    found = [] if counts else ["No profile of a channel came in, so that there is nothing to propose."]
    if audit is not None:
        found.append(f"The customers are {audit.readiness}{': ' * bool(audit.reasons)}{'; '.join(audit.reasons)}.")
        if audit.readiness == "not ready":
            found.append("Until they are mended nobody is written to by name on the word of an attachment.")
    return tuple(found)


def _proposed(name: str, found: _Counts) -> tuple[Use, tuple[str, ...]]:
    """The use of one channel, never wider than usual, and why."""
    use = Strategy().use(name)
    head = f"{found.profiles:,} profile{'s' * (found.profiles != 1)}: {found.attached:,} attached"
    share = f"(95 % interval of the share {_interval(found.attached, found.profiles)})"
    reasons = [f"{head} {share}, {found.reviews:,} for a person to review"]
    if found.asked:
        reasons.append(f"people looked at {found.asked:,} pairs: {found.theirs:,} were the same person")
    low, high = wilson(found.right, found.judged)
    if not found.judged:
        reasons.append("nobody looked at an attachment: how many are right is not known; match some dozens by hand")
    else:
        told = (
            f"{found.right:,} of {found.judged:,} attachments that were looked at are right ({low:.2f} to {high:.2f})"
        )
        if high < WANTED:
            use = _inward(use)
            reasons.append(f"{told}: fewer than {WANTED:.2f}, so it is not used for {' and '.join(_OUTWARD)}")
        elif low >= WANTED:
            reasons.append(f"{told}: at least {WANTED:.2f}, so it is used as usual")
        else:
            reasons.append(f"{told}: too few to tell whether it is {WANTED:.2f}; used as usual until more is known")
    if found.private:
        reasons.append(f"{found.private:,} attachments rest on what only you know; no public channel shows them")
    if found.became is not None:
        reasons.append(f"{found.became:,} people became customers after they were first seen here")
    if found.revenue is not None:
        reasons.append(
            f"revenue of customers first seen here: {found.revenue:,.2f}; that is not what the channel caused"
        )
    return use, tuple(reasons)


def _inward(use: Use) -> Use:
    return replace(use, purposes=tuple(one for one in use.purposes if one not in _OUTWARD))


def _interval(right: int, count: int) -> str:
    low, high = wilson(right, count)
    return f"{low:.2f} to {high:.2f}"
