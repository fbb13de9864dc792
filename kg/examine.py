"""Check whatever a person points at: readings, RDF files, or a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from kg.build import NonconformanceError, build
from kg.check import check, check_files
from kg.files.rdf import FORMATS, read_rdf
from kg.iris import Iris
from kg.report import Report, merge

# The graphs of a store that are about articles: the others are what they are checked with.
_ABOUT_ARTICLES = ("actors", "inferred/", "judgements/", "metadata/", "reading/", "text/")


def examine(paths: Sequence[Path], *, iris: Iris) -> Report:
    """Check all paths and report what was found in any; RDF files are checked as one graph.

    Raise ReadingError for what cannot be read, CheckError where the shapes cannot be applied.
    """
    files = [path for path in paths if path.suffix in FORMATS]
    stores = [path for path in paths if (path / "current").exists()]
    seeds = [path for path in paths if path not in files and path not in stores]
    reports = []
    if seeds:
        try:
            reports.append(build(seeds, iris=iris).report)
        except NonconformanceError as error:
            reports.append(error.report)
    if files:
        reports.append(check_files(files, iris=iris))
    for path in stores:
        quads = read_rdf(path / "current" / "dump.nq")
        reports.append(check([quad for quad in quads if _about_articles(quad, iris)], iris=iris))
    return merge(*reports)


def _about_articles(quad: Quad, iris: Iris) -> bool:
    graphs = iris.graph("").value.rstrip("/") + "/"
    name = quad.graph_name
    return isinstance(name, NamedNode) and name.value.removeprefix(graphs).startswith(_ABOUT_ARTICLES)
