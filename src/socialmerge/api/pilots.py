"""Pilots: accounts that people matched by hand, checked line by line against the evidence, as decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pyarrow as pa

from socialmerge import tables
from socialmerge.api.pilot_sheets import Line, account_of, named, read_sheet, verdict_of
from socialmerge.channels.registry import find
from socialmerge.errors import LabelError
from socialmerge.normalise import accounts, dates, emails
from socialmerge.records import Account, Email, Kind, PartialDate, labels_schema
from socialmerge.schema import Schema

__all__ = ["STANDINGS", "Evidence", "Pilot", "SheetPeople", "check", "known_of", "lines_schema", "refuse_nothing"]

STANDINGS = ("agreed", "doubtful", "contradicted", "unsure", "unknown customer", "unknown account", "unreadable")
"""What the evidence says of a line, or why it says nothing."""
_TRUST = 0.95
"""How often a person who looked is taken to be right; the evidence must be stronger than that to contradict."""
_FLOOR = 1e-3
"""The probability of a pair that is too unlikely to be listed."""


@cache
def lines_schema() -> pa.Schema:
    """One row for each line of the sheet.

    ``line`` is its number (the head is 1), ``verdict`` what the person said (same, different, unsure), ``standing`` one
    of agreed, doubtful, contradicted, unsure, unknown customer, unknown account, unreadable; ``probability`` is that
    of the pair as the matcher sees it, null where it was not asked. ``taken`` says whether the line became a decision.
    """
    texts = ("profile_id", "customer_id", "verdict", "standing", "reason")
    ends = [("probability", pa.float64()), ("by", pa.string()), ("at", pa.string()), ("taken", pa.bool_())]
    return pa.schema([("line", pa.int64()), *((name, pa.string()) for name in texts), *ends])


@dataclass(frozen=True, slots=True)
class Pilot:
    """A pilot that was checked: ``lines`` (see `lines_schema`), and ``labels``, the decisions that were made of it.

    ``written`` counts the decisions that were new to the store, where there is one, and ``known`` those it had.
    """

    lines: pa.Table
    labels: pa.Table
    written: int = 0
    known: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many lines have each standing."""
        found = Counter(self.lines["standing"].to_pylist())
        return {standing: found[standing] for standing in STANDINGS}


@dataclass(frozen=True, slots=True)
class SheetPeople:
    """Who a sheet may speak of: the customers by id and by address, the profiles by account and by id.

    ``channels`` are those of the profiles, sorted.
    """

    customers: frozenset[str]
    by_email: Mapping[str, tuple[str, ...]]
    profiles: Mapping[Account | str, str]
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the matcher says: for each profile the customers and their probabilities; and which rows are one person.

    ``person`` gives the same text for the rows of one person.
    """

    candidates: Mapping[str, Sequence[tuple[str, float]]]
    person: Callable[[str], str]

    def of(self, profile: str, customer: str) -> float:
        """The probability that a profile is the person of a customer's row."""
        return min(sum(self._chances(profile, customer, same=True)), 1.0)  # one of them: the rows share the chance

    def other(self, profile: str, customer: str) -> float:
        """The probability that a profile is the likeliest of all other people."""
        return max(self._chances(profile, customer, same=False), default=0.0)

    def _chances(self, profile: str, customer: str, *, same: bool) -> list[float]:
        wanted = self.person(customer)
        return [chance for row, chance in self.candidates.get(profile, ()) if (self.person(row) == wanted) == same]


