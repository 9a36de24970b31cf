"""Forgetting: what decisions and plans say of an erased person is taken out of them, and what they do stays."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import tomli_w
from sqlalchemy import Connection, select, update

from socialmerge.merging.fields import GoldenField
from socialmerge.merging.hidden import hidden, is_hidden
from socialmerge.merging.values import judge_one
from socialmerge.records import Kind
from socialmerge.store import schema
from socialmerge.store.keys import erased_name
from socialmerge.store.naming import CHUNK
from socialmerge.store.redaction import Redaction, names_alone
from socialmerge.store.values import VERIFIED_BY_PERSON, DecisionKind

__all__ = ["Scrubber", "Traces", "addresses", "forget_labels", "hide_actors", "scrub_decisions", "texts_of"]

_EDICTS = (DecisionKind.GENERIC_VALUE, DecisionKind.REJECT_VALUE)


@dataclass(frozen=True, slots=True)
class Traces:
    """The values of a person; of some texts, prose and ids, the single words are nobody's: they count as wholes.

    What is ``shared``, by its attribute, tells of kind and state, such as a category or a city: it counts as a whole,
    and only where none but the person's records, by their numbers, has the same.
    """

    values: frozenset[str]
    wholes: frozenset[str]
    shared: frozenset[tuple[str, str]] = frozenset()
    numbers: tuple[int, ...] = ()


def scrub_decisions(
    connection: Connection, key: bytes, names: Sequence[tuple[str, str]], said: Traces, *, region: str
) -> int:
    """Empty the texts of decisions about a person, and take the person out of those of others; count them.

    The decisions stay: who decided what, and when. The person's records are named by keyed hashes; a value of theirs
    that is rejected for others, or is nobody's own, is hidden, and kept out of the records of others as before. What a
    person pinned to somebody else is that one's value.
    """
    table = schema.decisions
    about = _about(connection, key, names)
    values = said.values | _pinned(connection, about)
    about |= _retractions(connection, about)
    for part in _chunks(sorted(about)):
        own = table.c.seq.in_(part), table.c.kind != DecisionKind.GENERIC_VALUE
        connection.execute(update(table).values(reason="", evidence="").where(table.c.seq.in_(part)))
        connection.execute(update(table).values(value="").where(*own))
    wholes = said.wholes | _own_alone(connection, said)
    found = Scrubber(Redaction.of(values, wholes), addresses(values), key, region)
    return len(about | found.scrub(connection))


def texts_of(connection: Connection) -> list[str]:
    """What decisions say: their reasons, evidence and values."""
    table = schema.decisions
    rows = connection.execute(select(table.c.reason, table.c.evidence, table.c.value))
    return [str(text) for row in rows for text in row if text]


def _own_alone(connection: Connection, said: Traces) -> frozenset[str]:
    """What of the shared some text holds, and no other record has."""
    together = Redaction.of([], (raw for _, raw in said.shared))
    texts = [text for text in texts_of(connection) if together.tells(text)]
    claims, found = schema.claims, set[str]()
    for attribute, raw in sorted(said.shared) if texts else ():
        alone = Redaction.of([], [raw])
        if any(map(alone.tells, texts)):
            held = select(claims.c.record).where(claims.c.attribute == attribute, claims.c.raw == raw)
            if connection.scalar(held.where(claims.c.record.not_in(said.numbers)).limit(1)) is None:
                found.add(raw)
    return frozenset(found)


def hide_actors(connection: Connection, key: bytes, said: Traces, actor: str) -> str:
    """Put a keyed hash in place of the person where they are named as who did something; give ``actor`` so."""
    names = {one.strip().casefold() for one in said.values | said.wholes if names_alone(one)}
    names |= {one.strip().casefold() for one in said.wholes}
    mail = addresses(said.values)

    def hidden_of(name: str) -> str:
        theirs = name.strip().casefold() in names or not mail.isdisjoint(addresses([name]))
        return erased_name(key, name) if theirs else name

    for column in (schema.decisions.c.actor, schema.log.c.actor):
        for name in connection.scalars(select(column).distinct()).all():
            if (other := hidden_of(name)) != name:
                connection.execute(update(column.table).values(actor=other).where(column == name))
    return hidden_of(actor)


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start : start + CHUNK]


def _about(connection: Connection, key: bytes, names: Iterable[tuple[str, str]]) -> set[int]:
    """Hide the person's records among what decisions are about, and give the decisions."""
    targets, found = schema.targets, set[int]()
    for source, record_id in names:
        theirs = targets.c.source == source, targets.c.record_id == record_id
        found.update(connection.scalars(select(targets.c.seq).where(*theirs)))
        name = {"record_id": erased_name(key, record_id), "claim": None}
        connection.execute(update(targets).values(name).where(*theirs))
    return found


