"""Where the project keeps its files; every function that reads them takes another place too."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
GRAPHS = ROOT / "kg" / "graphs"
ONTOLOGY = ROOT / "ontology"
QUERIES = ROOT / "kg" / "queries"
SEEDS = ROOT / "seeds"
SHAPES = ROOT / "shapes"


def nearby(path: str | Path) -> str:
    """Return a path as one would type it here: from the current folder on, where it is below that."""
    here = Path.cwd()
    return str(Path(path).relative_to(here) if Path(path).is_relative_to(here) else path)
