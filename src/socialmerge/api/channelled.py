"""What became of the profiles of each channel."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.records import Verdict

__all__ = ["NO_CHANNEL", "by_channel"]

NO_CHANNEL = "profiles"
"""What the rows of a plain table are called, which come from no channel."""
_VERDICTS = (("attached", Verdict.ATTACH), ("review", Verdict.REVIEW), ("new", Verdict.NEW))


def by_channel(decisions: pa.Table, profiles: pa.Table) -> pa.Table:
    """Count the verdicts of each channel, the greatest first; ``profiles`` has their ``profile_id`` and ``channel``.

    >>> decisions = pa.table({"profile_id": ["p1", "p2"], "verdict": ["attach", "new"]})
    >>> by_channel(decisions, pa.table({"profile_id": ["p2", "p1"], "channel": ["github"] * 2})).to_pylist()
    [{'channel': 'github', 'profiles': 2, 'attached': 1, 'review': 0, 'new': 1}]
    """
    place = pc.index_in(decisions["profile_id"], profiles["profile_id"].combine_chunks())
    channel = pc.fill_null(tables.strings(profiles["channel"]), NO_CHANNEL).take(place)
    flags = {name: pc.equal(decisions["verdict"], verdict.value).cast(pa.int64()) for name, verdict in _VERDICTS}
    one = pa.repeat(pa.scalar(1, pa.int64()), decisions.num_rows)
    counted = pa.table({"channel": channel, "profiles": one, **flags})
    names = counted.column_names[1:]
    found = counted.group_by("channel", use_threads=False).aggregate([(name, "sum") for name in names])
    found = found.rename_columns({f"{name}_sum": name for name in names})
    return found.select(counted.column_names).sort_by([("profiles", "descending"), ("channel", "ascending")])
