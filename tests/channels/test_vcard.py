"""Contact cards line by line: folding, escapes, parameters, encodings, and cards that are not closed."""

from __future__ import annotations

import pytest

from socialmerge.channels import vcard
from socialmerge.errors import ChannelError


def card(*lines: str, newline: str = "\r\n") -> dict[str, object]:
    (found,) = vcard.parse(newline.join(["BEGIN:VCARD", *lines, "END:VCARD", ""]))
    return found


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_folded_lines_are_put_together(newline: str) -> None:
    assert card("NOTE:one ", " two", "\tthree", newline=newline) == {"NOTE": "one twothree"}


def test_escapes_stand_for_what_they_stand_for() -> None:
    assert card(r"NOTE:a\, b\; c\\d\ne\Nf") == {"NOTE": "a, b; c\\d\ne\nf"}


def test_the_parts_of_a_name_are_told_apart_but_at_an_escaped_semicolon() -> None:
    assert card(r"N:Exam\;ple;Ada;;Dr.;") == {
        "N": {"family": "Exam;ple", "given": "Ada", "additional": "", "prefix": "Dr.", "suffix": ""}
    }


def test_a_property_that_stands_twice_is_a_list() -> None:
    assert card("EMAIL:a@example.com", "item1.EMAIL;TYPE=work:mailto:b@example.com") == {
        "EMAIL": ["a@example.com", "b@example.com"]
    }


def test_quoted_printable_is_decoded_over_its_soft_breaks() -> None:
    found = card("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:J=F6rg=", "=20M=FCller")
    assert found == {"NOTE": "Jörg Müller"}
    assert card("NOTE;QUOTED-PRINTABLE;CHARSET=no-such:=41") == {"NOTE": "A"}


def test_pictures_inside_the_card_are_left_out() -> None:
    assert card("PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", "PHOTO:https://files.example.com/a.png") == {
        "PHOTO": "https://files.example.com/a.png"
    }


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://social.example.com/@ada", "https://social.example.com/@ada"),
        ("SOCIALPROFILE;SERVICE-TYPE=GitHub;VALUE=text:ada", "https://github.com/ada"),
        ('SOCIALPROFILE;SERVICE-TYPE="LinkedIn";USERNAME=ada:', ""),
        ("X-SOCIALPROFILE;type=twitter;x-user=ada:x-apple:ada", "https://x.com/ada"),
        ("X-SOCIALPROFILE;TYPE=home;TYPE=Flickr:x-apple:ada", "flickr:ada"),
        ("SOCIALPROFILE;SERVICE-TYPE=Mastodon;VALUE=text:@ada@social.example.com", "@ada@social.example.com"),
        ("X-SOCIALPROFILE:ada", "ada"),
    ],
)
def test_a_social_profile_becomes_a_link(line: str, link: str) -> None:
    assert card(line).get("SOCIAL", "") == link


def test_a_card_within_a_card_is_of_somebody_else() -> None:
    assert card("FN:Ada", "BEGIN:VCARD", "FN:Agent", "END:VCARD", "TITLE:x") == {"FN": "Ada", "TITLE": "x"}


def test_a_line_that_is_no_property_is_passed_over() -> None:
    assert card("FN:Ada", "what is this") == {"FN": "Ada"}


def test_a_card_that_is_not_closed_and_a_line_outside_are_errors_with_their_line() -> None:
    with pytest.raises(ChannelError, match="begins in line 1 has no END:VCARD"):
        vcard.parse("BEGIN:VCARD\nFN:Ada\n")
    with pytest.raises(ChannelError, match="line 4: outside of any card"):
        vcard.parse("BEGIN:VCARD\nFN:Ada\nEND:VCARD\nFN:Bob\n")