def known_of(customers: pa.Table, ids: pa.Array, schema: Schema, profiles: pa.Table) -> SheetPeople:
    """Index the customers and the profiles that a sheet may speak of."""
    names = ids.to_pylist()
    by_email: dict[str, set[str]] = {}
    for column in schema.columns:
        if column.kind is Kind.EMAIL:
            for row, text in zip(names, tables.strings(customers[column.name]).to_pylist(), strict=True):
                if address := _address(text or ""):
                    by_email.setdefault(address, set()).add(row)
    found: dict[Account | str, str] = {}
    for row in profiles.select(["profile_id", "channel", "account_id", "handle"]).to_pylist():
        found.setdefault(row["profile_id"], row["profile_id"])
        for text in (row["handle"], row["account_id"]):
            account = accounts.parse(text or "", channel=row["channel"] or "")
            if isinstance(account, Account):
                found.setdefault(_bare(account), row["profile_id"])
        if row["account_id"]:
            found.setdefault(Account(row["channel"] or "", account_id=row["account_id"]), row["profile_id"])
            found.setdefault(row["account_id"], row["profile_id"])
    channels = tuple(sorted({text for text in tables.strings(profiles["channel"]).to_pylist() if text}))
    rows = {key: tuple(sorted(rows)) for key, rows in by_email.items()}
    return SheetPeople(frozenset(names), rows, found, channels)


def _bare(account: Account) -> Account:
    return Account(account.channel, account_id=account.account_id, handle=account.handle)


def _address(text: str) -> str:
    found = emails.parse(text)
    return found.canonical or found.key if isinstance(found, Email) else ""


def check(sheet: tables.Source, known: SheetPeople, ask: Callable[[], Evidence], *, by: str, accept: bool) -> Pilot:
    """Check every line of a sheet; ``ask`` gives the evidence, and is called once where any line needs it.

    ``by`` is who decided where a line does not say, ``accept`` takes lines that the evidence contradicts.
    """
    lines = read_sheet(
        sheet,
        is_customer=lambda text: text in known.customers or bool(known.by_email.get(_address(text))),
        is_account=lambda text: _bare_handle(text, known) in known.profiles,
    )
    order = dates.order([line.at for line in lines])
    found = [_placed(line, known) for line in lines]
    evidence = ask() if any(not row["standing"] for row in found) else Evidence({}, str)
    found = [row if row["standing"] else row | _judged(row, evidence) for row in found]
    _against_each_other(found, evidence)
    for row, line in zip(found, lines, strict=True):
        at = _moment(line.at, order)
        row["by"], row["at"] = line.by or by, at.isoformat() if at else None
        row["taken"] = row["standing"] in ("agreed", "doubtful", "unsure") or (accept and row.get("free", False))
    return Pilot(pa.Table.from_pylist(found, schema=lines_schema()), _labels(found))


Row = dict[str, object]


def _placed(line: Line, known: SheetPeople) -> Row:
    """The line with its customer and its profile, or why it has none."""
    verdict = verdict_of(line.verdict)
    customer = _customer(line.customer, known)
    account = account_of(line) or (None if line.channel else _bare_handle(line.account, known))
    profile = known.profiles.get(_bare(account)) if account else None
    profile = profile or known.profiles.get(line.account)
    row: Row = {"line": line.number, "customer_id": customer or None, "profile_id": profile, "verdict": verdict or None}
    if not verdict:
        said = "it has no verdict" if not line.verdict else "its verdict is no yes, no or unsure"
        return row | {"standing": "unreadable", "reason": said}
    if not customer:
        several = len(known.by_email.get(_address(line.customer), ())) > 1
        said = "several customers have this address; write the id" if several else "no customer has this id or address"
        return row | {"standing": "unknown customer", "reason": said}
    if profile is None and account is None:
        said = "this is no account: write a link, or a handle and its channel"
        return row | {"standing": "unreadable", "reason": said}
    if profile is None:
        return row | {"standing": "unknown account", "reason": "no profile that came in is of this account"}
    return row | {"standing": ""}


def _bare_handle(text: str, known: SheetPeople) -> Account | None:
    """The account of a handle that stands without a channel, where the profiles leave no doubt which it is of.

    That is so where they are of one channel, and where the handle holds its host, as ``ada@social.example.com``, and is
    that of a profile: it may be an e-mail address else.
    """
    only = len(known.channels) == 1
    for name in known.channels:
        channel = find(name)
        if only or (channel and channel.rules.handle.at_host):
            account = accounts.parse(text, channel=name)
            if isinstance(account, Account) and (only or _bare(account) in known.profiles):
                return _bare(account)
    return None


