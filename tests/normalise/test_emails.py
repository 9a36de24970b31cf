"""E-mail addresses."""

from __future__ import annotations

import pytest

from socialmerge.normalise import emails
from socialmerge.records import Account, Email, Missing, MissingReason


def parsed(raw: str) -> Email:
    email = emails.parse(raw)
    assert isinstance(email, Email)
    return email


@pytest.mark.parametrize(
    "raw",
    [
        "ada@example.com",
        "ADA@Example.COM",
        " ada@example.com ",
        "ada@example.com.",
        "mailto:ada@example.com",
        "<ada@example.com>",
        "Ada <ada@example.com>",
        '"King, Ada" <ada@example.com>',
        "mailto:ada@example.com?subject=x",
        "ada [at] example [dot] com",
        "ada at example dot com",
        "ada@example.com (work)",
        "'ada@example.com'",
        "ada@example.com;",
    ],
)
def test_one_address_in_many_dresses_has_one_key(raw: str) -> None:
    assert parsed(raw).key == "ada@example.com"


def test_the_display_keeps_the_case_of_the_local_part() -> None:
    assert parsed("Ada.King@Example.com").display == "Ada.King@example.com"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("a.da.k+x@gmail.com", "adak@gmail.com"),
        ("adak@googlemail.com", "adak@gmail.com"),
        ("ada+news@example.com", "ada@example.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("ada-shop@yahoo.com", "ada@yahoo.com"),
        ("ada-shop@example.com", "ada-shop@example.com"),
        ("ada@me.com", "ada@icloud.com"),
        ("a.d-a_k@pm.me", "adak@proton.me"),
        ("+x@example.com", "+x@example.com"),
    ],
)
def test_the_canonical_address_follows_the_providers_rules(raw: str, canonical: str) -> None:
    assert parsed(raw).canonical == canonical


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("ada@gmail.com", "free"),
        ("ada@example.com", "company"),
        ("ada@mailinator.com", "disposable"),
        ("info@example.com", "role"),
        ("no-reply@example.com", "noreply"),
        ("customer.service@gmail.com", "role"),
        ("test@example.com", "role"),
    ],
)
def test_an_address_has_a_kind(raw: str, kind: str) -> None:
    assert parsed(raw).kind == kind


def test_a_github_address_carries_id_and_login() -> None:
    email = parsed("12345+Ada@users.noreply.github.com")
    assert email.kind == "noreply"
    assert email.account == Account("github", account_id="12345", handle="ada")
    assert parsed("ada@users.noreply.github.com").account == Account("github", handle="ada")


def test_a_domain_in_another_script_has_its_ascii_key() -> None:
    assert parsed("ada@exämple.com").key == "ada@xn--exmple-cua.com"
    assert parsed("ada@exämple.com").display == "ada@exämple.com"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", MissingReason.EMPTY),
        ("n/a", MissingReason.JUNK),
        ("test@test.com", MissingReason.PLACEHOLDER),
        ("a@a.a", MissingReason.PLACEHOLDER),
        ("noemail@example.com", MissingReason.PLACEHOLDER),
        ("aaa@gmail.com", MissingReason.PLACEHOLDER),
        ("x@localhost", MissingReason.PLACEHOLDER),
        ("none@none.com", MissingReason.PLACEHOLDER),
        ("ada", MissingReason.MALFORMED),
        ("ada@example", MissingReason.MALFORMED),
        ("ada@@example.com", MissingReason.MALFORMED),
        ("a@example.com, b@example.com", MissingReason.MALFORMED),
        ("@ada", MissingReason.MALFORMED),
    ],
)
def test_what_is_no_address_says_why(raw: str, reason: MissingReason) -> None:
    assert emails.parse(raw) == Missing(reason)
