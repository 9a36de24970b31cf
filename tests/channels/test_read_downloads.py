"""What profile rows come out of the lists of people that platforms let everybody download."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from socialmerge import channels
from socialmerge.errors import ChannelError

SAMPLES = Path(__file__).parent / "samples"
ADA = "1345461797361504259"
MEMBERS = {
    "follower.js": "data/follower.js",
    "following.js": "data/following.js",
    "instagram_followers.json": "connections/followers_and_following/followers_1.json",
    "instagram_following.json": "connections/followers_and_following/following.json",
}


def rows(source: Path) -> list[dict[str, object]]:
    """The rows of a file, without what is null."""
    return [
        {key: value for key, value in row.items() if value is not None} for row in channels.read(source).to_pylist()
    ]


@pytest.mark.parametrize("file", ["follower.js", "following.js"])
def test_the_archive_of_x_gives_ids_and_nothing_else(file: str) -> None:
    ada, short = rows(SAMPLES / file)
    assert ada == {"profile_id": f"x:{ADA}", "channel": "x", "account_id": ADA}
    assert short["account_id"] == "9000001"


def test_a_script_that_breaks_off_is_named_and_none_of_its_text(tmp_path: Path) -> None:
    file = tmp_path / "follower.js"
    file.write_bytes((SAMPLES / "follower.js").read_bytes()[:-20])
    with pytest.raises(ChannelError, match=r"follower\.js, line \d+, column \d+: not JSON") as said:
        channels.read(file)
    assert ADA not in str(said.value)


@pytest.mark.parametrize(
    ("followers", "following"),
    [("follower.js", "following.js"), ("instagram_followers.json", "instagram_following.json")],
)
def test_of_an_archive_the_followers_are_read_and_those_followed_where_nobody_follows(
    followers: str, following: str, tmp_path: Path
) -> None:
    file = tmp_path / "archive.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(SAMPLES / following, MEMBERS[following])
        archive.writestr("data/tweets.js", "window.YTD.tweets.part0 = [" + "[" * 100_000)  # never looked at
    assert channels.read(file).equals(channels.read(SAMPLES / following))
    with zipfile.ZipFile(file, "a") as archive:
        archive.write(SAMPLES / followers, MEMBERS[followers])
    assert channels.read(file).equals(channels.read(SAMPLES / followers))


def test_the_parts_of_the_followers_of_x_are_one(tmp_path: Path) -> None:
    file = tmp_path / "archive.zip"
    text = (SAMPLES / "follower.js").read_text("utf-8")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data/follower.js", text)
        archive.writestr("data/follower-part1.js", text.replace("part0", "part1").replace("9000001", "9000002"))
    assert set(channels.read(file)["account_id"].to_pylist()) == {ADA, "9000001", "9000002"}


def test_whom_one_follows_on_instagram_is_told_by_the_address() -> None:
    ada, jose = rows(SAMPLES / "instagram_following.json")
    assert (ada["handle"], ada["observed_at"]) == ("ada.example", "2023-11-14T22:13:20Z")
    assert jose["handle"] == "jose_exemplo"


def test_a_list_to_follow_on_mastodon_gives_whole_handles_and_none_of_the_owners_settings() -> None:
    ada, _ = rows(SAMPLES / "mastodon_following.csv")
    handle = "ada.example@social.example.com"
    assert ada == {"profile_id": f"mastodon:{handle}", "channel": "mastodon", "handle": handle}


def test_a_list_of_muted_people_is_not_taken_for_one() -> None:
    muted = [{"Account address": "ada@social.example.com", "Hide notifications": "true"}]
    assert channels.recognise(muted) is None


def test_subscriptions_of_youtube_give_ids_and_titles() -> None:
    _, jose = rows(SAMPLES / "youtube_subscriptions.csv")
    assert (jose["account_id"], jose["display_name"]) == ("UCjoseexemplojoseexemploj", "Exemplo, José")


@pytest.mark.parametrize("place", [("Activity", "Follower List"), ("Profile And Settings", "Follower")])
def test_followers_of_tiktok_are_found_where_any_version_has_them(place: tuple[str, str]) -> None:
    whole = json.loads((SAMPLES / "tiktok_user_data.json").read_text("utf-8"))
    moved = {place[0]: {place[1]: whole["Activity"]["Follower List"]}, "Direct Message": {}}
    expected = channels.read(SAMPLES / "tiktok_user_data.json")
    assert expected["handle"].to_pylist() == ["ada.example", "jose_exemplo"]
    assert channels.read(moved).equals(expected)
    del whole["Activity"]["Follower List"]
    assert channels.read(whole)["handle"].to_pylist() == ["engines_example"]


def test_friends_of_facebook_are_people_with_the_names_that_they_have() -> None:
    ada, jose = rows(SAMPLES / "facebook_friends.json")
    assert (ada["display_name"], ada["is_person"], ada["observed_at"]) == ("Ada Example", True, "2023-11-14T22:13:20Z")
    assert jose["display_name"] == "José Exemplo"
    names = ["Zoë", "Łucja", "山田"]  # as they are: not every export writes them twice encoded
    friends = {"friends_v2": [{"name": name, "timestamp": 1} for name in names]}
    assert channels.read(friends)["display_name"].to_pylist() == names
