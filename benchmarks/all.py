"""Every section that figures are written into, one command after the other: ``python -m benchmarks.all DATA_DIR``.

Makes the made-up sets that they need, runs each command in a fresh process, goes on after one that fails, and says what
each took. ``--list`` shows the commands; ``--only`` and ``--without`` choose among them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["NAMES", "Step", "steps"]

_ROOT = Path(__file__).resolve().parents[1]
_RESULTS, _DOCS = "benchmarks/RESULTS.md", "docs/explanation"
NAMES = (
    "made-up", "accuracy", "reliability", "robustness", "scale", "peers", "blanks", "learning", "ablation",
)  # fmt: skip
# Without parts some sets take minutes and gigabytes, and larger ones say the same.
_ABLATED = (
    "restaurant", "fake_1000", "chicago_early_childhood", "dblp_acm", "gecko_people_10k", "congress_openstates",
    "made_up_transliterated", "made_up_commits", "made_up_historical", "made_up_census", "made_up_speakers",
    "made_up_link_pages",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One section or page, and the modules that are run for it with their words."""

    name: str
    commands: tuple[tuple[str, ...], ...]


def steps(data: Path, work: Path) -> tuple[Step, ...]:
    """All steps in order: what a step reads of another's is written before."""
    made, apart, profiles = (str(work / name) for name in ("made_up", "made_up_apart", "profiles"))
    figures, of_made = str(work / "accuracy.json"), str(work / "accuracy_made_up.json")
    tools, peers = str(work / "peers"), ("--work", str(work / "peers"))
    here = [name for name in _ABLATED if name.startswith("made_up_") or (data / name).is_dir()]
    chosen = [word for name in here for word in ("--set", name)]
    sizes = (("1000", "1000"), ("100000", "1000000"))
    commands: dict[str, list[tuple[str, ...]]] = {
        "made-up": [
            ("made_up", made),
            ("made_up", apart, "--size", "3000", "--seed", "21"),
            *(("large_profiles", profiles, "--profiles", few, "--customers", many) for few, many in sizes),
        ],
        "accuracy": [
            ("accuracy", str(data), "--out", _RESULTS, "--json", figures),
            ("accuracy", made, "--json", of_made),
        ],
        "reliability": [("reliability", figures, of_made, "--docs", _DOCS)],
        "robustness": [("robustness", str(data), "--out", _RESULTS)],
        "scale": [("scale", profiles, "--out", _RESULTS)],
        "peers": [
            ("peers", str(data), made, *peers, "--json", "benchmarks/peers.json", "--out", _RESULTS, "--docs", _DOCS)
        ],
        "blanks": [("robustness", str(data), "--peers", *peers, "--resume", "--out", _RESULTS)],
        "learning": [("learning", str(data), "--peers", f"{tools}/environments", "--out", _RESULTS)],
        "ablation": [
            ("ablation", str(data), apart, *chosen, "--out", f"{_DOCS}/ablation.md"),
        ],
    }
    return tuple(Step(name, tuple(commands[name])) for name in NAMES)


def main(words: Sequence[str] | None = None) -> int:
    """Run the steps that were asked for; gives the exit code: 1 when one of them ended with an error."""
    asked = _asked(words)
    chosen = list(_chosen(asked))
    if asked.list:
        print("\n".join(f"python -m benchmarks.{' '.join(command)}" for step in chosen for command in step.commands))
        return 0
    asked.work.mkdir(parents=True, exist_ok=True)
    failed = []
    for step in chosen:
        started = time.perf_counter()
        codes = [_run(command, asked.work / f"{step.name}.txt") for command in step.commands]
        how = "done" if not any(codes) else "ended with an error"
        print(f"{step.name}: {how}, {(time.perf_counter() - started) / 60:.1f} minutes", flush=True)
        failed += [step.name] if any(codes) else []
    return int(bool(failed))


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.all", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--work", type=Path, default=Path(".bench"), metavar="DIR", help="made-up sets, figures, logs")
    parser.add_argument("--only", action="append", default=[], choices=NAMES, help="only this step")
    parser.add_argument("--without", action="append", default=[], choices=NAMES, help="not this step")
    parser.add_argument("--list", action="store_true", help="print the commands and run none")
    return parser.parse_args(words)


def _chosen(asked: argparse.Namespace) -> Iterator[Step]:
    for step in steps(asked.data.resolve(), asked.work.resolve()):
        if step.name in (asked.only or [step.name]) and step.name not in asked.without:
            yield step


def _run(command: Sequence[str], log: Path) -> int:
    """Run one module to its end; what it prints goes to the step's log."""
    module, *words = command
    with log.open("a", encoding="utf-8") as file:
        started = [sys.executable, "-m", f"benchmarks.{module}", *words]
        return subprocess.run(started, cwd=_ROOT, stdout=file, stderr=subprocess.STDOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
