"""Six channels' exports in their real shapes, written from accounts that do not exist.

Shapes: GitHub's REST users, X API v2 users, Mastodon accounts, LinkedIn's ``Connections.csv``, Slack's ``users.json``
and vCard 4.0, each as the platform writes it, with the keys that nobody needs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

__all__ = ["EXPORTS", "Shown", "profile_id"]

Record: TypeAlias = dict[str, object]

_WORKSPACE = "T0SAMPLE01"
_NOTES = (
    "When exporting your connection data, you may notice that some of the email addresses are missing. You will only"
    " see email addresses for connections who have allowed their connections to see or download their email address"
    " using this setting https://www.linkedin.com/psettings/privacy/email. You can learn more here"
    " https://www.linkedin.com/help/linkedin/answer/261"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An account as its channel shows it; ``""`` where it shows nothing. ``kind`` is for the answers only."""

    kind: str
    number: int
    handle: str
    name: str
    given: str = ""
    family: str = ""
    bio: str = ""
    place: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    title: str = ""
    x: str = ""
    github: str = ""
    created: str = ""
    is_person: bool = True
    is_proved: bool = False  # the channel proved the website, or the e-mail address


def profile_id(channel: str, one: Shown) -> str:
    """The id that the library gives a record, made of the record's own id or handle."""
    ids: dict[str, str] = {
        "github": f"github:{_github_id(one)}",
        "x": f"x:{_x_id(one)}",
        "mastodon": f"mastodon:{_actor(one)}",
        "linkedin": f"linkedin:{one.handle}",
        "slack": f"slack:{_WORKSPACE}:{_slack_id(one)}",
        "vcard": f"vcard:{_uid(one)}",
    }
    return ids[channel]


def _github(shown: Sequence[Shown]) -> str:
    return _json([_github_user(one) for one in shown])


def _github_user(one: Shown) -> Record:
    api = f"https://api.github.com/users/{one.handle}"
    return {
        "login": one.handle,
        "id": _github_id(one),
        "node_id": f"U_sample{one.number:06d}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{_github_id(one)}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": f"https://github.com/{one.handle}",
        "repos_url": f"{api}/repos",
        "type": "User" if one.is_person else "Organization",
        "site_admin": False,
        "name": one.name or None,
        "company": f"@{one.company.split()[0].lower()}" if one.company else None,
        "blog": one.website,
        "location": one.place or None,
        "email": one.email or None,
        "hireable": None,
        "bio": one.bio or None,
        "twitter_username": one.x or None,
        "public_repos": one.number % 41,
        "followers": one.number * 7 % 213,
        "following": one.number * 3 % 97,
        "created_at": f"{one.created}T08:15:00Z",
        "updated_at": "2026-10-30T12:00:00Z",
    }


def _x(shown: Sequence[Shown]) -> str:
    return _json({"data": [_x_user(one) for one in shown], "meta": {"result_count": len(shown)}})


def _x_user(one: Shown) -> Record:
    user: Record = {
        "id": str(_x_id(one)),
        "name": one.name,
        "username": one.handle,
        "created_at": f"{one.created}T19:40:00.000Z",
        "description": one.bio,
        "profile_image_url": f"https://images.example.com/x/{one.number}.png",
        "protected": False,
        "verified": not one.is_person,
        "verified_type": "none" if one.is_person else "business",
        "public_metrics": {"followers_count": one.number * 13 % 977, "following_count": one.number * 5 % 331},
    }
    if one.place:
        user["location"] = one.place
    if one.website:
        short = f"https://t.co/sample{one.number:04d}"
        link = {"start": 0, "end": len(short), "url": short, "expanded_url": one.website}
        user |= {"url": short, "entities": {"url": {"urls": [link | {"display_url": one.website.split("//")[1]}]}}}
    return user


def _mastodon(shown: Sequence[Shown]) -> str:
    return _json([_mastodon_account(one) for one in shown])


