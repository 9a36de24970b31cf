"""Tells by the structure of a document, never by its file's name, which format its records have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path as FilePath

import pyarrow as pa

from socialmerge.channels import archives, jsonld, mf2
from socialmerge.channels.documents import Document, Source, from_bytes, is_archive, open_source, peek
from socialmerge.channels.elements import XmlFile
from socialmerge.channels.formats import Elements, Format, Signature
from socialmerge.channels.paths import Condition, Path, holds, path, values
from socialmerge.channels.registry import all_channels
from socialmerge.errors import ChannelError, TableError

__all__ = ["PLAIN", "Match", "candidates", "is_plain", "one_document", "one_of", "plain_rows", "recognise", "told"]

PLAIN = "profiles"

_SAMPLE = 50
_SHOWN = 5
_ENOUGH = 0.5  # share of sampled records: an export may hold a few odd ones


@dataclass(frozen=True, slots=True)
class Match:
    """A format, where its records lie, and the share of sampled records that have its structure."""

    format: Format
    under: Path
    share: float


def recognise(source: Source) -> str | None:
    """Which channel's export a source is: a channel's name, ``"profiles"`` for plain profile rows, or None.

    None is an ordinary table, such as one of customers. Looks at the structure, never at the file's name. Raises
    :class:`~socialmerge.errors.ChannelError` when several channels fit, and
    :class:`~socialmerge.errors.TableError` when the source cannot be read.

    >>> recognise([{"login": "ada", "id": 1, "node_id": "MDQ6"}])
    'github'
    >>> recognise([{"id": 1, "name": "Ada", "city": "London"}]) is None
    True
    """
    document = one_document(source, peeked=True)
    if is_plain(document):
        return PLAIN
    found = told(document)
    return found.format.channel if found else None


def one_document(source: Source, *, channel: str = "", peeked: bool = False) -> Document:
    """A source opened, or as much of it as tells what it is; of an archive the files that are exports, as one.

    Files nearest to the top are looked at first, and none below the first that is an export. ``channel`` is the one
    that is looked for. Raises :class:`~socialmerge.errors.ChannelError` where an archive holds none, or several that
    are not parts of one.
    """
    if not is_archive(source):
        return peek(source) if peeked else open_source(source)
    name = str(source)
    found: list[Document] = []
    depth, failed = -1, None
    for member in archives.members(FilePath(name)):
        if found and member.name.count("/") > depth:
            break
        try:
            document = from_bytes(member.data, member.name)
        except (ChannelError, TableError) as error:
            failed = failed or error
            continue
        if is_plain(document) or candidates(document, channel=channel):
            found.append(document)
            depth = member.name.count("/")
    if not found and failed is not None:
        raise failed
    return _joined(found, name, channel)


def _joined(found: Sequence[Document], name: str, channel: str) -> Document:
    if not found:
        raise ChannelError(
            f"{name} holds no export{f' of {channel}' if channel else ''} that is known by its structure; "
            "unpack it and give the file with the people"
        )
    matches = [next(iter(candidates(each)), None) for each in found]
    main = [place for place, match in enumerate(matches) if match is None or not match.format.aside]
    if main and len(main) < len(found):
        return _joined([found[place] for place in main], name, channel)
    if len(found) == 1:
        return found[0]
    formats = {match.format.name if match else PLAIN for match in matches}
    if len(formats) == 1 and all(each.objects is not None for each in found):
        return Document(name, objects=[value for each in found for value in each.objects or ()])
    if len(formats) == 1 and all(each.table is not None for each in found):
        return Document(name, table=pa.concat_tables([each.table for each in found], promote_options="default"))
    listed = ", ".join(each.name.removeprefix(f"{name}: ") for each in found[:_SHOWN])
    raise ChannelError(f"{name} holds several exports ({listed}); unpack it and give them one by one")


def is_plain(document: Document) -> bool:
    """Whether a document holds plain profile rows: a profile_id, or a channel beside what only profiles have."""
    names = column_names(document)
    if "profile_id" in names:
        return True
    return "channel" in names and bool(names & {"handle", "account_id", "display_name", "bio", "links"})


def column_names(document: Document) -> set[str]:
    """The names of a table's columns, or the keys of the first JSON objects."""
    if document.table is not None:
        return set(document.table.column_names)
    return {str(key) for row in plain_rows(document.objects or ())[:_SAMPLE] for key in row}


