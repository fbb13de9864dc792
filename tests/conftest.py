"""What several test files need: the seed's graph, built once a run."""

from pathlib import Path

import pyoxigraph
import pytest

from kg.build import Built, build
from kg.store import Release, write_release


@pytest.fixture(scope="session")
def seed() -> Built:
    """The readings of the seeds, with everything that follows from them, checked."""
    return build()


@pytest.fixture(scope="session")
def seed_release(seed: Built, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the seeds on disk."""
    return write_release(seed.quads(), tmp_path_factory.mktemp("seed"))


@pytest.fixture(scope="session")
def seed_store(seed_release: Release) -> pyoxigraph.Store:
    """The store of that release."""
    return seed_release.store


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parent.parent
