"""Which column of a set holds what: a role for each, found by its name.

Peers are given settings by role, as their authors' demonstrations have them by column. Only the standard library is
imported here: this runs in every peer's own environment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

__all__ = ["CHANNELS", "Role", "canonical_names", "role_of"]


class Role(StrEnum):
    """What a column holds."""

    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    NAME = "name"  # of a person in one piece, of a place, of a company; the title of a work
    DATE = "date"
    YEAR = "year"  # of birth
    EMAIL = "email"
    PHONE = "phone"
    HANDLE = "handle"
    CODE = "code"  # a number that one person has: of social security, of a passport
    NUMBER = "number"  # of a house
    STREET = "street"
    CITY = "city"
    STATE = "state"
    POSTCODE = "postcode"
    COMPANY = "company"
    SEX = "sex"
    CATEGORY = "category"  # few values: an occupation, a cuisine, a venue, a year
    TEXT = "text"  # words: a list of authors, a biography
    WEBSITE = "website"


_NAMES = {
    Role.GIVEN: "first_name firstname given_name given forename primary_name_first",
    Role.MIDDLE: "middle_name middle primary_name_middle",
    Role.FAMILY: "last_name lastname surname family_name family primary_name_last",
    Role.NAME: "name full_name fullname display_name speaker speaker_name author site_name primary_name_full "
    "primary_name_org",
    Role.DATE: "dob date_of_birth birth_date birthdate birth_day birthday",
    Role.YEAR: "birth_year year_of_birth yob",
    Role.EMAIL: "email e_mail email_address mail emails",
    Role.PHONE: "phone phone_number telephone mobile",
    Role.HANDLE: "handle username user_name login",
    Role.CODE: "soc_sec_id ssn ssn_number passport_number national_id_number drivers_license_number",
    Role.NUMBER: "street_number house_number",
    Role.STREET: "street address address_1 street_address addr_line1 addr_full",
    Role.CITY: "city suburb town birth_place location place addr_city",
    Role.STATE: "state region county addr_state",
    Role.POSTCODE: "postcode postcode_fake zip zip_code zipcode postal_code addr_postal_code",
    Role.COMPANY: "company employer organisation organization affiliation",
    Role.SEX: "sex gender",
    Role.CATEGORY: "occupation cuisine venue year type profession",
    Role.TEXT: "authors bio description talk_title",
    Role.WEBSITE: "website websites url",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
_TITLE = "title"  # the name of a work, or where persons are named something that they wrote or said
CHANNELS = frozenset({"twitter", "github", "gitlab", "linkedin", "instagram", "facebook", "youtube", "linktree"})


def role_of(column: str) -> Role | None:
    """The role of a column, ``None`` for one that no setting speaks of.

    >>> role_of("Birth date"), role_of("Progmod"), role_of("GitHub")
    (<Role.DATE: 'date'>, None, <Role.HANDLE: 'handle'>)
    """
    name = _plain(column)
    return Role.NAME if name == _TITLE else Role.HANDLE if name in CHANNELS else _ROLES.get(name)


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def canonical_names(columns: Sequence[str]) -> dict[str, str]:
    """A name by role for every column that has a role; the second of a role is ``category_2`` and so on.

    An account is named by its channel too, and a title beside a person's name is text.

    >>> canonical_names(["surname", "venue", "year", "Progmod", "twitter"])
    {'surname': 'family', 'venue': 'category', 'year': 'category_2', 'twitter': 'handle_twitter'}
    >>> canonical_names(["speaker", "title"])
    {'speaker': 'name', 'title': 'text'}
    """
    named = any(_plain(column) != _TITLE and role_of(column) in {Role.NAME, Role.FAMILY} for column in columns)
    found: dict[str, str] = {}
    for column in columns:
        name, role = _plain(column), role_of(column)
        if name in CHANNELS:
            found.setdefault(column, f"{Role.HANDLE}_{name}")
        elif role:
            role = Role.TEXT if named and name == _TITLE else role
            taken = sum(
                before.split("_")[0] == role and before.rpartition("_")[2] not in CHANNELS for before in found.values()
            )
            found[column] = f"{role}_{taken + 1}" if taken else str(role)
    return found
