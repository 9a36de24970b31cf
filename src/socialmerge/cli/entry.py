"""Where the command starts and ends: exit codes, and one line instead of a traceback for a user's mistake."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click

from socialmerge.cli.printing import echo
from socialmerge.cli.wording import in_options
from socialmerge.errors import MissingExtraError, SocialMergeError, StoreUnavailableError

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

    An error that the library or click raises on purpose is one message on stderr, in the words of the command line, or
    with ``--json`` one JSON object: ``{"error": {"type", "message", "exit_code"}}``. Anything else is a fault of the
    program and keeps its traceback.
    """
    try:
        from socialmerge.cli.commands import socialmerge  # takes half a second, in which Ctrl-C is quiet as well

        code = socialmerge.main(args=list(arguments), prog_name="socialmerge", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (click.ClickException, SocialMergeError, OSError) as error:
        return _fail(error, as_json="--json" in arguments)
    return code if isinstance(code, int) else DONE


def _fail(error: click.ClickException | SocialMergeError | OSError, *, as_json: bool) -> int:
    """Say what went wrong, and give the exit code."""
    code, message = _code(error), in_options(_message(error))
    if as_json:
        told = {"type": _kind(error), "message": message, "exit_code": code}
        echo(json.dumps({"error": told}, indent=2, ensure_ascii=False), err=True)
    elif isinstance(error, click.UsageError) and error.ctx and not _is_value(error):
        help_at = f"Try '{error.ctx.command_path} --help' for help."
        echo(f"{error.ctx.get_usage()}\n{help_at}\n\nError: {message}", err=True)
    else:
        echo(f"socialmerge: {message}", err=True)
    return code


def _is_value(error: click.ClickException) -> bool:
    """Whether what is wrong is a value that was given, so that how the command is written is not the matter."""
    return isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter)


def _kind(error: BaseException) -> str:
    """Name an error as the library's tree of errors does, whatever it is called inside."""
    own = (one.__name__ for one in type(error).__mro__ if one.__module__ == SocialMergeError.__module__)
    return next(own, type(error).__name__)


def _code(error: click.ClickException | SocialMergeError | OSError) -> int:
    if isinstance(error, click.ClickException):
        return WRONG if isinstance(error, click.FileError) else error.exit_code
    failed = OSError, MissingExtraError, StoreUnavailableError
    return FAILED if isinstance(error, failed) else WRONG


def _message(error: click.ClickException | SocialMergeError | OSError) -> str:
    if isinstance(error, click.BadParameter) and isinstance(getattr(error.param, "type", None), click.Path):
        where = f"{error.param.opts[0]}: " if isinstance(error.param, click.Option) else ""
        return f"{where}{error.message.rstrip('.')}; check the path"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    return str(error)
