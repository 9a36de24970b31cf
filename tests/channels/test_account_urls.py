"""What the account parser makes of the URLs, addresses and handles of each channel."""

from __future__ import annotations

import pytest

from socialmerge.normalise import accounts
from socialmerge.records import Account, Missing, MissingReason

HANDLES = [
    # X
    ("https://twitter.com/Ada_Example", "x", "ada_example"),
    ("http://www.x.com/ada_example/", "x", "ada_example"),
    ("https://mobile.twitter.com/ada_example?lang=en", "x", "ada_example"),
    ("https://twitter.com/#!/Ada_Example", "x", "ada_example"),
    ("https://twitter.com/intent/user?screen_name=Ada_Example", "x", "ada_example"),
    ("https://x.com/ada_example/status/1234567890", "x", "ada_example"),
    ("twitter.com/@ada_example", "x", "ada_example"),
    # LinkedIn
    ("https://uk.linkedin.com/in/Ada-Example-1a2b3c4d/?trk=public", "linkedin", "ada-example-1a2b3c4d"),
    ("https://www.linkedin.com/in/jos%C3%A9-exemplo", "linkedin", "josé-exemplo"),
    ("https://www.linkedin.com/in/%E5%BC%A0%E4%B8%89-1a2b3c4d", "linkedin", "张三-1a2b3c4d"),
    ("https://www.linkedin.com/pub/ada-example/a7/576/b50", "linkedin", "ada-example-b50576a7"),
    ("linkedin.com/in/ada-example/details/experience", "linkedin", "ada-example"),
    # Facebook: dots do not count
    ("https://www.facebook.com/Ada.Example", "facebook", "adaexample"),
    ("https://m.facebook.com/adaexample?ref=bookmarks", "facebook", "adaexample"),
    ("https://fr-fr.facebook.com/ada.example/posts/1", "facebook", "adaexample"),
    ("fb.me/ada.example", "facebook", "adaexample"),
    # Instagram and Threads: dots count
    ("https://www.instagram.com/Ada.Example/", "instagram", "ada.example"),
    ("instagram.com/ada_example?igshid=1", "instagram", "ada_example"),
    ("https://www.threads.net/@Ada.Example", "threads", "ada.example"),
    ("https://www.threads.com/@ada.example/post/abc", "threads", "ada.example"),
    # TikTok
    ("https://www.tiktok.com/@Ada.Example/video/123", "tiktok", "ada.example"),
    # YouTube: three kinds of names, never mixed
    ("https://www.youtube.com/@AdaExample", "youtube", "adaexample"),
    ("https://www.youtube.com/c/AdaExample/videos", "youtube", "c/adaexample"),
    ("https://www.youtube.com/user/AdaExample", "youtube", "user/adaexample"),
    ("youtube.com/AdaExample", "youtube", "c/adaexample"),
    # Mastodon and its like, on any host
    ("https://social.example.com/@Ada", "mastodon", "ada@social.example.com"),
    ("https://social.example.com/users/ada", "mastodon", "ada@social.example.com"),
    ("https://social.example.com/web/@ada@other.example.com", "mastodon", "ada@other.example.com"),
    ("https://social.example.com/@ada@other.example.com", "mastodon", "ada@other.example.com"),
    ("https://social.example.com/@ada/109300000000000001", "mastodon", "ada@social.example.com"),
    ("acct:Ada@Social.Example.com", "mastodon", "ada@social.example.com"),
    ("@ada@social.example.com", "mastodon", "ada@social.example.com"),
    ("@ada_example@twitter.com", "x", "ada_example"),  # as people write it there
    # Bluesky
    ("https://bsky.app/profile/Ada.Example.com", "bluesky", "ada.example.com"),
    ("https://bsky.app/profile/ada.bsky.social/post/1", "bluesky", "ada.bsky.social"),
    ("ada.bsky.social", "bluesky", "ada.bsky.social"),
    ("at://ada.bsky.social", "bluesky", "ada.bsky.social"),
    # GitHub
    ("https://github.com/Ada-Example", "github", "ada-example"),
    ("https://github.com/sponsors/ada-example", "github", "ada-example"),
    ("https://github.com/ada-example/engines", "github", "ada-example"),
    ("https://ada-example.github.io/engines", "github", "ada-example"),
    ("https://gist.github.com/ada-example/0123456789abcdef", "github", "ada-example"),
    # the rest
    ("https://www.reddit.com/u/Ada_Example", "reddit", "ada_example"),
    ("https://old.reddit.com/user/ada_example/comments", "reddit", "ada_example"),
    ("https://medium.com/@Ada.Example", "medium", "ada.example"),
    ("https://ada.medium.com/a-story-1a2b3c", "medium", "ada"),
    ("https://t.me/Ada_Example", "telegram", "ada_example"),
    ("https://t.me/s/ada_example", "telegram", "ada_example"),
    ("https://dev.to/ada_example/a-post", "devto", "ada_example"),
    ("https://linktr.ee/Ada.Example", "linktree", "ada.example"),
    ("https://about.me/ada.example", "aboutme", "ada.example"),
    ("https://keybase.io/adaexample", "keybase", "adaexample"),
    ("https://gravatar.com/adaexample", "gravatar", "adaexample"),
    ("https://disqus.com/by/Ada_Example/", "disqus", "ada_example"),
]

