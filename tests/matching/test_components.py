"""Connected components: what hangs together has one label, the first of its nodes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from socialmerge.matching.components import components

EDGES = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30)


@given(EDGES)
def test_labels_are_the_first_nodes_of_the_components_that_scipy_finds(edges: list[tuple[int, int]]) -> None:
    one, other = (np.array([edge[side] for edge in edges], dtype=np.int64) for side in range(2))
    graph = coo_array((np.ones(len(edges)), (one, other)), shape=(20, 20))
    labels = connected_components(graph, directed=False)[1]
    first = [labels.tolist().index(label) for label in labels]
    assert components(20, one, other).tolist() == first


def test_a_long_path_is_one_component() -> None:
    nodes = np.random.default_rng(1).permutation(1_000)
    assert set(components(1_000, nodes[:-1], nodes[1:]).tolist()) == {0}


def test_nothing_joined_is_nothing_together() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert components(3, none, none).tolist() == [0, 1, 2]
    assert components(0, none, none).tolist() == []
