"""The package dedupe, taught by so many answers to the pairs that it asks for, on one drawing of a set.

``python -m benchmarks.learning_peer SET_FOLDER ANSWER_FOLDER LABELS SEED`` runs in dedupe's own environment, which
``benchmarks.peers`` makes; everything but the number of answers and the seed is as in its adapter.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.peers.answer import main
from benchmarks.peers.environments import PEERS, interpreter, variables
from benchmarks.peers.watch import Limits, watch

__all__ = ["peer_f1", "peer_python"]

_ROOT = Path(__file__).resolve().parents[1]
_ADAPTER = "benchmarks.peers.adapters.dedupe"
_LIMITS = Limits(300.0, 6 * 1024.0)


def peer_python(environments: Path) -> Path:
    """The interpreter of dedupe's environment, which is made where it is not there."""
    return interpreter(next(peer for peer in PEERS if peer.name == "dedupe"), environments)


def peer_f1(folder: Path, python: Path, labels: int, seed: int) -> float | None:
    """F1 of dedupe's own clusters, at its own threshold; ``None`` where it fails or is over its limits."""
    with tempfile.TemporaryDirectory() as answer:
        taught = [str(python), "-m", "benchmarks.learning_peer", str(folder), answer, str(labels), str(seed)]
        found = watch(taught, cwd=_ROOT, env=variables(), limits=_LIMITS, until=Path(answer) / "answer.json")
        if found.fault:
            print(f"dedupe with {labels} answers: {found.fault}", file=sys.stderr)
            return None
        scored = [sys.executable, "-m", "benchmarks.peers.scoring", str(folder), answer]
        ended = subprocess.run(scored, cwd=_ROOT, check=True, capture_output=True, text=True)
    return float(json.loads(ended.stdout.splitlines()[-1])["own_f1"])


if __name__ == "__main__":
    adapter = importlib.import_module(_ADAPTER)
    adapter._LABELS, adapter._SEED = int(sys.argv[3]), int(sys.argv[4])  # type: ignore[attr-defined]  # noqa: SLF001 - its only settings
    sys.argv = sys.argv[:3]
    main(adapter.match, ("dedupe", "BTrees"))
