"""The store: an append-only log of records, claims and decisions, in one SQLite file or in PostgreSQL.

>>> import pyarrow as pa, tempfile
>>> from datetime import UTC, datetime
>>> now = datetime(2026, 1, 2, tzinfo=UTC)
>>> folder = tempfile.TemporaryDirectory()
>>> records = pa.table({"source": ["crm"], "record_id": ["c1"], "kind": ["customer"]})
>>> claims = pa.table({"source": ["crm"], "record_id": ["c1"], "attribute": ["mail"], "raw": ["ada@example.com"]})
>>> observations = pa.table({"source": ["crm"], "record_id": ["c1"], "columns": ['["mail", "phone"]']})
>>> with Store.open(f"sqlite:///{folder.name}/people.db") as store:
...     written = store.write(records, claims, observations, at=now, actor="ana")
...     again = store.write(records, claims, observations, at=now, actor="ana")
...     pair = (Target("crm", "c1"), Target("crm", "c2"))
...     (decision,) = store.append([Decision(DecisionKind.DIFFERENT, pair, actor="ana", at=now, reason="twins")])
...     with store.snapshot() as view:
...         kept = view.claims().read_all()
...         decided = view.decisions()
>>> (written.claims, again.claims, again.position), kept["raw"].to_pylist(), decided == (decision,)
((1, 0, 1), ['ada@example.com'], True)
>>> folder.cleanup()

**Writing.** ``Store.write`` takes tables (``shapes``), ``Store.append`` decisions; each call is one transaction, and a
writer waits for another. **Reading.** ``Store.snapshot`` gives a :class:`Snapshot`, all of one moment; readers never
wait.
**Time** comes from the caller, the order from the log: a clock that jumps changes no order.
"""

from socialmerge.store.database import NoStoreError
from socialmerge.store.decisions import RETURN
from socialmerge.store.departures import Departed, departed, followed, without
from socialmerge.store.redaction import REDACTED
from socialmerge.store.retiring import Fate
from socialmerge.store.sealing import SealedError
from socialmerge.store.shapes import (
    claims_in_schema,
    claims_schema,
    events_schema,
    first_seen_schema,
    golden_schema,
    identifiers_schema,
    keys_schema,
    links_schema,
    log_schema,
    members_schema,
    observations_schema,
    records_schema,
    scores_schema,
)
from socialmerge.store.snapshot import Snapshot
from socialmerge.store.store import Store
from socialmerge.store.values import (
    OWN,
    VERIFIED_BY_PERSON,
    Decision,
    DecisionKind,
    Document,
    Erased,
    RecordKey,
    Target,
    Written,
    clean_text,
    in_force,
)

__all__ = [
    "OWN",
    "REDACTED",
    "RETURN",
    "VERIFIED_BY_PERSON",
    "Decision",
    "DecisionKind",
    "Departed",
    "Document",
    "Erased",
    "Fate",
    "NoStoreError",
    "RecordKey",
    "SealedError",
    "Snapshot",
    "Store",
    "Target",
    "Written",
    "claims_in_schema",
    "claims_schema",
    "clean_text",
    "departed",
    "events_schema",
    "first_seen_schema",
    "followed",
    "golden_schema",
    "identifiers_schema",
    "in_force",
    "keys_schema",
    "links_schema",
    "log_schema",
    "members_schema",
    "observations_schema",
    "records_schema",
    "scores_schema",
    "without",
]
