"""One process and all that it starts, watched from outside: wall time, processor time, memory, and limits on them.

Memory is what all processes of the tree hold together at one moment: the resident set of one process, and of several
their proportional sets, so that pages that they share count once. A process that grows faster than it is looked at
meets the system's own limit on its data, and is the first that the system would end when memory is short. It reads
/proc, so it needs Linux.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Limits", "Watched", "watch"]

_EVERY_S = 0.05
_SPARE = 1.5  # what a process may reserve, over what it may hold: arenas and stacks are not filled to the end
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may take before it is ended."""

    timeout_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Watched:
    """What a process took; ``fault`` says in a few words why it gave no answer, and is empty when it did."""

    started: float  # seconds of the epoch
    wall_s: float
    cpu_s: float
    peak_mb: float
    fault: str


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    cpu_s: float
    memory_mb: float


def watch(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], limits: Limits, until: Path) -> Watched:
    """Run a command and watch it; when the file ``until`` appears the measuring is over, and the command ends in peace.

    Processor time is that of the tree while it was alive, in steps of the watching; an adapter knows its own exactly.
    """
    started, clock = time.time(), time.perf_counter()
    peak = cpu = wall = 0.0
    fault = ""
    with (until.parent / "stderr.txt").open("w+b") as errors:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        _bound(process.pid, limits)
        try:
            while process.poll() is None:
                if not until.exists():
                    now_cpu, now_mb = _tree(process.pid)
                    peak, cpu, wall = max(peak, now_mb), max(cpu, now_cpu), time.perf_counter() - clock
                    fault = _over(wall, now_mb, limits)
                if fault:
                    break
                time.sleep(_EVERY_S)
        finally:
            _end(process)
        code = process.wait()
        if not fault and (code or not until.exists()):
            fault = _last_words(code, errors)
    return Watched(started, wall, cpu, peak, fault)


def _bound(pid: int, limits: Limits) -> None:
    """Have the system refuse memory to a process, and to those that it starts, far over the limit."""
    most = int(limits.memory_mb * _SPARE * 2**20)
    try:
        resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")
    except (OSError, ValueError):  # it has ended already, or the system has bounds of its own
        return


def _over(wall_s: float, memory_mb: float, limits: Limits) -> str:
    if wall_s > limits.timeout_s:
        return f"ended after {limits.timeout_s:.0f} s"
    if memory_mb > limits.memory_mb:
        return f"ended at {memory_mb / 1024:.1f} GB after {wall_s:.0f} s"
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the process's group: its own children only, since it leads a session of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _last_words(code: int, errors: object) -> str:
    """The last line of what a process complained of; its cells are of public or made-up sets."""
    name = getattr(errors, "name", "")
    lines = Path(name).read_text(encoding="utf-8", errors="replace").strip().splitlines() if name else []
    said = " ".join((lines[-1] if lines else "").split())[:160]
    return f"exit code {code}: {said}" if said else f"exit code {code}"


def _tree(root: int) -> tuple[float, float]:
    """Seconds of processor and megabytes of a process and its descendants."""
    found = {pid: one for pid in _pids() if (one := _process(pid))}
    inside, grew = {root}, True
    while grew:
        more = {pid for pid, one in found.items() if one.parent in inside} - inside
        inside |= more
        grew = bool(more)
    alive = {pid: found[pid] for pid in inside if pid in found}
    memory = sum(one.memory_mb if len(alive) == 1 else _proportional_mb(pid) for pid, one in alive.items())
    return sum(one.cpu_s for one in alive.values()), memory


def _proportional_mb(pid: int) -> float:
    """What a process holds, of shared pages its part; 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _process(pid: int) -> _Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        resident = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None
    # After the name, which may hold blanks: state, parent, ..., user and system ticks, those of children that ended.
    fields = text.rpartition(")")[2].split()
    return _Process(int(fields[1]), sum(map(int, fields[11:15])) / _TICKS, resident * _PAGE_MB)
