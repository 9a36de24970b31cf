"""An environment for each peer, made with uv: what is installed, and where its interpreter lies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PEERS", "Peer", "interpreter", "variables"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool that is measured: ``needs`` are the requirements of its environment, none for this package itself.

    A tool with ``labels`` learns from answers that it is given, so it is listed apart. ``most_rows`` is where it is no
    longer tried, and ``why`` the reason. ``most_s`` are the seconds after which a run is ended, whatever its rows.
    """

    name: str
    needs: tuple[str, ...] = ()
    labels: bool = False
    most_rows: int | None = None
    why: str = ""
    most_s: float | None = None

    @property
    def module(self) -> str:
        """The module that runs it."""
        return f"benchmarks.peers.adapters.{self.name}"


PEERS = (
    Peer("socialmerge"),
    Peer("splink", ("splink>=5.0,<6", "duckdb", "pyarrow")),
    Peer("recordlinkage", ("recordlinkage==0.16", "pandas>=2.2,<3", "pyarrow")),
    Peer("goldenmatch", ("goldenmatch[polars]>=3.22", "pyarrow"), most_s=120.0),
    Peer(
        "mismo",
        ("mismo>=0.4.1", "ibis-framework[duckdb]", "duckdb<2", "sqlglot<28", "pandas", "pytz", "pyarrow"),
        most_rows=20_000,
        why="alpha; not tried on more than 20,000 rows",
        most_s=75.0,
    ),
    Peer(
        "dedupe",
        ("dedupe==3.0.3", "BTrees<6.5", "unidecode", "pyarrow"),  # does not start with a later BTrees
        labels=True,
        most_rows=20_000,
        why="held 6 GB for 10,000 rows; not tried on more than 20,000",
        most_s=180.0,
    ),
)


def interpreter(peer: Peer, folder: Path) -> Path:
    """The interpreter of a peer's environment, which is made when it is not there or its requirements have changed.

    The peer is started once for nothing, so that no measured run is the first to read its files from disk. Raises
    ``CalledProcessError`` when the peer does not install or does not start.
    """
    python = _environment(peer, folder) if peer.needs else Path(sys.executable)
    root = Path(__file__).resolve().parents[2]
    command = [str(python), "-m", peer.module, "--help"]
    subprocess.run(command, cwd=root, env=variables(), check=True, capture_output=True, text=True)
    return python


def _environment(peer: Peer, folder: Path) -> Path:
    home, wanted = folder / peer.name, "\n".join(peer.needs)
    python, made = home / "bin" / "python", home / "requirements.txt"
    if python.exists() and made.is_file() and made.read_text(encoding="utf-8") == wanted:
        return python
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    for words in (
        ["venv", "--clear", "--python", sys.executable, str(home)],
        ["pip", "install", "--compile-bytecode", "--python", str(python), *peer.needs],
    ):
        subprocess.run([uv, *words, "--quiet"], check=True, capture_output=True, text=True)
    made.write_text(wanted, encoding="utf-8")
    return python


def variables() -> dict[str, str]:
    """The variables that a peer's process sees: this one's, without what would lead it to other packages or keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    kept = {name: value for name, value in kept.items() if not name.endswith(("_API_KEY", "_TOKEN"))}
    # GoldenMatch would begin with what it chose for the last file of the same form: every run begins afresh.
    return kept | {"PYTHONHASHSEED": "0", "GOLDENMATCH_AUTOCONFIG_MEMORY": "0"}
