"""What one file format of a channel looks like, and the values that one of its records holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from socialmerge.channels import html
from socialmerge.channels.paths import Condition, Path, holds, values

__all__ = ["Attribute", "Format", "Signature", "Source", "is_person", "scalar", "texts"]


@dataclass(frozen=True, slots=True)
class Source:
    """One place where an attribute may lie, and what to do with what is found there."""

    path: Path
    pattern: re.Pattern[str] | None = None  # only what group 1 finds
    template: str = ""  # "https://x.com/{}": what is found, put in
    html: str = ""  # "text" or "links": what is found is HTML
    strip: str = ""  # leading characters to drop
    host_of: Path | None = None  # add "@" and the host of the URL found there
    when: Condition | None = None  # only for records that hold this
    date: str = ""  # "dd mon yyyy": give it as an ISO date
    join: tuple[Path, ...] = ()  # the first text at each of these paths below, with commas between

    @property
    def takes_all(self) -> bool:
        """Whether the whole of a top-level key is taken over, so that there is nothing left of it to carry."""
        return len(self.path.steps) == 1 and not (
            self.pattern or self.template or self.when or self.host_of or self.join
        )


# Alternatives within an inner tuple: the first that holds something. Outer: the union of all.
Attribute = tuple[tuple[Source, ...], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Attributes that, together, tell this format's records from all others."""

    has: tuple[Condition, ...]
    under: str | None = None  # only for records found there; None: anywhere


@dataclass(frozen=True, slots=True)
class Format:
    """One file format of one channel."""

    channel: str
    name: str
    kind: str  # "records" (JSON or a table), "vcard", "jsonld"
    under: tuple[Path, ...]  # where in a JSON document the records may lie
    require: tuple[Path, ...]  # every record holds one value at each; without it the record cannot be read
    signatures: tuple[Signature, ...]
    attributes: Mapping[str, Attribute]
    scope: Attribute
    person: tuple[Condition, ...]
    not_person: tuple[Condition, ...]
    drop: frozenset[str]  # keys of the record that are not kept

    def taken(self) -> frozenset[str]:
        """Top-level keys that an attribute takes whole."""
        sources = [*self.attributes.values(), self.scope]
        return frozenset(s.path.top for attribute in sources for group in attribute for s in group if s.takes_all)


def texts(record: object, attribute: Attribute) -> list[str]:
    """The distinct texts that a record holds for an attribute, in order."""
    found: dict[str, None] = {}
    for alternatives in attribute:
        for source in alternatives:
            here = [text for text in _read(record, source) if text]
            found.update(dict.fromkeys(here))
            if here:
                break
    return list(found)


def is_person(record: object, form: Format) -> bool | None:
    """Whether the platform says that the account is a person's; None when it does not say."""
    if any(holds(record, wanted) for wanted in form.not_person):
        return False
    if any(holds(record, wanted) for wanted in form.person):
        return True
    return None


def scalar(value: object) -> str:
    """A JSON scalar as text: numbers exact, booleans as JSON writes them; "" for what is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value).strip()
    return ""


def _read(record: object, source: Source) -> Iterator[str]:
    if source.when is not None and not holds(record, source.when):
        return
    for value in values(record, source.path):
        whole = _joined(value, source.join) if source.join else scalar(value)
        for text in _opened(whole, source.html):
            changed = _changed(text, source)
            if changed and source.host_of is not None:
                changed = _with_host(record, changed, source.host_of)
            yield changed


def _joined(record: object, parts: Sequence[Path]) -> str:
    found = (next((text for value in values(record, part) if (text := scalar(value))), "") for part in parts)
    return ", ".join(text for text in found if text)


def _opened(text: str, how: str) -> Sequence[str]:
    if how == "links":
        return html.links(text)
    return (html.text(text),) if how == "text" else (text,)


def _changed(text: str, source: Source) -> str:
    if source.pattern is not None:
        match = source.pattern.search(text)
        text = match[1] or "" if match else ""
    if source.strip:
        text = text.lstrip(source.strip)
    if source.date:
        text = _iso_date(text)
    return source.template.replace("{}", text) if source.template and text else text


def _with_host(record: object, text: str, where: Path) -> str:
    for value in values(record, where):
        try:
            host = urlsplit(scalar(value)).hostname
        except ValueError:
            continue
        if host:
            return f"{text}@{host}"
    return text


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*\.?[ -](\d{4})")


def _iso_date(text: str) -> str:
    """``05 Mar 2024`` as ``2024-03-05``, in English whatever the locale; any other text as it is."""
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return text
    return f"{match[3]}-{_MONTHS.index(match[2].lower()) + 1:02d}-{int(match[1]):02d}"