def plain_rows(objects: Sequence[object]) -> list[Mapping[str, object]]:
    """The JSON objects of a document, or those of the one list that its one object holds."""
    if len(objects) == 1 and isinstance(objects[0], Mapping):
        lists = [value for value in objects[0].values() if isinstance(value, list)]
        if len(lists) == 1 and not ({"profile_id", "channel", "handle"} & objects[0].keys()):
            objects = lists[0]
    return [value for value in objects if isinstance(value, Mapping)]


def one_of(found: Sequence[Match], name: str) -> Match | None:
    """The best match, where all are of one channel; ``ChannelError`` where they are of several."""
    channels = sorted({match.format.channel for match in found})
    if len(channels) > 1:
        raise ChannelError(f"{name} could be an export of {' or of '.join(channels)}; say which with channel=")
    return max(found, key=lambda match: match.share, default=None)


def told(document: Document) -> Match | None:
    """The one format that a document's structure tells; ``ChannelError`` where it may be one of several platforms'."""
    found = one_of(candidates(document), document.name)
    if found is None:
        for channel, form in ((name, form) for name, entry in all_channels().items() for form in entry.formats):
            if form.unsure and _match(document, replace(form, signatures=form.unsure)) is not None:
                raise ChannelError(
                    f"{document.name} looks like {form.name}, but other platforms write the same; "
                    f"say whose it is with channel={channel!r}"
                )
    return found


def candidates(document: Document, *, channel: str = "") -> list[Match]:
    """Every format, of all channels or one, whose structure at least half of the records have."""
    formats = [form for name, entry in all_channels().items() if channel in {"", name} for form in entry.formats]
    return [match for form in formats if (match := _match(document, form)) is not None]


def _match(document: Document, form: Format) -> Match | None:
    if form.kind == "vcard":
        return Match(form, path(""), 1.0) if document.cards is not None else None
    if document.table is not None:
        fits = form.kind == "records" and any(_table_fits(document.table, signature) for signature in form.signatures)
        return Match(form, path(""), 1.0) if fits else None
    if form.xml is not None:
        return Match(form, path(""), 1.0) if _xml_fits(document.xml, form.xml) else None
    if form.kind in {"jsonld", "mf2"}:
        has_people = jsonld.has_people if form.kind == "jsonld" else mf2.has_cards
        return Match(form, path(""), 1.0) if has_people(document.objects or ()) else None
    shares = [(_share(document.objects or (), form, under), under) for under in form.under]
    share, under = max(shares, key=lambda pair: pair[0])
    return Match(form, under, share) if share >= _ENOUGH else None


def _xml_fits(file: XmlFile | None, wanted: Elements) -> bool:
    if file is None or file.root != wanted.root:
        return False
    return not wanted.needs or any(uri.startswith(wanted.needs) for uri in file.namespaces)


def _share(objects: Sequence[object], form: Format, under: Path) -> float:
    """The share of the sampled records at a place that have the structure of a format."""
    sampled = list(islice((record for value in objects for record in values(value, under)), _SAMPLE))
    fitting = sum(any(_fits(record, signature, under) for signature in form.signatures) for record in sampled)
    return fitting / len(sampled) if sampled else 0.0


def _fits(record: object, signature: Signature, under: Path) -> bool:
    if signature.under is not None and signature.under != under.text:
        return False
    return all(_is_there(record, condition) for condition in signature.has)


def _is_there(record: object, condition: Condition) -> bool:
    """A null says that the attribute exists in this format, and so does a nought; a condition on the value needs it."""
    if condition.equals is None and len(condition.path.steps) == 1:
        return isinstance(record, Mapping) and (condition.path.top in record) != condition.negated
    if condition.equals is not None or condition.negated:
        return holds(record, condition)
    return any(True for _ in values(record, condition.path))


def _table_fits(table: pa.Table, signature: Signature) -> bool:
    if signature.under:
        return False
    names = set(table.column_names)
    if not all(condition.path.top in names for condition in signature.has):
        return False
    deep = [condition for condition in signature.has if len(condition.path.steps) > 1 or condition.equals is not None]
    if not deep:
        return True
    rows = table.slice(0, _SAMPLE).to_pylist()
    return bool(rows) and all(any(holds(row, condition) for row in rows) for condition in deep)
