"""Workbooks made by hand, so that hostile ones can be made as well."""

from __future__ import annotations

import io
import zipfile

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(*sheets: str, shared: str = "", hidden: frozenset[int] = frozenset(), styles: str = "") -> bytes:
    """A workbook of sheets, each the XML of its rows; ``shared`` is that of its shared texts."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="Sheet{at}" sheetId="{at}" {"state=" + chr(34) + "hidden" + chr(34) if at in hidden else ""} '
        f'r:id="rId{at}"/>'
        for at in numbers
    )
    types = [("xl/workbook.xml", "sheet.main"), ("xl/sharedStrings.xml", "sharedStrings"), ("xl/styles.xml", "styles")]
    types += [(f"xl/worksheets/sheet{at}.xml", "worksheet") for at in numbers]
    known = "".join(f'<Override PartName="/{part}" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in types)
    inside = [(f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml") for at in numbers]
    inside += [("rId98", "styles", "styles.xml"), ("rId99", "sharedStrings", "sharedStrings.xml")]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{known}</Types>',
        "_rels/.rels": _links([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _links(inside),
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>',
    }
    for at, rows in zip(numbers, sheets, strict=True):
        parts[f"xl/worksheets/sheet{at}.xml"] = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return packed({name: (_HEAD + text).encode() for name, text in parts.items()})


def packed(parts: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _links(found: list[tuple[str, str, str]]) -> str:
    each = "".join(f'<Relationship Id="{one}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for one, kind, to in found)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def rows(*lines: tuple[object, ...]) -> str:
    """Rows of texts and numbers, from the first row and column on; None is no cell."""
    return "".join(
        f'<row r="{number}">{"".join(_cell(value, at, number) for at, value in enumerate(line))}</row>'
        for number, line in enumerate(lines, 1)
    )


def _cell(value: object, at: int, number: int) -> str:
    place = f'r="{chr(65 + at)}{number}"'
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f"<c {place}><v>{value}</v></c>"
    return f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>'
