"""Atoms: what survives which kind of error."""

from __future__ import annotations

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.blocking import make_atoms
from socialmerge.normalise.features import build
from socialmerge.records import Field


@pytest.mark.parametrize(
    ("field", "atom", "one", "other"),
    [
        (sm.name("v"), "v.given.3", "Katharine Jones", "Kathrine Jones"),
        (sm.name("v"), "v.family.4", "Ann Robertson", "Ann Robertsen"),
        (sm.name("v"), "v.family.sound", "Ann Philips", "Ann Fillips"),
        (sm.name("v"), "v.family.1", "Ann Baker", "Ann Bell"),
        (sm.name("v"), "v.names", "Ada Lovelace", "Lovelace Ada"),
        (sm.date("v"), "v.year", "1980-02-03", "1980-11-09"),
        (sm.date("v"), "v.monthday", "1980-02-03", "1981-03-02"),
        (sm.email("v"), "v.local", "ada@example.com", "ada@example.org"),
        (sm.email("v"), "v.letters", "ada.lovelace@example.com", "lovelace.ada7@example.org"),
        (sm.phone("v", region="US"), "v.7", "+12125550101", "+13125550101"),
        (sm.account("v", channel="x"), "v.squeezed", "ada_lovelace", "adalovelace"),
        (sm.url("v"), "v.host", "https://ada.example.com/a", "https://ada.example.com/b"),
        (sm.text("v"), "v.token", "the analytical engine", "engine, analytical: notes"),
    ],
)
def test_an_atom_survives(field: Field, atom: str, one: str, other: str) -> None:
    atoms = {made.name: made for made in make_atoms(build((field,), pa.table({"v": [one, other, None]})))}
    codes = atoms[atom].codes
    assert set(codes[:, 0].tolist()) & set(codes[:, 1].tolist()) - {-1}
    assert (codes[:, 2] == -1).all()
