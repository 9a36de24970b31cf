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

__all__ = ["peer_f1"]

_ROOT = Path(__file__).resolve().parents[1]
_ADAPTER = "benchmarks.peers.adapters.dedupe"


def peer_f1(folder: Path, environments: Path, labels: int, seed: int, *, timeout_s: float = 1800.0) -> float:
    """F1 of dedupe's own clusters, at its own threshold; 0 where it fails, or takes longer."""
    python = interpreter(next(peer for peer in PEERS if peer.name == "dedupe"), environments)
    with tempfile.TemporaryDirectory() as answer:
        words = [str(folder), answer, str(labels), str(seed)]
        try:
            taught = [str(python), "-m", "benchmarks.learning_peer", *words]
            subprocess.run(taught, cwd=_ROOT, env=variables(), check=True, capture_output=True, timeout=timeout_s)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"dedupe with {labels} answers: {type(error).__name__}", file=sys.stderr)
            return 0.0
        scored = [sys.executable, "-m", "benchmarks.peers.scoring", str(folder), answer]
        ended = subprocess.run(scored, cwd=_ROOT, check=True, capture_output=True, text=True)
    return float(json.loads(ended.stdout.splitlines()[-1])["own_f1"])


if __name__ == "__main__":
    adapter = importlib.import_module(_ADAPTER)
    adapter._LABELS, adapter._SEED = int(sys.argv[3]), int(sys.argv[4])  # type: ignore[attr-defined]  # noqa: SLF001 - its only settings
    sys.argv = sys.argv[:3]
    main(adapter.match, ("dedupe", "BTrees"))
