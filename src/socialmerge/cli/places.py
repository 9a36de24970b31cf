"""Where a command finds its data: in the folder of a run, or in a store; a run that was kept in a store is one."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from socialmerge.cli import runs

__all__ = ["address", "chosen", "is_given"]

_SECRETS = ("password", "sslpassword")
"""What a URL of PostgreSQL may hold besides the password before its host."""


def chosen(folder: Path | None, store: str | None) -> tuple[Path | None, str | None]:
    """The folder of a run or the URL of a store, one of which was asked for; of a run in a store that store.

    A store that only the environment names gives way to ``--run``.
    """
    if folder is not None and not is_given("store"):
        store = None
    if (folder is None) == (store is None):
        raise click.UsageError("give one of --run and --store")
    kept = runs.store_of(folder) if folder is not None else None
    return (None, kept) if kept else (folder, store)


def is_given(option: str) -> bool:
    """Whether an option stands on the command line, and not only in the environment."""
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def address(url: str) -> str:
    """The URL of a store as a run notes it: found from any folder, and without a password."""
    from sqlalchemy import make_url  # takes 0.2 s to import, and most commands open no store
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError:
        return url  # whoever opens it says what is wrong with it
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        parsed = parsed.set(database=str(Path(parsed.database).resolve()), query={})  # of a file nothing else counts
    parsed = parsed._replace(password=None).difference_update_query(_SECRETS)
    return parsed.render_as_string(hide_password=False)
