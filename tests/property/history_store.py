"""The store of a ``History``: two sessions on it, and beside it what it was given and what it acknowledged."""

import os
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from hypothesis.stateful import Bundle, RuleBasedStateMachine
from tests.property import history_laws as laws
from tests.property.history_afresh import Given
from tests.property.history_rows import NAMES, dated
from tests.resolver.conftest import KEY
from tests.resolver.people import stated

from socialmerge import Resolver
from socialmerge.errors import StoreError
from socialmerge.merging import Consent, Golden
from socialmerge.resolver.learned import WORTH_FREEZING
from socialmerge.store import Written

__all__ = ["Remembered", "told"]

START = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMAS = count(1)
MEMORY = Path("/dev/shm")  # Linux's disk in memory: what a disk does is tried elsewhere


def told(server: str, statement: str) -> None:
    with psycopg.connect(server.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute(statement)


class Remembered(RuleBasedStateMachine):
    """One store and two sessions; what it was given, and what it acknowledged, is remembered beside it.

    ``freezing`` has its store keep what it learned as soon as there are a few records, and weigh what comes by that.
    """

    decisions = Bundle("decisions")
    server = ""
    freezing = False
    tried: ClassVar[Counter[str]] = Counter()

    def begin(self, worth: int) -> None:
        """Open a new store."""
        self.worth = worth if self.freezing else WORTH_FREEZING
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.url, self.schema = f"sqlite:///{self.folder.name}/people.db", ""
        if self.server:
            self.schema = f"laws_{os.getpid()}_{next(SCHEMAS)}"
            told(self.server, f"CREATE SCHEMA {self.schema}")
            self.url = f"{self.server}{'&' if '?' in self.server else '?'}options=-csearch_path%3D{self.schema}"
        self.now = START
        self.checked = self.applied = self.reopened = -1
        self.merged: tuple[tuple[int, int], Golden] | None = None
        self.said: tuple[tuple[int, int], dict[str, Any]] | None = None
        self.erased: set[str] = set()
        self.gone: set[str] = set()
        self.ids: set[str] = set()
        self.given: list[Given] = []
        self.swept: dict[str, Given] = {}
        self.stayed: set[str] = set()
        self.consents: list[Consent] = []
        self.acknowledged: list[str] = []
        self.sessions = [self.opened(), self.opened()]

    def opened(self) -> Resolver:
        resolver = Resolver(store=self.url, key=KEY, clock=self.clock)
        resolver._session.frozen.worth_freezing = self.worth
        return resolver

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @property
    def resolver(self) -> Resolver:
        return self.sessions[0]

    @property
    def moment(self) -> tuple[int, int]:
        """The session in turn, and the position of the log: what they say of one moment is worked out once."""
        return id(self.resolver), self.resolver._session.state().position

    def golden(self) -> Golden:
        """The golden records."""
        if self.merged is None or self.merged[0] != self.moment:
            self.merged = self.moment, self.resolver.golden()
        return self.merged[1]

    def stated(self) -> dict[str, Any]:
        """All that the session in turn says, as plain values."""
        if self.said is None or self.said[0] != self.moment:
            golden = self.golden()
            self.said = self.moment, stated(self.resolver, golden) | {"views": laws.views(golden)}
        return self.said[1]

    @property
    def here(self) -> set[str]:
        """The rows that are there."""
        return {name for _, name in self.resolver._session.state().names}

    @property
    def departed(self) -> set[str]:
        """The rows that their source has no more."""
        return {name for _, name in self.resolver._session.state().gone} & set(NAMES)

    @property
    def held(self) -> set[str]:
        """The rows that are there, and those of which the store still has something although they are gone."""
        with self.resolver._session.store.snapshot() as view:
            return set(view.records().read_all()["record_id"].to_pylist())

    # ------------------------------------------------------------------------------------------- what is remembered
    def note(self, what: Given, written: Written) -> set[str]:
        """Remember the rows that came in, and give the others."""
        refused = {one["record_id"] for one in written.refused.to_pylist()}
        self.given.append((what[0], tuple(one for one in what[1] if one not in refused), what[2]))
        return refused

    def lasts(self, written: Written) -> bool:
        """Whether what was written is in the store: of a change made all at once nothing is, where it did not end."""
        with self.resolver._session.store.snapshot() as view:
            return view.position() >= written.position

    def forget(self, before: str, held: set[str]) -> set[str]:
        """Forget what was last seen before a day, and give the rows that went, of those which were held.

        A row stays where somebody said something about being reached; it has its account still, and that it was proved.
        """
        for place, (kind, ids, how) in enumerate(self.given):
            over = {one for one in ids if "" < dated(one, how) < before}
            what = (kind, tuple(one for one in ids if one not in over), how)
            self.swept |= {one: (kind, (one,), max(how, self.swept.get(one, what)[2])) for one in over}
            self.given[place] = what
        left = set().union(*(ids for _, ids, _ in self.given))
        stayed = {one.record_id for one in self.consents} & held - left
        lost = held - left - stayed
        self.stayed = self.stayed - lost | stayed
        self.swept |= {one: (*self.swept[one][:2], 0) for one in lost & self.swept.keys()}
        return lost

    @property
    def shells(self) -> list[Given]:
        """What rows were given of which all was swept, or was so once, and which the store holds nevertheless."""
        held = self.held
        rows = held.difference(*(ids for _, ids, _ in self.given)) | self.stayed & held
        return [self.swept[one] for one in sorted(rows)]

    def decided_since(self, known: int) -> list[str]:
        """The decisions that a step left behind, by how many there were before; remember them."""
        fresh = [one.id for one in self.resolver._session.state().decisions[known:]]
        self.acknowledged += fresh
        return fresh

    def standing(self) -> dict[str, tuple[str, ...]]:
        """What each id that ever was stands for."""
        found = {}
        for id_ in sorted(self.ids):
            try:
                found[id_] = self.resolver.resolve_id(id_)
            except StoreError:
                assert self.erased
        return found