IDS = [
    ("https://twitter.com/i/user/12", "x", "12"),
    ("https://x.com/intent/user?user_id=1345461797361504259", "x", "1345461797361504259"),
    ("https://www.facebook.com/profile.php?id=100012345678901", "facebook", "100012345678901"),
    ("https://www.facebook.com/people/Ada-Example/100012345678901", "facebook", "100012345678901"),
    ("https://www.facebook.com/100012345678901", "facebook", "100012345678901"),
    ("https://www.facebook.com/Engines-Example-123456789012", "facebook", "123456789012"),
    ("https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv", "youtube", "UCabcdefghijklmnopqrstuv"),
    ("did:plc:abcdefghijklmnopqrstuvwx", "bluesky", "did:plc:abcdefghijklmnopqrstuvwx"),
    ("did:web:ada.example.com", "bluesky", "did:web:ada.example.com"),
    (
        "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx",
        "bluesky",
        "did:plc:abcdefghijklmnopqrstuvwx",
    ),
    ("https://discord.com/users/123456789012345678", "discord", "123456789012345678"),
    ("https://gravatar.com/avatar/" + "ab" * 32, "gravatar", "ab" * 32),
]

NOBODY = [
    "https://twitter.com/intent/tweet?text=hello",
    "https://twitter.com/share?url=https://example.com",
    "https://x.com/home",
    "https://x.com/search?q=ada",
    "https://twitter.com/hashtag/engines",
    "https://x.com/i/lists/123",
    "https://www.linkedin.com/feed/",
    "https://www.linkedin.com/pub/dir/ada/example",
    "https://www.linkedin.com/jobs/view/1",
    "https://www.facebook.com/groups/engines",
    "https://www.facebook.com/pages/Engines/",
    "https://www.facebook.com/watch?v=1",
    "https://www.facebook.com/sharer/sharer.php?u=https://example.com",
    "https://www.facebook.com/abc",
    "https://www.instagram.com/p/Cabcdefghij/",
    "https://www.instagram.com/reel/Cabcdefghij/",
    "https://www.instagram.com/explore/tags/engines",
    "https://www.tiktok.com/discover",
    "https://vm.tiktok.com/ZMabcdefg",
    "https://youtu.be/dQabcdefghi",
    "https://www.youtube.com/watch?v=dQabcdefghi",
    "https://www.youtube.com/playlist?list=PL1",
    "https://m.youtube.com/results",
    "https://github.com/login",
    "https://github.com/topics/engines",
    "https://github.com/-ada",
    "https://github.com/ada--example",
    "https://www.reddit.com/r/engines",
    "https://medium.com/p/1a2b3c4d5e6f",
    "https://t.me/joinchat/AAAAAE",
    "https://t.me/+abcdefg",
    "https://discord.gg/engines",
    "https://dev.to/t/python",
    "https://example.com/about",
    "https://www.google.example/search?q=ada",
    "mailto:ada@example.com",
    "ada@example.com",
    "tel:+12025550143",
    "@ada",
    "ada",
    "just some words",
    "https://",
    "https:///ada",
    "https://x.com/a b",
    "x" * 100_000,
    "https://x.com/" + "a" * 100_000,
]


