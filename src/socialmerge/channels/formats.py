"""What one file format of a channel looks like, and the values that one of its records holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from urllib.parse import urlsplit

from socialmerge.channels import dates, html
from socialmerge.channels.paths import Condition, Path, holds, values

__all__ = ["Attribute", "Elements", "Format", "Signature", "Source", "is_person", "scalar", "texts"]


@dataclass(frozen=True, slots=True)
class Source:
    """One place where an attribute may lie, and what to do with what is found there."""

    path: Path
    pattern: re.Pattern[str] | None = None  # only what group 1 finds
    template: str = ""  # "https://x.com/{}": what is found, put in
    split: str = ""  # characters between several values in one text
    html: str = ""  # "text" or "links": what is found is HTML
    strip: str = ""  # leading characters to drop
    remove: re.Pattern[str] | None = None  # what is taken out wherever it stands
    mojibake: bool = False  # UTF-8 that was written as if it were Latin-1
    host_of: Path | None = None  # add "@" and the host of the URL found there
    when: tuple[Condition, ...] = ()  # only for records that hold all of this
    date: str = ""  # one of dates.NOTATIONS: how a time is written that is to be ISO 8601
    join: tuple[Path, ...] = ()  # the first text at each of these paths below
    separator: str = ", "  # between them

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
class Elements:
    """Which elements of an XML document are records, and what of them is read; all else is passed over unread."""

    root: str  # the name of the document's element
    record: str
    keep: frozenset[str]  # children, and attributes with "@", that make up a record
    inherit: frozenset[str] = frozenset()  # elements before the records that say something about all of them
    needs: str = ""  # a prefix of a namespace that the document must use
    # Records that differ in these alone are one: of some the first value stays, of the others the greatest.
    first: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Format:
    """One file format of one channel."""

    channel: str
    name: str
    kind: str  # "records" (JSON or a table), "vcard", "jsonld", "mf2", "xml"
    under: tuple[Path, ...]  # where in a JSON document the records may lie
    require: tuple[Path, ...]  # every record holds one value at each; without it the record cannot be read
    signatures: tuple[Signature, ...]
    attributes: Mapping[str, Attribute]
    scope: Attribute
    person: tuple[Condition, ...]
    not_person: tuple[Condition, ...]
    drop: frozenset[str]  # keys of the record that are not kept
    row: Attribute = ()  # what names a row that has neither an id of an account nor a handle
    xml: Elements | None = None  # of kind "xml": where the records are
    unsure: tuple[Signature, ...] = ()  # what others write as well: whose it is has to be asked
    skip: tuple[Condition, ...] = ()  # records that are nobody's: what moderators took for spam
    aside: bool = False  # people whom the owner follows: of an archive read only where nobody follows the owner
    any_of: tuple[Path, ...] = ()  # a record that holds nothing at any of these is of somebody who left

    def taken(self) -> frozenset[str]:
        """Top-level keys that an attribute takes whole."""
        sources = [*self.attributes.values(), self.scope]
        return frozenset(s.path.top for attribute in sources for group in attribute for s in group if s.takes_all)


def texts(record: object, attribute: Attribute) -> list[str]:
    """The distinct texts that a record holds for an attribute, in order."""
    found: list[str] = []
    for alternatives in attribute:
        for source in alternatives:
            here = [text for text in _read(record, source) if text]
            if here:
                found += here
                break
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def is_person(record: object, form: Format) -> bool | None:
    """Whether the platform says that the account is a person's; None when it does not say."""
    if any(holds(record, wanted) for wanted in form.not_person):
        return False
    if any(holds(record, wanted) for wanted in form.person):
        return True
    return None


def scalar(value: object) -> str:
    """A scalar as text: numbers exact, booleans as JSON writes them, times in ISO 8601; "" for what is no scalar."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if value is None or isinstance(value, dict | list | tuple | set | bytes | Mapping):
        return ""
    if isinstance(value, float) and not isfinite(value):
        return ""
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _read(record: object, source: Source) -> Iterator[str]:
    found = values(record, source.path)
    if not found or not all(holds(record, wanted) for wanted in source.when):
        return
    for value in found:
        whole = _joined(value, source) if source.join else scalar(value)
        for text in _opened(whole, source):
            changed = _changed(text, source)
            if changed and source.host_of is not None:
                changed = _with_host(record, changed, source.host_of)
            yield changed


def _joined(record: object, source: Source) -> str:
    found = (next((text for value in values(record, part) if (text := scalar(value))), "") for part in source.join)
    return source.separator.join(text for text in found if text)


def _opened(text: str, source: Source) -> Sequence[str]:
    if source.html == "links":
        return html.links(text)
    if source.split:
        return [part.strip() for part in re.split(f"[{re.escape(source.split)}]", text)]
    return (html.text(text),) if source.html == "text" else (text,)


def _unmangled(text: str) -> str:
    """UTF-8 that was taken for Latin-1, as it was; any other text as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _changed(text: str, source: Source) -> str:
    if source.mojibake:
        text = _unmangled(text)
    if source.pattern is not None:
        match = source.pattern.search(text)
        text = match[1] or "" if match else ""
    if source.remove is not None:
        text = " ".join(source.remove.sub(" ", text).split())
    if source.strip:
        text = text.lstrip(source.strip)
    if source.date:
        text = dates.iso(text, source.date)
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