def _pinned(connection: Connection, about: set[int]) -> frozenset[str]:
    """Give the values that people gave the person: they are theirs, though no row has them."""
    table, found = schema.decisions, set[str]()
    for part in _chunks(sorted(about)):
        theirs = table.c.seq.in_(part), table.c.kind == DecisionKind.PIN
        found.update(connection.scalars(select(table.c.value).where(*theirs)))
    return frozenset(found)


def _retractions(connection: Connection, about: set[int]) -> set[int]:
    """Give what took some decisions back, and what took that back: it names no record, and is about the same people."""
    taken, back = schema.decisions.alias("taken"), schema.decisions.alias("back")
    found, last = set[int](), about
    while last:
        new = {
            seq
            for part in _chunks(sorted(last))
            for seq in connection.scalars(
                select(back.c.seq).join(taken, back.c.retracts == taken.c.id).where(taken.c.seq.in_(part))
            )
        }
        last = new - found
        found |= new
    return found


@dataclass(frozen=True, slots=True)
class Scrubber:
    """What tells of a person in the texts of a decision, and the keys of their e-mail addresses."""

    redaction: Redaction
    addresses: frozenset[str]
    key: bytes
    region: str

    def changes(self, kind: str, reason: str, evidence: str, value: str) -> dict[str, str]:
        """The texts of a decision that are to be others."""
        now = {"reason": self.redaction.redacted(reason), "evidence": evidence, "value": value}
        if evidence != VERIFIED_BY_PERSON:  # this says how sure the decision is, whoever has such a value
            now["evidence"] = self.redaction.redacted(evidence)
        if kind != DecisionKind.PIN and not is_hidden(value) and self._tells(value):
            now["value"] = hidden(self.key, value, region=self.region) if kind in _EDICTS else ""
        before = {"reason": reason, "evidence": evidence, "value": value}
        return {name: text for name, text in now.items() if text != before[name]}

    def scrub(self, connection: Connection) -> set[int]:
        """Take it out of all decisions; give those that are others now."""
        table = schema.decisions
        columns = (table.c.seq, table.c.kind, table.c.reason, table.c.evidence, table.c.value)
        rows = {row.seq: self.changes(*row[1:]) for row in connection.execute(select(*columns))}
        changed = {seq: changes for seq, changes in rows.items() if changes}
        for seq, changes in changed.items():
            connection.execute(update(table).values(changes).where(table.c.seq == seq))
        return set(changed)

    def _tells(self, value: str) -> bool:
        return self.redaction.tells(value) or not self.addresses.isdisjoint(addresses([value]))


def addresses(values: Iterable[str]) -> frozenset[str]:
    """The keys of those of some values that are e-mail addresses."""
    mail = GoldenField("", Kind.EMAIL)
    return frozenset(judge_one(mail, value).key for value in values if "@" in value)


def forget_labels(connection: Connection, ids: AbstractSet[str]) -> None:
    """Leave those of a plan's own decisions out of its text that name some rows."""
    table = schema.documents
    mine = table.c.kind == "plan"
    for row in connection.execute(select(table.c.version, table.c.text).where(mine)).all():
        try:
            document = tomllib.loads(row.text)
        except tomllib.TOMLDecodeError:
            continue  # no plan of this library
        labels = document.get("decisions", [])
        kept = [one for one in labels if not ids & set(map(str, one[:2]))]
        if len(kept) < len(labels):
            text = tomli_w.dumps(document | {"decisions": kept})
            connection.execute(update(table).values(text=text).where(mine, table.c.version == row.version))
