"""A user of the resolver who is killed: numbered steps on a store, each said once it is done.

Run as a program it reads lines of a URL, a first step and a way ("resolver" or "cli"), and for each forks a process
that works from that step on; its process id is said first.
"""

import contextlib
import io
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from tests.resolver import light
from tests.resolver.conftest import KEY

from socialmerge import Resolver
from socialmerge.cli import run
from socialmerge.resolver import state as states

KINDS = ("ingest", "same", "apply", "undo", "ingest", "erase")
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = 3


def kind(step: int) -> str:
    return KINDS[step % len(KINDS)]


def group(step: int) -> int:
    return step // len(KINDS)


def person(step: int, number: int) -> str:
    return f"p{step}-{number}"


def clock(step: int) -> datetime:
    """A clock that jumps: backwards every third step."""
    return START + timedelta(days=step if step % 3 else -step)


def do(resolver: Resolver, step: int) -> None:
    """Do one step: "same" joins two people of the first, "undo" parts them, "erase" takes one of the fifth away."""
    first = group(step) * len(KINDS)
    if kind(step) == "ingest":
        rows = [
            {"id": person(step, n), "name": f"N {step} {n}", "email": f"e{step}-{n}@example.com"} for n in range(PEOPLE)
        ]
        resolver.load(pa.Table.from_pylist(rows))
    elif kind(step) == "same":
        resolver.decide((person(first, 0), person(first, 1)), "same", by="ana", reason=f"step {step}")
    elif kind(step) == "apply":
        resolver.apply(resolver.preview(), by="ana", reason=f"step {step}")
    elif kind(step) == "undo":
        resolver.undo(said(resolver, step - 2), by="ana", reason=f"step {step}")
    else:
        resolver.erase(person(first + 4, 0), by="dpo")


def said(resolver: Resolver, step: int) -> str:
    """The id of the decision of a step."""
    (found,) = (
        one.decision_id for one in resolver.history(person(step - step % len(KINDS), 0)) if one.reason == f"step {step}"
    )
    return found


def commanded(url: str, key: Path, step: int) -> None:
    """Do one step by the command line."""
    first = group(step) * len(KINDS)
    where = ["--store", url, "--key-file", str(key)]
    if kind(step) == "ingest":
        with Resolver(store=url, key=KEY, clock=lambda: clock(step)) as resolver:
            do(resolver, step)
        return
    if kind(step) == "same":
        words = ["decide", person(first, 0), person(first, 1), "same", "--by", "ana", "--reason", f"step {step}"]
    elif kind(step) == "apply":
        with Resolver(store=url, key=KEY) as resolver:
            position = resolver.preview().position
        words = ["apply", "--position", str(position), "--by", "ana"]
    elif kind(step) == "undo":
        with Resolver(store=url, key=KEY) as resolver:
            words = ["undo", said(resolver, step - 2), "--by", "ana", "--reason", f"step {step}"]
    else:
        words = ["erase", person(first + 4, 0), "--by", "dpo"]
    with contextlib.redirect_stdout(io.StringIO()):
        assert run([*words, *where]) == 0


def _work(url: str, step: int, way: str) -> None:
    states.judge = light.judge
    if way == "cli":
        key = Path(os.environ["SOCIALMERGE_TEST_KEY"])  # noqa: TID251 - of the test that started this
        while True:
            commanded(url, key, step)
            print(step, flush=True)  # noqa: T201 - its reader is the test
            step += 1
    with Resolver(store=url, key=KEY, clock=lambda: clock(step)) as resolver:
        while True:
            do(resolver, step)
            print(step, flush=True)  # noqa: T201
            step += 1


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed are nobody's business
    for line in sys.stdin:
        url, first, way = line.split()
        if not (pid := os.fork()):
            _work(url, int(first), way)
        print(f"pid {pid}", flush=True)  # noqa: T201
