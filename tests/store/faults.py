"""Faults made on purpose: processes killed at a moment, files that may not grow, disks that are full."""

import os
import resource
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

__all__ = ["few_pages", "grow", "killed", "largest_file", "small_disk", "workers"]

Workers = subprocess.Popen[bytes]


@contextmanager
def workers(module: str, **environment: str) -> Iterator[Workers]:
    """Start a program that forks a process for each line of orders, and says its process id first."""
    where = {**os.environ, **environment}  # noqa: TID251 - handed on
    with subprocess.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=where
    ) as started:
        yield started


def killed(workers: Workers, order: str, delay_s: float) -> int:
    """Let one work from a step on and kill it some time after that is done; give the last step that it said."""
    assert workers.stdin
    assert workers.stdout
    workers.stdin.write(f"{order}\n".encode())
    said = b""
    while said.count(b"\n") < 2:  # its process, and the first step
        said += os.read(workers.stdout.fileno(), 4096)
    time.sleep(delay_s)
    (pid,) = (int(line.split()[1]) for line in said.splitlines() if line.startswith(b"pid"))
    os.kill(pid, signal.SIGKILL)
    while _is_there(pid):
        time.sleep(0.001)
    while select.select([workers.stdout], [], [], 0)[0]:
        said += os.read(workers.stdout.fileno(), 4096)
    return max(int(line) for line in said.splitlines() if not line.startswith(b"pid"))


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: what the system says is what it says of a full disk."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def few_pages(engine: Engine, pages: int) -> Iterator[None]:
    """Let SQLite's file have no more than some pages: what it says is what it says of a full disk."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)


def grow(disk: Path, size_mib: int) -> None:
    """Make room on a disk that is mounted, as whoever looks after the machine does."""
    subprocess.run(["mount", "-o", f"remount,size={size_mib}m", str(disk)], check=True)


@contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[Path]:
    """Mount a disk in memory, which gets full for real; a test that needs one is left out where that is not allowed."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a disk cannot be mounted here; it takes Linux and its superuser")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
