"""Files made to exhaust, to escape or to break, and a run over them in a process of little memory.

``python -m tests.attacks.hostile_files FOLDER`` reads each file of a folder and prints what came of it, as JSON.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["ROOM", "everything"]

ROOM = 400 << 20  # bytes of addresses beyond what the library has after it was imported
USERS = b'[{"login": "ada", "id": 1, "node_id": "M"}]'
COMMENT = "<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_author>{}</wp:comment_author></wp:comment>"
WXR = '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>{}</channel></rss>'

File = tuple[str, bytes, str]
"""A name, what is in it, and what the error says; ``""`` where the file is read."""


def everything() -> Iterator[File]:
    """Every hostile file."""
    for name, data, says in archives():
        yield f"{name}.zip", data, says
    yield from packed()
    for name, text, says in xml():
        yield f"{name}.xml", text if isinstance(text, bytes) else text.encode(), says
    for name, data, says in json_texts():
        yield f"{name}.json", data, says
    for name, data, says in tables():
        yield f"{name}.csv", data, says


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def directory_of(names: list[str], *, flags: int = 0, method: int = 0, data: bytes = USERS, size: int = 0) -> bytes:
    """An archive whose every entry is the one file in it, written by hand so that it may say what it likes."""
    crc = zipfile.crc32(data)  # type: ignore[attr-defined]
    sizes = (len(data), size or len(data))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 0, crc, *sizes, len(names[0]), 0)
    local += names[0].encode() + data
    entries = [
        struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, flags, method, 0, 0, crc, *sizes, len(name.encode()), 0, 0, 0, 0, 0, 0
        )
        + name.encode()
        for name in names
    ]
    directory = b"".join(entries)
    count = min(len(names), 0xFFFF)
    return local + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(local), 0)


def archives() -> Iterator[tuple[str, bytes, str]]:
    bomb = zipped(("users.json", b" " * (64 << 20)))
    link = zipfile.ZipInfo("users.json")
    link.external_attr = 0o120777 << 16
    yield "bomb", bomb, "more than 200 times its size"
    yield "bomb_of_many", zipped(*((f"{n}.json", b" " * (4 << 20)) for n in range(20))), "more than 200 times its size"
    yield "nested", zipped(("inner.zip", bomb)), "holds another archive"
    yield "nested_gzip", zipped(("inner.json.gz", gzip.compress(USERS))), "holds another archive"
    yield "overlapping", directory_of([f"{n:05}.json" for n in range(50)], data=b"{}" * 2000), "damaged|holds no export"
    yield "many", directory_of([f"{n:06}.json" for n in range(180_000)]), "more than 100,000 files"
    yield "up", zipped(("../../etc/users.json", USERS)), "named outside of the archive"
    yield "root", zipped(("/etc/users.json", USERS)), "named outside of the archive"
    yield "drive", zipped(("C:\\users.json", USERS)), "named outside of the archive"
    yield "back", zipped(("a\\..\\..\\users.json", USERS)), "named outside of the archive"
    yield "link", zipped((link, b"/etc/passwd")), "holds no file that could be an export"
    yield "encrypted", directory_of(["users.json"], flags=1), "is encrypted"
    yield "method", directory_of(["users.json"], method=99), "packed in a way that is not known"
    yield "lies", directory_of(["users.json"], size=1 << 31), ""
    yield "cut", zipped(("users.json", USERS))[:-30], "damaged"
    yield "start_only", b"PK\3\4" + b"\0" * 100, "damaged"
    yield "empty", zipped(), "holds no file that could be an export"
    yield "garbage", zipped(("users.json", USERS)).replace(b"users.json", b"users.jso\xff", 1), "damaged"
    yield "strange_name", zipped(("a\x1b[31m\u202e.json", b"{}")), "holds no export"
    yield "workbook", zipped(("[Content_Types].xml", b"<Types/>"), ("xl/a.xml", b"<a/>")), "such as a workbook"
    yield "two", zipped(("a.json", USERS), ("b.csv", b"profile_id,handle\n1,ada\n")), "several exports"
    yield "broken_inside", zipped(("users.json", USERS[:-3])), "users.json, line 1.*not JSON"
    yield "deep_inside", zipped(("users.json", b"[" * 1_000_000)), "nested deeper"
    yield "xml_inside", zipped(("a.xml", dtd().encode())), "document type"
    yield "good", zipped(("__MACOSX/._users.json", b"\0"), ("a/users.json", USERS), ("a/b/other.json", b"[]")), ""
    yield "good_stored", zipped(("users.json", USERS), method=zipfile.ZIP_STORED), ""
    yield "good_twice", zipped(("a_1.json", USERS), ("a_2.json", USERS)), ""


def packed() -> Iterator[File]:
    whole = gzip.compress(USERS)
    yield "bomb.json.gz", gzip.compress(b" " * (64 << 20)), "more than 200 times its size"
    yield "nested.json.gz", gzip.compress(whole), "holds another archive"
    yield "zip.json.gz", gzip.compress(zipped(("users.json", USERS))), "holds another archive"
    yield "cut.json.gz", whole[:-9], "damaged gzip"
    yield "flipped.json.gz", whole[:15] + bytes([whole[15] ^ 0xFF]) + whole[16:], "damaged gzip"
    yield "empty.json.gz", gzip.compress(b""), "holds nothing"
    yield "good.json.gz", whole, ""
    yield "good_in_two.json.gz", gzip.compress(USERS[:9]) + gzip.compress(USERS[9:]), ""


def dtd() -> str:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE rss [<!ENTITY l0 "lol">{lines}]>{WXR.format(COMMENT.format("&l9;"))}'


def xml() -> Iterator[tuple[str, str | bytes, str]]:
    good = WXR.format(COMMENT.format("Ada"))
    blow = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>{WXR.format(COMMENT.format("&a;" * 20_000))}'
    yield "billion_laughs", dtd(), "line 1: declares a document type"
    yield "quadratic", blow, "declares a document type"
    yield "external", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + good, "declares a document type"
    yield "external_dtd", '<!DOCTYPE rss SYSTEM "http://example.com/x.dtd">' + good, "declares a document type"
    yield (
        "parameter",
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>' + good,
        "declares a document type",
    )
    yield "wide_dtd", ('<?xml version="1.0" encoding="UTF-16"?>' + dtd()).encode("utf-16"), "declares a document type"
    yield "late_dtd", WXR.format("<!DOCTYPE x>"), "not well-formed"
    yield "undefined", WXR.format(COMMENT.format("&nbsp;")), "undefined entity"
    yield "deep", WXR.format("<a>" * 1_000_000), "nested more than 100 deep"
    yield "deep_author", WXR.format(COMMENT.format("<a>" * 200)), "nested more than 100 deep"
    yield "huge_text", WXR.format(COMMENT.format("a" * (6 << 20))), "a record of more than 4 million characters"
    yield "huge_attribute", WXR.format(f'<a b="{"a" * (16 << 20)}"/>'), "a tag or comment of more than 4 MB"
    yield "huge_comment", WXR.format(f"<!--{'a' * (16 << 20)}-->"), "a tag or comment of more than 4 MB"
    yield "many_names", WXR.format("".join(f"<a{n}/>" for n in range(20_000))), "different names"
    yield "cut", good[:-20], "not well-formed"
    yield "unbound", good.replace("xmlns:wp", "xmlns:xx"), "unbound prefix"
    yield "encoding", '<?xml version="1.0" encoding="klingon"?>' + good, "line 1|an encoding that is not known"
    yield "nul", good.replace("Ada", "A\0da"), "not well-formed"
    yield "half", good.replace("Ada", "&#xD800;"), "not well-formed"
    yield "not_utf8", good.encode().replace(b"Ada", b"A\xffda"), "not well-formed"
    yield "other", "<feed><entry/></feed>", "no export that is known|is XML"
    yield "good", good, ""
    yield "good_wide", ('<?xml version="1.0" encoding="UTF-16"?>' + good).encode("utf-16"), ""
    yield "good_long", WXR.format(f"<x>{'a ' * (6 << 20)}</x>{COMMENT.format('Ada')}"), ""
    yield "good_included", good.replace("Ada", '<xi:include xmlns:xi="u" href="/etc/passwd"/>Ada'), ""


def json_texts() -> Iterator[tuple[str, bytes, str]]:
    yield "deep_lists", b"[" * 5_000_000, "nested deeper"
    yield "deep_objects", b'{"a":' * 1_000_000, "nested deeper"
    yield "deep_line", USERS[1:-1] + b"\n" + b"[" * 1_000_000, "not JSON|nested deeper"
    yield "digits", b'[{"login": "ada", "id": ' + b"9" * 1_000_000 + b', "node_id": "M"}]', "thousands of digits"
    yield "cut", USERS[:-1], "line 1, column"
    yield "not_utf8", USERS.replace(b"ada", b"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xff"), "line 1: bytes that are not UTF-8"
    yield "nul", USERS.replace(b"ada", b"a\\u0000da"), ""
    yield "half", USERS.replace(b"ada", b"a\\ud800da"), ""
    yield "twice", USERS.replace(b'"id": 1', b'"id": 1, "id": 2'), ""
    yield "wide", USERS.decode().encode("utf-16"), ""


def tables() -> Iterator[tuple[str, bytes, str]]:
    head = b"profile_id,handle,bio\n"
    yield "long_line", head + b'1,ada,"' + b"a" * (20 << 20) + b'"\n', "line 2: longer than 16 MB"
    yield "long_header", b"profile_id,handle," + b"a" * (20 << 20) + b"\n1,ada,x\n", "line 1: longer than 16 MB"
    yield "long_cell", head + b'1,ada,"' + b"a\n" * (10 << 20) + b'"\n', "a cell of more than 16 million characters"
    yield "open_quote", head + b'1,ada,"' + b"a\n" * 1_000_000, "line 2"
    yield (
        "columns",
        b"profile_id," + b",".join(b"c%d" % n for n in range(20_000)) + b"\n1\n",
        "header has 20,001 columns",
    )
    yield "not_utf8", head + "1,ada,ééééé".encode() + b"\xff\n", "line 2: bytes that are not UTF-8"
    yield "nul", head + b"1,a\0da,x\n", ""
    yield "wide", (head + b"1,ada,x\n").decode().encode("utf-16-le"), ""
    yield "latin", head + "1,ada,é\n".encode("latin-1"), ""


def main(folder: Path) -> None:
    """Read each file in a process of its own, so that none is short of what another has taken."""
    from socialmerge import channels

    channels.read(json.loads(USERS))  # all that is read once, before the processes part and the limit is set
    for file in sorted(folder.iterdir()):
        child = os.fork()
        if child == 0:
            sys.stdout.write(json.dumps([file.name, *_outcome(file)]) + "\n")
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)


def _outcome(file: Path) -> tuple[int, str, str, float]:
    from socialmerge import channels
    from socialmerge.errors import SocialMergeError

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    limit = pages * resource.getpagesize() + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    start = time.process_time()
    rows, kind, said = -1, "", ""
    try:
        channels.recognise(file)
        rows = len(channels.read(file))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
        kind, said = "ours" if isinstance(error, SocialMergeError) else type(error).__name__, str(error)
    return rows, kind, said, time.process_time() - start


if __name__ == "__main__":
    main(Path(sys.argv[1]))
