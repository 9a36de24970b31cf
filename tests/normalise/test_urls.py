"""Web addresses."""

from __future__ import annotations

import pytest

from socialmerge.normalise import urls
from socialmerge.records import Missing, MissingReason, Url


def parsed(raw: str) -> Url:
    url = urls.parse(raw)
    assert isinstance(url, Url)
    return url


@pytest.mark.parametrize(
    "raw",
    [
        "example.com/About",
        "http://example.com/About",
        "https://www.example.com/About/",
        "HTTPS://EXAMPLE.COM:443/About#team",
        "//example.com/About",
        "https://example.com/About?utm_source=x&gclid=1",
        "https://ada:secret@example.com/About",
        "http://https://example.com/About",
        "<https://example.com/About>",
        "https://example.com./About",
        "https://example.com//About",
    ],
)
def test_one_page_in_many_dresses_has_one_key(raw: str) -> None:
    assert parsed(raw).key == "example.com/About"


def test_credentials_never_reach_the_display() -> None:
    assert "secret" not in str(parsed("https://ada:secret@example.com/"))


def test_other_parameters_count_in_any_order() -> None:
    assert parsed("example.com/?b=2&a=1&utm_medium=x").key == parsed("example.com?a=1&b=2").key == "example.com?a=1&b=2"


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("https://hankjohnson.house.gov", "hankjohnson"),
        ("https://www.armstrong.senate.gov/", "armstrong"),
        ("www.example.co.uk", "example"),
        ("blog.example.com", "example"),
        ("ada.github.io/notes", "ada"),
        ("ada.wordpress.com", "ada"),
        ("https://bücher.com", "bucher"),
        ("http://192.168.0.1/x", ""),
    ],
)
def test_the_label_says_whose_site_it_is(raw: str, label: str) -> None:
    assert parsed(raw).label == label


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", MissingReason.EMPTY),
        ("n/a", MissingReason.JUNK),
        ("http://", MissingReason.PLACEHOLDER),
        ("https://www.facebook.com/", MissingReason.PLACEHOLDER),
        ("linkedin.com/in/", MissingReason.PLACEHOLDER),
        ("https://www.yourwebsite.com", MissingReason.PLACEHOLDER),
        ("javascript:alert(1)", MissingReason.MALFORMED),
        ("data:text/html,x", MissingReason.MALFORMED),
        ("ada@example.com", MissingReason.MALFORMED),
        ("mailto:ada@example.com", MissingReason.MALFORMED),
        ("just words", MissingReason.MALFORMED),
        ("http://a..example.com", MissingReason.MALFORMED),
        ("http://[::1]/", MissingReason.MALFORMED),
        ("example.com/" + "x" * 3000, MissingReason.MALFORMED),
    ],
)
def test_what_is_no_web_address_says_why(raw: str, reason: MissingReason) -> None:
    assert urls.parse(raw) == Missing(reason)
