"""A channel is data: what a TOML must say, and how all that is wrong in one is told at once."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import pytest

from socialmerge import channels
from socialmerge.channels.loader import PURPOSES, VISIBILITIES, load
from socialmerge.channels.registry import find, find_by_host
from socialmerge.errors import ChannelError

EVERY = [
    *("x", "linkedin", "facebook", "instagram", "threads", "tiktok", "youtube", "mastodon", "bluesky", "github"),
    *("reddit", "medium", "telegram", "discord", "devto", "linktree", "aboutme", "keybase", "gravatar", "slack"),
    *("web", "vcard", "disqus", "discourse", "wordpress"),
]

GOOD = """
name = "engines"
title = "Engines"
aliases = ["engines.example.com"]

[handle]
pattern = '[a-z]+'

[url]
hosts = ["engines.example.com"]
forms = ["/{handle}"]
handle_url = "https://engines.example.com/{handle}"

[use]
purposes = ["research"]
visibility = "public"
basis = "consent"
trust = { verified = 0.9, asserted = 0.6, derived = 0.3 }

[[format]]
name = "Engines user"
require = ["nick"]
signatures = [{ has = ["nick", "engine"] }]

[format.attributes]
handle = "nick"
"""


def shipped() -> Iterator[tuple[str, str]]:
    for entry in resources.files("socialmerge.channels").iterdir():
        if entry.name.endswith(".toml"):
            yield entry.name, entry.read_text(encoding="utf-8")


def test_every_channel_is_there() -> None:
    assert set(channels.names()) == set(EVERY)


@pytest.mark.parametrize(("file", "text"), sorted(shipped()))
def test_a_shipped_channel_is_named_like_its_file_and_says_what_it_is_good_for(file: str, text: str) -> None:
    rules = load(text, file).rules
    assert file == f"{rules.name}.toml"
    assert rules.purposes
    assert set(rules.purposes) <= set(PURPOSES)
    assert rules.visibility in VISIBILITIES
    assert rules.trust["verified"] > rules.trust["asserted"] > rules.trust["derived"]
    assert rules.basis


def test_no_alias_and_no_host_belongs_to_two_channels() -> None:
    seen: list[str] = []
    for name in channels.names():
        rules = channels.rules(name)
        seen += [*rules.aliases, name]
        for host in rules.url.hosts:
            owner = find_by_host(host.replace("*", "any"))
            assert owner is not None
            assert owner.name == name
    assert len(seen) == len(set(seen))


def test_a_canonical_link_is_one_that_the_channel_reads() -> None:
    for name in channels.names():
        rules = channels.rules(name)
        for link in filter(None, (rules.url.handle_url, rules.url.id_url)):
            assert link.startswith("https://")
            assert rules.url.any_host or name == "web" or "{scope}" in link or find_by_host(link.split("/")[2])


def test_a_link_page_is_known_as_one() -> None:
    assert {name for name in channels.names() if channels.rules(name).is_hub} == {
        "aboutme",
        "gravatar",
        "keybase",
        "linktree",
    }


def test_names_and_aliases_go_without_case() -> None:
    assert channels.rules(" Twitter ").name == "x"
    assert find("nowhere") is None


def test_a_good_file_loads() -> None:
    loaded = load(GOOD, "engines.toml")
    assert loaded.rules.name == "engines"
    assert [form.name for form in loaded.formats] == ["Engines user"]


def test_all_that_is_wrong_is_said_at_once_with_its_key() -> None:
    bad = (
        GOOD.replace('purposes = ["research"]', 'purposes = ["reserch"]')
        .replace('visibility = "public"', 'visibilty = "public"')
        .replace("verified = 0.9", "verified = 9")
        .replace("'[a-z]+'", "'[a-z'")
        .replace('"/{handle}"', '"/{handle"')
        .replace('handle = "nick"', 'handel = "nick"\nbio = "a..b"\nlocation = 5')
        .replace('require = ["nick"]', "require = 5")
    )
    with pytest.raises(ChannelError) as raised:
        load(bad, "engines.toml")
    message = str(raised.value)
    assert message.startswith("engines.toml has 10 problem(s)")
    for part in (
        "use.purposes: 'reserch' is not one of",
        "did you mean 'research'",
        "use.visibilty: unknown key; did you mean 'visibility'",
        "use.visibility: missing",
        "use.trust.verified: must be a number from 0 to 1",
        "handle.pattern: not a regular expression",
        "url.forms[0].form: ",
        "format[0].attributes.handel: no column of profiles; did you mean 'handle'",
        "format[0].attributes.bio.path: 'a..b' is not a path",
        "format[0].attributes.location: must be a path",
        "format[0].require: must be a list of texts",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "engines"\n', "name = 5\n", "name: must be"),
        ("[handle]\n", "[handle]\nscoped = 'yes'\n", "handle.scoped: must be true or false"),
        ("[handle]\n", "[handle]\nname_part = '.*'\n", r"handle.name_part: needs a group"),
        ("[handle]\n", "handle = 5\n[other]\n", "handle: must be a table"),
        ('forms = ["/{handle}"]', "forms = 5", "url.forms: must be a list"),
        ('forms = ["/{handle}"]', "forms = [5]", "url.forms.0.: must be a form"),
        ('forms = ["/{handle}"]', 'forms = ["/x?y"]', "url.forms.0..form: .*write the query"),
        ('handle = "nick"', 'handle = { path = "nick", host_off = "x" }', "did you mean 'host_of'"),
        ('handle = "nick"', 'handle = { path = "nick", html = "txt" }', "'txt' is not one of text, links"),
        ('handle = "nick"', 'handle = { path = "nick", when = "a..b" }', "is not a path"),
        ('require = ["nick"]', 'kind = "pdf"', "'pdf' is not one of"),
        ('require = ["nick"]', 'xml = { root = "r", recrod = "p" }', "xml.recrod: unknown key; did you mean 'record'"),
        ('require = ["nick"]', 'xml = { root = "r", record = "p" }', r"xml.keep: missing"),
        ('require = ["nick"]', 'skip = "a..b"', r"skip: .*is not a path"),
        ('handle = "nick"', 'handle = { path = "nick", remove = "(" }', r"handle.remove: not a regular expression"),
        ("name", "name name", "is not TOML"),
    ],
)
def test_one_thing_wrong_is_said_with_its_key(old: str, new: str, message: str) -> None:
    with pytest.raises(ChannelError, match=message):
        load(GOOD.replace(old, new, 1), "engines.toml")