def _mastodon_account(one: Shown) -> Record:
    user, _, host = one.handle.partition("@")
    fields = [("Website", one.website, one.is_proved), ("GitHub", f"https://github.com/{one.github}", False)]
    shown = [field for field, filled in zip(fields, (one.website, one.github), strict=True) if filled]
    return {
        "id": str(109_000_000_000_000_000 + one.number * 7919),
        "username": user,
        "acct": user if host == "social.example.org" else one.handle,
        "display_name": one.name,
        "locked": False,
        "bot": not one.is_person,
        "group": False,
        "created_at": f"{one.created}T00:00:00.000Z",
        "note": f"<p>{escape(one.bio)}</p>" if one.bio else "",
        "url": f"https://{host}/@{user}",
        "uri": _actor(one),
        "avatar": f"https://{host}/avatars/{one.number}.png",
        "followers_count": one.number * 11 % 541,
        "statuses_count": one.number * 17 % 2003,
        "emojis": [],
        "fields": [_mastodon_field(*field) for field in shown],
    }


def _mastodon_field(name: str, url: str, proved: bool) -> Record:  # noqa: FBT001 - a row of a table
    link = f'<a href="{escape(url)}" rel="nofollow noopener me" target="_blank"><span>{escape(url)}</span></a>'
    return {"name": name, "value": link, "verified_at": "2026-03-14T09:26:53.000+00:00" if proved else None}


def _linkedin(shown: Sequence[Shown]) -> str:
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    text.write("Notes:\n")
    write.writerows([[_NOTES], []])
    write.writerow(["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"])
    for one in shown:
        url = f"https://www.linkedin.com/in/{one.handle}"
        write.writerow([one.given, one.family, url, one.email, one.company, one.title, _day(one.created)])
    return text.getvalue()


def _slack(shown: Sequence[Shown]) -> str:
    return _json([_slack_member(one) for one in shown])


def _slack_member(one: Shown) -> Record:
    profile = {
        "title": one.title,
        "phone": one.phone,
        "real_name": one.name,
        "real_name_normalized": one.name,
        "display_name": one.handle,
        "display_name_normalized": one.handle,
        "first_name": one.given,
        "last_name": one.family,
        "image_24": f"https://images.example.com/slack/{one.number}_24.png",
        "team": _WORKSPACE,
    }
    member: Record = {
        "id": _slack_id(one),
        "team_id": _WORKSPACE,
        "name": one.handle,
        "deleted": one.number % 23 == 0,
        "real_name": one.name,
        "tz": "America/Chicago",
        "profile": profile | ({"email": one.email} if one.email else {}),
        "is_bot": not one.is_person,
        "is_app_user": False,
        "updated": 1_790_000_000 + one.number,
    }
    return member | ({"is_email_confirmed": True} if one.is_proved else {})


def _vcard(shown: Sequence[Shown]) -> str:
    return "".join(f"{line}\r\n" for one in shown for line in _vcard_lines(one))


def _vcard_lines(one: Shown) -> list[str]:
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:{_uid(one)}", f"FN:{one.name}", f"N:{one.family};{one.given};;;"]
    optional = {
        "ORG:": one.company,
        "TITLE:": one.title,
        "EMAIL;TYPE=home:": one.email,
        "TEL;TYPE=cell:": one.phone,
        "URL:": one.website,
        "SOCIALPROFILE;SERVICE-TYPE=GitHub:https://github.com/": one.github,
        "SOCIALPROFILE;SERVICE-TYPE=Twitter:https://x.com/": one.x,
        "NOTE:": one.bio.replace(",", "\\,"),
    }
    kind = [] if one.is_person else ["KIND:org"]
    return [*lines, *kind, *(label + value for label, value in optional.items() if value), "END:VCARD"]


def _github_id(one: Shown) -> int:
    return 9_900_000_000 + one.number * 104_729  # far above any that was ever given out


def _x_id(one: Shown) -> int:
    return 9_000_000_000_000_000_000 + one.number * 1_000_003_337_021


def _slack_id(one: Shown) -> str:
    return f"U0SAMPLE{one.number:04d}"


def _uid(one: Shown) -> str:
    return f"urn:uuid:00000000-0000-4000-8000-{one.number:012d}"


def _actor(one: Shown) -> str:
    user, _, host = one.handle.partition("@")
    return f"https://{host}/users/{user}"


def _day(date: str) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    year, month, day = date.split("-")
    return f"{day} {months[int(month) - 1]} {year}"


def _json(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


EXPORTS: dict[str, tuple[str, Callable[[Sequence[Shown]], str]]] = {
    "github": ("github.json", _github),
    "x": ("x.json", _x),
    "mastodon": ("mastodon.json", _mastodon),
    "linkedin": ("Connections.csv", _linkedin),
    "slack": ("users.json", _slack),
    "vcard": ("contacts.vcf", _vcard),
}