def _customer(text: str, known: SheetPeople) -> str:
    if text in known.customers:
        return text
    rows = known.by_email.get(_address(text), ())
    return rows[0] if len(rows) == 1 else ""


def _judged(row: Row, evidence: Evidence) -> Row:
    """What the evidence says of a line, set against how often a person who looked is wrong."""
    pair = str(row["profile_id"]), str(row["customer_id"])
    chance, other = evidence.of(*pair), evidence.other(*pair)
    found: Row = {"probability": chance, "free": False}
    if row["verdict"] == "unsure":
        return found | {"standing": "unsure", "reason": "the person could not say"}
    if row["verdict"] == "different":
        if (1 - _TRUST) * chance > _TRUST * (1 - chance):
            return found | {"standing": "contradicted", "reason": "the evidence is for this customer", "free": True}
        agreed = chance < 0.5
        said = "the evidence is not for this customer" if agreed else "the evidence is rather for this customer"
        return found | {"standing": "agreed" if agreed else "doubtful", "reason": said}
    if other >= 0.5 and (1 - _TRUST) * other > _TRUST * max(chance, _FLOOR):
        return found | {"standing": "contradicted", "reason": "the evidence is for another customer", "free": True}
    if chance >= 0.5:
        return found | {"standing": "agreed", "reason": "the evidence is for this customer too"}
    little = "hardly anything that is known speaks for it" if chance < 0.05 else "the evidence leaves it open"
    return found | {"standing": "doubtful", "reason": little}


def _against_each_other(found: Sequence[Row], evidence: Evidence) -> None:
    """Mark lines that contradict each other; none of them is taken, since nothing tells which is right."""
    same: dict[object, list[Row]] = {}
    for row in found:
        if row["standing"] in ("agreed", "doubtful", "contradicted"):
            same.setdefault(row["profile_id"], []).append(row)
    for rows in same.values():
        for row in rows:
            person = evidence.person(str(row["customer_id"]))
            clash = [
                other["line"]
                for other in rows
                if (evidence.person(str(other["customer_id"])) == person) != (other["verdict"] == row["verdict"])
                and "same" in (other["verdict"], row["verdict"])
                and (other["verdict"] == row["verdict"] or other["customer_id"] == row["customer_id"])
            ]
            if clash:
                row.update(standing="contradicted", reason=_otherwise(clash), free=False)


def _otherwise(lines: Sequence[object]) -> str:
    *before, last = map(str, lines)
    if not before:
        return f"line {last} says otherwise of this account"
    return f"lines {', '.join(before)} and {last} say otherwise of this account"


def _moment(text: str, order: dates.DateOrder) -> datetime | None:
    """When somebody looked: a time in ISO 8601, or a whole date as the column writes it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        day = dates.parse(text, order)
        if not isinstance(day, PartialDate) or not (day.year and day.month and day.day):
            return None
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _labels(found: Sequence[Row]) -> pa.Table:
    """The decisions, each pair once."""
    once: dict[tuple[object, object], Row] = {}
    for row in found:
        pair = row["profile_id"], row["customer_id"]
        if row["taken"] and (pair not in once or once[pair]["verdict"] == "unsure"):
            once[pair] = {
                "left_id": pair[0],
                "right_id": pair[1],
                "verdict": row["verdict"],
                "by": row["by"],
                "at": datetime.fromisoformat(str(row["at"])) if row["at"] else None,
            }
    return pa.Table.from_pylist([once[pair] for pair in sorted(once, key=str)], schema=labels_schema())


def refuse_nothing(pilot: Pilot, sheet: tables.Source) -> None:
    """Raise where no line of a sheet could be read at all.

    Raises:
        LabelError: every line is unreadable.
    """
    counts = pilot.counts
    if pilot.lines.num_rows and counts["unreadable"] == pilot.lines.num_rows:
        raise LabelError(
            f"{named(sheet)}: no line is readable; each needs a customer, an account and a yes, no or unsure"
        )
