"""How things stood when each round ended, by the log: who belonged to whom is never overwritten."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import whole
from socialmerge.outcomes.days import NEVER
from socialmerge.outcomes.measures import Flags, Ints

__all__ = ["stood"]


def stood(members: pa.Table, is_profile: Flags, ends: Ints) -> tuple[Ints, Ints]:
    """How many profiles there were when each round ended, and how many of them were a customer's.

    ``members`` says from which position of the log until which a record belonged to whom, ``is_profile`` which of its
    rows are of profiles. A round ends before the position of the write that begins the next one; the last one has not
    ended, and its end is ``NEVER``.
    """
    codes = whole(members["entity_id"]).dictionary_encode()
    entity = codes.indices.to_numpy(zero_copy_only=False)
    since = np.asarray(members["since"].to_numpy(), np.int64)
    until = np.asarray(pc.fill_null(members["until"], NEVER).to_numpy(), np.int64)
    there, attached = np.zeros(len(ends), np.int64), np.zeros(len(ends), np.int64)
    for place, end in enumerate(ends.tolist()):
        held = (since < end) & (until >= end)
        hosts = np.zeros(len(codes.dictionary), np.bool_)
        hosts[entity[held & ~is_profile]] = True
        profiles = held & is_profile
        there[place], attached[place] = profiles.sum(), (profiles & hosts[entity]).sum()
    return there, attached
