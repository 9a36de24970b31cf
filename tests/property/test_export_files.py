"""Damaged exports of every format: rows, or the library's own error with the file's name in it."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialmerge import channels
from socialmerge.errors import SocialMergeError
from socialmerge.records import profiles_schema

SAMPLES = sorted((Path(__file__).parents[1] / "channels" / "samples").iterdir())
WHOLE = {sample.name: sample.read_bytes() for sample in SAMPLES}
PIECES = [
    *(
        b"",
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"\\ud800",
        b'"',
        b"'",
        b",",
        b"\n",
        b"\r",
        b"\t",
        b"{",
        b"}",
        b"[",
        b"]",
        b"<",
        b">",
        b"&",
    ),
    *(
        b"null",
        b"true",
        b"-1",
        b"1e999",
        b"9" * 5000,
        b"[" * 3000,
        b"]]>",
        b"<!DOCTYPE a>",
        b"&a;",
        b"&#0;",
        b"<a>",
        b"</a>",
        b"]",
    ),
    *(
        b"BEGIN:VCARD",
        b"END:VCARD",
        b";",
        b":",
        b"%00",
        b"\xe2\x80\xae",
        b"https://",
        b"@",
        b"../",
        b"PK\3\4",
        b"\x1f\x8b",
    ),
]
CHANGE = st.tuples(st.integers(0, 10_000), st.integers(0, 60), st.sampled_from(PIECES) | st.binary(max_size=8))


def damaged(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """With some places cut out and others put in instead."""
    for place, length, piece in changes:
        at = place % (len(data) + 1)
        data = data[:at] + piece + data[at + length :]
    return data


def packed(name: str, data: bytes, how: str) -> bytes:
    if how == "gzip":
        return gzip.compress(data, 1)
    if how != "zip":
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"export/{name}", data)
    return out.getvalue()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(CHANGE, min_size=1, max_size=4),
    how=st.sampled_from(["", "", "gzip", "zip"]),
    outside=st.lists(CHANGE, max_size=1),
    named=st.booleans(),
)
def test_a_damaged_export_gives_rows_or_an_error_of_the_librarys_own_that_says_where(
    name: str, changes: list[tuple[int, int, bytes]], how: str, outside: list[tuple[int, int, bytes]], *, named: bool
) -> None:
    data = packed(name, damaged(WHOLE[name], changes), how)
    if how:
        data = damaged(data, outside)
    channel = channels.recognise(SAMPLES[sorted(WHOLE).index(name)]) if named else None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / (name if not how else f"export.{'gz' if how == 'gzip' else how}")
        file.write_bytes(data)
        for act in (channels.recognise, channels.is_export):
            _act_or_own_error(act, file)
        try:
            table = channels.read(file, channel=channel)
        except SocialMergeError as error:
            where = str(error)
        else:
            where = file.name
            assert table.column_names[: len(profiles_schema())] == profiles_schema().names
            assert len(set(table["profile_id"].to_pylist())) == len(table)
        assert file.name in where, where


def _act_or_own_error(act: object, file: Path) -> None:
    with suppress(SocialMergeError):
        act(file)  # type: ignore[operator]
