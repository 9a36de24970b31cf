"""Laws of accounts: parsing any text ends in an account or a reason, and parsing a result again changes nothing."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from socialmerge import channels
from socialmerge.normalise import accounts
from socialmerge.records import Account, Missing

CHANNELS = st.sampled_from(["", *channels.names(), "somewhere new"])
HANDLED = st.sampled_from([name for name in channels.names() if name not in {"vcard", "web"}])
LIKELY = st.sampled_from(
    [
        *(
            "https://",
            "http://www.",
            "acct:",
            "at://",
            "did:plc:",
            "x.com/",
            "twitter.com/",
            "linkedin.com/in/",
            "/company/",
        ),
        *(
            "facebook.com/",
            "profile.php?id=",
            "social.example.com/@",
            "bsky.app/profile/",
            "github.com/",
            "c/",
            "user/",
        ),
        *("/", ".", "..", "?", "#!/", "%", "%2F", "%C3%A9", "_", "-", "@", " ", ":", "12345678901234567890"),
        *("ada", "Ada.Example", "ADA", "é", "İ", "ß", "а"),
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(LIKELY, max_size=8).map("".join))


@given(text=TEXTS, channel=CHANNELS, scope=st.sampled_from(["", "T1", "social.example.com"]))
def test_any_text_is_an_account_or_a_reason_and_its_handle_and_link_give_it_again(
    text: str, channel: str, scope: str
) -> None:
    found = accounts.parse(text, channel=channel, scope=scope)
    if isinstance(found, Missing):
        return
    assert bool(found.handle) != bool(found.account_id)
    again = accounts.parse(found.handle or found.account_id, channel=found.channel, scope=found.scope)
    assert isinstance(again, Account)
    assert _key(again) == _key(found)
    link = accounts.url(found)
    if link and found.channel != "web":
        linked = accounts.parse(link)
        assert isinstance(linked, Account)
        assert _key(linked) == _key(found)


@given(channel=HANDLED, data=st.data())
def test_every_handle_that_the_rules_allow_is_its_own_canonical_spelling_in_any_case(
    channel: str, data: st.DataObject
) -> None:
    rules = channels.rules(channel)
    handle = data.draw(st.from_regex(rules.handle.pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    found = accounts.parse(handle, channel=channel)
    if isinstance(found, Account) and found.handle and found.channel == channel:
        assert accounts.canonical_handle(channel, found.handle.upper()) in {found.handle, ""}
        assert accounts.canonical_handle(channel, found.handle) == found.handle


@given(handle=st.from_regex(r"[A-Za-z][A-Za-z0-9_]{2,12}", fullmatch=True))
def test_the_short_way_and_the_long_way_agree(handle: str) -> None:
    for channel in ("x", "github", "reddit", "telegram", "keybase", "gravatar", "slack"):
        assert accounts.parse(handle, channel=channel) == accounts.parse(f" {handle} ", channel=channel)


@given(text=TEXTS)
def test_a_skeleton_of_any_text_is_the_same_for_both_cases(text: str) -> None:
    assert accounts.skeleton(text) == accounts.skeleton(accounts.skeleton(text)) or not text.isascii()
    if text.isascii():
        assert accounts.skeleton(text.upper()) == accounts.skeleton(text.lower())


@given(text=st.text(max_size=30), channel=st.sampled_from(channels.names()))
def test_the_name_part_is_a_part_of_the_handle(text: str, channel: str) -> None:
    assert accounts.name_part(Account(channel, handle=text)) in text


def test_no_pattern_of_a_channel_needs_more_than_a_moment() -> None:
    for name in channels.names():
        rules = channels.rules(name)
        for text in ("a" * 2000, "a-" * 1000, "a." * 1000 + "!", "-" * 2000, "0" * 2000 + "x"):
            assert rules.handle.pattern.fullmatch(text) is None or isinstance(rules.handle.pattern, re.Pattern)


def _key(account: Account) -> tuple[str, str, str, str]:
    return (account.channel, account.scope, account.account_id, account.handle)
