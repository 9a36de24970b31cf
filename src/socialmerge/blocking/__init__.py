"""Blocking: which pairs of rows are worth comparing, found by keys made of cheap atoms."""

from socialmerge.blocking.analysis import Analysis, KeyAnalysis, analyse
from socialmerge.blocking.atoms import Atom
from socialmerge.blocking.atoms import make as make_atoms
from socialmerge.blocking.candidates import candidate_pairs
from socialmerge.blocking.encoding import Encoded, encode
from socialmerge.blocking.keys import Budget, Choice, Key
from socialmerge.blocking.keys import choose as choose_keys
from socialmerge.blocking.keys import expect as expect_of_keys
from socialmerge.blocking.keys import resolve as resolve_key
from socialmerge.blocking.order import Order, by_content, draw_rows
from socialmerge.blocking.others import sample_others
from socialmerge.blocking.own import own_atoms
from socialmerge.blocking.pairs import Candidates, KeyReport
from socialmerge.blocking.pairs import build as build_pairs

__all__ = [
    "Analysis",
    "Atom",
    "Budget",
    "Candidates",
    "Choice",
    "Encoded",
    "Key",
    "KeyAnalysis",
    "KeyReport",
    "Order",
    "analyse",
    "build_pairs",
    "by_content",
    "candidate_pairs",
    "choose_keys",
    "draw_rows",
    "encode",
    "expect_of_keys",
    "make_atoms",
    "own_atoms",
    "resolve_key",
    "sample_others",
]