@pytest.mark.parametrize(("text", "channel", "handle"), HANDLES)
def test_a_url_names_the_handle_of_its_channel(text: str, channel: str, handle: str) -> None:
    found = accounts.parse(text)
    assert isinstance(found, Account)
    assert (found.channel, found.handle, found.account_id) == (channel, handle, "")


@pytest.mark.parametrize(("text", "channel", "account_id"), IDS)
def test_a_url_with_an_id_gives_the_id_and_no_handle(text: str, channel: str, account_id: str) -> None:
    found = accounts.parse(text)
    assert isinstance(found, Account)
    assert (found.channel, found.account_id, found.handle) == (channel, account_id, "")


@pytest.mark.parametrize("text", NOBODY)
def test_a_page_that_is_nobodys_account_names_none(text: str) -> None:
    assert accounts.parse(text) == Missing(MissingReason.MALFORMED)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.linkedin.com/company/engines-example",
        "https://www.linkedin.com/school/engines-example/",
        "https://www.linkedin.com/showcase/engines-example",
        "https://github.com/orgs/engines-example",
    ],
)
def test_an_organisations_url_says_that_it_is_no_person(text: str) -> None:
    found = accounts.parse(text)
    assert isinstance(found, Account)
    assert found.is_person is False


def test_a_company_and_a_person_of_one_name_stay_apart() -> None:
    company = accounts.parse("https://www.linkedin.com/company/ada")
    person = accounts.parse("https://www.linkedin.com/in/ada")
    assert isinstance(company, Account)
    assert isinstance(person, Account)
    assert company.handle != person.handle


def test_the_three_kinds_of_youtube_names_are_three_accounts() -> None:
    found = {accounts.parse(f"https://www.youtube.com/{path}") for path in ("@ada", "c/ada", "user/ada")}
    assert len(found) == 3


def test_a_slack_url_keeps_the_workspace_with_the_id() -> None:
    found = accounts.parse("https://engines.slack.com/team/U012ABCDE")
    assert found == Account("slack", scope="engines", account_id="U012ABCDE")


@pytest.mark.parametrize(
    "text",
    [
        "https://www.facebook.com/",
        "facebook.com",
        "https://twitter.com",
        "https://www.linkedin.com/",
        "https://twitter.com/username",
        "https://x.com/your_username",
        "https://github.com/<your username>",
        "<Your Twitter Username>",
        "{{twitter}}",
        "https://bsky.app/profile/handle.invalid",
    ],
)
def test_a_form_left_as_it_was_is_a_placeholder(text: str) -> None:
    found = accounts.parse(text, channel="x")
    assert found == Missing(MissingReason.PLACEHOLDER)


@pytest.mark.parametrize("text", ["n/a", "N/A", "none", "null", "unknown", "-", "...", "@", "test", "Not Applicable"])
def test_a_word_for_no_account_is_junk(text: str) -> None:
    assert accounts.parse(text, channel="x") == Missing(MissingReason.JUNK)


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "''"])
def test_nothing_is_empty(text: str) -> None:
    assert accounts.parse(text, channel="x") == Missing(MissingReason.EMPTY)
