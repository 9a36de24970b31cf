"""What profile rows come out of the sample export of each format."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from socialmerge import attach, channels, tables
from socialmerge.records import profiles_schema

SAMPLES = Path(__file__).parent / "samples"
EXPORTS = {
    "activitypub_actor.json": "mastodon",
    "bluesky_profiles.json": "bluesky",
    "contacts.vcf": "vcard",
    "discord_members.json": "discord",
    "discord_users.json": "discord",
    "discourse_users.csv": "discourse",
    "disqus.xml": "disqus",
    "facebook_friends.json": "facebook",
    "facebook_leads.csv": "facebook",
    "facebook_leads.json": "facebook",
    "facebook_users.json": "facebook",
    "follower.js": "x",
    "following.js": "x",
    "github_users.json": "github",
    "gravatar_profile.json": "gravatar",
    "h_card.json": "web",
    "instagram_followers.json": "instagram",
    "instagram_following.json": "instagram",
    "instagram_users.json": "instagram",
    "linkedin_connections.csv": "linkedin",
    "linkedin_userinfo.json": "linkedin",
    "mastodon_accounts.json": "mastodon",
    "mastodon_following.csv": "mastodon",
    "profiles.csv": "profiles",
    "profiles.jsonl": "profiles",
    "reddit_users.json": "reddit",
    "schema_org.jsonld": "web",
    "slack_users.json": "slack",
    "tiktok_user.json": "tiktok",
    "tiktok_user_data.json": "tiktok",
    "webfinger.json": "mastodon",
    "wordpress.xml": "wordpress",
    "x_users.json": "x",
    "x_users_v1.json": "x",
    "youtube_channels.json": "youtube",
    "youtube_subscribers.json": "youtube",
    "youtube_subscriptions.csv": "youtube",
}


def rows(file: str) -> list[dict[str, object]]:
    """The rows of a sample, without what is null."""
    return [{key: value for key, value in row.items() if value is not None} for row in read(file).to_pylist()]


def read(file: str) -> pa.Table:
    return channels.read(SAMPLES / file)


def test_every_sample_has_a_test_and_every_format_a_sample() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPORTS)


@pytest.mark.parametrize("file", EXPORTS)
def test_an_export_is_told_by_its_structure_and_not_by_its_name(file: str, tmp_path: Path) -> None:
    renamed = tmp_path / f"download{Path(file).suffix}"
    renamed.write_bytes((SAMPLES / file).read_bytes())
    assert channels.recognise(renamed) == EXPORTS[file]
    assert channels.read(renamed).equals(read(file))


@pytest.mark.parametrize("file", EXPORTS)
def test_the_channel_may_be_named_as_well(file: str) -> None:
    assert channels.read(SAMPLES / file, channel=EXPORTS[file]).equals(read(file))


@pytest.mark.parametrize("file", EXPORTS)
def test_the_columns_of_profiles_come_first_with_their_types(file: str) -> None:
    table = read(file)
    schema = profiles_schema()
    assert table.schema.names[: len(schema)] == schema.names
    assert [table.schema.field(name).type for name in schema.names] == schema.types
    assert len(set(table["profile_id"].to_pylist())) == len(table)


@pytest.mark.parametrize("file", EXPORTS)
def test_what_is_verified_is_among_the_values(file: str) -> None:
    for row in read(file).to_pylist():
        assert set(row["verified_links"] or ()) <= set(row["links"] or ())
        assert set(row["verified_emails"] or ()) <= set(row["emails"] or ())


def test_a_github_user_gives_id_site_employer_and_x_account() -> None:
    ada, company = rows("github_users.json")
    assert ada["profile_id"] == "github:90000001"
    assert (ada["account_id"], ada["handle"], ada["is_person"]) == ("90000001", "ada-example", True)
    assert ada["websites"] == ["https://ada.example.com"]
    assert ada["links"] == ["https://x.com/ada_example"]
    assert ada["employer"] == "engines-example"
    assert ada["emails"] == ["ada@example.com"]
    assert "verified_emails" not in ada  # the export holds no proof
    assert (ada["public_repos"], ada["site_admin"]) == ("7", "false")
    assert company["is_person"] is False


def test_a_github_no_reply_address_gives_the_id() -> None:
    table = channels.read([{"login": "ada", "email": "90000001+ada@users.noreply.github.com"}], channel="github")
    assert table["account_id"].to_pylist() == ["90000001"]


def test_an_x_user_gives_what_the_short_links_stand_for() -> None:
    ada, business = rows("x_users.json")
    assert ada["profile_id"] == "x:1345461797361504259"
    assert ada["handle"] == "Ada_Example"
    assert ada["websites"] == ["https://ada.example.com"]
    assert ada["links"] == ["https://github.com/ada-example"]
    assert business["is_person"] is False
    assert json.loads(str(ada["public_metrics"]))["followers_count"] == 10


def test_an_old_x_user_is_known_by_the_text_of_its_id() -> None:
    (ada,) = rows("x_users_v1.json")
    assert ada["account_id"] == "1345461797361504259"
    assert ada["handle"] == "Ada_Example"
    assert ada["created_at"] == "2021-01-02T20:00:00+00:00"


def test_a_mastodon_account_gives_the_note_as_text_and_its_own_links_only() -> None:
    ada, bot = rows("mastodon_accounts.json")
    assert ada["handle"] == "ada@social.example.com"
    assert ada["account_id"] == "https://social.example.com/users/ada"
    assert ada["display_name"] == "Ada Example"  # without ":verified:", which stands for a picture
    assert ada["bio"] == "Engines & notes. Friend of @bob\nI write at https://notes.example.com #maths"
    assert ada["links"] == ["https://notes.example.com", "https://ada.example.com", "https://github.com/ada-example"]
    assert ada["verified_links"] == ["https://ada.example.com"]
    assert "is_person" not in ada
    assert bot["is_person"] is False
    assert bot["links"] == ["https://social.example.com/@newsbot2"]


def test_the_id_of_an_account_elsewhere_is_not_taken_for_an_id_there() -> None:
    _, bot = rows("mastodon_accounts.json")
    assert bot["handle"] == "newsbot@elsewhere.example.com"
    assert "account_id" not in bot


def test_a_mastodon_id_without_uri_counts_in_its_server_only() -> None:
    account = {"id": "1", "acct": "ada", "username": "ada", "note": "", "url": "https://social.example.com/@ada"}
    (row,) = channels.read([account]).to_pylist()
    assert (row["scope"], row["account_id"]) == ("social.example.com", "1")
    assert row["profile_id"] == "mastodon:social.example.com:1"


def test_an_actor_and_an_account_of_mastodon_are_one_account() -> None:
    (actor,) = rows("activitypub_actor.json")
    ada = rows("mastodon_accounts.json")[0]
    assert (actor["account_id"], actor["handle"]) == (ada["account_id"], ada["handle"])
    assert actor["links"] == ["https://ada.example.com", "https://old.example.com/users/ada"]
    assert actor["is_person"] is True


def test_a_linkedin_file_is_read_below_its_notes() -> None:
    ada, jose = rows("linkedin_connections.csv")
    assert ada["handle"] == "ada-example-1a2b3c4d"
    assert (ada["given_name"], ada["family_name"]) == ("Ada", "Example")
    assert (ada["employer"], ada["title"]) == ("Engines Example, Ltd", "Analyst")
    assert ada["observed_at"] == "2024-03-05"
    assert jose["emails"] == ["jose@example.com"]


def test_members_who_left_are_no_profiles_and_are_counted() -> None:
    notes = tables.notes_of(read("linkedin_connections.csv"))
    assert [note.partition(": ")[2] for note in notes] == [
        "1 record names nobody any more, as of an account that was closed, and is left out"
    ]
    assert tables.notes_of(read("discord_members.json")) == ()
    result = attach(SAMPLES / "linkedin_connections.csv", to=[{"id": "7", "name": "Ada Example"}])
    assert result.decisions.num_rows == 2
    assert notes[0] in result.warnings
    together = tables.noted(read("linkedin_connections.csv").select(profiles_schema().names), notes)
    assert tables.notes_of(channels.read(together)) == notes  # as several exports are handed over


def test_a_member_of_a_discord_server_keeps_what_the_server_calls_them_and_since_when() -> None:
    ada, jose, helper = rows("discord_members.json")
    assert (ada["account_id"], ada["handle"]) == ("90000000000000001", "ada.example")
    assert (ada["display_name"], ada["nick"], ada["observed_at"][:10]) == ("Ada Example", "ada (engines)", "2024-03-05")  # type: ignore[index]
    assert (jose["display_name"], jose["handle"]) == ("José Exemplo", "jotaele#0042")  # the one name there is
    assert (helper["is_person"], "user" in ada) == (False, False)
    members = json.loads((SAMPLES / "discord_members.json").read_text("utf-8"))
    assert channels.read({"members": members}).equals(read("discord_members.json"))


def test_a_slack_member_belongs_to_a_workspace_and_keeps_what_slack_confirmed() -> None:
    ada, bob, bot = rows("slack_users.json")
    assert ada["profile_id"] == "slack:T0000000Z:U000000A1"
    assert (ada["scope"], ada["handle"]) == ("T0000000Z", "ada")
    assert ada["verified_emails"] == ["ada@example.com"]
    assert "verified_emails" not in bob
    assert (bob["deleted"], "is_person" in bob) == ("true", False)
    assert bot["is_person"] is False


def test_slack_members_may_be_wrapped_as_the_api_answers() -> None:
    members = json.loads((SAMPLES / "slack_users.json").read_text("utf-8"))
    assert channels.read({"ok": True, "members": members}).equals(read("slack_users.json"))


def test_a_gravatar_profile_gives_the_accounts_that_gravatar_verified() -> None:
    (ada,) = rows("gravatar_profile.json")
    assert ada["handle"] == "adaexample"
    assert len(str(ada["account_id"])) == 64
    assert ada["verified_links"] == ["https://github.com/ada-example"]
    assert ada["phones"] == ["+1 202 555 0143"]
    assert "https://hidden.example.com" not in ada["links"]  # type: ignore[operator]


def test_contact_cards_of_three_versions_give_names_and_social_profiles() -> None:
    ada, jose, company = rows("contacts.vcf")
    assert (ada["given_name"], ada["family_name"]) == ("Ada", "Example")
    assert ada["links"] == ["https://social.example.com/@ada", "https://x.com/ada_example"]
    assert ada["employer"] == "Engines Example, Ltd"
    assert str(ada["bio"]).startswith("A note that is long enough to be folded, as RFC 6350 asks for; the second half")
    assert ada["location"] == "London, United Kingdom"
    assert jose["links"] == ["http://www.linkedin.com/in/jose-exemplo", "https://x.com/jose_exemplo"]
    assert (company["display_name"], company["is_person"]) == ("Jörg Müller", False)


def test_a_schema_org_person_is_found_in_the_graph_and_its_employer_is_not_a_profile_of_its_own() -> None:
    ada, company = rows("schema_org.jsonld")
    assert ada["links"] == ["https://github.com/ada-example", "https://social.example.com/@ada"]
    assert (ada["employer"], ada["location"]) == ("Engines Example Ltd", "London, GB")
    assert ada["emails"] == ["ada@example.com"]
    assert company["is_person"] is False


def test_a_saved_web_page_gives_the_people_of_its_json_ld(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><html><script type='application/ld+json'>"
        '{"@context": "https://schema.org", "@type": ["Person"], "name": "Ada", "sameAs": "https://x.com/ada"}'
        "</script></html>",
        encoding="utf-8",
    )
    (row,) = channels.read(page).to_pylist()
    assert (row["display_name"], row["links"]) == ("Ada", ["https://x.com/ada"])


def test_ids_over_53_bits_stay_exact(tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    file.write_text('[{"login": "ada", "id": 123456789012345678901, "node_id": "M"}]', encoding="utf-8")
    assert channels.read(file)["account_id"].to_pylist() == ["123456789012345678901"]


def test_rows_of_one_account_get_ids_of_their_own_whatever_their_order() -> None:
    first = {"login": "ada", "id": 1, "node_id": "M", "bio": "a"}
    second = first | {"bio": "b"}
    there = channels.read([first, second]).to_pylist()
    back = channels.read([second, first]).to_pylist()
    assert {row["bio"]: row["profile_id"] for row in there} == {"a": "github:1", "b": "github:1#2"}
    assert {row["bio"]: row["profile_id"] for row in back} == {row["bio"]: row["profile_id"] for row in there}


def test_ip_addresses_are_dropped_wherever_they_stand() -> None:
    user = {
        "login": "ada",
        "id": 1,
        "node_id": "M",
        "last_ip": "192.0.2.1",
        "signupIp": "192.0.2.1",
        "seen": "192.0.2.1",
        "zip": "1234",
        "session": {"ip_address": "192.0.2.1", "hosts": ["2001:db8::1", "kept"]},
    }
    table = channels.read([user])
    assert "192.0.2.1" not in str(table.to_pylist())
    assert "2001:db8" not in str(table.to_pylist())
    assert "kept" in str(table.to_pylist())
    assert table["zip"].to_pylist() == ["1234"]


def test_a_column_of_the_export_that_bears_a_name_of_ours_is_carried_under_its_channels_name() -> None:
    table = channels.read([{"login": "ada", "id": 1, "node_id": "M", "links": ["x"], "title": "Dr"}])
    assert table["github_links"].to_pylist() == ['["x"]']
    assert table["github_title"].to_pylist() == ["Dr"]


def test_json_lines_of_whole_answers_are_read_as_one_export(tmp_path: Path) -> None:
    file = tmp_path / "pages.jsonl"
    answer = {"data": [{"id": "1", "name": "Ada", "username": "ada"}], "meta": {"result_count": 1}}
    more = {"data": [{"id": "2", "name": "Bob", "username": "bob"}], "meta": {"result_count": 1}}
    file.write_text("\n".join(json.dumps(page) for page in (answer, more)), encoding="utf-8")
    assert channels.read(file)["profile_id"].to_pylist() == ["x:1", "x:2"]


def test_an_export_that_went_through_a_data_frame_is_still_known() -> None:
    table = pa.table({"login": ["ada"], "id": [1], "node_id": ["M"], "type": ["Organization"]})
    assert channels.recognise(table) == "github"
    (row,) = channels.read(table).to_pylist()
    assert (row["profile_id"], row["is_person"]) == ("github:1", False)
