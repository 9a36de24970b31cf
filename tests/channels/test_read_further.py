"""What profile rows come out of the sample exports of the smaller channels, and the traps in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from socialmerge import channels
from socialmerge.errors import ChannelError

SAMPLES = Path(__file__).parent / "samples"


def rows(file: str) -> list[dict[str, object]]:
    """The rows of a sample, without what is null."""
    table = channels.read(SAMPLES / file)
    return [{key: value for key, value in row.items() if value is not None} for row in table.to_pylist()]


def test_a_bluesky_account_is_its_did_and_a_domain_as_handle_is_proved() -> None:
    ada, jose, gone, labels = rows("bluesky_profiles.json")
    assert (ada["account_id"], ada["handle"]) == ("did:plc:adaexampleadaexampleadae", "ada.example.com")
    assert ada["websites"] == ["https://notes.example.com"]
    assert ada["verified_links"] == ["https://ada.example.com"]
    assert "verified_links" not in jose  # bsky.social gives that name to whoever comes first
    assert "handle" not in gone
    assert "verified_links" not in gone
    assert labels["is_person"] is False


def test_a_webfinger_answer_gives_the_host_behind_the_name_and_not_that_of_the_page() -> None:
    (ada,) = rows("webfinger.json")
    assert (ada["channel"], ada["handle"]) == ("mastodon", "ada@example.com")
    assert ada["account_id"] == "https://social.example.com/users/ada"
    assert ada["links"] == ["https://social.example.com/@ada", "https://social.example.com/users/ada"]


def test_an_instagram_user_is_told_from_one_of_x_and_keeps_the_dots_of_the_handle() -> None:
    ada, jose = rows("instagram_users.json")
    assert (ada["account_id"], ada["handle"]) == ("17841400000000001", "Ada.Example")
    assert (ada["ig_id"], ada["websites"]) == ("9000000001", ["https://ada.example.com"])
    assert jose["profile_id"] == "instagram:17841400000000002"


def test_followers_of_instagram_as_downloaded_give_handles_and_days() -> None:
    ada, jose = rows("instagram_followers.json")
    assert (ada["handle"], ada["observed_at"]) == ("ada.example", "2023-11-14T22:13:20Z")
    assert jose["handle"] == "jose_exemplo"  # "/_u/" in the address is no part of it


def test_a_lead_is_no_account_and_its_id_names_the_row_alone() -> None:
    ada, jose = rows("facebook_leads.json")
    assert ada["profile_id"] == "facebook:lead:900000000000001"
    assert "account_id" not in ada
    assert (ada["display_name"], ada["emails"], ada["phones"]) == ("Ada Example", ["ada@example.com"], ["+12025550143"])
    assert (ada["employer"], ada["title"], ada["location"]) == ("Engines Example Ltd", "Analyst", "London, GB")
    assert (jose["given_name"], jose["family_name"], jose["emails"]) == ("José", "Exemplo", ["jose@example.com"])


def test_leads_as_the_ads_manager_writes_them_lose_the_letters_before_numbers() -> None:
    ada, jose = rows("facebook_leads.csv")
    assert (ada["profile_id"], ada["phones"]) == ("facebook:lead:900000000000003", ["+12025550143"])
    assert (jose["display_name"], jose["emails"]) == ("José Exemplo", ["jose@example.com"])


def test_an_id_of_facebook_counts_in_one_app_and_a_link_of_an_app_is_no_handle() -> None:
    ada, jose, kim = rows("facebook_users.json")
    assert (ada["scope"], ada["account_id"], ada["handle"]) == ("app", "10150000000000001", "Ada.Example")
    assert (ada["location"], ada["websites"]) == ("London, United Kingdom", ["https://ada.example.com"])
    assert "handle" not in jose
    assert "links" not in jose
    assert "handle" not in kim
    assert kim["links"] == ["https://www.facebook.com/profile.php?id=100012345678901"]


def test_a_login_with_linkedin_gives_a_confirmed_address_and_an_id_of_one_app() -> None:
    (ada,) = rows("linkedin_userinfo.json")
    assert (ada["scope"], ada["account_id"], ada["is_person"]) == ("app", "7a2bbexaQ1", True)
    assert ada["verified_emails"] == ["ada@example.com"]
    claims = json.loads((SAMPLES / "linkedin_userinfo.json").read_text("utf-8"))
    (unsure,) = channels.read(claims | {"email_verified": False}).to_pylist()
    assert unsure["emails"] == ["ada@example.com"]
    assert unsure["verified_emails"] is None


def test_a_login_elsewhere_is_not_taken_for_one_of_linkedin() -> None:
    claims = {
        "sub": "1",
        "name": "Ada",
        "given_name": "Ada",
        "family_name": "E",
        "picture": "https://files.example.com/a.png",
    }
    for act in (channels.recognise, channels.read, channels.is_export):
        with pytest.raises(
            ChannelError, match="other platforms write the same; say whose it is with channel='linkedin'"
        ):
            act(claims)
    assert channels.read(claims, channel="linkedin")["account_id"].to_pylist() == ["1"]


def test_connections_from_before_there_were_addresses_are_read() -> None:
    row = {"First Name": "Ada", "Last Name": "Example", "Email Address": "", "Company": "", "Position": "Analyst"}
    (ada,) = channels.read([row | {"Connected On": "05 Mar 2019"}]).to_pylist()
    assert (ada["given_name"], ada["observed_at"]) == ("Ada", "2019-03-05")


def test_an_id_of_tiktok_counts_in_one_app() -> None:
    (ada,) = rows("tiktok_user.json")
    assert (ada["scope"], ada["handle"]) == ("app", "Ada.Example")
    assert ada["account_id"] == "723f24d7-e717-40f8-a2b6-example00001"
    assert ada["union_id"] == "c9c60f44-a68e-4f5d-84dd-example00001"


def test_the_kinds_of_names_on_youtube_are_kept_apart() -> None:
    ada, jose = rows("youtube_channels.json")
    assert (ada["account_id"], ada["handle"], ada["location"]) == ("UCadaexampleadaexampleada", "adaexample", "GB")
    assert jose["handle"] == "c/joseexemplo"


def test_a_subscriber_of_youtube_is_the_channel_that_subscribes_and_not_ones_own() -> None:
    (ada,) = rows("youtube_subscribers.json")
    assert ada["account_id"] == "UCadaexampleadaexampleada"
    assert ada["display_name"] == "Ada Example"


def test_a_user_of_reddit_is_read_also_when_suspended() -> None:
    ada, gone = rows("reddit_users.json")
    assert (ada["account_id"], ada["handle"], ada["created_at"]) == ("1a2b3", "Ada_Example", "2013-12-02T16:00:00Z")
    assert (ada["display_name"], ada["bio"]) == ("Ada Example", "engines")
    assert gone["profile_id"] == "reddit:gone_example"
    assert channels.read({"name": "ada", "id": "t2_1a2b3", "is_suspended": False})["account_id"].to_pylist() == [
        "1a2b3"
    ]


def test_discord_proves_an_address_only_where_it_says_so_and_old_names_have_their_number() -> None:
    ada, jose, bot = rows("discord_users.json")
    assert (ada["handle"], ada["verified_emails"]) == ("ada.example", ["ada@example.com"])
    assert (jose["handle"], jose["emails"]) == ("José#0042", ["jose@example.com"])
    assert "verified_emails" not in jose
    assert bot["is_person"] is False


def test_a_user_of_a_forum_is_the_one_that_the_sites_own_login_knows() -> None:
    ada, jose = rows("discourse_users.csv")
    assert (ada["scope"], ada["account_id"]) == ("sso", "C-1001")
    assert ada["emails"] == ["ada@example.com", "ada.work@example.com"]
    assert ada["Company (custom user field)"] == "Engines Example Ltd"
    assert ada["created_at"] == "2019-03-05T12:00:00Z"
    assert (jose["account_id"], "scope" in jose) == ("43", False)
    assert "192.0.2" not in str([ada, jose])


def test_the_comments_of_one_author_are_one_profile_without_its_addresses_on_the_net() -> None:
    ada, jose = rows("disqus.xml")
    assert (ada["handle"], ada["emails"], ada["observed_at"]) == (
        "Ada_Example",
        ["ada@example.com"],
        "2024-03-07T10:11:12Z",
    )
    assert (jose["display_name"], jose["profile_id"]) == ("José & Exemplo", "disqus:post:102")
    assert "192.0.2" not in str([ada, jose])


def test_comments_on_a_site_of_ones_own_have_ids_of_that_site() -> None:
    ada, jose, blog = rows("wordpress.xml")
    assert (ada["profile_id"], ada["scope"]) == ("wordpress:shop.example.com:comment:1", "shop.example.com")
    assert (ada["websites"], ada["observed_at"]) == (["https://ada.example.com"], "2024-04-05T10:11:12Z")
    assert "account_id" not in ada
    assert jose["account_id"] == "7"
    assert blog["is_person"] is False
    assert "192.0.2" not in str([ada, jose, blog])


@pytest.mark.parametrize("file", ["disqus.xml", "wordpress.xml"])
def test_what_moderators_took_for_spam_is_nobodys(file: str) -> None:
    assert "Cheap Things" not in str(rows(file))


def test_an_h_card_gives_what_its_page_says_is_mine_and_its_employer_is_no_profile() -> None:
    ada, jose, company = rows("h_card.json")
    assert (ada["display_name"], ada["account_id"]) == ("Ada Example", "https://ada.example.com/")
    assert ada["links"] == ["https://github.com/ada-example", "https://social.example.com/@ada"]
    assert (ada["employer"], ada["title"], ada["location"]) == (
        "Engines Example Ltd",
        "Analyst",
        "London, United Kingdom",
    )
    assert (ada["emails"], ada["phones"]) == (["ada@example.com"], ["+1-202-555-0143"])
    assert (jose["display_name"], "links" in jose) == ("José Exemplo", False)
    assert company["is_person"] is False


def test_an_h_card_without_a_name_is_called_by_its_nickname() -> None:
    card = {"type": ["h-card"], "properties": {"nickname": ["ada"], "note": [{"html": "<b>x</b>", "value": "x"}]}}
    (ada,) = channels.read({"items": [card], "rels": {"me": ["https://x.com/ada"]}}).to_pylist()
    assert (ada["display_name"], ada["bio"], ada["links"]) == ("ada", "x", ["https://x.com/ada"])
