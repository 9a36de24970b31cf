"""The benchmarks in half a minute, on made-up data: that they run, and that the floors hold.

``python -m benchmarks.quick`` is what CI runs: it makes three small sets (``benchmarks.generate``), measures each in
this process, prints the tables, and exits with 1 when a figure is below its floor in ``floors.toml``. The public sets,
with figures that can be compared with other tools', are for ``benchmarks.accuracy``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.generate import write_sets
from benchmarks.measure import measure
from benchmarks.report import below_floors, read_floors, setting, tables_text
from benchmarks.sets import find_sets


def main() -> int:
    """Make the sets, measure them, print the tables; gives the exit code."""
    load, floors = os.getloadavg()[0], read_floors()
    with tempfile.TemporaryDirectory() as folder:
        write_sets(Path(folder), count=1500, seed=7)
        runs = [measure(one) for one in find_sets(Path(folder))[0]]
    print(f"{setting(load)}\n{tables_text(runs, floors)}")
    faults = below_floors(runs, floors)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
