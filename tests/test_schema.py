"""What columns mean is found by name and by content, and what is unsure is said."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge import schema, tables
from socialmerge.errors import SchemaError, SocialMergeError, TableError
from socialmerge.records import Kind, profiles_schema

PEOPLE = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Jackson", "John Backus", "Barbara Liskov", "Karen Jones"]


def table_of(**columns: list[object]) -> pa.Table:
    rows = max(map(len, columns.values()))
    return pa.table({"id": [f"c{row}" for row in range(rows)], **columns})


def meaning(values: list[object], name: str = "thing", **others: list[object]) -> str:
    found = schema.infer(table_of(**{name: values}, **others))
    return next(column.meaning for column in found.columns if column.name == name)


# --------------------------------------------------------------------------------------------------------- by name


def test_a_plain_people_table_is_understood() -> None:
    found = schema.infer(
        pa.table(
            {
                "customer_id": ["1", "2"],
                "FirstName": ["Ada", "Bea"],
                "last name": ["Lovelace", "Byron"],
                "E-Mail": ["ada@example.com", None],
                "tel": ["+44 20 7946 0000", "020 7946 0001"],
                "dob": ["1815-12-10", None],
                "Town": ["London", "Paris"],
                "favourite_color_of_cat": ["black and white", "white with spots"],
            }
        )
    )
    assert [column.meaning for column in found.columns] == [
        "id", "name: given", "name: family", "email", "phone", "date: birth", "place: city", "text",
    ]  # fmt: skip
    assert (found.id_column, found.region) == ("customer_id", "GB")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            "AccountId LastName Salutation MailingStreet MailingPostalCode MobilePhone ReportsToId LeadSource OwnerId",
            "code|name: family|name: title|place: street|place: postcode|phone|other|other|other",
        ),
        ("Birthdate HasOptedOutOfEmail LinkedIn_URL__c", "date: birth|other|account: url on linkedin"),
        (
            "firstname jobtitle hs_additional_emails mobilephone hs_linkedin_url twitterhandle hs_merged_object_ids",
            "name: given|text|email|phone|account: url on linkedin|account: handle on x|other",
        ),
    ],
)  # fmt: skip
def test_crm_columns_without_values_are_known_by_name(columns: str, expected: str) -> None:
    empty: dict[str, list[object]] = {name: [None] for name in columns.split()}
    found = schema.infer(table_of(**empty))
    assert "|".join(column.meaning for column in found.columns[1:]) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Person - Name", "Person - Email - Work", "Organization - Name"], "name: full|email|name: organisation"),
        (["Account Name", "Secondary Email", "Asst Phone"], "name: organisation|email|other"),
        (["Twitter"], "account: handle on x"),
        (["E-mail 1 - Value", "E-mail 1 - Type", "Organization 1 - Name"], "email|other|name: organisation"),
        (["Address 1 - Formatted", "Phonetic First Name"], "place: full|other"),
        (["FN", "ORG", "TEL", "BDAY", "NICKNAME"], "name: full|name: organisation|phone|date: birth|name: nickname"),
        (["Vorname", "Straße", "PLZ", "Ort", "Handy"], "name: given|place: street|place: postcode|place: city|phone"),
        (["Prénom", "Nom", "Courriel", "Code postal"], "name: given|name: family|email|place: postcode"),
        (["Nombre", "Apellidos", "Móvil", "País"], "name: given|name: family|phone|place: country"),
        (["Nome", "Cognome", "CAP", "Codice fiscale"], "name: given|name: family|place: postcode|code"),
        (["name", "surname"], "name: given|name: family"),
        (["username", "x_handle", "facebook_id"], "account: handle|account: handle on x|account: id on facebook"),
        (["PASSPORT_NUMBER", "PASSPORT_COUNTRY", "SSN"], "code|category|code"),
        (["DATA_SOURCE", "Notes", "status", "created_at"], "other|other|other|date"),
        (["First contact", "Last contact", "Customer since"], "date|date|date"),
    ],
)  # fmt: skip
def test_other_systems_and_languages_are_known_by_name(names: list[str], expected: str) -> None:
    empty: dict[str, list[object]] = {name: [None] for name in names}
    found = schema.infer(table_of(**empty))
    assert "|".join(column.meaning for column in found.columns[1:]) == expected


def test_the_columns_of_profile_rows_are_known() -> None:
    found = schema.infer(profiles_schema().empty_table())
    by_name = {column.name: column for column in found.columns}
    assert found.id_column == "profile_id"
    assert by_name["account_id"].meaning == "account: id"
    assert by_name["handle"].meaning == "account: handle"
    assert by_name["display_name"].meaning == "name: full"
    assert {by_name[name].kind for name in ("websites", "links")} == {Kind.URL}
    assert {by_name[name].kind for name in ("emails", "verified_emails")} == {Kind.EMAIL}
    assert {by_name[name].kind for name in ("channel", "scope", "avatar", "is_person")} == {Kind.OTHER}


# ------------------------------------------------------------------------------------------------------ by content


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["ada@example.com", "bea@example.org", None], "email"),
        (["+1 555 010 0000", "(202) 555-0101", "202.555.0102"], "phone"),
        (["555.0100", "555.0101", "556.0102"], "phone"),
        (["3184.42971234567", "214.100381", "1970.5503"], "number"),
        (["https://example.com/a", "www.example.org", "example.net"], "url"),
        (["https://github.com/ada", "github.com/bea"], "account: url on github"),
        (["https://github.com/ada", "https://x.com/bea"], "account: url"),
        (["@ada", "@bea", "@cyd@social.example.com"], "account: handle"),
        (["2020-01-31", "2021-12-01"], "date"),
        (["31.01.2020", "01.12.2021"], "date"),
        (["SW1A 1AA", "M1 1AE", "EC1A 1BB"], "place: postcode"),
        (["12 High Street", "3 Oak Ave", "99 Elm Rd"], "place: street"),
        (["12 High St, Springfield, IL 62701", "3 Oak Ave, Salem, OR 97301"], "place: full"),
        (["1.5", "200", "-3"], "number"),
        (["100234", "100577", "104599"], "code"),
        (["AB-1023", "AC-2034", "ZZ-9934"], "code"),
        (["red", "blue", "green"] * 20, "category"),
        (["yes", "no"] * 5, "category"),
        (["the same"] * 5, "other"),
        (["a walk by the river", "reading old books"], "text"),
        (["...", "!!!"], "other"),
        ([None, None], "other"),
        (["n/a", "unknown"], "other"),
    ],
)
def test_a_column_of_unknown_name_is_taken_by_its_values(values: list[object], expected: str) -> None:
    assert meaning(values) == expected


def test_names_of_people_are_told_from_names_of_restaurants() -> None:
    places = ["Cafe Roma", "The Oak Grill", "Blue Door Bistro", "Pizzeria Luna", "Harbor House Restaurant", "Taco Bar"]
    assert meaning([*PEOPLE], "name") == "name: full"
    assert meaning([*places], "name") == "text"
    assert meaning(["Lovelace, Ada", "Hopper, Grace", "Turing, Alan", "Jackson, Mary"], "name") == "name: full"


def test_names_of_people_from_everywhere_are_names() -> None:
    assert (
        meaning(["Priyanka Chatterjee", "Zhang Xiuying", "Oluwaseun Adeyemi", "Nguyen Van Anh"], "name") == "name: full"
    )
    assert meaning(["张秀英", "ВАСИЛЬЕВ, Александр", "Ελένη Παππά"], "full name") == "name: full"


def test_names_of_people_are_found_under_an_unknown_name_where_rows_are_people() -> None:
    assert meaning([*PEOPLE], "who", email=[f"p{n}@example.com" for n in range(7)]) == "name: full"


def test_people_named_in_a_table_of_other_things_are_text() -> None:
    titles: list[object] = ["On computable numbers", "A note on tables", "Sketch of an engine", "What is code"]
    assert meaning([*PEOPLE[:4]], "thing", title=titles) == "text"


def test_a_bibliography_is_text_number_and_category() -> None:
    found = schema.infer(
        table_of(
            title=[f"On tables of the {n}th kind" for n in range(24)],
            authors=[f"{name}, {PEOPLE[n % 7]}" for n, name in enumerate(PEOPLE * 3)] + PEOPLE[:3],
            venue=["Proceedings", "Journal"] * 12,
            year=["1999", "2001", "2003"] * 8,
        )
    )
    kinds = {column.name: column.kind for column in found.columns}
    assert (kinds["authors"], kinds["venue"], kinds["year"]) == (Kind.TEXT, Kind.CATEGORY, Kind.NUMBER)
    assert found.notes == ()


def test_values_outrank_a_name_that_they_contradict() -> None:
    found = schema.infer(table_of(email=["01/31/2013", "08/31/2013"], name=["a@example.com", "b@example.com"]))
    email, name = found.columns[1:]
    assert (email.meaning, name.meaning) == ("date", "email")
    assert "named like an e-mail address, but only 0% of its values look like one" in email.reason
    assert any("not sure of column 'email'" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("title", ["Mr", "Mrs.", "Dr"], "name: title"),
        ("title", ["Head of Tables", "Chair Maker"], "text"),
        ("title", ["Engineer", "Lead"] * 10, "category"),
        ("job title", ["ada@example.com", "bea@example.com"], "email"),
        ("website", ["https://x.com/ada", "https://x.com/bea"], "account: url on x"),
        ("handle", ["two words here", "and some more"], "text"),
        ("handle", ["https://example.com/a/b", "https://example.org/c"], "account: url"),
        ("first name", ["123", "456"], "number"),
        ("city", ["https://example.com", "https://example.org"], "url"),
        ("location", ["2020-01-01", "2020-01-02"], "date"),
        ("location", ["12 High St", "3 Oak Ave"], "place: full"),
        ("gender", ["ada@example.com", "bea@example.com"], "email"),
        ("cuisine", [f"kind {n} of food" for n in range(80)], "text"),
        ("tax id", ["https://example.com", "https://example.org"], "url"),
        ("passport no", ["a long text of many words here", "another long text of many words"], "text"),
        ("birth year", ["1815", "1906"], "date: birth"),
        ("price", ["cheap and good", "dear and bad"], "text"),
        ("phone", [2025550100, 2025550101], "phone"),
        ("facebook_id", ["100001", "100002"], "account: id on facebook"),
    ],
)
def test_a_name_and_its_values_are_weighed_together(name: str, values: list[object], expected: str) -> None:
    assert meaning(values, name) == expected


def test_dates_over_many_years_are_birth_dates_where_rows_are_people() -> None:
    days: list[object] = [f"{1930 + 2 * n}-05-17" for n in range(30)]
    assert meaning(days, "d1", surname=["Lovelace"] * 30) == "date: birth"
    assert meaning(days, "d1") == "date"


def test_long_text_says_nothing_about_a_person_and_much_about_a_thing() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    long: list[object] = [words + "a", words + "b"]
    assert meaning(long, "z", surname=["Lovelace", "Byron"]) == "other"
    assert meaning(long, "z", title=["On tables", "On chairs"]) == "text"


def test_a_type_column_full_of_addresses_is_named_wrongly() -> None:
    assert meaning(["ada@example.com", "bea@example.com"], "service type") == "email"
    assert meaning(["home", "work"], "address type") == "other"


def test_columns_of_a_kind_and_part_are_found() -> None:
    found = schema.infer(table_of(city=["Paris"], state=["Texas"], email=["a@example.com"]))
    assert [column.name for column in found.of(Kind.PLACE)] == ["city", "state"]
    assert [column.name for column in found.of(Kind.PLACE, "city")] == ["city"]


def test_a_login_that_is_an_email_address_is_an_email() -> None:
    assert meaning(["ada@example.com", "bea@example.com"], "username") == "email"


def test_links_in_a_handle_column_are_links() -> None:
    assert meaning(["https://x.com/ada", "twitter.com/bea"], "twitter") == "account: url on x"
    assert meaning(["@ada", "bea"], "twitter") == "account: handle on x"


def test_an_address_is_whole_or_a_street_by_what_follows() -> None:
    assert meaning(["12 High St, Springfield, IL 62701"], "address") == "place: full"
    assert meaning(["12 High St"], "address", city=["Springfield"]) == "place: street"


def test_several_values_in_a_cell_have_a_separator() -> None:
    found = schema.infer(
        table_of(
            email=["a@example.com;b@example.com", "c@example.com"],
            phone=["202-555-0100 ::: 202-555-0101", None],
            website=[["example.com", "example.org"], []],
            note=["a; b", "c"],
        )
    )
    assert [column.separator for column in found.columns[1:]] == [";", " ::: ", " ::: ", ""]
    assert "between ';'" in found.columns[1].reason


def test_nested_values_are_kept_and_not_guessed_at() -> None:
    assert meaning([{"a": 1}, {"a": 2}]) == "other"
    assert meaning([[{"a": 1}], []]) == "other"


# ------------------------------------------------------------------------------------------------------ the id column


def test_the_id_column_is_named_or_looks_like_one() -> None:
    def id_of(**columns: list[object]) -> str:
        return schema.infer(pa.table(columns)).id_column

    assert id_of(name=["a", "b"], Id=["1", "2"]) == "Id"
    assert id_of(**{"Record ID": [1, 2], "email": ["a@example.com", "b@example.com"]}) == "Record ID"
    assert id_of(AccountId=["1", "2"], hs_object_id=["7", "8"]) == "hs_object_id"
    assert id_of(member_id=["1", "1"], id=["1", "2"]) == "id"
    assert id_of(when=["2020-01-01", "2020-01-02"], thing=["A-1", "A-2"]) == "thing"


def test_other_ids_are_codes() -> None:
    found = schema.infer(pa.table({"id": ["1", "2"], "customer_id": ["7", "7"], "provider id": ["8", "9"]}))
    assert [column.kind for column in found.columns] == [Kind.ID, Kind.CODE, Kind.CODE]


def test_no_id_column_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(SchemaError, match=r"crm: no id column found .* pass id= .* Columns: 'name', 'email'"):
        schema.infer(pa.table({"name": ["Ada"] * 2, "email": ["a@example.com", None]}), what="crm")
    with pytest.raises(SchemaError, match="none at all"):
        schema.infer(pa.table({}))
    with pytest.raises(SchemaError, match=r"profiles: no id column found .*; call it profile_id, or add one"):
        schema.infer(pa.table({"name": ["Ada"] * 2}), what="profiles")


def test_a_plain_id_column_that_repeats_is_an_error_and_not_passed_over() -> None:
    with pytest.raises(TableError, match="'id' repeats ids: an earlier row has the same id as row 2"):
        schema.infer(pa.table({"id": ["1", "1"], "code": ["A-1", "A-2"]}))


def test_a_named_id_column_is_taken_or_refused() -> None:
    table = pa.table({"id": ["1", "2"], "code": ["A-1", "A-2"], "c": ["x", "x"]})
    found = schema.infer(table, id_column="code")
    assert (found.id_column, found.columns[0].kind) == ("code", Kind.CODE)
    with pytest.raises(SchemaError, match="no column 'cod'; did you mean 'code'"):
        schema.infer(table, id_column="cod")
    with pytest.raises(TableError, match="repeats"):
        schema.infer(table, id_column="c")


# ---------------------------------------------------------------------------------------------------------- the region


@pytest.mark.parametrize(
    ("columns", "region"),
    [
        ({"phone": ["+49 30 901820", "030 901821"], "country": ["Germany", None]}, "DE"),
        ({"phone": ["202-555-0100"], "country": ["United States"]}, "US"),
        ({"phone": ["(202) 456-1111", "(202) 456-1414"], "state": ["DC", "MD"]}, "US"),
        ({"phone": ["020 7946 0018"], "postcode": ["SW1A 1AA"]}, "GB"),
        ({"phone": ["0412 345 678"], "state": ["NSW"]}, "AU"),
        ({"Telefon": ["0221 123456"], "PLZ": ["50667"], "Ort": ["Köln"], "Vorname": ["Ada"]}, "DE"),
        ({"phone": ["06 12 34 56 78"], "email": ["ada@example.fr"]}, "FR"),
        ({"phone": ["5551234", "5551235"]}, ""),
    ],
)
def test_the_region_is_found_from_countries_numbers_states_and_postcodes(
    columns: dict[str, list[object]], region: str
) -> None:
    found = schema.infer(table_of(**columns))
    assert found.region == region
    assert any("region=" in note for note in found.notes)


def test_a_region_that_was_told_is_not_guessed() -> None:
    found = schema.infer(table_of(phone=["(202) 456-1111"]), region="ca")
    assert (found.region, found.notes) == ("CA", ())


# -------------------------------------------------------------------------------------------------------------- laws


def test_a_schema_prints_as_a_table_with_its_notes() -> None:
    printed = str(schema.infer(table_of(mail=["ada@example.com"], blob=["a walk by the river"])))
    assert printed.splitlines()[0].split() == ["column", "meaning", "sure", "why"]
    assert "mail    email" in printed
    assert "note: not sure of column 'blob': taken as text (by content: text of no known form)" in printed
    assert "ada" not in printed


def test_every_column_is_kept_in_order() -> None:
    found = schema.infer(table_of(b=["x"], a=[None], zzz=["y"]))
    assert [column.name for column in found.columns] == ["id", "b", "a", "zzz"]


def test_the_order_of_rows_does_not_matter() -> None:
    rng = random.Random(7)
    rows = [
        {"id": str(n), "v": f"name{n}@example.com" if n % 3 else "n/a", "w": rng.choice(PEOPLE), "x": str(n * 7919)}
        for n in range(50_000)
    ]
    found = schema.infer(pa.Table.from_pylist(rows))
    rng.shuffle(rows)
    assert schema.infer(pa.Table.from_pylist(rows)) == found


cells = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8"), max_size=20), st.integers(), st.floats(), st.booleans()
)


@given(st.dictionaries(st.text(max_size=12), st.lists(cells, min_size=3, max_size=3), max_size=4))
def test_any_table_gives_a_schema_or_a_documented_error(columns: dict[str, list[object]]) -> None:
    from socialmerge import tables

    rows = [{name: values[row] for name, values in columns.items()} for row in range(3)]
    try:
        table = tables.read(rows)
        found = schema.infer(table)
    except SocialMergeError:
        return
    assert [column.name for column in found.columns] == table.column_names
    assert all(0 <= column.confidence <= 1 for column in found.columns)


@given(
    st.lists(st.sampled_from(["a@example.com", " a@example.com ", "York", "(202) 555-0143", "", " ", None]), min_size=2)
)
def test_a_column_that_is_a_dictionary_is_understood_as_its_texts(values: list[str | None]) -> None:
    table = pa.table({"id": [str(row) for row in range(len(values))], "thing": pa.array(values, pa.string())})
    assert schema.infer(tables.encoded(table)) == schema.infer(table)


def test_a_country_needs_no_numbers_where_all_else_says_it() -> None:
    # The state and the postcodes decide; the numbers fit two countries and are among the reasons all the same.
    rows = [("CA", "94105-1234", f"(415) 555-01{row:02d}") for row in range(20)]
    table = pa.table(
        {
            "id": [str(row) for row in range(20)],
            **dict(zip(("state", "zip", "phone"), zip(*rows, strict=True), strict=True)),
        }
    )
    found = schema.infer(table)
    assert found.region == "US"
    assert "by its states, postcodes, telephone numbers" in " ".join(found.notes)
