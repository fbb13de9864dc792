"""What several test files need: the seed's graph, built once a run."""

import pyoxigraph
import pytest

from kg.build import Built, build
from kg.folders import SEEDS
from kg.store import Release, write_release


@pytest.fixture(scope="session")
def seed() -> Built:
    """The seed article, with everything that follows from it, checked; other articles may stand beside it."""
    return build([SEEDS / "corbyn-russia"])


@pytest.fixture(scope="session")
def seed_release(seed: Built, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the seed article on disk."""
    return write_release(seed.quads(), tmp_path_factory.mktemp("seed"))


@pytest.fixture(scope="session")
def seed_store(seed_release: Release) -> pyoxigraph.Store:
    """The store of that release."""
    return seed_release.store
