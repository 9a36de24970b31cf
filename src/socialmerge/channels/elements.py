"""XML exports as records, read as a stream; whatever could make a small document large is refused.

Python's own expat does the parsing. A document type is refused where it begins, before any entity in it is declared:
with that go entity expansion, external entities and external document types at once. Depth, the length of one piece
of markup, of a record, and the number of different names have limits besides, which a wrapper of the standard library
(defusedxml) would not set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, NoReturn
from xml.parsers import expat

from socialmerge.channels.formats import Elements
from socialmerge.errors import ChannelError

__all__ = ["XmlFile", "once_each", "opened", "records"]

Record = dict[str, object]

_PREFIXES = {"http://wordpress.org/export/": "wp:", "http://disqus.com/disqus-internals": "dsq:"}
_CHUNK = 1 << 18
_DEEPEST = 100
_LONGEST_PIECE = 1 << 22  # bytes of one tag or comment; expat begins it anew with every chunk
_LONGEST_RECORD = 1 << 22  # characters
_MOST_NAMES = 10_000


@dataclass(frozen=True, slots=True)
class XmlFile:
    """An XML document that is yet to be read."""

    name: str
    open: Callable[[], IO[bytes]]
    root: str
    namespaces: tuple[str, ...]  # declared before the first element or on it


def opened(name: str, open_it: Callable[[], IO[bytes]]) -> XmlFile:
    """Look at the beginning of a document: which element it is of.

    Raises :class:`~socialmerge.errors.ChannelError` with the line, where it is not well formed or declares a document
    type.
    """
    reader = _Reader(name, None)
    with open_it() as stream:
        while not reader.root and (chunk := stream.read(_CHUNK)):
            reader.feed(chunk)
        if not reader.root:
            reader.end()
    return XmlFile(name, open_it, reader.root, tuple(reader.namespaces))


def records(file: XmlFile, wanted: Elements) -> Iterator[Record]:
    """Every record of a document in order, as nested dictionaries of texts; attributes have ``@`` before their names.

    Memory is that of one record, however long the document. Raises :class:`~socialmerge.errors.ChannelError` with the
    line, where the document is not well formed or passes a limit.
    """
    reader = _Reader(file.name, wanted)
    with file.open() as stream:
        while chunk := stream.read(_CHUNK):
            reader.feed(chunk)
            yield from reader.taken()
        reader.end()
        yield from reader.taken()


def once_each(found: Iterable[Record], wanted: Elements) -> list[Record]:
    """Records that differ only in what varies from one to the next as one, in the order of the first of each.

    >>> wanted = Elements("r", "p", frozenset(), first=frozenset({"id"}), last=frozenset({"at"}))
    >>> once_each([{"id": "1", "at": "a", "by": "Ada"}, {"id": "2", "at": "b", "by": "Ada"}], wanted)
    [{'id': '1', 'at': 'b', 'by': 'Ada'}]
    """
    kept: dict[str, Record] = {}
    varying = wanted.first | wanted.last
    for record in found:
        same = repr(sorted((key, value) for key, value in record.items() if key not in varying))
        held = kept.setdefault(same, record)
        for key in wanted.last & record.keys():
            held[key] = max(str(held.get(key, "")), str(record[key]))
    return list(kept.values())


class _Reader:
    """What has been read of one document so far."""

    def __init__(self, name: str, wanted: Elements | None) -> None:
        self.root = ""
        self.namespaces: list[str] = []
        self._name = name
        self._wanted = wanted
        self._names: dict[str, str] = {}
        self._fed = 0
        self._depth = 0
        self._skipped_from = 0  # the depth of the element that is passed over with all that is in it
        self._open: list[tuple[str, Record, list[str]]] = []  # of the record that is being read
        self._around: Record = {}
        self._ready: list[Record] = []
        self._size = 0
        self._parser = expat.ParserCreate(namespace_separator=" ", intern=self._names)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartNamespaceDeclHandler = self._namespace
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        self._fed += len(chunk)
        self._parse(chunk, last=False)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST_PIECE:
            self._refuse(f"a tag or comment of more than {_LONGEST_PIECE >> 20} MB, as no export has")

    def end(self) -> None:
        self._parse(b"", last=True)

    def taken(self) -> Sequence[Record]:
        ready, self._ready = self._ready, []
        return ready

    def _parse(self, chunk: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            raise ChannelError(
                f"{self._name}, line {error.lineno}, column {error.offset + 1}: not well-formed XML "
                f"({expat.ErrorString(error.code)}); export it again, whole"
            ) from None
        except (LookupError, ValueError) as error:
            if isinstance(error, ChannelError):
                raise
            raise ChannelError(f"{self._name}: an encoding that is not known; save the file as UTF-8") from None

    def _refuse(self, what: str) -> NoReturn:
        raise ChannelError(
            f"{self._name}, line {self._parser.CurrentLineNumber}: {what}; check where the file comes from"
        )

    def _doctype(self, *_: object) -> None:
        self._refuse(
            "declares a document type (DTD), by which a small file can grow to gigabytes and read other files, and "
            "which no platform's export has"
        )

    def _namespace(self, _: str | None, uri: str | None) -> None:
        if self._depth == 0 and uri:
            self.namespaces.append(uri)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse(f"elements nested more than {_DEEPEST} deep, as in no export")
        if len(self._names) > _MOST_NAMES:
            self._refuse(f"more than {_MOST_NAMES:,} different names, as in no export")
        if self._depth == 1:
            self.root = _short(name)
        if not self._skipped_from and self._wanted is not None:
            self._enter(_short(name), attributes, self._wanted)

    def _enter(self, name: str, attributes: dict[str, str], wanted: Elements) -> None:
        if not self._open and name != wanted.record and name not in wanted.inherit:
            return
        if len(self._open) == 1 and name not in wanted.keep:
            self._skipped_from = self._depth
            self._parser.CharacterDataHandler = None
            return
        held: Record = {f"@{_short(key)}": value for key, value in attributes.items()}
        if not self._open:
            held = {key: value for key, value in held.items() if key in wanted.keep}
            self._size = 0
        self._grow(sum(map(len, attributes.values())))
        self._open.append((name, held, []))
        self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        self._grow(len(text))
        self._open[-1][2].append(text)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > _LONGEST_RECORD:
            self._refuse(f"a record of more than {_LONGEST_RECORD >> 20} million characters, as in no export")

    def _end(self, _: str) -> None:
        if self._skipped_from == self._depth:
            self._skipped_from = 0
            self._parser.CharacterDataHandler = self._text
        elif not self._skipped_from and self._open:
            self._leave(*self._open.pop())
        self._depth -= 1

    def _leave(self, name: str, held: Record, texts: list[str]) -> None:
        text = "".join(texts).strip()
        if self._open:
            _put(self._open[-1][1], name, held or text)
            return
        self._parser.CharacterDataHandler = None
        if self._wanted is not None and name == self._wanted.record:
            self._ready.append(self._around | held)
        else:
            self._around[name] = text


def _put(held: Record, name: str, value: object) -> None:
    there = held.get(name)
    if isinstance(there, list):
        there.append(value)
    else:
        held[name] = value if there is None else [there, value]


def _short(name: str) -> str:
    """``uri name`` with the usual prefix of a namespace that is known, else the name alone."""
    uri, _, local = name.rpartition(" ")
    for start, prefix in _PREFIXES.items():
        if uri.startswith(start):
            return prefix + local
    return local
