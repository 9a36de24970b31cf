"""The command ``socialmerge``: parse, call, print; nothing else."""

from socialmerge.cli.entry import main, run

__all__ = ["main", "run"]
