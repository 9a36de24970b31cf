"""The report in a real browser: in light and dark, on a desk and on a phone, by keyboard, aloud, and on paper."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.browser.conftest import DESKTOP, PHONE, Open

LOOKS = list(product((DESKTOP, PHONE), ("light", "dark")))
NAMES = [f"{size[0]}-{scheme}" for size, scheme in LOOKS]
# How each text stands out from what is below it; what has no colour of its own shows that of what it is in.
CONTRASTS = """() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const rgb = numbers(getComputedStyle(at).backgroundColor);
      if (rgb.length === 3 || rgb[3] === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const one of document.querySelectorAll('body *')) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !one.getClientRects().length) continue;
    const style = getComputedStyle(one);
    const drawn = one instanceof SVGElement && !['title', 'desc'].includes(one.tagName);
    if (one instanceof SVGElement && !drawn) continue;
    const [over, under] = [light(numbers(drawn ? style.fill : style.color)), light(ground(one))];
    const ratio = (Math.max(over, under) + 0.05) / (Math.min(over, under) + 0.05);
    found.push([ratio, one.tagName, one.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""
CUT = """() => [...document.querySelectorAll('figure svg[role=img] text')].filter((one) => {
  const [own, frame] = [one.getBoundingClientRect(), one.ownerSVGElement.getBoundingClientRect()];
  return own.left < frame.left - 1 || own.right > frame.right + 1;
}).map((one) => one.textContent)"""


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=NAMES)
def test_the_page_fits_and_can_be_read(
    size: tuple[int, int], scheme: str, opened: Open, page_file: Path, tmp_path: Path
) -> None:
    with opened(page_file, size=size, scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == size[0], "nothing is beside the screen"
        texts = page.evaluate(CONTRASTS)
        assert len(texts) > 500
        assert [text for text in texts if text[0] < 4.5] == []
        assert page.evaluate(CUT) == [], "no text of a plot is cut"
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, background[4:-1].split(","))) > 600) == (scheme == "light")
        _keep(page, f"report-{size[0]}-{scheme}", tmp_path)


def _keep(page: Page, name: str, folder: Path) -> None:
    """Take a picture of the whole page, and keep it where SOCIALMERGE_SCREENSHOTS says, for people to look at."""
    kept = Path(os.environ.get("SOCIALMERGE_SCREENSHOTS", folder))  # noqa: TID251 - for whoever looks at them
    kept.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=kept / f"{name}.png", full_page=True)
    assert (kept / f"{name}.png").stat().st_size > 100_000


@pytest.mark.parametrize(("size", "scheme"), [LOOKS[0], LOOKS[3]], ids=[NAMES[0], NAMES[3]])
def test_axe_finds_nothing_to_mend(size: tuple[int, int], scheme: str, opened: Open, page_file: Path) -> None:
    with opened(page_file, size=size, scheme=scheme) as page:
        found = Axe().run(page)
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]] == []
        assert len(found.response["passes"]) > 20


def test_a_keyboard_reaches_everything_in_order_and_shows_where_it_is(opened: Open, page_file: Path) -> None:
    with opened(page_file) as page:
        tops = []
        for number in range(12):
            page.keyboard.press("Tab")
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style == "solid", number
            tops.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
            if number == 0:
                assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
                assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        assert tops[1:9] == sorted(tops[1:9]), "the contents from the top down"


def test_the_skip_link_skips_the_contents(opened: Open, page_file: Path) -> None:
    with opened(page_file) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_numbers_of_a_plot_open_and_close_by_keyboard(opened: Open, page_file: Path) -> None:
    with opened(page_file) as page:
        summary = page.locator("#attach summary").first
        before = page.evaluate("document.querySelector('#attach details').open")
        summary.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.querySelector('#attach details').open") is not before


def test_what_is_wider_than_a_phone_scrolls_in_its_own_frame(opened: Open, page_file: Path) -> None:
    with opened(page_file, size=PHONE) as page:
        wider = "all => all.filter((one) => one.scrollWidth > one.clientWidth).length"
        assert page.locator(".scroll").evaluate_all(wider) > 0
        frame = page.locator("#foundation .scroll").nth(1)
        frame.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.wait_for_function("one => one.scrollLeft > 0", arg=frame.element_handle())


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "390"])
def test_attacks_do_nothing_and_break_nothing(size: tuple[int, int], opened: Open, hostile_file: Path) -> None:
    with opened(hostile_file, size=size) as page:
        assert page.title().startswith("</style><script>")
        assert page.evaluate("document.scripts.length + document.images.length") == 0
        assert page.evaluate("document.styleSheets.length") == 1
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_it_is_black_on_white_without_the_contents_and_with_every_number(
    scheme: str, opened: Open, page_file: Path, tmp_path: Path
) -> None:
    with opened(page_file, scheme=scheme, media="print") as page:
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.locator("nav").is_visible()
        closed = page.locator("details:not([open]) table")
        assert all(closed.nth(number).is_visible() for number in range(closed.count()))
        assert [text for text in page.evaluate(CONTRASTS) if text[0] < 4.5] == []
        page.pdf(path=tmp_path / "report.pdf", format="A4", prefer_css_page_size=True)
    printed = (tmp_path / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert 5 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 40
