"""A writer that is killed: it does numbered steps on a store, and says each that is done.

Run as a program it reads lines of a URL and a first step, and for each forks a writer, whose process id it says first:
a fork starts in a millisecond, which a new interpreter does not.
"""

from __future__ import annotations

import os
import signal
import sys

import pyarrow as pa
from tests.store.rows import KEY, NOW, names, person, write

from socialmerge.store import Decision, DecisionKind, Store, Target

PERSONS, VALUES, DECISIONS = 40, 3, 3
KINDS = ("write", "write", "append", "erase", "apply")


def kind(step: int) -> str:
    return KINDS[step % len(KINDS)]


def group(step: int) -> list[str]:
    """The records that a step writes, or that the erasure three steps later takes away."""
    return [f"g{step}-{number}" for number in range(PERSONS)]


def do(store: Store, step: int) -> None:
    """Do one step, which is one transaction."""
    if kind(step) == "write":
        write(store, *(person(name, mail=f"{name}@example.com", name=name, bio="b" * 200) for name in group(step)))
    elif kind(step) == "append":
        target = (Target("crm", f"d{step}"),)
        reasons = (f"step {step} {number}" for number in range(DECISIONS))
        store.append([Decision(DecisionKind.SAME, target, "ana", NOW, reason=reason) for reason in reasons])
    elif kind(step) == "erase":
        store.erase(names(*group(step - 3)), at=NOW, actor="dpo")
    else:
        with store.snapshot() as view:
            previewed = view.position()
        records = pa.table({"entity_id": [f"e{step}-{number}" for number in range(PERSONS)]})
        decision = Decision(DecisionKind.APPLY, (), "ana", NOW, reason=f"step {step}")
        store.apply(records, decision, previewed=previewed, policy_version="1")


def _work(url: str, step: int) -> None:
    with Store.open(url, key=KEY) as store:
        while True:
            do(store, step)
            print(step, flush=True)  # noqa: T201 - its reader is the test
            step += 1


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed are nobody's business
    for line in sys.stdin:
        url, first = line.split()
        if not (pid := os.fork()):
            _work(url, int(first))
        print(f"pid {pid}", flush=True)  # noqa: T201
