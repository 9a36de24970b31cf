"""Compiles ``/in/{handle}``, ``{handle}.medium.com`` and ``/intent/user?screen_name={handle}`` into patterns."""

from __future__ import annotations

import re

__all__ = ["compile_form"]

_PART = re.compile(r"\{(?P<name>[a-z]+)(?P<rest>\.\.\.)?\}|(?P<any>\*)|(?P<literal>[^{}*]+)")


def compile_form(form: str) -> tuple[re.Pattern[str], tuple[tuple[str, str], ...]]:
    """A pattern over ``host/path``, and the query parameters to read as (group, parameter).

    ``{handle}`` takes one segment of the path (or one label of the host), ``{handle...}`` all that is left, ``*`` any
    characters of a segment. A form that begins with ``/`` may stand on any of the channel's hosts. Whatever follows the
    form after a further ``/`` is the group ``more``: the page of a post names its author. Raises ``ValueError`` for
    another shape.

    >>> pattern, query = compile_form("/in/{handle}")
    >>> pattern.fullmatch("uk.linkedin.com/in/ada/detail")["handle"]
    'ada'
    """
    address, _, query = form.partition("?")
    pattern = r"(?P<site>[^/]+)" if address.startswith("/") else ""
    pattern += "".join(_compiled(part) for part in _parts(address))
    parameters = []
    for pair in query.split("&") if query else ():
        parameter, _, group = pair.partition("=")
        match = _PART.fullmatch(group)
        if not parameter or match is None or not match["name"]:
            raise ValueError(f"{form!r}: write the query as parameter={{handle}}")
        parameters.append((match["name"], parameter))
    return re.compile(pattern + r"(?P<more>/.*)?", re.IGNORECASE | re.DOTALL), tuple(parameters)


def _parts(address: str) -> list[re.Match[str]]:
    parts, position = [], 0
    while position < len(address):
        match = _PART.match(address, position)
        if match is None:
            raise ValueError(f"{address!r}: a brace is not closed, or holds something else than a lower-case name")
        parts.append(match)
        position = match.end()
    return parts


def _compiled(part: re.Match[str]) -> str:
    if part["literal"]:
        return re.escape(part["literal"])
    if part["any"]:
        return "[^/]*"
    if part["rest"]:
        return f"(?P<{part['name']}>.+)"
    return f"(?P<{part['name']}>[^/]+?)"
