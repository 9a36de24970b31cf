"""A strategy: what may be said of channels, in a file whose problems are told at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from socialmerge.channels.registry import names
from socialmerge.channels.strategy import Strategy
from socialmerge.channels.use import ATTRIBUTES, Use, usual_visibility
from socialmerge.errors import ChannelError
from socialmerge.merging.fields import ATTRIBUTES as GOLDEN


def written(folder: Path, text: str) -> Path:
    path = folder / "channels.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    strategy = Strategy({"x": Use(("service",), "public", "explicit consent", {"bio": "secret"})})
    for one in (strategy, Strategy.defaults(), Strategy()):
        one.save(tmp_path / "channels.toml")
        assert Strategy.load(tmp_path / "channels.toml") == one


def test_the_defaults_are_those_of_every_channel(tmp_path: Path) -> None:
    defaults = Strategy.defaults()
    assert tuple(defaults.uses) == names()
    assert all(defaults.use(name) == Strategy().use(name) for name in names())
    assert not any(use.fields for use in defaults.uses.values())


def test_what_a_file_leaves_out_is_as_usual(tmp_path: Path) -> None:
    strategy = Strategy.load(written(tmp_path, '[github]\npurposes = ["research"]\n'))
    assert strategy.use("github") == replace(Strategy().use("github"), purposes=("research",))
    assert strategy.use("twitter") == Strategy().use("x")


def test_every_problem_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    text = """\
version = 1
[mastadon]
purposes = ["service"]
[twitter]
[linkedin]
purposes = ["marketting"]
visibilty = "public"
basis = "consnt"
fields = { employer = "private", emials = "secret", emails = "public" }
[slack.fields]
bio = "public"
[x]
visibility = ""
"""
    with pytest.raises(ChannelError) as caught:
        Strategy.load(written(tmp_path, text))
    found = str(caught.value)
    for said in (
        "channels.toml has 9 problem(s)",
        "line 2, mastadon: no channel; did you mean 'mastodon'?",
        "line 4, twitter: no channel; write 'x'",
        "line 6, linkedin.purposes: 'marketting' is not one of marketing, service, research, identity; did you mean",
        "line 7, linkedin.visibilty: unknown key; did you mean 'visibility'?",
        "line 8, linkedin.basis: 'consnt' is not one of",
        "line 9, linkedin.fields.emials: unknown key; did you mean 'emails'?",
        "line 9, linkedin.fields.emails: 'public' is wider than usual",
        "line 11, slack.fields.bio: 'public' is wider than usual",
        "line 13, x.visibility: is empty",
    ):
        assert said in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x\n", "channels.toml, line 1, column 3: not TOML"),
        (" \n", "channels.toml: the file is empty; give the path of a channels.toml, or leave it out"),
        ("version = 2\n", "line 1, version: is not 1"),
        ('x = "service"\n', "line 1, x: must be a table"),
        ("[x]\npurposes = 3\n", "line 2, x.purposes: must be a list of texts"),
        ('[x]\nfields = "private"\n', "line 2, x.fields: must be a table"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ChannelError, match=said):
        Strategy.load(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match=r"none\.toml: cannot be read"):
        Strategy.load(tmp_path / "none.toml")


def test_a_strategy_in_code_is_checked_too() -> None:
    with pytest.raises(ChannelError, match=r"strategy has 3 problem"):
        Strategy({"x": Use((), "everybody", "habit", {"shoe_size": "secret"})})
    with pytest.raises(ChannelError, match="unknown channel"):
        Strategy({"fax": Use((), "public", "consent")})


def test_it_speaks_of_every_attribute_that_golden_records_are_made_of() -> None:
    assert set(ATTRIBUTES) == {*GOLDEN, "handle"}
    assert {name for name in ATTRIBUTES if usual_visibility("mastodon", name) == "private"} == {"emails", "phones"}


def test_what_is_derived_of_a_hidden_attribute_is_hidden() -> None:
    hidden = Strategy({"x": replace(Strategy().use("x"), fields={"display_name": "secret"})}).hidden()
    assert hidden == {("x", name): "secret" for name in ("display_name", "given_name", "family_name")}


def test_what_came_from_a_channel_that_is_now_used_in_private_is_private() -> None:
    hidden = Strategy({"x": replace(Strategy().use("x"), visibility="private")}).hidden()
    assert hidden == {("x", name): "private" for name in ATTRIBUTES}
