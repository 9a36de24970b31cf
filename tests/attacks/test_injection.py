"""Data made to be run: as SQL, as a formula, as HTML or as a costly pattern. It stays data, and takes a bounded time.

Run with ``-s`` to see the counts.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.resolver.people import customers

import socialmerge as sm
from socialmerge import sample
from socialmerge.cli import run
from socialmerge.normalise import accounts, dates, emails, names, phones, places, text, urls

Row = dict[str, Any]

SQL = [
    "Robert'); DROP TABLE claims;--",
    "' OR '1'='1",
    "1; DELETE FROM records",
    '"; DROP TABLE decisions; --',
    "x' UNION SELECT value FROM meta--",
    "%' OR 1=1 /*",
    ":record ?1 %s %(id)s $1 {0}",
    "\\'; ATTACH DATABASE 'x.db' AS x;--",
]
FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|x",
    "@SUM(A1:A9)",
    "\t=1+1",
    '=HYPERLINK("https://evil.example")',
    "＝1+1",
]
HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"><a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def told(what: str, **counts: float) -> None:
    print(f"{what}: {counts}")  # noqa: T201 - the counts are asked for


# ------------------------------------------------------------ SQL
@pytest.fixture
def store(tmp_path: Path) -> Iterator[sm.Resolver]:
    with sm.Resolver(store=f"sqlite:///{tmp_path}/people.db") as resolver:
        yield resolver


def tables_of(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def sql_rows() -> tuple[pa.Table, list[Row]]:
    """A customer and a profile for each piece of SQL, in every field that is text."""
    people = [{"id": f"c{n} {sql}", "name": f"Ada {sql}", "email": "", "note": sql} for n, sql in enumerate(SQL)]
    accounts = [
        {"profile_id": f"p{n} {sql}", "channel": "github", "handle": sql, "display_name": sql, "bio": sql}
        for n, sql in enumerate(SQL)
    ]
    return pa.Table.from_pylist(people), accounts


def test_sql_in_names_ids_handles_and_values_comes_back_byte_for_byte(store: sm.Resolver, tmp_path: Path) -> None:
    store.load(customers())
    before = tables_of(tmp_path / "people.db")
    people, profiles = sql_rows()
    store.load(people)
    store.ingest(profiles)
    store.ingest(profiles)
    held = json.dumps([store.export(row["id"]) for row in people.to_pylist()], ensure_ascii=False)
    held += json.dumps([store.export(row["profile_id"]) for row in profiles], ensure_ascii=False)
    wanted = {str(value) for row in (*people.to_pylist(), *profiles) for value in row.values() if value}
    lost = [value for value in wanted if json.dumps(value, ensure_ascii=False) not in held]
    told("SQL in values", values=len(wanted), lost=len(lost), tables=len(before))
    assert lost == []
    assert tables_of(tmp_path / "people.db") == before
    assert len(store.clusters) == len(customers()) + len(SQL)


@pytest.mark.parametrize("sql", SQL)
def test_sql_in_decisions_is_only_what_somebody_said(store: sm.Resolver, tmp_path: Path, sql: str) -> None:
    store.load(customers())
    before = tables_of(tmp_path / "people.db")
    store.decide(("c3", "c4"), "different", by=sql, reason=sql)
    store.pin("c3", "name", sql, by=sql, reason=sql)
    store.apply(store.preview(), by=sql, reason=sql)
    assert [(one.by, one.reason) for one in store.history("c3")] == [(sql, sql)] * 2
    assert store.golden("c3").records["name"].to_pylist() == [sql]
    for ask in (store.history, store.export, store.resolve_id, store.undo):
        with pytest.raises(sm.errors.StoreError):
            ask(sql, **({"by": sql} if ask == store.undo else {}))
    assert tables_of(tmp_path / "people.db") == before
    assert len(store.clusters) == len(customers())


# ------------------------------------------------------------ formulas
LISTS = ("websites", "emails", "phones")
TEXTS = ("profile_id", "channel", "handle", "display_name", "location", "company", "bio", "account_id", "scope")


def formula_files(folder: Path) -> tuple[Path, Path]:
    """Customers and profiles with a formula in every field of some row, beside rows that match them."""
    fields = ["id", "name", "email", "phone", "company", "city", "note"]
    plain = {"id": "c", "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+1 202 555 0143", "city": "York"}
    people: list[Row] = []
    for number, formula in enumerate(FORMULAS):
        for field in fields:
            row = plain | {"id": f"c{len(people)}", "email": f"ada{number}@example.com", "company": "", "note": ""}
            people.append(row | {field: f"{formula}{len(people)}" if field == "id" else formula})
    path = folder / "customers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*fields, "=1+1"])
        writer.writeheader()
        writer.writerows(row | {"=1+1": "x"} for row in people)
    rows: list[Row] = []
    for number, formula in enumerate(FORMULAS):
        for field in (*TEXTS, *LISTS):
            account: Row = {"profile_id": f"p{len(rows)}", "channel": "github", "handle": f"ada{len(rows)}",
                   "display_name": "Ada Lovelace", "emails": [f"ada{number}@example.com"]}  # fmt: skip
            mine = f"{formula}{len(rows)}" if field == "profile_id" else formula
            rows.append(account | {field: [mine] if field in LISTS else mine})
    (folder / "profiles.json").write_text(json.dumps(rows))
    return path, folder / "profiles.json"


def risky_cells(folder: Path) -> tuple[int, list[str]]:
    """How many cells the CSV files of a folder have, and those that a spreadsheet would run."""
    number = re.compile(r"[+-][0-9 ().,-]*[0-9][0-9 ().,-]*([eE][+-]?[0-9]+)?")
    count, found = 0, []
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        count += len(cells)
        found += [
            f"{path.name}: {c!r}"
            for c in cells
            if c[:1] in tuple("=+-@\t\r\n＝＋－＠") and c and not number.fullmatch(c)
        ]
    return count, found


@pytest.mark.parametrize("style", ["generic", "salesforce", "hubspot"])
def test_no_cell_that_attach_writes_starts_a_formula(tmp_path: Path, style: str) -> None:
    people, profiles = formula_files(tmp_path)
    out = tmp_path / "out"
    more = ["--changes-style", style, *(["--insert-new"] if style != "generic" else [])]
    assert run(["attach", str(profiles), "--to", str(people), "--id", "id", *more, "--out", str(out)]) == 0
    count, risky = risky_cells(out)
    told(f"formulas through attach, {style}", cells=count, risky=len(risky))
    assert "calc" in "".join(path.read_text() for path in out.glob("*.csv"))
    assert risky == []


def test_no_cell_that_dedupe_and_a_store_write_starts_a_formula(tmp_path: Path) -> None:
    people, profiles = formula_files(tmp_path)
    commands = {
        "deduped": ["dedupe", str(people), "--id", "id", "--out"],
        "stored": ["attach", str(profiles), "--to", str(people), "--id", "id", "--store",
                   f"sqlite:///{tmp_path}/p.db", "--out"],
    }  # fmt: skip
    for name, command in commands.items():
        assert run([*command, str(tmp_path / name)]) == 0
        count, risky = risky_cells(tmp_path / name)
        told(f"formulas, {name}", cells=count, risky=len(risky))
        assert "calc" in "".join(path.read_text() for path in (tmp_path / name).glob("*.csv"))
        assert risky == []


# ------------------------------------------------------------ HTML
class Tags(HTMLParser):
    """The tags of a page that are there for a browser."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("html", HTML)
