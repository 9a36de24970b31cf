"""Every test of the store runs on each database that is there."""

from pathlib import Path
import pytest
from tests.store.rows import KEY, Opener

from socialmerge.store import Store


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/people.db"


@pytest.fixture
def open_store(database_url: str) -> Opener:
    def opened(*, key: bytes = KEY, timeout_s: float = 30.0) -> Store:
        return Store.open(database_url, key=key, timeout_s=timeout_s)

    return opened
