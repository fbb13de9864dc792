"""The ontology's own files: documented, declared, laid out and closed as they should be."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pyoxigraph
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg.examples import read_example
from kg.iris import PREFIXES
from kg.views import VIEWS

Entry: TypeAlias = "str | dict[str, str]"

ROOT = Path(__file__).parent.parent
ONTOLOGY = ROOT / "ontology"
HAND_WRITTEN = sorted(
    [*ONTOLOGY.glob("*.ttl"), *(ROOT / "shapes").glob("*.ttl"), ROOT / "seeds" / "actors.ttl"]
)
ARTICLE = (ROOT / "seeds" / "corbyn-russia" / "article.txt").read_text(encoding="utf-8")
HS = Namespace(PREFIXES["hs"])
SH = Namespace(PREFIXES["sh"])
BUILT_IN = tuple(PREFIXES[name] for name in ("rdf", "rdfs", "owl", "xsd"))
PROPERTY_KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)

# Named by the design after what they link to, not by a verb.
NOUNS = {
    "about",
    "aliasOf",
    "annotationStatus",
    "annotatorKind",
    "certaintySpan",
    "contentSpan",
    "cueSpan",
    "framingSpan",
    "framingType",
    "framingVoice",
    "inArticle",
    "inSegment",
    "inTensionWith",
    "nonAnswerKind",
    "onBehalfOf",
    "quoteSpan",
    "reportingMode",
    "sourceSpan",
    "timeRelation",
    "timeSpan",
    "voice",
    "within",
}
ENGLISH = {
    "alternativeReading",
    "bibliographicCitation",
    "canonicalText",
    "comment",
    "definition",
    "description",
    "example",
    "label",
    "note",
    "prefLabel",
    "scopeNote",
    "title",
}
# A person who reads an article may also be somebody an article speaks of.
NOT_DISJOINT = {"Annotator"}


@cache
def read(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(ONTOLOGY / name, format="turtle")
    return graph


def ontology() -> Graph:
    return read("hearsay.ttl", "concepts.ttl")


def local(node: Node) -> str:
    assert isinstance(node, URIRef)
    return re.split(r"[#/]", node)[-1]


def own_terms() -> list[URIRef]:
    return sorted({s for s in ontology().subjects() if isinstance(s, URIRef) and s.startswith(HS)})


@cache
def own_names() -> frozenset[str]:
    return frozenset({local(term) for term in own_terms()})


def named(kind: Node) -> set[URIRef]:
    return {s for s in ontology().subjects(RDF.type, kind) if isinstance(s, URIRef)}


def listed(kind: Node, predicate: Node) -> list[set[str]]:
    """The lists of names that the blank nodes of one type have."""
    graph = ontology()
    heads = [graph.value(node, predicate) for node in graph.subjects(RDF.type, kind)]
    return [{local(member) for member in Collection(graph, head)} for head in heads if head is not None]


def subclasses(name: str) -> set[str]:
    return {local(node) for node in ontology().subjects(RDFS.subClassOf, HS[name])}


# ---------------------------------------------------------------------------------------- documentation


@pytest.mark.parametrize(
    "predicate", [SKOS.prefLabel, SKOS.definition, SKOS.example, RDFS.isDefinedBy], ids=local
)
def test_every_term_is_documented(predicate: URIRef) -> None:
    assert [local(term) for term in own_terms() if (term, predicate, None) not in ontology()] == []
    assert len(own_terms()) > 150


@pytest.mark.parametrize("predicate", [SKOS.prefLabel, SKOS.definition], ids=local)
def test_a_label_or_definition_belongs_to_one_term(predicate: URIRef) -> None:
    found = [
        (term, str(value).lower()) for term in own_terms() for value in ontology().objects(term, predicate)
    ]
    assert len(found) == len(own_terms())
    assert [value for value, times in Counter(value for _, value in found).items() if times > 1] == []


def test_a_definition_is_one_sentence_without_the_term_itself() -> None:
    for term in own_terms():
        definition, label = (str(ontology().value(term, p)) for p in (SKOS.definition, SKOS.prefLabel))
        assert definition.endswith("."), term
        assert ". " not in definition, term
        assert not re.search(rf"\b{re.escape(label)}\b", definition, re.IGNORECASE), term


def test_quotations_in_examples_are_the_words_of_the_article() -> None:
    one_line = re.sub(r"\n+", " ", ARTICLE)
    quotations = 0
    for term, example in ontology().subject_objects(SKOS.example):
        assert str(example).count("«") == str(example).count("»"), term
        for quotation in re.findall("«([^»]*)»", str(example)):
            # To the character, no-break spaces included; only the end of a line may be a space.
            assert quotation in one_line, f"{term}: {quotation!r}"
            quotations += 1
    assert quotations > 150
    assert any("\u00a0" in str(example) for example in ontology().objects(None, SKOS.example))


def test_object_properties_begin_with_a_verb() -> None:
    names = {local(term) for term in named(OWL.ObjectProperty) if term.startswith(HS)}
    verb = re.compile(r"([a-z]+ly)?(is|[A-Za-z][a-z]*(s|ed)|made)(?=[A-Z]|$)")
    assert names >= NOUNS
    assert [name for name in sorted(names - NOUNS) if not verb.match(name)] == []


def test_the_header_says_what_this_is() -> None:
    header = URIRef(str(HS).rstrip("#"))
    graph = ontology()
    said = {local(p): str(o) for p, o in graph.predicate_objects(header)}
    assert said["versionIRI"] == "https://w3id.org/hearsay/ontology/1.0.0"
    assert said["versionInfo"] == "1.0.0"
    assert said["creator"] == "The Hearsay project"
    assert said["preferredNamespacePrefix"] == "hs"
    assert said["preferredNamespaceUri"] == str(HS)
    assert said.keys() >= {
        "title",
        "description",
        "license",
        "created",
        "issued",
        "bibliographicCitation",
        "status",
    }


# ------------------------------------------------------------------------------------------ declarations


def test_every_term_used_is_declared() -> None:
    used = [
        *HAND_WRITTEN,
        *ONTOLOGY.rglob("*.rq"),
        *(ROOT / "kg" / "queries").glob("*.rq"),
        *(ROOT / "kg").rglob("*.py"),
        *(ROOT / "web").rglob("*.py"),
    ]
    pattern = re.compile(r"""\bhs:([A-Za-z]\w*)|\.(?:hs|term)\("(\w+)"\)""")
    unknown = [
        f"{path.relative_to(ROOT)}: {one or other}"
        for path in used
        for one, other in pattern.findall(path.read_text(encoding="utf-8"))
        if (one or other) not in own_names()
    ]
    assert unknown == []


def test_every_term_of_another_vocabulary_is_declared_with_one_kind() -> None:
    graph = ontology()
    nodes = (
        set(graph.predicates())
        | set(graph.objects(None, RDF.type))
        | set(graph.objects(None, RDFS.subClassOf))
    )
    foreign = {n for n in nodes if isinstance(n, URIRef) and not str(n).startswith((*BUILT_IN, HS))}
    kinds = Counter(s for kind in (OWL.Class, *PROPERTY_KINDS) for s in graph.subjects(RDF.type, kind))
    assert sorted(foreign - set(kinds)) == []
    assert [s for s, times in kinds.items() if times > 1] == []


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: path.name)
def test_nothing_is_imported_or_identified(path: Path) -> None:
    graph = Graph().parse(path, format="turtle")
    assert (None, OWL.imports, None) not in graph
    assert (None, OWL.sameAs, None) not in graph


def test_literals_have_datatypes_that_the_reasoner_reads() -> None:
    for name in sorted(path.name for path in ONTOLOGY.glob("*.ttl")):
        for _, p, o in read(name):
            if isinstance(o, Literal) and o.datatype is not None:
                assert o.datatype in {XSD.boolean, XSD.integer, XSD.string, XSD.dateTime, XSD.date}, (name, o)
                # HermiT stops at a date, unless it only annotates.
                assert o.datatype != XSD.date or (p, RDF.type, OWL.AnnotationProperty) in ontology()
    data = named(OWL.DatatypeProperty)
    ranges = {o for prop in data for o in ontology().objects(prop, RDFS.range)}
    assert ranges == {XSD.string, XSD.integer, XSD.dateTime, RDF.PlainLiteral}
    assert [prop for prop in data if (prop, RDFS.range, None) not in ontology()] == []


# What decides which conclusions can be drawn, and which mistakes found: property by property.
CHARACTERISTICS = {
    "addresses": {"Functional"},
    "aliasName": {"Functional"},
    "annotationStatus": {"Functional"},
    "annotatorKind": {"Functional"},
    "canonicalText": {"Functional"},
    "concerns": {"Functional"},
    "contradicts": {"Irreflexive", "Symmetric"},
    "edtfValue": {"Functional"},
    "embeddedIn": {"Asymmetric", "Functional", "Irreflexive"},
    "entails": {"Transitive"},
    "framingType": {"Functional"},
    "hasCertainty": {"Functional"},
    "hasExtent": {"Functional"},
    "hasText": {"Functional"},
    "inTensionWith": {"Symmetric"},
    "interpretsTimeOf": {"Functional"},
    "nonAnswerKind": {"Functional"},
    "readsArticle": {"Functional"},
    "reportingMode": {"Functional"},
    "reports": {"Functional"},
    "respondsTo": {"Asymmetric", "Irreflexive"},
    "segmentNumber": {"Functional"},
    "sha256": {"Functional"},
    "timeRelation": {"Functional"},
    "within": {"Transitive"},
}
INVERSES = {
    "askedIn": "asksWhether",
    "assertedIn": "asserts",
    "challengedIn": "challenges",
    "deniedIn": "denies",
    "reportedIn": "reports",
}
SUBPROPERTIES = {
    "appearsIn": "appearance",
    "asksWhether": "addresses",
    "asserts": "addresses",
    "certaintySpan": "hasSpan",
    "challenges": "addresses",
    "contentSpan": "hasSpan",
    "cueSpan": "hasSpan",
    "denies": "addresses",
    "embeddedIn": "within",
    "framingSpan": "hasSpan",
    "hasExtent": "hasSpan",
    "hasSource": "wasAttributedTo",
    "madeBy": "hasSource",
    "onBehalfOf": "hasSource",
    "quoteSpan": "hasSpan",
    "sourceSpan": "hasSpan",
    "timeSpan": "hasSpan",
}
# ^ is for the inverse of a property.
CHAINS = {
    "appearsIn": ["^addresses", "reportedIn", "inArticle"],
    "assertedBy": ["assertedIn", "hasSource"],
    "deflects": ["isNonAnswer", "respondsTo", "asksWhether"],
    "deniedBy": ["deniedIn", "hasSource"],
    "implicitlyAssertedIn": ["^entails", "assertedIn"],
    "implicitlyDeniedIn": ["entails", "deniedIn"],
    "relays": ["^madeBy", "reportedIn", "^embeddedIn", "reports", "madeBy"],
}


def test_each_property_has_the_characteristics_of_the_design() -> None:
    found: dict[str, set[str]] = {}
    for term, kind in ontology().subject_objects(RDF.type):
        if kind not in PROPERTY_KINDS and local(kind).endswith("Property") and str(kind).startswith(str(OWL)):
            found.setdefault(local(term), set()).add(local(kind).removesuffix("Property"))
    assert found == CHARACTERISTICS


def test_the_inverses_sub_properties_and_chains_are_those_of_the_design() -> None:
    graph = ontology()

    def step(node: Node) -> str:
        inverse = graph.value(node, OWL.inverseOf)
        return f"^{local(inverse)}" if isinstance(node, BNode) and inverse else local(node)

    def pairs(predicate: URIRef) -> list[tuple[str, str]]:
        found = [(s, o) for s, o in graph.subject_objects(predicate) if isinstance(s, URIRef)]
        return sorted((local(s), local(o)) for s, o in found)

    assert pairs(OWL.inverseOf) == sorted(INVERSES.items())
    assert pairs(RDFS.subPropertyOf) == sorted(SUBPROPERTIES.items())
    chains = graph.subject_objects(OWL.propertyChainAxiom)
    found = [(local(term), [step(node) for node in Collection(graph, head)]) for term, head in chains]
    assert sorted(found) == sorted(CHAINS.items())


def test_no_functional_or_irreflexive_property_is_transitive() -> None:
    graph = ontology()
    transitive = named(OWL.TransitiveProperty)
    assert {local(p) for p in transitive} == {"entails", "within"}
    above = transitive | {p for t in transitive for p in graph.transitive_objects(t, RDFS.subPropertyOf)}
    simple = [OWL.FunctionalProperty, OWL.IrreflexiveProperty, OWL.AsymmetricProperty]
    assert [p for p in above for kind in simple if (p, RDF.type, kind) in graph] == []


# ------------------------------------------------------------------------------------- closed and disjoint


def test_the_top_classes_the_stances_and_the_segments_are_disjoint() -> None:
    graph = ontology()
    classes = {term for term in named(OWL.Class) if term.startswith(HS)}
    below = {c for c in classes if any(str(s).startswith(HS) for s in graph.objects(c, RDFS.subClassOf))}
    top = {local(c) for c in classes - below}
    by_size = sorted(listed(OWL.AllDisjointClasses, OWL.members), key=len)
    with_word = {local(node) for node in graph.subjects(SKOS.notation)}
    assert by_size == [subclasses("Statement") & with_word, subclasses("Segment"), top - NOT_DISJOINT]
    assert {(local(s), local(o)) for s, o in graph.subject_objects(OWL.disjointWith)} == {
        ("Activity", "Entity"),
        ("AnonymousActor", "UnidentifiedActor"),
    }


def test_the_lists_of_disjoint_classes_are_those_of_the_design() -> None:
    stances, segments, layers = sorted(listed(OWL.AllDisjointClasses, OWL.members), key=len)
    assert layers >= {
        "Actor",
        "Article",
        "Attribution",
        "CertaintyLevel",
        "Claim",
        "CommunicationEvent",
        "EvidenceItem",
        "Framing",
        "ReportingMode",
        "Segment",
        "SourceText",
        "Statement",
        "TextSpan",
    }
    assert stances == {"Assertion", "Attitude", "Challenge", "Denial", "NonAnswer", "Question"}
    assert segments == {
        "BodyParagraph",
        "Boilerplate",
        "Caption",
        "Headline",
        "Lede",
        "ListHeader",
        "ListItem",
    }


def test_every_concept_class_is_closed_and_its_members_differ() -> None:
    graph = ontology()
    kinds = {node for node in graph.subjects(RDFS.subClassOf, SKOS.Concept) if isinstance(node, URIRef)}
    assert len(kinds) == 8
    different = listed(OWL.AllDifferent, OWL.distinctMembers)
    for kind in kinds:
        members = {local(member) for member in named(kind)}
        scheme = HS[f"{local(kind)}Scheme"]
        one_of = graph.value(graph.value(kind, OWL.equivalentClass), OWL.oneOf)
        assert one_of is not None
        assert {local(member) for member in Collection(graph, one_of)} == members
        assert members in different
        assert {local(member) for member in graph.subjects(SKOS.inScheme, scheme)} == members
        assert {local(member) for member in graph.subjects(SKOS.topConceptOf, scheme)} == members
        assert (scheme, RDF.type, SKOS.ConceptScheme) in graph
        assert all((HS[member], RDF.type, OWL.NamedIndividual) in graph for member in members)


def words_of(members: set[str]) -> dict[str, str]:
    return {str(ontology().value(HS[name], SKOS.notation)): name for name in sorted(members)}


def test_the_words_of_a_reading_name_these_terms() -> None:
    assert words_of(subclasses("Statement") & {local(n) for n in ontology().subjects(SKOS.notation)}) == {
        "assertion": "Assertion",
        "attitude": "Attitude",
        "challenge": "Challenge",
        "denial": "Denial",
        "non-answer": "NonAnswer",
        "question": "Question",
    }
    assert words_of(subclasses("Segment")) == {
        "boilerplate": "Boilerplate",
        "caption": "Caption",
        "headline": "Headline",
        "lede": "Lede",
        "list-header": "ListHeader",
        "list-item": "ListItem",
        "paragraph": "BodyParagraph",
    }
    values = {
        kind: set(words_of({local(m) for m in named(HS[kind])})) for kind in ("ReportingMode", "FramingType")
    }
    assert values == {
        "ReportingMode": {"act", "direct", "indirect", "mixed", "narration"},
        "FramingType": {
            "limiter",
            "loaded-term",
            "name-mention",
            "partial-quote",
            "presupposition",
            "scare-quote",
        },
    }
    assert set(words_of({local(m) for m in named(HS.CertaintyLevel)})) == {
        "certain",
        "possible",
        "probable",
        "uncommitted",
    }
    outside = {
        str(ontology().value(m, SKOS.notation)): str(ontology().value(m, HS.mapsTo))
        for m in named(HS.OutsideName)
    }
    assert outside["language"] == "https://schema.org/inLanguage"
    assert set(outside) == {"author", "date-published", "language", "licence", "publisher", "title", "url"}


# -------------------------------------------------------------------------------------------------- cues


def test_a_cue_signals_one_stance_and_a_hedge_one_level() -> None:
    cues = read("cues.ttl")
    for predicate, kinds in ((HS.cueLemma, subclasses("Statement")), (HS.hedgeTerm, words_of_levels())):
        lemmas = [(local(s), str(o)) for s, o in cues.subject_objects(predicate)]
        assert {stance for stance, _ in lemmas} <= kinds
        assert [lemma for lemma, times in Counter(lemma for _, lemma in lemmas).items() if times > 1] == []
        assert [lemma for _, lemma in lemmas if lemma != lemma.lower().strip()] == []


def words_of_levels() -> set[str]:
    return {local(member) for member in named(HS.CertaintyLevel)}


def test_the_cues_of_the_article_are_known() -> None:
    cues = {str(o): local(s) for s, o in read("cues.ttl").subject_objects(HS.cueLemma)}
    expected = {
        "accuse": "Assertion",
        "add": "Assertion",
        "allegation": "Assertion",
        "ask": "Question",
        "be silent": "NonAnswer",
        "blame": "Assertion",
        "brand": "Assertion",
        "claim": "Assertion",
        "condemn": "Attitude",
        "confirm": "Assertion",
        "dismiss": "Denial",
        "point the finger": "Assertion",
        "refuse to answer": "NonAnswer",
        "refuse to say": "NonAnswer",
        "say": "Assertion",
        "warn": "Assertion",
    }
    assert {lemma: cues.get(lemma) for lemma in expected} == expected
    hedges = {str(o): local(s) for s, o in read("cues.ttl").subject_objects(HS.hedgeTerm)}
    assert [hedges[term] for term in ("almost certain", "believe", "expect", "point strongly")] == [
        "Probable"
    ] * 4


# -------------------------------------------------------------------------------------------- alignments


def test_the_alignments_of_the_design_are_there() -> None:
    graph = read("alignments.ttl")
    cito = Namespace(PREFIXES["cito"])
    assert {local(s): local(o) for s, o in graph.subject_objects(RDFS.subPropertyOf)} == {
        "beginIndex": "start",
        "challenges": "critiques",
        "citesEvidence": "citesAsEvidence",
        "denies": "disputes",
        "endIndex": "end",
        "respondsTo": "repliesTo",
    }
    assert (HS.denies, RDFS.subPropertyOf, cito.disputes) in graph
    assert {local(o) for o in graph.objects(HS.TextSpan, RDFS.subClassOf)} == {"TextPositionSelector"}
    assert len(set(graph.objects(None, SKOS.exactMatch))) == len(words_of_levels())
    assert {local(o) for o in graph.objects(HS.Statement, SKOS.closeMatch)} == {
        "I2_Belief",
        "L-node",
        "SEPIO_0000001",
    }


def test_the_alignments_repeat_nothing_of_the_ontology() -> None:
    assert set(read("alignments.ttl")) & set(ontology()) == set()


ONE_QUOTATION = """
@prefix hs: <https://w3id.org/hearsay/ontology#> .
@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix : <https://example.org/> .
:at hs:reports :st ; hs:reportingMode hs:DirectQuote ; hs:inArticle :ar ; hs:contentSpan :span .
:st hs:madeBy :he .
:span nif:referenceContext :text ; nif:beginIndex 9 ; nif:endIndex 12 ; nif:anchorOf "No." .
:text nif:isString "He said “No.” 😀" .
"""


def view(name: str) -> set[tuple[str, str, str]]:
    query = read_example(VIEWS / f"{name}.rq").text
    store = pyoxigraph.Store()
    store.load(ONE_QUOTATION, format=pyoxigraph.RdfFormat.TURTLE)
    found = store.query(query)
    assert isinstance(found, pyoxigraph.QueryTriples)
    return {(local_value(t.subject), local_value(t.predicate), local_value(t.object)) for t in found}


def local_value(term: object) -> str:
    value = getattr(term, "value", "")
    return re.split(r"/", value)[-1] if isinstance(term, pyoxigraph.NamedNode) else value


def test_a_direct_quotation_is_one_in_schema_org() -> None:
    assert view("quotations") == {
        ("ar", "22-rdf-syntax-ns#type", "NewsArticle"),
        ("span", "22-rdf-syntax-ns#type", "Quotation"),
        ("span", "isPartOf", "ar"),
        ("span", "prov#wasQuotedFrom", "text"),
        ("span", "spokenByCharacter", "he"),
        ("span", "text", "No."),
    }


def test_an_attribution_is_a_web_annotation() -> None:
    found = view("web-annotations")
    assert ("at.anno.jsonld#annotation_9_12", "oa#hasBody", "at") in found
    assert ("at.anno.jsonld#target_9_12", "oa#hasSource", "text") in found
    assert {o for s, p, o in found if p == "oa#hasSelector"} == {"span", "at.anno.jsonld#quote_9_12"}
    assert {(p, o) for s, p, o in found if s == "span"} == {
        ("22-rdf-syntax-ns#type", "oa#TextPositionSelector"),
        ("oa#start", "9"),
        ("oa#end", "12"),
    }
    assert {(p, o) for s, p, o in found if s == "at.anno.jsonld#quote_9_12"} == {
        ("22-rdf-syntax-ns#type", "oa#TextQuoteSelector"),
        ("oa#exact", "No."),
        ("oa#prefix", "He said “"),
        ("oa#suffix", "” 😀"),
    }


# ------------------------------------------------------------------------------------------------ layout


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: path.name)
def test_a_one_line_change_is_a_one_line_diff(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    # Strings are taken out, and comments: what is left is layout.
    bare = re.sub(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"', '""', text)
    for number, line in enumerate(bare.split("\n"), 1):
        if line.startswith(("@prefix ", "#")):
            continue
        place = f"{path.name}:{number}"
        assert not re.match(r"\t* ", line), f"{place}: indent with tabs"
        assert line == line.rstrip(), f"{place}: white space at the end"
        assert line == "." or not line.endswith("."), f"{place}: the closing full stop stands alone"
        assert not re.search(r" ; +\S", line) or "[" in line, f"{place}: one predicate a line"


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: path.name)
def test_terms_stand_in_alphabetical_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for section in re.split(r"^# .*$", text, flags=re.MULTILINE):
        subjects = re.findall(r"^(?!@)((?:\w+:|<)\S*)(?=\n\t| )", section, re.MULTILINE)
        terms = [
            s for s in subjects if s.startswith("hs:") and not s.endswith("Scheme") and s[3:] not in closed()
        ]
        assert terms == sorted(terms), f"{path.name}: {section[:60]}"


@cache
def closed() -> frozenset[str]:
    return frozenset(local(node) for node in ontology().subjects(RDFS.subClassOf, SKOS.Concept))


# ------------------------------------------------------------------------------------------ JSON-LD context

CONTEXT = ONTOLOGY / "context.jsonld"
PLAIN = {
    "comment": RDFS.comment,
    "isDefinedBy": RDFS.isDefinedBy,
    "label": RDFS.label,
    "seeAlso": RDFS.seeAlso,
}


def compact(node: Node) -> str:
    for prefix, namespace in PREFIXES.items():
        if str(node).startswith(namespace):
            return f"{prefix}:{str(node)[len(namespace) :]}"
    raise AssertionError(f"no prefix for {node}")


def entry(term: URIRef) -> Entry:
    """What the context must say of a term: its IRI, and how its values are read."""
    graph = ontology()
    name = compact(term)
    kinds = set(graph.objects(term, RDF.type))
    value_range = graph.value(term, RDFS.range)
    if OWL.ObjectProperty in kinds:
        concepts = value_range is not None and (value_range, RDFS.subClassOf, SKOS.Concept) in graph
        return {"@id": name, "@type": "@vocab" if concepts else "@id"}
    if local(term) in ENGLISH:
        return {"@id": name, "@language": "en"}
    if value_range in {XSD.integer, XSD.dateTime}:
        return {"@id": name, "@type": compact(value_range)}  # type: ignore[arg-type]
    if name in {"dct:license", "hs:mapsTo", "hs:outsideProperty", "hs:outsideReference", "hs:yardstickTerm"}:
        return {"@id": name, "@type": "@id"}
    if name in {"dct:created", "dct:issued"}:
        return {"@id": name, "@type": "xsd:date"}
    return name


def expected_context() -> dict[str, Entry]:
    """Every declared term by its local name; of two with one name, ours has it and the other its prefix."""
    terms = [t for kind in (OWL.Class, OWL.NamedIndividual, *PROPERTY_KINDS) for t in named(kind)]
    known = [t for t in terms if any(t.startswith(namespace) for namespace in PREFIXES.values())]
    ours = {local(t): entry(t) for t in known if t.startswith(HS)}
    times = Counter(local(t) for t in known if not t.startswith(HS))
    others = {local(t): entry(t) for t in known if times[local(t)] == 1 and local(t) not in ours}
    plain: dict[str, Entry] = {
        name: {"@id": compact(node), **({"@language": "en"} if name in ENGLISH else {"@type": "@id"})}
        for name, node in PLAIN.items()
    }
    return dict(sorted({**others, **plain, **ours}.items(), key=lambda item: item[0]))


def test_the_context_has_every_term_and_no_other() -> None:
    context = json.loads(CONTEXT.read_text(encoding="utf-8"))["@context"]
    assert context.pop("@version") == 1.1
    assert (context.pop("id"), context.pop("type")) == ("@id", "@type")
    prefixes = {name: context.pop(name) for name in PREFIXES if isinstance(context.get(name), str)}
    assert prefixes == {name: PREFIXES[name] for name in prefixes}
    assert set(prefixes) >= {value.split(":")[0] for value in map(compact, own_terms())}
    assert context == expected_context()
    assert list(context) == list(expected_context())


DOCUMENT = {
    "id": "https://w3id.org/hearsay/id/statement/bc40b4a5-services-sponsored",
    "type": "Assertion",
    "asserts": {
        "id": "cl:russia-sponsored-vaccine-attacks",
        "type": "Claim",
        "canonicalText": "Russia sponsored the cyber attacks on vaccine research.",
        "accuses": "ac:russia",
        "entails": ["cl:russia-behind-vaccine-attacks"],
    },
    "madeBy": "ac:uk-security-services",
    "hasCertainty": "Probable",
    "certaintyTerm": "almost certain",
    "certaintySpan": {
        "id": "tx:bc40b4a57692f402#offset_5505_5519",
        "type": "TextSpan",
        "beginIndex": 5505,
        "endIndex": 5519,
    },
    "note": "A hedge.",
}

THE_SAME = """
@prefix ac: <https://w3id.org/hearsay/id/actor/> .
@prefix cl: <https://w3id.org/hearsay/id/claim/> .
@prefix hs: <https://w3id.org/hearsay/ontology#> .
@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix st: <https://w3id.org/hearsay/id/statement/> .
@prefix t: <https://w3id.org/hearsay/id/text/bc40b4a57692f402#> .
st:bc40b4a5-services-sponsored a hs:Assertion ;
    hs:asserts cl:russia-sponsored-vaccine-attacks ; hs:madeBy ac:uk-security-services ;
    hs:hasCertainty hs:Probable ; hs:certaintyTerm "almost certain" ; hs:certaintySpan t:offset_5505_5519 ;
    skos:note "A hedge."@en .
cl:russia-sponsored-vaccine-attacks a hs:Claim ; hs:accuses ac:russia ;
    hs:canonicalText "Russia sponsored the cyber attacks on vaccine research."@en ;
    hs:entails cl:russia-behind-vaccine-attacks .
t:offset_5505_5519 a hs:TextSpan ; nif:beginIndex 5505 ; nif:endIndex 5519 .
"""


def test_a_json_document_means_what_the_turtle_means() -> None:
    context = json.loads(CONTEXT.read_text(encoding="utf-8"))["@context"]
    text = json.dumps({"@context": context, **DOCUMENT})
    found = {str(quad.triple) for quad in pyoxigraph.parse(text, pyoxigraph.RdfFormat.JSON_LD)}
    assert found == {str(quad.triple) for quad in pyoxigraph.parse(THE_SAME, pyoxigraph.RdfFormat.TURTLE)}
