"""What a file really holds, by its first bytes, and how its text is encoded."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from socialmerge.errors import TableError

__all__ = ["Content", "content", "decode", "encode_utf8"]


class Content(StrEnum):
    """What the first bytes of a file say that it is."""

    DELIMITED = "delimited text"
    PARQUET = "Parquet"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    HTML = "a web page (HTML)"
    XML = "XML"
    ZIP = "a zip archive, such as a workbook"
    OPEN_DOCUMENT = "a spreadsheet of LibreOffice (.ods)"
    EXCEL = "an old Excel workbook (.xls), or one that is locked with a password"
    GZIP = "gzip-compressed"
    PDF = "a PDF"
    SQLITE = "an SQLite database"
    BINARY = "binary, not text"


_MAGIC = (
    (b"PAR1", Content.PARQUET),
    (b"PK\x03\x04", Content.ZIP),
    (b"PK\x05\x06", Content.ZIP),
    (b"\xd0\xcf\x11\xe0", Content.EXCEL),
    (b"\x1f\x8b", Content.GZIP),
    (b"%PDF-", Content.PDF),
    (b"SQLite format 3\x00", Content.SQLITE),
)
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 65_536
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(r"\s*<(\?xml|!DOCTYPE\s|[A-Za-z][\w:.-]*[\s>])")
_JSON_ARRAY = re.compile(r"\s*\[\s*([\[{\]\"]|-?\d)")
_JSON_OBJECT = re.compile(r"\s*\{\s*(\"|\})")
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 26, 27}
_UNDEFINED_IN_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


def content(data: bytes) -> Content:
    """Say what the bytes of a file are.

    >>> content(b"id,name"), content(b"PAR1...")
    (<Content.DELIMITED: 'delimited text'>, <Content.PARQUET: 'Parquet'>)
    """
    for magic, found in _MAGIC:
        if data.startswith(magic):
            return Content.OPEN_DOCUMENT if found is Content.ZIP and _OPEN_DOCUMENT in data[:128] else found
    head = data[:_HEAD]
    encoding, mark = _wide_encoding(head)
    if not encoding and _is_binary(head):
        return Content.BINARY
    return _text_content(head[mark:].decode(encoding or "latin-1", "replace"))


def _text_content(text: str) -> Content:
    if _HTML.match(text):
        return Content.HTML
    if _XML.match(text):
        return Content.XML
    if _JSON_ARRAY.match(text):
        return Content.JSON
    if _JSON_OBJECT.match(text):
        return Content.JSON_LINES if _is_object_a_line(text) else Content.JSON
    return Content.DELIMITED


def _is_object_a_line(text: str) -> bool:
    lines = text.strip().splitlines()
    return len(lines) > 1 and lines[0].rstrip().endswith("}") and lines[1].lstrip().startswith("{")


def decode(data: bytes, name: str) -> str:
    """Decode a text file: by its byte order mark, as UTF-16 without one, as UTF-8, else as Windows-1252 or Latin-1.

    Raises :class:`~socialmerge.errors.TableError` when the text is UTF-8 but for a few damaged bytes (guessing another
    encoding would garble every accent in it), and when UTF-16 breaks off.
    """
    encoding, mark = _wide_encoding(data[:_HEAD])
    body = data[mark:] if mark else data
    try:
        return body.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding or _mostly_utf8(body):
            line = body[: error.start].decode(encoding or "utf-8", "replace").count("\n") + 1
            raise TableError(
                f"{name}, line {line}: bytes that are not {(encoding or 'utf-8').upper()}, as the rest of the file is; "
                "save the file again as UTF-8"
            ) from None
    return body.decode("latin-1" if _UNDEFINED_IN_CP1252 & set(body) else "cp1252")


def encode_utf8(data: bytes, name: str) -> bytes:
    """Return the text of a file as UTF-8 without a byte order mark; :func:`decode` says how its encoding is found."""
    encoding, mark = _wide_encoding(data[:_HEAD])
    if encoding in {"", "utf-8"}:
        body = data[mark:] if mark else data
        if body.isascii() or _is_utf8(body):  # saves encoding again what is right already
            return body
    return decode(data, name).encode("utf-8")


def _wide_encoding(head: bytes) -> tuple[str, int]:
    """Return the encoding that a mark or a pattern of NUL bytes gives away ("" for none), and the mark's length."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    half = max(len(head) // 2, 1)
    if head[1::2].count(0) > 0.4 * half and not head[0::2].count(0) > 0.1 * half:
        return "utf-16-le", 0
    if head[0::2].count(0) > 0.4 * half and not head[1::2].count(0) > 0.1 * half:
        return "utf-16-be", 0
    return "", 0


def _is_binary(head: bytes) -> bool:
    return sum(byte in _CONTROL for byte in head[:4096]) > max(0.02 * len(head[:4096]), 8)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return good > 3 * bad
