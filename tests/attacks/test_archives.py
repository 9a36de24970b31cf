"""Bombs, broken archives and hostile text: one clear error each, or rows, in bounded time and memory.

Run with ``-s`` to see the counts.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.attacks.hostile_files import ROOM, everything

SECONDS = 4.0  # of the processor, for one file


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit on memory is set from /proc")
def test_each_hostile_file_brings_rows_or_one_clear_error_in_bounded_time_and_memory(tmp_path: Path) -> None:
    wanted = {}
    for name, data, says in everything():
        (tmp_path / name).write_bytes(data)
        wanted[name] = says
    found = _read_in_little_memory(tmp_path)
    refused = sum(kind == "ours" for _, kind, _, _ in found.values())
    read = sum(rows > 0 for rows, _, _, _ in found.values())
    slowest = max(seconds for *_, seconds in found.values())
    print(  # noqa: T201
        f"\n{len(found)} hostile files: {refused} refused, {read} read, {len(found) - refused - read} other outcomes; "
        f"slowest {slowest:.2f} s; {ROOM >> 20} MB of memory beyond the library itself"
    )
    assert found.keys() == wanted.keys()  # nor was anything written beside them
    for name, (rows, kind, said, seconds) in found.items():
        assert kind == ("ours" if wanted[name] else ""), (name, kind, said)
        assert seconds < SECONDS, (name, seconds)
        if wanted[name]:
            assert re.search(wanted[name], said), (name, said)
            assert name in said, said
        else:
            assert rows > 0, name
    assert {file.name for file in tmp_path.iterdir()} == wanted.keys()


def _read_in_little_memory(folder: Path) -> dict[str, tuple[int, str, str, float]]:
    command = [sys.executable, "-m", "tests.attacks.hostile_files", str(folder)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, cwd=root)
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (rows, kind, said, seconds) for name, rows, kind, said, seconds in outcomes}
