"""Where the project keeps its files; every function that reads them takes another place too."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
GRAPHS = ROOT / "kg" / "graphs"
ONTOLOGY = ROOT / "ontology"
QUERIES = ROOT / "kg" / "queries"
SEEDS = ROOT / "seeds"
SHAPES = ROOT / "shapes"