def test_html_is_kept_as_text_and_escaped_where_it_is_shown(html: str) -> None:
    people = pa.Table.from_pylist([*customers().to_pylist(), {"id": html, "name": html, "email": "eve@example.com"}])
    row: Row = {"profile_id": f"p {html}", "channel": "github", "handle": "eve", "display_name": html, "bio": html,
           "emails": ["eve@example.com"], "company": html, "location": html}  # fmt: skip
    result = sm.attach([row], to=people, trusted=True)
    explanation = result.explain(row["profile_id"])
    page = Tags(explanation._repr_html_())
    assert page.found == {"table", "caption", "thead", "tr", "th", "td", "div"}
    assert page.attributes == {"style"}
    bios = [found["bio"] for found in result.golden().records.to_pylist() if found["bio"]]
    told("HTML", kept=len(bios))
    assert bios == [html]


# ------------------------------------------------------------ size
def long_bio() -> Row:
    words = ("Engines and compilers since 1843. " * 310_000)[:10_000_000].strip()
    return {"profile_id": "p1", "channel": "github", "handle": "adalovelace", "display_name": "Ada Lovelace",
            "emails": ["ada@example.com"], "bio": words}  # fmt: skip


def cost(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU and the megabytes of Python and Arrow together at most."""
    pool, start = pa.default_memory_pool(), time.process_time()
    before = pool.bytes_allocated()
    tracemalloc.start()
    try:
        act()
        peak = tracemalloc.get_traced_memory()[1] + max(0, pool.bytes_allocated() - before)
    finally:
        tracemalloc.stop()
    return time.process_time() - start, peak / 1e6


def test_a_bio_of_ten_megabytes_goes_through_attach_in_bounded_time_and_memory() -> None:
    bio = long_bio()
    kept: list[str] = []
    seconds, megabytes = cost(
        lambda: kept.extend(x for x in sm.attach([bio], to=customers()).golden().records["bio"].to_pylist() if x)
    )
    told("10 MB through attach", seconds=round(seconds, 2), megabytes=round(megabytes))
    assert kept == [bio["bio"]]
    assert seconds < 10
    assert megabytes < 600


def test_a_bio_of_ten_megabytes_goes_through_the_resolver_in_bounded_time_and_memory(store: sm.Resolver) -> None:
    bio = long_bio()

    def act() -> None:
        store.load(customers())
        store.ingest([bio])
        assert bio["bio"] in store.golden("p1").records["bio"].to_pylist()

    seconds, megabytes = cost(act)
    told("10 MB through the resolver", seconds=round(seconds, 2), megabytes=round(megabytes))
    assert seconds < 15
    assert megabytes < 600


# ------------------------------------------------------------ patterns
TRAPS = [
    "a!", "a ", "(", ")(", "Dr. ", "a@", "a.", "<", '"', "1-", "+", "1 ", "-", "/", "1/", "2020-", "https://", "a=1&",
    "%",
    ", ", "St ", "\u0301", "a\u0301", "\u200d", "&amp;", "&#", "\t\n", "mailto:", "ext 1 ", "O'", "Mc", "von ", "Jan ",
    "[a](",
    "٣", "．", "ß", "\u202e", "12th ", "P.O. Box ", "@@", "x--", "%20", "::", "Jr. ",
]  # fmt: skip
ORDER = dates.order(["2020-01-31", "2021-02-28"])
PARSERS: dict[str, Callable[[str], object]] = {
    "name": names.parse,
    "e-mail": emails.parse,
    "phone": lambda raw: phones.parse(raw, "US"),
    "address": places.parse,
    "date": lambda raw: dates.parse(raw, ORDER),
    "url": urls.parse,
    "account": accounts.parse,
    "text": text.parse,
}


@pytest.mark.parametrize("kind", PARSERS)
def test_no_value_is_a_trap_for_a_pattern(kind: str) -> None:
    slowest = 0.0
    for trap in TRAPS:
        for value in (
            trap * 1_000,
            trap * 20_000,
            "a" + trap * 1_000 + "!",
            "https://a.example/" + trap * 1_000 + "\0",
        ):
            start = time.process_time()
            PARSERS[kind](value)
            slowest = max(slowest, time.process_time() - start)
    told(f"traps for {kind}", values=4 * len(TRAPS), slowest=round(slowest, 4))
    assert slowest < 0.5


# ------------------------------------------------------------ leftovers and handles
LEFTOVERS = [
    "<Your Twitter Username>", "<your-username>", "your-username", "{{ site.twitter_username }}", "YOUR_NAME", "N/A",
    "https://twitter.com/<Your Twitter Username>", "https://www.linkedin.com/in/your-profile", "@username",
]  # fmt: skip


@pytest.mark.parametrize("leftover", LEFTOVERS)
def test_what_a_template_left_never_matches_itself(leftover: str) -> None:
    people = sm.tables.read(sample.customers()).slice(0, 60)
    handles = pa.array([leftover if n < 20 else row for n, row in enumerate(people["twitterhandle"].to_pylist())])
    people = people.set_column(people.column_names.index("twitterhandle"), "twitterhandle", handles)
    rows = [
        {"profile_id": f"p{n}", "channel": "x", "handle": leftover, "display_name": name,
         "websites": [leftover]}
        for n, name in enumerate(["Quirin Abernathy", "Roswitha Vogt", "Sieglinde Marchetti", "Thaddeus Okonkwo"])
    ]  # fmt: skip
    decisions = sm.attach(rows, to=people, trusted=True).decisions
    told(f"leftover {leftover}", **{v["values"]: v["counts"] for v in decisions["verdict"].value_counts().to_pylist()})
    assert decisions["verdict"].to_pylist() == ["new"] * len(rows)
    assert len(set(decisions["entity_id"].to_pylist())) == len(rows)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_recycled_handle_is_never_a_verified_attachment(tmp_path: Path, trusted: bool) -> None:
    people = pa.Table.from_pylist(
        [{"id": f"c{n}", "name": f"{name} Lovelock", "email": f"{name.lower()}@example.com",
          "github": f"{name.lower()}-dev",
          "github_id": str(4_000_000 + 37 * n)}
         for n, name in enumerate(["Ada", "Berta", "Cora", "Dora", "Edda", "Frida"])]
    )  # fmt: skip
    rows = [
        {"profile_id": f"p{n}", "channel": "github", "handle": row["github"], "account_id": str(9_000_000 + 41 * n),
         "display_name": name}
        for n, row in enumerate(people.to_pylist()) for name in [row["name"] if n % 2 else "Somebody Else"]
    ]  # fmt: skip
    found = sm.attach(rows, to=people, trusted=trusted).decisions
    told("recycled handles", **{v["values"]: v["counts"] for v in found["verdict"].value_counts().to_pylist()})
    assert set(found["verdict"].to_pylist()) <= {"review", "new"}
    with sm.Resolver(store=f"sqlite:///{tmp_path}/people.db") as resolver:
        resolver.load(people)
        resolver.ingest([{**row, "account_id": person["github_id"], "profile_id": f"old{row['profile_id']}"}
                         for row, person in zip(rows, people.to_pylist(), strict=True)], trusted=True)  # fmt: skip
        resolver.ingest(rows, trusted=trusted)
        now = [row for row in resolver.decisions.to_pylist() if row["profile_id"].startswith("p")]
    told("recycled handles over time", **{v: [r["verdict"] for r in now].count(v) for v in ("attach", "review", "new")})
    assert len(now) == len(rows)
    assert [row for row in now if row["verdict"] == "attach"] == []
