"""The store: opened, written to by one at a time, read from by any number, closed."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Never, Self

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, delete, insert, select

from socialmerge.errors import StaleError, StoreError
from socialmerge.store import decisions as deciding
from socialmerge.store import documents, entities, erasing, ingest, schema, sweeping
from socialmerge.store import links as linking
from socialmerge.store import scores as scoring
from socialmerge.store.database import Database, NoStoreError, first_cell, joining, reading, told, writing
from socialmerge.store.keys import check_value, digest, digests, erased_name
from socialmerge.store.log import LAST_POSITION, note_settled, position
from socialmerge.store.migrations import NEWEST, migrate, version
from socialmerge.store.opening import database_of
from socialmerge.store.snapshot import Snapshot
from socialmerge.store.tombstones import refused
from socialmerge.store.values import Decision, Document, Erased, Written, microseconds

__all__ = ["Store"]

_CHECK = "key_check"
_UNCLEAN = "unclean"  # deleted bytes are still on the disk


class Store:
    """An append-only log of records, claims and decisions, in SQLite or PostgreSQL; open it with :meth:`open`.

    Who writes what follows from what was read gives ``after=``, the position of the log that was read: where another
    writer came first nothing is written, and a StaleError says so.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._opened = database
        self._is_closed = False
        self._key = key

    @property
    def _database(self) -> Database:
        if self._is_closed:
            message = f"{self._opened.where}: the store was closed; open it again"
            raise StoreError(message)
        return self._opened

    @classmethod
    def open(cls, url: str, *, key: bytes | Path | None = None, timeout_s: float = 30.0, create: bool = True) -> Self:
        """Open the store at a URL, made where it is new unless ``create`` is false; its tables become the newest.

        ``url`` is ``sqlite:///people.db`` or ``postgresql+psycopg://user@host/database``. ``key`` keys the ids of
        claims and the tombstones: bytes, or the path of a file that holds them. For SQLite, None takes the file
        ``people.db.key`` beside the database, made with mode 0600 for a new store; for PostgreSQL a key must be given.
        A writer waits ``timeout_s`` seconds for another one.

        Raises:
            StoreError: The database cannot be opened, the key is missing or is another than the store was made with, or
                a newer release has written the store.
            MissingExtraError: The URL is of PostgreSQL and psycopg is not installed.
        """
        database, secret = database_of(url, key, timeout_s=timeout_s, create=create)
        store = cls(database, secret)
        try:
            store._start(create=create)
        except BaseException:
            store.close()
            raise
        return store

    def _start(self, *, create: bool) -> None:
        """See that the tables are the newest and the key is theirs; a store that is so is opened without a wait."""
        with reading(self._database) as connection:
            found = version(connection)
            if found == NEWEST:
                self._check_key(connection)
        if not found and not create:
            message = f"{self._database.where}: there is no store; see the URL, or make one by loading customers"
            raise NoStoreError(message)
        if found != NEWEST:
            with writing(self._database) as connection:
                migrate(connection, where=self._database.where)
                self._check_key(connection)
        self.scrub()

    def _check_key(self, connection: Connection) -> None:
        known = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == _CHECK))
        if known is None:
            connection.execute(insert(schema.meta).values(name=_CHECK, value=check_value(self._key)))
        elif not hmac.compare_digest(known, check_value(self._key)):
            message = f"{self._database.where}: the key is not the one of this store; give the one it was made with"
            raise StoreError(message)

    def close(self) -> None:
        """Close the store; what was written stays."""
        self._is_closed = True
        self._opened.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> Never:
        message = f"{self._opened.where}: an open store cannot be copied or pickled; open it in each process by its URL"
        raise StoreError(message)

    @property
    def key(self) -> bytes:
        """The key, as ``merging.golden(key=)`` takes it, so that its claim ids are those of the store."""
        return self._key

    def digest(self, *parts: str) -> str:
        """Hash some texts as one under the key, as 32 hexadecimal digits."""
        return digest(self._key, *parts).hex()

    def digests(self, *columns: pa.Array | str) -> pa.Array:
        """Hash each row of some columns as :meth:`digest` does; a text stands in every row."""
        return pa.array([one.hex() for one in digests(self._key, columns)], pa.string())

    @contextmanager
    def _writing(self, after: int | None) -> Iterator[Connection]:
        """Write in one transaction, where the log is still at the position that was read."""
        with writing(self._database) as connection:
            if after is not None and (now := position(connection)) != after:
                message = f"store: the log is at position {now}, what was read was at {after}; read it again"
                raise StaleError(message)
            yield connection

    @contextmanager
    def at_once(self) -> Iterator[Self]:
        """Make several changes as one: all that is written to the store that this gives is there at the end, or none.

        That store reads what was written to it, which nobody else does before the end, and holds only inside the block.
        Other writers wait as long.

        Raises:
            StoreError: Another process is writing.
        """
        with joining(self._database) as database:
            joined = type(self)(database, self._key)
            try:
                yield joined
            finally:
                joined._is_closed = True  # noqa: SLF001 - of the same class
        self.scrub()

    def position(self) -> int:
        """Give the position of the log at this moment; where it is what it was, nobody has written meanwhile."""
        found = first_cell(self._database, LAST_POSITION)
        return found if isinstance(found, int) else 0

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Read what the store holds at this moment, whatever is written meanwhile."""
        with reading(self._database) as connection:
            yield Snapshot(connection, self._key)

    def write(
        self,
        records: pa.Table,
        claims: pa.Table,
        observations: pa.Table,
        identifiers: pa.Table | None = None,
        *,
        at: datetime,
        actor: str,
        after: int | None = None,
        action: str = "write",
        admit: Sequence[str] = (),
    ) -> Written:
        """Write records with what was seen of them, in one transaction; what is there already is not written again.

        The tables are those of ``records_schema``, ``claims_in_schema``, ``observations_schema`` and
        ``identifiers_schema``; columns that are not needed may be missing. Every row is of one of ``records``. A record
        that an erasure keeps out is left out with all its rows, and named in the answer. Merging is by least and
        greatest, so that any order and any batches end in the same store. ``action`` is what the log calls it.

        ``admit`` has the ids of records that come in although an erasure keeps them out: relatives with the erased
        person's telephone. Each is admitted with what it shares now, and with nothing else; the log counts them, and a
        decision of the kind "admit" says of each who did.

        Raises:
            StoreError: A table is wrong, a record to be admitted is the erased person's or bears that person's name,
                another process is writing, or the disk is full; nothing was written.
        """
        intake = ingest.prepare(self._key, records, claims, observations, identifiers, admitted=admit)
        with self._writing(after) as connection:
            return ingest.write(self._database, connection, intake, at=microseconds(at), actor=actor, action=action)

    def keeps_out(self, of: pa.Table) -> list[bool]:
        """Say of each record of ``of`` (source, record_id) whether an erasure took it and keeps it out, by its name."""
        names = digests(self._key, ["record", *(of[name] for name in ("source", "record_id"))])
        with reading(self._database) as connection:
            found: list[bool] = refused(connection, names, np.empty(0, np.int64), []).tolist()
        return found

    def append(
        self, decisions: Iterable[Decision], *, anew: bool = False, after: int | None = None
    ) -> tuple[Decision, ...]:
        """Append decisions, all or none, and give them back with ``id`` and ``seq``; the same one twice is one.

        ``anew`` says that they are made now: one that was made before, by a clock that was put back since, and that was
        taken back is made again, a microsecond later. Without it the same one stays taken back.

        Raises:
            StoreError: A decision retracts one that is not there, or another process is writing.
        """
        with self._writing(after) as connection:
            return deciding.append(connection, self._key, decisions, anew=anew)

    def replace_links(self, links: pa.Table, *, at: datetime, actor: str, after: int | None = None) -> int:
        """Take all links of a machine away and write these (``links_schema``); give the position of the log.

        Raises:
            StoreError: A link is of a record that is not there, or another process is writing.
        """
        with self._writing(after) as connection:
            return linking.replace(self._database, connection, links, at=microseconds(at), actor=actor)

    def add_links(self, links: pa.Table, *, at: datetime, actor: str, after: int | None = None) -> int:
        """Add links of a machine: of one pair by one version of the plan the later judgement holds; give the position.

        Raises:
            StoreError: A link is of a record that is not there, or another process is writing.
        """
        with self._writing(after) as connection:
            return linking.add(self._database, connection, links, at=microseconds(at), actor=actor)

    def assign(
        self,
        members: pa.Table,
        events: pa.Table | None = None,
        *,
        at: datetime,
        actor: str,
        after: int | None = None,
    ) -> int:
        """Note which entity some records belong to now, and the merges and splits that led there; give the position.

        ``members`` has source, record_id and entity_id; a record that belonged elsewhere is remembered as a former
        member there. ``events`` has kind ("merge" or "split"), old_id and new_id.

        Raises:
            StoreError: A record is not there, a table is wrong, or another process is writing.
        """
        with self._writing(after) as connection:
            return entities.assign(self._database, connection, members, events, at=microseconds(at), actor=actor)

    def settle(
        self,
        *,
        links: pa.Table | None = None,
        gone: pa.Table | None = None,
        scores: pa.Table | None = None,
        members: pa.Table | None = None,
        events: pa.Table | None = None,
        afresh: bool = False,
        after: int | None = None,
        at: datetime,
        actor: str,
    ) -> int:
        """Write what follows from a change, all of it or none; give the position of the log, to which all is settled.

        ``links`` come in place of those whose pairs ``gone`` names (by the columns of ``links_schema`` that do), and of
        all where it is left out. ``scores`` has ``scores_schema``, and takes the place of those of its records, or
        ``afresh`` of all. ``members`` and ``events`` are as for :meth:`assign`. ``after`` is the position of the log
        from which it follows.

        Raises:
            StaleError: The log has moved since that.
            StoreError: A record is not there, a table is wrong, or another process is writing.
        """
        when = microseconds(at)
        with self._writing(after) as connection:
            if members is not None:
                entities.assign(self._database, connection, members, events, at=when, actor=actor)
            if links is not None and gone is None:
                linking.replace(self._database, connection, links, at=when, actor=actor)
            elif links is not None:
                linking.change(self._database, connection, gone, links, at=when, actor=actor)
            if scores is not None:
                scoring.save(self._database, connection, scores, afresh=afresh, at=when, actor=actor)
            return note_settled(connection)

    def replace(self, document: Document, *, at: datetime, actor: str, is_erasing: bool = False) -> int:
        """Keep a document in place of all others of its kind; give the position of the log.

        ``is_erasing`` takes the bytes of the others off the disk, as :meth:`erase` does.

        Raises:
            StoreError: Another process is writing.
        """
        with writing(self._database) as connection:
            place = documents.replace(connection, self._key, document, at=microseconds(at), actor=actor)
            if is_erasing:
                _note_unclean(connection, place)
        self.scrub()
        return place

    def save(self, document: Document, *, at: datetime, actor: str) -> int:
        """Keep a plan or a policy under its version; give the position of the log.

        Raises:
            StoreError: Another document of this kind has that version, or another process is writing.
        """
        with writing(self._database) as connection:
            return documents.save(connection, self._key, document, at=microseconds(at), actor=actor)

    def apply(
        self, records: pa.Table, decision: Decision, *, previewed: int, policy_version: str, gone: Sequence[str] = ()
    ) -> Decision:
        """Write golden records and the decision to apply them, both or neither.

        ``records`` has ``entity_id`` and any further columns; they take the place of what was applied to these entities
        before, and what was applied to those that are ``gone`` is taken away. ``previewed`` is the position of the log
        when the preview was made.

        Raises:
            StaleError: The log has moved since the preview.
            StoreError: A table is wrong, or another process is writing.
        """
        with writing(self._database) as connection:
            documents.write_golden(connection, records, gone, previewed=previewed, policy_version=policy_version)
            return deciding.append(connection, self._key, [decision])[0]

    def erase(
        self,
        of: pa.Table,
        identifiers: pa.Table | None = None,
        *,
        region: str = "",
        telling: Collection[str] | None = None,
        at: datetime,
        actor: str,
        after: int | None = None,
    ) -> Erased:
        """Erase one person: every record of ``of`` (source, record_id), present and former members of the entity alike.

        Claims, observations, links and the records themselves are deleted; decisions stay, with their texts emptied
        and the records named by keyed hashes. Decisions about others lose the person's words: in reasons ``[erased]``
        stands for them, and a value that is generic, or rejected for others, is a keyed hash that keeps it out as
        before (``region`` is the country of national telephone numbers). ``telling`` names the attributes whose single
        words tell of a person, all where it is left out; a value of another one is taken out of reasons as a whole, and
        only where no other record has it. Who is named as an actor by what names the person is a keyed hash, too.

        Tombstones of the records' names and of all identifiers that were written with them, and of ``identifiers``
        (kind, value, is_strong), keep the person out of every later :meth:`write`. An identifier that a living record
        has too counts only together with a second one. Afterwards the bytes are taken off the disk, see :meth:`scrub`.

        Raises:
            StoreError: A table is wrong, or another process is writing; nothing was erased.
        """
        with self._writing(after) as connection:
            erased = erasing.erase(
                connection,
                self._key,
                of,
                identifiers,
                region=region,
                telling=telling,
                at=microseconds(at),
                actor=actor,
            )
            _note_unclean(connection, erased.position)
        return replace(erased, is_scrubbed=self.scrub())

    def retain(
        self,
        *,
        before: datetime | None = None,
        region: str = "",
        telling: Collection[str] | None = None,
        at: datetime,
        actor: str,
        after: int | None = None,
    ) -> Erased:
        """Delete claims whose ``keep_until`` is over at ``at``, and with ``before`` those last seen earlier than that.

        Records that have no claim left go too. No tombstone is made: an import may bring the same values again. What
        goes leaves the decisions too, as nobody could tell later whose it was: those about its record lose what the
        record does not say elsewhere, and all others what no record has any more. ``region`` and ``telling`` are as for
        :meth:`erase`.

        Raises:
            StoreError: Another process is writing; nothing was deleted.
        """
        limit = None if before is None else microseconds(before)
        with self._writing(after) as connection:
            swept = sweeping.sweep(
                connection,
                self._key,
                before=limit,
                region=region,
                telling=telling,
                at=microseconds(at),
                actor=actor,
            )
            _note_unclean(connection, swept.position)
        return replace(swept, is_scrubbed=self.scrub())

    def scrub(self) -> bool:
        """Take deleted bytes off the disk, and say whether that is done; opening a store does it where it is due.

        SQLite writes its file anew and empties the write-ahead log, for which no reader may hold an older state.
        PostgreSQL gives the room of deleted rows free.
        """
        with reading(self._database) as connection:
            due = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == _UNCLEAN))
        if due is None or self._database.joined is not None:  # before its end nothing of a change can be off the disk
            return due is None
        try:
            with told(self._database):
                is_clean = self._database.scrub(self._database.engine)
            if is_clean:
                with writing(self._database) as connection:
                    done = schema.meta.c.name == _UNCLEAN, schema.meta.c.value == due
                    connection.execute(delete(schema.meta).where(*done))
        except StoreError:
            return False  # another process reads or writes, or there is no room: it stays noted that this is due
        return is_clean

    def erased_name(self, name: str) -> str:
        """Give what stands in place of an erased record's id, in decisions and in the ids of entities."""
        return erased_name(self._key, name)


def _note_unclean(connection: Connection, position: int) -> None:
    connection.execute(delete(schema.meta).where(schema.meta.c.name == _UNCLEAN))
    connection.execute(insert(schema.meta).values(name=_UNCLEAN, value=str(position)))
