"""The page as a parser sees it: one file that asks for nothing, is put together for everybody, and is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pyarrow as pa
import pytest
from tests.report import made_up

import socialmerge as sm
from socialmerge import report
from socialmerge.report import rendering


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Element:
    return read(made_up.everything(), tmp_path_factory.mktemp("report") / "all.html")


def read(found: object, path: Path, **how: object) -> Element:
    """The page of some results, as a browser reads it; anything that a browser has to mend is an error."""
    sm.to_html(found, path, **how)  # type: ignore[arg-type]  # results of their shapes
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(path.read_text(encoding="utf-8"))
    return root


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def every(root: Element, tag: str) -> Iterator[Element]:
    """All elements of that name, those inside drawings too."""
    return (one for one in root.iter() if one.tag.rpartition("}")[2] == tag)


def test_the_page_is_html_that_no_browser_has_to_mend(page: Element) -> None:
    assert words(next(every(page, "h1"))) == "Customers and profiles"


def test_the_page_asks_for_nothing_and_runs_nothing(page: Element) -> None:
    tags = {one.tag.rpartition("}")[2] for one in page.iter()}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "foreignObject"}
    for one in page.iter():
        for name, value in one.attrib.items():
            plain = name.rpartition("}")[2]
            assert not plain.startswith("on"), name
            assert plain not in {"style", "src", "srcset", "action", "formaction", "ping"}, name
            assert plain != "href" or value.startswith("#"), value


def test_the_policy_allows_its_own_style_and_nothing_else(page: Element) -> None:
    metas = {one.get("http-equiv"): one.get("content", "") for one in every(page, "meta")}
    parts = dict(part.strip().split(" ", 1) for part in metas["Content-Security-Policy"].split(";"))
    assert parts["default-src"] == parts["base-uri"] == parts["form-action"] == "'none'"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", parts["style-src"])
    assert not re.search(r"url\(|@import", next(every(page, "style")).text or "")


def test_headings_go_down_one_step_at_a_time(page: Element) -> None:
    levels = [int(one.tag[1]) for one in page.iter() if re.fullmatch("h[1-6]", one.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_and_the_skip_link_are_there(page: Element) -> None:
    for tag in ("header", "nav", "main", "footer"):
        assert len(list(every(page, tag))) == 1, tag
    first = next(every(page, "a"))
    assert first.get("href") == "#content"
    assert next(every(page, "main")).get("id") == "content"


def test_no_id_is_there_twice_and_all_that_is_pointed_at_is_there(page: Element) -> None:
    ids = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    pointed = [one.get("href", "")[1:] for one in page.iter() if one.get("href")]
    pointed += [name for one in page.iter() for name in one.get("aria-labelledby", "").split()]
    assert set(pointed) <= set(ids)


def test_every_table_has_a_caption_and_heads_with_a_scope(page: Element) -> None:
    tables = list(every(page, "table"))
    assert len(tables) > 20
    for table in tables:
        assert words(next(every(table, "caption")))
        assert all(head.get("scope") in {"col", "row"} for head in every(table, "th"))
        rows = list(every(table, "tr"))
        assert len({len(list(row)) for row in rows}) == 1, words(table)
        assert all(next(every(row, "th")).get("scope") == "row" for row in rows[1:])


def test_every_drawing_is_named_or_hidden_and_every_plot_has_its_numbers_beside_it(page: Element) -> None:
    for drawing in every(page, "svg"):
        if drawing.get("aria-hidden") == "true":
            continue
        assert drawing.get("role") == "img"
        assert words(next(every(drawing, "title")))
        assert words(next(every(drawing, "desc")))
    plots = list(every(page, "figure"))
    assert len(plots) >= 9
    assert all(len(list(every(plot, "table"))) == 1 for plot in plots)


def test_text_in_drawings_is_text(page: Element) -> None:
    said = {words(one) for one in every(page, "text")}
    assert {"what the program said", "EMAIL", "2025-01"} <= said
    assert not any(re.fullmatch(r"t\d+", one) for one in said), "a stand-in was left"


def test_each_kind_of_result_has_its_part_the_audit_first(page: Element) -> None:
    sections = [one.get("id") for one in every(page, "section")]
    assert sections == ["in-short", "next", "foundation", "dedupe", "attach", "quality", "channels", "words"]


def test_the_verdict_and_the_figures_are_those_of_the_results(tmp_path: Path) -> None:
    attached, people = made_up.runs()
    text = words(read([made_up.audit(), attached, people], tmp_path / "page.html"))
    assert "Ready with care" in text
    assert "expected duplicates 61 between 52 and 72" in text
    rows = people.clusters.num_rows - len(people.clusters["entity_id"].unique())
    assert f"rows that repeat a person {rows}" in text
    assert f"profiles attached {attached.decisions['verdict'].to_pylist().count('attach')} " in text


def test_waterfalls_add_up_to_the_probability_that_was_decided_on(tmp_path: Path) -> None:
    attached, _ = made_up.runs()
    page = read(attached, tmp_path / "page.html")
    tables = [one for one in every(page, "table") if "waterfall" in one.get("class", "")]
    assert tables
    for table in tables:
        bits = [
            float(words(one).removesuffix(" bits")) for one in every(table, "small") if words(one).endswith(" bits")
        ]
        assert sum(bits[:-1]) == pytest.approx(bits[-1], abs=0.05 * len(bits))


def test_the_same_results_give_the_same_bytes_and_the_date_is_handed_in(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        sm.to_html(made_up.everything(), tmp_path / name)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]
    assert not re.search(rb"<time", texts[0])
    dated = read(made_up.audit(), tmp_path / "dated", now=datetime(2026, 1, 31, 12, 0))  # noqa: DTZ001 - a date
    assert words(next(every(dated, "time"))) == "2026-01-31"


def test_results_of_one_kind_get_parts_of_their_own(tmp_path: Path) -> None:
    page = read([made_up.audit(), made_up.audit(readiness="not ready")], tmp_path / "page.html")
    assert [one.get("id") for one in every(page, "section")][2:4] == ["foundation-1", "foundation-2"]


def test_a_large_audit_does_not_make_a_large_page(tmp_path: Path) -> None:
    small, large = made_up.audit(), made_up.audit(findings=3000)
    many = {name: pa.concat_tables([getattr(large, name)] * 3000) for name in ("owners", "worst")}
    large = replace(large, **many)
    text = words(read(large, tmp_path / "large.html"))
    read(small, tmp_path / "small.html")
    assert (tmp_path / "large.html").stat().st_size < 2 * (tmp_path / "small.html").stat().st_size
    assert "2,988 smaller findings not shown" in text
    assert "5,985 further owners not shown" in text


def test_many_channels_and_months_do_not_make_a_large_page(tmp_path: Path) -> None:
    text = words(read(made_up.metrics(channels=60, months=50), tmp_path / "page.html"))
    assert (tmp_path / "page.html").stat().st_size < 120_000
    assert "52 smaller channels not drawn" in text
    assert "14 earlier months and 55 smaller channels not drawn" in text
    assert "40 further channels not shown" in text


def test_tables_without_rows_leave_their_parts_out(tmp_path: Path) -> None:
    audit, metrics = made_up.audit(findings=0, readiness="ready"), made_up.metrics()
    audit = replace(audit, **{name: getattr(audit, name).slice(0, 0) for name in made_up.AUDIT_TABLES})
    tables = ("channels", "months", "rounds", "groups", "coverage", "totals")
    metrics = replace(metrics, **{name: getattr(metrics, name).slice(0, 0) for name in tables})
    nobody = sm.dedupe(pa.table({"id": pa.array([], pa.string()), "name": pa.array([], pa.string())}))
    strangers = sm.attach([], to=made_up.customers(), region="US")
    text = words(read([audit, metrics, nobody, strangers], tmp_path / "page.html"))
    assert "Nothing: the table is as it should be." in text


def test_a_figure_that_is_not_known_is_a_dash(tmp_path: Path) -> None:
    metrics = made_up.metrics()
    nothing = {name: [None] for name in metrics.totals.column_names if name not in {"profiles", "attached"}}
    metrics = replace(metrics, totals=pa.table({"profiles": [3], "attached": [1], **nothing}))
    assert "customers with a profile – among 3 profiles" in words(read(metrics, tmp_path / "page.html"))


@pytest.mark.parametrize("wrong", [[], "a text", 7, [None]])
def test_what_no_report_is_about_is_refused_with_what_there_is(wrong: object, tmp_path: Path) -> None:
    with pytest.raises(
        sm.ReportError, match="an audit, a result of attach, dedupe or a store, an evaluation or metrics"
    ):
        read(wrong, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_page_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(sm.TableError, match="missing"):
        sm.to_html(made_up.audit(), tmp_path / "missing" / "page.html")


@pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
def test_a_missing_extra_is_named_with_how_to_install_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    rendering._environment.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(sm.MissingExtraError, match=re.escape("pip install 'socialmerge[report]'")):
        report.ready()


def test_the_users_own_plot_settings_change_nothing(tmp_path: Path) -> None:
    import matplotlib as mpl

    sm.to_html(made_up.audit(), tmp_path / "before")
    with mpl.rc_context({"svg.fonttype": "path", "font.size": 30, "lines.linewidth": 9}):
        sm.to_html(made_up.audit(), tmp_path / "after")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()


def test_buyers_without_a_contact_are_not_called_leads_left_open(tmp_path: Path) -> None:
    found = made_up.audit()
    silent = replace(found.findings[0], code="won_without_contact", area="loop", field="stage")
    root = read(replace(found, findings=(silent,)), tmp_path / "x.html")
    assert "Buyers without a contact: stage" in words(root)
    assert "left open" not in words(root)
