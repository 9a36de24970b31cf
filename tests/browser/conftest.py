"""A headless Chromium, and pages to open in it: the machine's own where there is one, else the one of playwright."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.report import made_up

import socialmerge as sm
from socialmerge import sample

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)
DESKTOP, PHONE = (1280, 900), (390, 844)
Open = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with every part: the runs on the sample, and audit, metrics and evaluation as made up."""
    path = tmp_path_factory.mktemp("pages") / "report.html"
    export = sample.exports()["github"]
    runs = [sm.attach(export, to=sample.customers()), sm.dedupe(sample.customers())]
    found: list[Any] = [*runs, made_up.audit(), made_up.evaluation(), made_up.metrics()]
    sm.to_html(found, path, now=datetime(2026, 1, 31))  # noqa: DTZ001 - a date
    return path


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with nothing but attacks in it, unmasked, and with words that are too long to break."""
    path = tmp_path_factory.mktemp("pages") / "hostile.html"
    attack = "</style><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">" + "W" * 90
    sm.to_html(made_up.everything(f" {attack}"), path, masked=False, title=attack)
    return path


@pytest.fixture
def opened(browser: Browser) -> Open:
    """Open a file in a fresh profile, and see at the end that it said and asked for nothing."""

    @contextmanager
    def open_file(
        file: Path, *, size: tuple[int, int] = DESKTOP, scheme: str = "light", media: str = "screen"
    ) -> Iterator[Page]:
        view: Any = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=view, color_scheme=scheme, offline=True)  # type: ignore[arg-type]
        page, said, asked = context.new_page(), list[str](), list[str]()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.emulate_media(media=media)  # type: ignore[arg-type]
        page.goto(file.as_uri())
        try:
            yield page
        finally:
            context.close()
        assert said == []
        assert asked == [file.as_uri()]

    return open_file
