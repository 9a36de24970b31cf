"""The tables of a store, as the newest version has them.

A time is whole microseconds since 1970, a digest 16 bytes of an HMAC-SHA-256. ``record`` is a number of this database
alone: claims of one record lie side by side, and the text of a record's name is stored once.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "METADATA",
    "UNDATED",
    "claims",
    "decisions",
    "documents",
    "events",
    "golden",
    "identifiers",
    "layouts",
    "links",
    "log",
    "members",
    "meta",
    "observations",
    "records",
    "retired",
    "scores",
    "targets",
    "tombstones",
]

UNDATED = -(2**63)
"""When an observation without a date was made: a key cannot be null."""

METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite's own row number is an INTEGER
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")  # in the order of bytes, whatever the server's language


def _record(name: str = "record", *, is_key: bool = True) -> Column[int]:
    return Column(name, _NUMBER, ForeignKey("records.record"), primary_key=is_key, nullable=False, autoincrement=False)


meta = Table(
    "meta",
    METADATA,
    Column("name", _TEXT, primary_key=True),
    Column("value", _TEXT, nullable=False),
)
log = Table(
    "log",
    METADATA,
    Column("position", _NUMBER, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", _TEXT, nullable=False),
    Column("action", _TEXT, nullable=False),
    Column("counts", _TEXT, nullable=False),  # a JSON object of numbers
)
records = Table(
    "records",
    METADATA,
    Column("record", _NUMBER, primary_key=True, autoincrement=False),
    Column("source", _TEXT, nullable=False),
    Column("record_id", _TEXT, nullable=False),
    Column("kind", _TEXT, nullable=False),
    Column("channel", _TEXT),
    Column("scope", _TEXT),
    Column("account_id", _TEXT),
    Column("created_at", BigInteger),
    Column("is_person", SmallInteger),
    UniqueConstraint("source", "record_id"),
)
claims = Table(
    "claims",
    METADATA,
    _record(),
    Column("claim", LargeBinary, primary_key=True),
    Column("attribute", _TEXT, nullable=False),
    Column("raw", _TEXT, nullable=False),
    Column("place", Integer, nullable=False),
    Column("first_seen", BigInteger),
    Column("last_seen", BigInteger),
    Column("is_verified", SmallInteger, nullable=False),
    Column("visibility", SmallInteger),
    Column("purposes", Integer),
    Column("basis", _TEXT),
    Column("consent", _TEXT),
    Column("keep_until", BigInteger),
    sqlite_with_rowid=False,
)
layouts = Table(
    "layouts",
    METADATA,
    Column("layout", _NUMBER, primary_key=True, autoincrement=False),
    Column("columns", _TEXT, nullable=False, unique=True),  # a JSON list of names
)
observations = Table(
    "observations",
    METADATA,
    _record(),
    Column("observed_at", BigInteger, primary_key=True, autoincrement=False),
    Column("layout", _NUMBER, ForeignKey("layouts.layout"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
identifiers = Table(
    "identifiers",
    METADATA,
    _record(),
    Column("digest", LargeBinary, primary_key=True),
    Column("is_strong", SmallInteger, nullable=False),
    Index("identifiers_by_digest", "digest"),
    sqlite_with_rowid=False,
)
decisions = Table(
    "decisions",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("id", _TEXT, nullable=False, unique=True),
    Column("kind", _TEXT, nullable=False),
    Column("actor", _TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", _TEXT, nullable=False),
    Column("evidence", _TEXT, nullable=False),
    Column("plan_version", _TEXT, nullable=False),
    Column("field", _TEXT, nullable=False),
    Column("value", _TEXT, nullable=False),
    Column("retracts", _TEXT, nullable=False),
)
targets = Table(
    "targets",
    METADATA,
    Column("seq", _NUMBER, ForeignKey("decisions.seq"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("source", _TEXT, nullable=False),
    Column("record_id", _TEXT, nullable=False),
    Column("claim", LargeBinary),
    Index("targets_by_record", "source", "record_id"),
)
links = Table(
    "links",
    METADATA,
    _record("left"),
    _record("right"),
    Column("plan_version", _TEXT, primary_key=True),
    Column("weight", Float(53), nullable=False),
    Column("probability", Float(53), nullable=False),
    Column("verdict", _TEXT, nullable=False),
    Column("assurance", _TEXT),
    Column("evidence", _TEXT),
    Index("links_by_right", "right"),
    sqlite_with_rowid=False,
)
scores = Table(
    "scores",
    METADATA,
    _record(),
    Column("model", _TEXT, nullable=False),
    Column("entries", LargeBinary, nullable=False),  # numbers that the resolver packs: pairs with their weights
)
members = Table(
    "members",
    METADATA,
    _record(),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("entity_id", _TEXT, nullable=False),
    Column("until", BigInteger),
    Index("members_by_entity", "entity_id"),
    sqlite_with_rowid=False,
)
events = Table(
    "events",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("kind", _TEXT, nullable=False),
    Column("old_id", _TEXT, nullable=False),
    Column("new_id", _TEXT, nullable=False),
    Index("events_by_old", "old_id"),
)
retired = Table(
    "retired",
    METADATA,
    Column("entity_id", _TEXT, primary_key=True),  # of a customer's row a keyed hash
    Column("kind", _TEXT, nullable=False),
    Column("position", BigInteger, nullable=False),
)
documents = Table(
    "documents",
    METADATA,
    Column("kind", _TEXT, primary_key=True),
    Column("version", _TEXT, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("blob", LargeBinary),
)
golden = Table(
    "golden",
    METADATA,
    Column("entity_id", _TEXT, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("policy_version", _TEXT, nullable=False),
    Column("fields", _TEXT, nullable=False),  # a JSON object
)
tombstones = Table(
    "tombstones",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("erasure", _NUMBER, primary_key=True, autoincrement=False),
    Column("is_strong", SmallInteger, nullable=False),
    Column("holders", _TEXT, nullable=False),  # a JSON list: which of the living, numbered within the erasure, have it
)
