"""Proposes a strategy from what is known of each channel: a pilot, an audit, metrics; with counts and reasons."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.api.inputs import Rows, customers_of
from socialmerge.api.results import AttachResult
from socialmerge.channels.registry import find
from socialmerge.channels.strategy import Strategy
from socialmerge.channels.strategy_file import render
from socialmerge.errors import LabelError
from socialmerge.records import Verdict
from socialmerge.resolver.consents import Statements, statements_of
from socialmerge.resolver.pilots import said_before
from socialmerge.resolver.proposals import Counts, proposed
from socialmerge.resolver.resolver import Resolver
from socialmerge.resolver.stated import Stated
from socialmerge.resolver.stored import StoreResult
from socialmerge.resolver.worth import worth_of

__all__ = ["Draft", "draft_of_store", "draft_strategy"]

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

    ``reasons`` maps each channel, and "" for what concerns all, to sentences; ``counts`` each channel to what was
    counted of it, by name.
    """

    strategy: Strategy
    reasons: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def __str__(self) -> str:
        head = "\n".join(("A draft: read the reasons, change what you know better, then check it.", *self.reasons[""]))
        return render(self.strategy.uses, notes=self.reasons, head=head)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the draft, with its reasons as comments, as a file that `Strategy.load` reads.

        Raises:
            TableError: the file cannot be written, or one that is not TOML would be lost.
        """
        tables.write_text(str(self), path, kind="toml")

    def as_dict(self) -> dict[str, object]:
        """The draft for a program: for each channel the use, what is usual, the counts and the reasons."""
        channels = {
            name: {"use": asdict(use), "usual": asdict(Strategy().use(name)), "counts": dict(self.counts.get(name, {}))}
            | {"reasons": list(self.reasons.get(name, ()))}
            for name, use in self.strategy.uses.items()
        }
        return {"channels": channels, "reasons": list(self.reasons[""])}


def draft_strategy(
    decisions: pa.Table | AttachResult | StoreResult | Resolver,
    profiles: pa.Table | None = None,
    *,
    labels: tables.Source | None = None,
    consents: Statements | None = None,
    audit: Audited | None = None,
    metrics: Measured | None = None,
    customers: tables.Source | None = None,
    id: str = "",
    region: str = "",
) -> Draft:
    """Propose how to use the channels that came in, from what is known of them.

    It never lets more be seen, or used, than is usual. Marketing and service are left out for a channel where the pilot
    shows, at 95 %, that fewer than 95 of 100 attachments are right; where few were looked at nothing is concluded, and
    the draft says how few. Private values may be shown on a private channel only where people are written to, and the
    pilot shows that at least 95 of 100 attachments are right. A channel is held on explicit consent where anybody's yes
    or no about it is recorded, and on the usual ground elsewhere.

    Args:
        decisions: a result of `attach`, or its ``decisions``. Of a resolver, or of its ``result()``, the draft is of
            what the model says by itself, judged by what people decided there and said; labels and consents are its
            own.
        profiles: the profiles, with ``profile_id`` and ``channel``, and ``emails`` and ``phones`` where they are to be
            counted; without the table the channel is read off the ids.
        labels: people's decisions: best a pilot's ``lines``, which hold those too that the evidence contradicts; or
            its ``labels``. They must not be what the run was given, or every attachment would be right.
        consents: what people said about being reached, as `AttachResult.golden` takes it.
        audit: an audit of the customers.
        metrics: figures by channel.
        customers: their table, to say what each attribute of a channel is worth; it takes ``profiles``.
        id: the customers' id column, where it is not found.
        region: the country of their national telephone numbers.

    Raises:
        LabelError: the labels have no left_id, right_id and verdict, or are given beside a store's.
        PolicyError: a statement of consent is wrong.

    >>> decisions = pa.table(
    ...     {"profile_id": ["github:ada"], "verdict": ["attach"], "customer_id": ["7"], "probability": [0.999]}
    ... )
    >>> print(draft_strategy(decisions).reasons["github"][0])
    1 profile: 1 attached (95 % interval of the share 0.21 to 1.00), 0 for a person to review
    """
    if isinstance(decisions, Resolver | StoreResult):
        if labels is not None or consents is not None or profiles is not None:
            own = "a store has its own profiles, decisions and consents"
            raise LabelError(f"{own}; leave profiles, labels and consents out")
        return draft_of_store(decisions, audit=audit, metrics=metrics)
    if isinstance(decisions, AttachResult):
        rows = decisions._members()[2]  # noqa: SLF001 - all that a profile said, which is no part of its counts
        whole = rows if rows is not None and "channel" in rows.column_names else decisions.profiles
        profiles = whole if profiles is None else profiles
        decisions = decisions.decisions
    channel_of = _channels(decisions, profiles)
    counts = _counted(channel_of, decisions, profiles, consents)
    told = tables.read(labels, what="labels") if labels is not None else None
    if told is not None:
        _judge(counts, channel_of, decisions, told)
    if metrics is not None:
        _measure(counts, metrics.channels)
    if customers is not None and profiles is not None:
        _weigh_fields(
            counts, channel_of, _pairs(decisions, told), profiles, customers_of(customers, id_column=id, region=region)
        )
    return _drafted(counts, audit, strangers=decisions.num_rows - sum(one.profiles for one in counts.values()))


def _counted(
    channel_of: Mapping[str, str], decisions: pa.Table, profiles: pa.Table | None, consents: Statements | None
) -> dict[str, Counts]:
    """What became of the profiles of each channel, and who said yes or no."""
    counts: dict[str, Counts] = {}
    contacts = _contacts(profiles)
    stated = Stated(statements_of(() if consents is None else consents))
    for row in decisions.to_pylist():
        if name := channel_of.get(row["profile_id"]):
            _count(counts.setdefault(name, Counts()), row, contacts)
    _listen(counts, channel_of, decisions, stated)
    return counts


def _drafted(counts: dict[str, Counts], audit: Audited | None, *, strangers: int) -> Draft:
    """The draft that follows from the counts of each channel; ``strangers`` are profiles of no channel."""
    fit = audit is None or audit.readiness != "not ready"
    found = {name: proposed(name, counts[name], fit=fit) for name in sorted(counts)}
    reasons = {"": _at_large(audit, counts, strangers), **{name: why for name, (_, why) in found.items()}}
    uses = {name: use for name, (use, _) in found.items()}
    return Draft(Strategy(uses), reasons, {name: counts[name].as_dict() for name in uses})


def draft_of_store(
    held: Resolver | StoreResult, *, audit: Audited | None = None, metrics: Measured | None = None
) -> Draft:
    """A draft from a store: what the model says by itself, judged by what people decided there, and what they said."""
    found = held.result() if isinstance(held, Resolver) else held
    state, consents = found._state, found._consents  # noqa: SLF001 - the same package
    said = said_before(state)
    labels = {
        "left_id": pa.array([pair[0] for pair in said], pa.string()),
        "right_id": pa.array([pair[1] for pair in said], pa.string()),
        "verdict": pa.array(list(said.values()), pa.string()),
    }
    model, profiles = state.judged.scored.decisions, state.facts.profiles.table
    somebody = state.customers > 0
    return draft_strategy(
        model,
        profiles,
        labels=pa.table(labels),
        consents=consents,
        audit=audit,
        metrics=metrics,
        customers=found.customers if somebody else None,
        id=found.id_column if somebody else "",
    )


def _channels(decisions: pa.Table, profiles: pa.Table | None) -> dict[str, str]:
    """The channel of each profile, where it is one that is known."""
    ids = (decisions if profiles is None else profiles)["profile_id"].to_pylist()
    told = [one.partition(":")[0] for one in ids] if profiles is None else profiles["channel"].to_pylist()
    found = ((one, find(channel or "")) for one, channel in zip(ids, told, strict=True))
    return {one: channel.rules.name for one, channel in found if channel is not None}


def _contacts(profiles: pa.Table | None) -> frozenset[str] | None:
    """The profiles that bring an address or a number; None where the table does not have them."""
    if profiles is None or not {"emails", "phones"} & set(profiles.column_names):
        return None
    columns = [profiles[name].to_pylist() for name in ("emails", "phones") if name in profiles.column_names]
    rows = zip(profiles["profile_id"].to_pylist(), *columns, strict=True)
    return frozenset(one for one, *values in rows if any(values))


def _count(found: Counts, row: Mapping[str, object], contacts: frozenset[str] | None) -> None:
    found.profiles += 1
    attached = row["verdict"] == Verdict.ATTACH.value
    found.attached += attached
    found.reviews += row["verdict"] == Verdict.REVIEW.value
    found.private += attached and row.get("evidence") == "private"
    if contacts is not None:
        found.contacts = (found.contacts or 0) + (attached and row["profile_id"] in contacts)


def _listen(counts: Mapping[str, Counts], channel_of: Mapping[str, str], decisions: pa.Table, stated: Stated) -> None:
    spoken = {name: stated.purposes(name, Strategy().use(name).purposes) for name in counts}
    for row in decisions.to_pylist() if any(spoken.values()) else ():
        name = channel_of.get(row["profile_id"], "")
        for purpose in spoken.get(name, ()):
            counts[name].said.setdefault(purpose, Counter())[stated.of(name, row, purpose)] += 1


def _pairs(decisions: pa.Table, labels: pa.Table | None) -> dict[str, str]:
    """The customer of each profile: as people said, else as it is attached; without what people said is wrong."""
    attached = decisions.filter(pc.equal(decisions["verdict"], Verdict.ATTACH.value))
    found = dict(zip(attached["profile_id"].to_pylist(), attached["customer_id"].to_pylist(), strict=True))
    if labels is None:
        return found
    told = _labelled(labels)
    wrong = {(row["left_id"], row["right_id"]) for row in told.to_pylist() if row["verdict"] == "different"}
    right = {row["left_id"]: row["right_id"] for row in told.to_pylist() if row["verdict"] == "same"}
    return {one: other for one, other in {**found, **right}.items() if (one, other) not in wrong}


def _weigh_fields(
    counts: Mapping[str, Counts],
    channel_of: Mapping[str, str],
    pairs: Mapping[str, str],
    profiles: pa.Table,
    rows: Rows,
) -> None:
    for name, found in counts.items():
        mine = {one: other for one, other in pairs.items() if channel_of.get(one) == name}
        if mine:
            found.fields = worth_of(mine, profiles, rows.table, rows.schema)


def _labelled(labels: pa.Table) -> pa.Table:
    """The labels, or the lines of a pilot as such."""
    if "profile_id" in labels.column_names and "customer_id" in labels.column_names:
        labels = labels.select(["profile_id", "customer_id", "verdict"]).rename_columns(_LABELS)
        labels = labels.filter(pc.and_(pc.is_valid(labels["left_id"]), pc.is_valid(labels["right_id"])))
    missing = [name for name in _LABELS if name not in labels.column_names]
    if missing:
        raise LabelError(f"labels: no column {missing[0]!r}; give left_id, right_id and verdict, as a pilot has them")
    return labels


def _judge(counts: Mapping[str, Counts], channel_of: Mapping[str, str], decisions: pa.Table, labels: pa.Table) -> None:
    labels = _labelled(labels)
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


def _measure(counts: Mapping[str, Counts], channels: pa.Table) -> None:
    for row in channels.to_pylist():
        found = counts.get(row.get("channel") or "")
        if found is None:
            continue
        found.became, found.revenue = row.get("became_after"), row.get("revenue")
        if not found.judged and row.get("judged"):
            found.judged, found.right = row["judged"], row["right"]


def _at_large(audit: Audited | None, counts: Mapping[str, Counts], strangers: int) -> tuple[str, ...]:
    found = [] if counts else ["No profile of a channel came in, so that there is nothing to propose."]
    if strangers:
        found.append(f"Profiles of channels that are not known here: {strangers:,}. Nothing is proposed for them.")
    if audit is not None:
        found.append(f"The customers are {audit.readiness}{': ' * bool(audit.reasons)}{'; '.join(audit.reasons)}.")
        if audit.readiness == "not ready":
            found.append("Until they are mended nobody is written to by name on the word of an attachment.")
    return tuple(found)
