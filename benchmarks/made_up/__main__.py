"""Made-up sets of the kinds that the public ones lack, in the layout of a data folder.

``python -m benchmarks.made_up DIR [--size 5000] [--seed 7] [--noise 1.0] [--set NAME]`` writes a census to link with
another, historical people, transliterated names, authors of commits, speakers of two conferences and pages of links.
The same size, seed and noise write the same bytes; other seeds and other noise are other sets.
``benchmarks.accuracy DIR`` measures them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.made_up.sets import KINDS, write


def main() -> None:
    """Write the sets into the folder that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.made_up", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--size", type=int, default=5000, help="rows of each set, or of each side (default 5000)")
    parser.add_argument("--seed", type=int, default=7, help="one seed, one set of files (default 7)")
    parser.add_argument("--noise", type=float, default=1.0, help="factor on every rate of errors (default 1)")
    parser.add_argument("--set", dest="names", action="append", choices=sorted(KINDS), help="only this set")
    asked = parser.parse_args()
    write(asked.folder, size=asked.size, seed=asked.seed, noise=asked.noise, names=tuple(asked.names or KINDS))


if __name__ == "__main__":
    main()
