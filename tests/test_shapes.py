"""Every shape, held to its examples in tests/shapes: graphs that conform, and graphs that break one rule."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest
from pyoxigraph import Triple

from kg.check import check
from kg.check.shapes import constraints, load_ontology, load_shapes
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY, SHAPES
from kg.iris import PREFIXES, Iris
from kg.report import Report

EXAMPLES = Path(__file__).parent / "shapes"
VALID = sorted((EXAMPLES / "valid").glob("*.ttl"))
INVALID = sorted((EXAMPLES / "invalid").glob("*.ttl"))
RULES = sorted(name.rpartition("#")[2] for name in constraints(load_shapes(SHAPES, Iris())))

SH, RDFS, RDF = PREFIXES["sh"], PREFIXES["rdfs"], PREFIXES["rdf"]


@lru_cache
def base() -> tuple[Triple, ...]:
    return tuple(read_turtle(EXAMPLES / "base.ttl", Iris()))


def example(path: Path) -> list[Triple]:
    """Return the base graph, but with the subjects that the example describes as it describes them."""
    described = list(read_turtle(path, Iris()))
    subjects = {triple.subject for triple in described}
    return [triple for triple in base() if triple.subject not in subjects] + described


def broken(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_base_conforms() -> None:
    assert check(base()).findings == ()


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_example_conforms(path: Path) -> None:
    assert check(example(path)).findings == ()


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_example_breaks_its_rule_and_no_other(path: Path) -> None:
    # Several examples of one rule have a word of their own after two hyphens.
    rule = path.stem.partition("--")[0]
    report = check(example(path))
    assert broken(report) == {rule}
    assert all(finding.severity == "Violation" for finding in report.findings)


def test_every_rule_has_an_example_that_breaks_it() -> None:
    assert sorted({path.stem.partition("--")[0] for path in INVALID}) == RULES


def test_every_rule_looks_at_something_in_a_graph_that_conforms() -> None:
    from rdflib import Graph, URIRef

    from kg.check.datagraph import to_rdflib

    data: Graph = to_rdflib([*base(), *load_ontology(ONTOLOGY, Iris())])
    shapes = load_shapes(SHAPES, Iris())
    targeted = set()
    for shape, target in shapes[: URIRef(SH + "targetClass") :]:
        classes = data.transitive_subjects(URIRef(RDFS + "subClassOf"), target)
        if any((None, URIRef(RDF + "type"), kind) in data for kind in classes):
            targeted.add(shape)
    for shape, target in shapes[: URIRef(SH + "targetSubjectsOf") :]:
        if (None, target, None) in data:
            targeted.add(shape)
    for shape, target in shapes[: URIRef(SH + "targetNode") :]:
        if (target, None, None) in data:
            targeted.add(shape)
    targeted |= {part for shape in targeted for part in shapes.objects(shape, URIRef(SH + "sparql"))}
    idle = set(RULES) - {str(shape).rpartition("#")[2] for shape in targeted}
    # Its target is what must be nowhere.
    assert idle == {"SameAs-nowhere"}


def test_there_are_as_many_rules_as_we_think() -> None:
    assert len(RULES) == 123


def test_every_rule_says_what_to_do_and_why() -> None:
    from rdflib import URIRef

    shapes = load_shapes(SHAPES, Iris())
    for rule in RULES:
        node = URIRef(PREFIXES["hss"] + rule)
        messages = list(shapes.objects(node, URIRef(SH + "message")))
        reasons = list(shapes.objects(node, URIRef(RDFS + "comment")))
        assert len(messages) == 1, rule
        assert str(messages[0]).endswith("."), rule
        assert len(reasons) == 1, rule
        owner = shapes.value(None, URIRef(SH + "sparql"), node) or node
        assert shapes.value(owner, URIRef(SH + "severity")) == URIRef(SH + "Violation"), rule


def test_no_shape_is_nameless() -> None:
    from rdflib import Graph, URIRef

    shapes = Graph()
    for path in SHAPES.glob("*.ttl"):
        shapes.parse(path)
    for kind in ("NodeShape", "PropertyShape", "SPARQLConstraint"):
        for node in shapes.subjects(URIRef(RDF + "type"), URIRef(SH + kind)):
            assert str(node).startswith(PREFIXES["hss"])
    for link in ("property", "sparql", "qualifiedValueShape", "not"):
        for node in shapes.objects(None, URIRef(SH + link)):
            assert (node, None, None) in shapes, node
            assert isinstance(node, URIRef)


@pytest.mark.parametrize("path", sorted(SHAPES.glob("*.ttl")), ids=lambda path: path.stem)
def test_shapes_name_only_terms_of_the_ontology(path: Path) -> None:
    known = {str(triple.subject)[1:-1].rpartition("#")[2] for triple in load_ontology(ONTOLOGY, Iris())}
    assert set(re.findall(r"\bhs:(\w+)", path.read_text("utf-8"))) - known == set()


def test_plain_pyshacl_finds_the_same() -> None:
    # We answer SPARQL by Oxigraph, and give property shapes the targets of their node shapes; whoever
    # downloads the shapes does neither. A part of the base graph, because plain pySHACL takes its time.
    import pyshacl
    from rdflib import Graph, URIRef

    from kg.check.datagraph import to_rdflib

    shapes = Graph()
    for path in SHAPES.glob("*.ttl"):
        shapes.parse(path)
    parts = (
        "text/3e6c636aeb3c6f98>",
        "sale-denied>",
        "sale-denied-s00>",
        "claim/park-sold>",
        "segment/3e6c636a-s00>",
    )
    data = [triple for triple in base() if str(triple.subject).endswith(parts)]
    graph = to_rdflib([*data, *load_ontology(ONTOLOGY, Iris())])
    _, results, _ = pyshacl.validate(graph, shacl_graph=shapes, meta_shacl=True)
    found = set()
    for result in results.objects(None, URIRef(SH + "result")):
        shape = results.value(result, URIRef(SH + "sourceConstraint"))
        shape = shape or results.value(result, URIRef(SH + "sourceShape"))
        focus = results.value(result, URIRef(SH + "focusNode"))
        value = results.value(result, URIRef(SH + "value"))
        found.add((str(shape), f"<{focus}>", "" if value in (None, focus) else f"<{value}>"))
    findings = check(data).findings
    assert found == {(finding.shape, finding.focus, finding.value) for finding in findings}
    assert broken(check(data)) == {"Vocabulary-range", "Attribution-voice-narrator"}
