"""Where the command starts and ends: exit codes, and one line instead of a traceback for a user's mistake."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from socialmerge.errors import SocialMergeError

__all__ = ["DONE", "FAILED", "INTERRUPTED", "WRONG", "main", "run"]

DONE = 0
FAILED = 1
WRONG = 2  # the arguments, or a file that they name
INTERRUPTED = 130  # what a shell gives for a program that Ctrl-C ended


def main() -> None:
    """Run the command with the arguments of this process, and end the process with its exit code."""
    _leave_pandas_alone()
    sys.exit(run(sys.argv[1:]))


def _leave_pandas_alone() -> None:
    """Tell Arrow that there is no pandas: it imports it at the first array, for half a second, and no command needs it.

    Only where this process is the command's own; who imports pandas later still gets it.
    """
    sys.meta_path.insert(0, _NoPandas)
    try:
        import pyarrow as pa

        pa.scalar(0)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        sys.meta_path.remove(_NoPandas)


class _NoPandas:
    """A finder that finds no pandas, and leaves every other module to the finders after it."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        del path, target
        if name == "pandas":
            raise ModuleNotFoundError(name)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code: 0 done, 1 the run failed, 2 the arguments or a file are wrong.

    An error that the library or click raises on purpose is one message on stderr. Anything else is a fault of the
    program and keeps its traceback.
    """
    try:
        from socialmerge.cli.commands import socialmerge  # takes half a second, in which Ctrl-C is quiet as well

        code = socialmerge.main(args=list(arguments), prog_name="socialmerge", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.FileError as error:
        error.show()
        return WRONG
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SocialMergeError as error:
        click.echo(f"socialmerge: {error}", err=True)
        return WRONG if isinstance(error, ValueError) else FAILED
    except OSError as error:
        click.echo(f"socialmerge: {_what_the_system_said(error)}", err=True)
        return FAILED
    return code if isinstance(code, int) else DONE


def _what_the_system_said(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
