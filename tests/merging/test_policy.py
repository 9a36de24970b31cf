"""The policy by hand and as a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from socialmerge.errors import PolicyError
from socialmerge.merging import Policy, keep


def test_a_saved_policy_loads_as_an_equal_one(tmp_path: Path) -> None:
    policy = Policy(
        rules={
            "email": keep.every(),
            "company": keep.first(keep.pinned(), keep.agreed(sources=3), keep.trusted("crm", "x", half_life_days=365)),
            "title": keep.trusted("crm", "x", half_life_days={"crm": 730, "x": 30.5}),
            "spend": keep.max(),
            "born": keep.min(),
            'a "quoted"\tname\x7f': keep.first(keep.trusted("crm", "linkedin"), keep.newest(missing="skip")),
        },
        otherwise=keep.first(keep.validated(), keep.oldest()),
        groups={"address": ("street", "city"), "work": ("company",)},
        social="overwrite",
        contact_points="asserted",
        observed="seen",
        source="system",
        clears=("crm", "hubspot"),
        visibility={"born": "secret", "company": "public"},
    )
    path = tmp_path / "policy.toml"
    policy.save(path)
    assert Policy.load(path) == policy


def test_the_default_policy_survives_a_file(tmp_path: Path) -> None:
    Policy.default().save(tmp_path / "policy.toml")
    assert Policy.load(tmp_path / "policy.toml") == Policy.default()


def test_a_file_that_says_nothing_of_its_own_is_the_default_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("# as usual\n")
    assert Policy.load(path) == Policy.default()


WRONG = """
version = 2
otherwize = "newest"
social = "yes"
clears = "crm"
observed = 3
[rules]
email = "newist"
phone = { strategy = "trusted" }
fax = { strategy = "trusted", sources = "crm" }
city = { strategy = "newest", missing = "no", sources = ["crm"] }
name = ["every", "newest"]
site = 7
born = ["newest", "pinned"]
spend = { strategy = "agreed", sources = 1 }
bio = { strategy = "trusted", sources = ["crm"], half_life_days = { x = 3 } }
avatar = { strategy = "trusted", sources = ["crm"], half_life_days = 0 }
[groups]
home = "city"
one = ["street"]
two = ["street"]
[visibility]
born = "hidden"
"""


def test_all_problems_of_a_file_are_listed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG)
    with pytest.raises(PolicyError) as caught:
        Policy.load(path)
    assert str(caught.value).splitlines() == [
        "wrong.toml: 19 problems",
        "- unknown key 'otherwize'; did you mean 'otherwise'?",
        "- version is not 1; this release reads version 1 only",
        "- observed is not a text",
        "- rules.email: unknown strategy 'newist'; did you mean 'newest'?",
        "- rules.phone: keep.trusted names no source; write keep.trusted('crm', 'linkedin'), the most trusted first",
        "- rules.fax: sources is not a list of names",
        "- rules.city: newest takes no 'sources'",
        "- rules.city: missing= of keep.newest and keep.oldest is 'error' or 'skip'",
        "- rules.name: keep.every keeps all values, so no strategy after it can decide; put it last in keep.first",
        '- rules.site is not a strategy; write "newest" or { strategy = "trusted", sources = ["crm"] }',
        "- rules.born: keep.pinned comes before every other strategy, as a pin does; put it first in keep.first",
        "- rules.spend: keep.agreed asks for at least 2 sources; write keep.agreed(sources=2)",
        "- rules.bio: half_life_days of keep.trusted names 'x', which is none of its sources",
        "- rules.avatar: half_life_days of keep.trusted is not a number of days above 0",
        "- groups.home is not a list of column names",
        "- groups['two'] and groups['one'] both hold 'street'; a field has one group",
        "- social is neither 'fill' nor 'overwrite'",
        "- clears is not a list of sources; write clears=('crm',)",
        "- visibility['born'] is none of 'public', 'private', 'secret'",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"rules = [", "policy.toml, at its end: not TOML"),
        (b"\xff\xfe\x00", "policy.toml, line 1: not UTF-8"),
        (b"", "policy.toml: the file is empty"),
        (b"rules = 1", r"policy.toml: rules is not a table; write \[rules\]"),
        (b"groups = 1", r"policy.toml: groups is not a table; write \[groups\]"),
    ],
)
def test_a_file_of_the_wrong_shape_says_so(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(PolicyError, match=message):
        Policy.load(path)


def test_an_absent_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"nowhere.toml: cannot be read \(No such file or directory\); give the path"):
        Policy.load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rules": {"email": "newst"}}, r"rules\['email'\] is not a strategy; did you mean 'newest'\?; use sm.keep"),
        ({"rules": {"email": keep.every}}, r"rules\['email'\] is not a strategy; use sm.keep, as in keep.newest\(\)"),
        ({"rules": keep.every()}, "rules is not a mapping"),
        ({"otherwise": None}, "otherwise is not a strategy"),
        ({"rules": {"email": keep.Strategy((keep.Step("median"),))}}, "unknown strategy 'median'"),
        ({"groups": ("street",)}, "groups is not a mapping"),
        ({"groups": {"home": "street"}}, r"groups\['home'\] is one text; write a tuple of column names"),
        ({"groups": {"home": 3}}, r"groups\['home'\] is not a tuple of column names"),
        ({"groups": {"home": ("street", 3)}}, r"groups\['home'\] is not a tuple of column names"),
        ({"social": "never"}, "social is neither 'fill' nor 'overwrite'"),
        ({"contact_points": "all"}, "contact_points is neither 'verified' nor 'asserted'"),
        ({"observed": 1}, "observed is not the name of a column"),
        ({"clears": "crm"}, "clears is not a list of sources"),
        ({"visibility": "public"}, "visibility is not a mapping"),
        ({"clears": ("crm", " ")}, "clears holds a source that is blank"),
        ({"rules": {"": keep.newest()}}, "rules names a field that is blank"),
        ({"visibility": {"": "secret"}}, "visibility names a field that is blank"),
        ({"groups": {"home": ("street", "")}}, r"groups\['home'\] holds a column that is blank"),
        ({"source": " "}, "source is blank; name a column, or leave it out"),
    ],
)
def test_a_policy_of_the_wrong_shape_says_so(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy(**arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (keep.trusted, "keep.trusted names no source"),
        (lambda: keep.trusted("crm", "crm"), "keep.trusted names a source twice"),
        (lambda: keep.trusted("crm", ""), "keep.trusted names a source that is blank"),
        (lambda: keep.trusted("crm", half_life_days={}), "half_life_days of keep.trusted names no source"),
        (lambda: keep.newest(missing="ignore"), "'error' or 'skip'"),
        (keep.first, "keep.first got no strategy"),
        (lambda: keep.first(keep.every(), keep.newest()), "put it last in keep.first"),
    ],
)
def test_a_strategy_of_the_wrong_shape_says_so(make: Callable[[], keep.Strategy], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        make()


def test_a_policy_does_not_change_with_the_mapping_it_was_made_of() -> None:
    rules = {"email": keep.every()}
    policy = Policy(rules=rules)
    rules["phone"] = keep.newest()
    assert list(policy.rules) == ["email"]
