"""``attach`` on the sample of every format as a person would call it: without saying whose export it is."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

import socialmerge as sm
from socialmerge import channels
from socialmerge.errors import ChannelError, TableError

pytestmark = pytest.mark.slow

SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())
CUSTOMERS = [
    {"id": "7", "name": "Ada Example", "email": "ada@example.com"},
    {"id": "8", "name": "José Exemplo", "email": "jose@example.com"},
]


def test_every_sample_is_recognised_and_every_profile_of_it_decided() -> None:
    for sample in SAMPLES:
        result = sm.attach(sample, to=CUSTOMERS)
        decided = set(result.decisions["profile_id"].to_pylist())
        assert decided == set(channels.read(sample)["profile_id"].to_pylist()), sample.name


def test_every_sample_finds_a_customer_of_whom_it_tells() -> None:
    of_names = [sample for sample in SAMPLES if sample.suffix != ".js"]  # X's archive holds ids alone
    for sample in of_names:
        found = sm.attach(sample, to=CUSTOMERS).decisions["customer_id"].to_pylist()
        assert {"7", "8"} & set(found), sample.name


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.name))
def test_a_sample_in_an_archive_is_read_as_itself(sample: Path, tmp_path: Path) -> None:
    packed, zipped = tmp_path / f"{sample.name}.gz", tmp_path / "export.zip"
    packed.write_bytes(gzip.compress(sample.read_bytes()))
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(sample, f"export/{sample.name}")
    expected = channels.read(sample)
    assert channels.recognise(packed) == channels.recognise(zipped) == channels.recognise(sample)
    assert channels.read(packed).equals(expected)
    assert channels.read(zipped).equals(expected)


def test_an_archive_of_a_workspace_gives_its_people_and_reads_no_message(tmp_path: Path) -> None:
    file = tmp_path / "workspace.zip"
    users = next(sample for sample in SAMPLES if sample.name == "slack_users.json")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("channels.json", '[{"id": "C1", "name": "general", "members": ["U1"]}]')
        archive.writestr("integration_logs.json", "[]")
        archive.write(users, "users.json")
        archive.writestr("general/2024-03-05.json", "[" * 100_000)  # never looked at
    assert channels.read(file).equals(channels.read(users))


def test_the_parts_of_one_export_in_an_archive_are_one(tmp_path: Path) -> None:
    file = tmp_path / "instagram.zip"
    part = '[{"string_list_data": [{"href": "https://www.instagram.com/%s", "value": "%s", "timestamp": 1700000000}]}]'
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("connections/followers_1.json", part % ("ada", "ada"))
        archive.writestr("connections/followers_2.json", part % ("bea", "bea"))
    assert channels.read(file)["handle"].to_pylist() == ["ada", "bea"]


def test_an_archive_of_several_exports_asks_for_one_and_takes_the_channel_for_an_answer(tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for sample in SAMPLES:
            if sample.name in {"slack_users.json", "linkedin_connections.csv"}:
                archive.write(sample, sample.name)
    with pytest.raises(ChannelError, match=r"several exports \(linkedin_connections.csv, slack_users.json\)"):
        sm.attach(file, to=CUSTOMERS)
    assert set(channels.read(file, channel="slack")["channel"].to_pylist()) == {"slack"}


def test_an_archive_of_something_else_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "other.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("messages.csv", "FROM,TO\na,b\n")
    with pytest.raises(ChannelError, match=r"holds no export that is known.*unpack it"):
        sm.attach(file, to=CUSTOMERS)
    for name, data in (("customers.csv.gz", gzip.compress(b"id,name\n7,Ada\n")), ("customers.zip", file.read_bytes())):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(TableError, match="unpack it"):
            sm.attach(SAMPLES[0], to=tmp_path / name)
