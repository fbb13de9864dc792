"""What several test files need, made once a run: the seed's graph, and a small invented corpus."""

import pyoxigraph
import pytest

from bench.corpus import article_graphs
from bench.world import World
from kg.build import Built, Graphs, build
from kg.folders import SEEDS
from kg.iris import Iris
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


@pytest.fixture(scope="session")
def world() -> World:
    """What sixty invented articles speak of."""
    return World(60)


@pytest.fixture(scope="session")
def invented_graphs(world: World) -> list[Graphs]:
    """The graphs of each of them."""
    return [article_graphs(world, number, Iris()) for number in range(1, 61)]
