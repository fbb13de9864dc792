"""Every shape, held to its examples in tests/shapes: graphs that conform, and graphs that break one rule.

An example in invalid/ has the name of its rule; several of one rule have a word of their own after two
hyphens. It breaks one constraint of the rule, so that each of `sh:minCount` and `sh:maxCount` has its own.
Where the rule cannot be broken alone, a line `# Also breaks:` says what else is.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

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
# What SHACL says of a shape that is no parameter of a constraint component, or only the second of one.
NO_COMPONENTS = {
    *("flags", "message", "path", "prefixes", "property", "qualifiedValueShape", "severity", "sparql"),
}
PREFIX_LINES = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())


@lru_cache
def base() -> tuple[Triple, ...]:
    return tuple(read_turtle(EXAMPLES / "base.ttl", Iris()))


def turtle(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(PREFIX_LINES + text, RdfFormat.TURTLE)]


def example(path: Path) -> list[Triple]:
    """Return the base graph, but with the subjects that the example describes as it describes them."""
    described = list(read_turtle(path, Iris()))
    subjects = {triple.subject for triple in described}
    return [triple for triple in base() if triple.subject not in subjects] + described


@cache
def check_example(path: Path) -> Report:
    return check(example(path))


def rule_of(path: Path) -> str:
    return path.stem.partition("--")[0]


def broken(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_base_conforms() -> None:
    assert check(base()).findings == ()


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_example_conforms(path: Path) -> None:
    assert check(example(path)).findings == ()


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_example_breaks_its_constraint_and_no_other(path: Path) -> None:
    rule, report = rule_of(path), check_example(path)
    also = re.search(r"^# Also breaks: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    assert broken(report) == {rule, *(also[1].split(" , ") if also else ())}
    assert len({finding.component for finding in report.findings if finding.rule == rule}) == 1
    assert all(finding.severity == "Violation" for finding in report.findings)


def test_every_constraint_of_every_rule_has_an_example_that_breaks_it() -> None:
    found = {
        (finding.rule, finding.component.removeprefix(SH).removesuffix("ConstraintComponent"))
        for path in INVALID
        for finding in check_example(path).findings
        if finding.rule == rule_of(path)
    }
    declared = {(rule, component) for rule in RULES for component in components(rule)}
    assert found == declared
    assert len(declared) >= 190


def components(rule: str) -> set[str]:
    """Return the constraint components of a rule (SHACL, section 4), each named by its parameter."""
    from rdflib import URIRef

    says = {str(name) for name in load_shapes(SHAPES, Iris()).predicates(URIRef(PREFIXES["hss"] + rule))}
    names = {name.removeprefix(SH) for name in says if name.startswith(SH)} - NO_COMPONENTS
    names = {name for name in names if not name.startswith("target")}
    return {"SPARQL" if name == "select" else name[0].upper() + name[1:] for name in names}


def test_every_link_to_the_same_elsewhere_is_refused_on_an_actor() -> None:
    links = (
        *("skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch"),
        *("skos:relatedMatch", "skos:mappingRelation", "schema:sameAs"),
    )
    actors = [
        f"ac:a{n} a hs:RoleActor ; skos:prefLabel 'a'@en ; {link} wd:Q1 ." for n, link in enumerate(links)
    ]
    report = check([*base(), *turtle("\n".join(actors))])
    assert broken(report) == {"Actor-match"}
    assert [finding.focus[-3:-1] for finding in report.findings] == [f"a{n}" for n in range(len(links))]


def test_every_word_of_reporting_is_refused_in_a_claim_as_a_word() -> None:
    words = ("according to", "Allegedly", "apparently", "purportedly", "reportedly", "supposedly")
    claims = [
        f"cl:c{n} a hs:Claim ; hs:canonicalText 'It is {word} so.'@en ." for n, word in enumerate(words)
    ]
    claims.append("cl:plain a hs:Claim ; hs:canonicalText 'It is unapparently so, or XSUPPOSEDLY.'@en .")
    report = check([*base(), *turtle("\n".join(claims))])
    assert broken(report) == {"Claim-impersonal"}
    assert [finding.focus[-3:-1] for finding in report.findings] == [f"c{n}" for n in range(len(words))]


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("Actor", "id/actor/", ""),
        ("Annotator", "id/annotator/", ""),
        ("Article", "id/article/", ""),
        ("Attribution", "id/attribution/0123abcd-", ""),
        ("Claim", "id/claim/", ""),
        ("EvidenceItem", "id/evidence/0123abcd-", ""),
        ("Framing", "id/framing/0123abcd-", ""),
        ("OutsideStatement", "id/outside/", ""),
        ("Reading", "graph/reading/", ""),
        ("Segment", "id/segment/0123abcd-", ""),
        ("Statement", "id/statement/0123abcd-", ""),
        ("UnidentifiedActor", "id/actor/0123abcd-", "-unidentified"),
    ],
)
def test_iri_is_matched_from_end_to_end(kind: str, start: str, end: str) -> None:
    from rdflib import URIRef

    shape = URIRef(f"{PREFIXES['hss']}{kind}-iri")
    pattern = re.compile(str(load_shapes(SHAPES, Iris()).value(shape, URIRef(SH + "pattern"))))
    start = f"https://w3id.org/hearsay/{start}"
    good = [start + slug + end for slug in ("a", "a1", "a-b-2")]
    bad = [f"{good[0]}/a", f"{good[0]}-", f"{start}A{end}", f"{start}a_b{end}", start + end]
    # Whoever is unidentified is an actor as well, whose IRI is held to the rest.
    if kind != "UnidentifiedActor":
        bad += [f"x{good[0]}", f"{start}a--b", f"{start}-a"]
    if "0123abcd-" in start:
        bad += [good[0].replace("0123abcd", digits) for digits in ("0123abc", "0123abcde", "0123abcg")]
    assert [iri for iri in good if not pattern.search(iri)] == []
    assert [iri for iri in bad if pattern.search(iri)] == []


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


def test_no_file_of_rules_is_left_out() -> None:
    assert len(RULES) >= 128


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
