"""What the account parser makes of handles whose channel is told, and what can be made of an account."""

from __future__ import annotations

import pytest

from socialmerge.normalise import accounts
from socialmerge.records import Account, Missing, MissingReason


@pytest.mark.parametrize(
    ("channel", "text", "handle"),
    [
        ("x", "@Ada_Example", "ada_example"),
        ("twitter", "Ada_Example", "ada_example"),
        ("x", "adaexample_sixteen", "adaexample_sixteen"),  # a few older ones are longer than 15
        ("x", "  @ada\u200b ", "ada"),
        ("x", "＠ada", "ada"),
        ("linkedin", "in/Ada-Example", "ada-example"),
        ("linkedin", "jos%C3%A9-exemplo", "josé-exemplo"),
        ("linkedin", "José-Exemplo", "josé-exemplo"),
        ("linkedin", "company/engines", "company/engines"),
        ("facebook", "ada.example", "adaexample"),
        ("instagram", "Ada.Example", "ada.example"),
        ("youtube", "@AdaExample", "adaexample"),
        ("youtube", "c/AdaExample", "c/adaexample"),
        ("mastodon", "Ada@Social.Example.com", "ada@social.example.com"),
        ("bluesky", "@ada.example.com", "ada.example.com"),
        ("bluesky", "github.com", "github.com"),  # any domain may be a handle there
        ("reddit", "u/Ada_Example", "ada_example"),
        ("reddit", "/u/ada_example", "ada_example"),
        ("discord", "ada#0042", "ada#0042"),
        ("web", "https://www.Ada.Example.com/about/", "ada.example.com/about"),
        ("somewhere new", "@Ada", "ada"),
    ],
)
def test_a_handle_is_brought_to_its_canonical_spelling(channel: str, text: str, handle: str) -> None:
    found = accounts.parse(text, channel=channel)
    assert isinstance(found, Account)
    assert found.handle == handle
    assert accounts.canonical_handle(channel, text) == handle


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("x", "ada example"),
        ("x", "ada-example"),
        ("x", "a" * 21),
        ("x", "ada/example"),
        ("x", "home"),
        ("x", "ada@example.com"),
        ("facebook", "ada"),
        ("github", "-ada"),
        ("github", "a" * 40),
        ("mastodon", "ada"),
        ("bluesky", "ada"),
        ("reddit", "ab"),
        ("reddit", "r/engines"),
        ("tiktok", "a"),
        ("youtube", "watch"),
    ],
)
def test_what_cannot_be_a_handle_of_the_channel_names_no_account(channel: str, text: str) -> None:
    assert accounts.parse(text, channel=channel) == Missing(MissingReason.MALFORMED)
    assert not accounts.canonical_handle(channel, text)


def test_a_url_says_its_own_channel_whatever_column_it_stands_in() -> None:
    assert accounts.parse("https://github.com/ada-example", channel="x") == Account("github", handle="ada-example")
    assert accounts.parse("@ada@social.example.com", channel="x") == Account(
        "mastodon", handle="ada@social.example.com"
    )


def test_a_channel_before_the_handle_tells_where_it_belongs() -> None:
    assert accounts.parse("GitHub: ada-example") == Account("github", handle="ada-example")


def test_a_long_number_is_an_id_of_x_and_a_short_one_a_handle() -> None:
    assert accounts.parse("1345461797361504259", channel="x") == Account("x", account_id="1345461797361504259")
    assert accounts.parse("1999", channel="x") == Account("x", handle="1999")


def test_a_did_is_the_id_of_a_bluesky_account() -> None:
    did = "did:plc:abcdefghijklmnopqrstuvwx"
    assert accounts.parse(did, channel="bluesky") == accounts.parse(f"at://{did}/app.bsky.actor.profile/self")


def test_a_mastodon_handle_without_host_takes_that_of_its_server() -> None:
    found = accounts.parse("@ada", channel="mastodon", scope="social.example.com")
    assert found == Account("mastodon", handle="ada@social.example.com")


def test_a_slack_handle_belongs_to_its_workspace() -> None:
    one = accounts.parse("ada", channel="slack", scope="T1")
    assert one == Account("slack", scope="T1", handle="ada")
    assert one != accounts.parse("ada", channel="slack", scope="T2")


def test_letters_of_instagram_dots_tell_accounts_apart_and_facebook_dots_do_not() -> None:
    assert accounts.canonical_handle("instagram", "a.da") != accounts.canonical_handle("instagram", "ad.a")
    assert accounts.canonical_handle("facebook", "ada.ex") == accounts.canonical_handle("facebook", "a.daex")


@pytest.mark.parametrize(
    ("account", "part"),
    [
        (Account("linkedin", handle="ada-example-1a2b3c4d"), "ada-example"),
        (Account("linkedin", handle="ada-example-12345678"), "ada-example"),
        (Account("linkedin", handle="ada-defaced"), "ada-defaced"),  # letters alone may be a name
        (Account("linkedin", handle="ada-42"), "ada-42"),
        (Account("linkedin", handle="company/engines"), "engines"),
        (Account("mastodon", handle="ada@social.example.com"), "ada"),
        (Account("bluesky", handle="ada.bsky.social"), "ada"),
        (Account("bluesky", handle="me.ada.example"), "ada"),
        (Account("youtube", handle="c/adaexample"), "adaexample"),
        (Account("discord", handle="ada#0042"), "ada"),
        (Account("x", handle="ada_example"), "ada_example"),
        (Account("somewhere new", handle="ada"), "ada"),
        (Account("x", account_id="12"), ""),
    ],
)
def test_the_name_part_of_a_handle_is_without_what_the_platform_adds(account: Account, part: str) -> None:
    assert accounts.name_part(account) == part


@pytest.mark.parametrize(
    ("account", "link"),
    [
        (Account("x", handle="ada"), "https://x.com/ada"),
        (Account("x", account_id="12"), "https://x.com/i/user/12"),
        (Account("linkedin", handle="josé-exemplo"), "https://www.linkedin.com/in/jos%C3%A9-exemplo"),
        (Account("linkedin", handle="company/engines"), "https://www.linkedin.com/company/engines"),
        (Account("youtube", handle="user/ada"), "https://www.youtube.com/user/ada"),
        (Account("mastodon", handle="ada@social.example.com"), "https://social.example.com/@ada"),
        (Account("slack", scope="engines", account_id="U1"), "https://engines.slack.com/team/U1"),
        (Account("slack", account_id="U1"), ""),
        (Account("discord", handle="ada"), ""),
        (Account("github", account_id="1"), ""),
        (Account("somewhere new", handle="ada"), ""),
    ],
)
def test_an_account_has_one_canonical_link_where_its_channel_has_links(account: Account, link: str) -> None:
    assert accounts.url(account) == link


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada_lovelace", "аda_lovelace"),  # Cyrillic
        ("ada_lovelace", "ada_l0velace"),
        ("linda", "Iinda"),
        ("mila", "rnila"),
        ("ada", "ａｄａ"),
        ("ada", "𝐚𝐝𝐚"),
    ],
)
def test_handles_that_look_alike_share_a_skeleton(one: str, other: str) -> None:
    assert accounts.skeleton(one) == accounts.skeleton(other)
    assert one != other


@pytest.mark.parametrize(("one", "other"), [("ada", "eda"), ("ada", "ada_"), ("ada", "adä"), ("max", "mex")])
def test_handles_that_look_different_have_different_skeletons(one: str, other: str) -> None:
    assert accounts.skeleton(one) != accounts.skeleton(other)
