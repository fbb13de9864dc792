"""A reading becomes the triples that a person would write by hand."""

import dataclasses
import datetime
import re

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg.iris import Iris
from kg.model import (
    Alias,
    Annotator,
    Article,
    Attribution,
    Certainty,
    Claim,
    Evidence,
    Framing,
    OutsideItem,
    Reading,
    Segment,
    Span,
    Statement,
    Time,
)
from kg.places import places
from kg.report import Place
from kg.triples import metadata_quads, reading_quads, text_quads
from kg.vocabulary import load_vocabulary

IRIS = Iris()
VOCABULARY = load_vocabulary()

TEXT = (
    "Bridge closed\n"
    "The council today said the bridge is “probably unsafe”, citing a report.\n"
    "Asked why, the firm denied claims that it knew, and said no more.\n"
)
ARTICLE = Article(
    "bridge",
    TEXT,
    (OutsideItem("language", "en", "the curator", 3),),
    "seeds/bridge/article.txt",
)


def span(words: str, after: str = "") -> Span:
    begin = TEXT.index(words, TEXT.index(after))
    return Span(begin, begin + len(words))


READING = Reading(
    article=ARTICLE,
    annotator=Annotator("reader", "The reader", "software", "1.2"),
    made=datetime.date(2026, 11, 24),
    segments=(
        Segment("s0", "headline", Span(0, 13), True, 5),
        Segment("s1", "paragraph", span(TEXT.split("\n")[1]), True, 6),
        Segment("s2", "paragraph", span(TEXT.split("\n")[2]), False, 7),
    ),
    claims=(
        Claim("unsafe", "The bridge is unsafe.", about=("bridge",), entails=("shut",), line=9),
        Claim(
            "knew",
            "The firm knew.",
            accuses=("firm",),
            contradicts=("unsafe",),
            evaluative=True,
            note="Vague.",
        ),
        Claim("alias", "The firm is called B.", in_tension_with=("knew",), alias=Alias("firm", "B")),
    ),
    evidence=(Evidence("report", "a report", line=12),),
    statements=(
        Statement(
            "unsafe",
            "assertion",
            ("council",),
            "unsafe",
            evidence=("report",),
            certainty=Certainty("probable", span("probably")),
            time=Time(span("today"), "same-day"),
            line=14,
        ),
        Statement("why", "question", (), "knew", addressed_to=("firm",), presupposes=("unsafe",), line=20),
        Statement(
            "denies", "denial", ("firm",), "knew", on_behalf_of=("owner",), alternative_reading="Or not."
        ),
        Statement("elided", "assertion", (), "knew"),
        Statement("silent", "non-answer", ("firm",), responds_to=("why",), non_answer_kind="silent"),
    ),
    attributions=(
        Attribution(
            "unsafe-s1",
            "unsafe",
            "s1",
            "mixed",
            source=(span("The council"),),
            cue=(span("said"),),
            content=(span("the bridge is “probably unsafe”"),),
            quotes=(span("“probably unsafe”"),),
            line=17,
        ),
        Attribution("denies-s2", "denies", "s2", "indirect", (span("the firm"),), (span("denied"),), line=24),
        Attribution("elided-s2", "elided", "s2", "indirect", cue=(span("claims"),), embedded_in="denies-s2"),
        Attribution("silent-s2", "silent", "s2", "act", cue=(span("said no more"),), inherits_from="s0"),
    ),
    framings=(
        Framing("closed", "s0", "loaded-term", span("closed"), voice="narrator", about=("bridge",)),
        Framing("probably", "s1", "partial-quote", span("probably"), voice_of="elided", claim="unsafe"),
        Framing("no-more", "s2", "limiter", span("no more"), note="Whose word it is stays open.", line=30),
    ),
    note="Made for this test.",
    path="seeds/bridge/reading.yaml",
)

EXPECTED = """
@prefix ac: <https://w3id.org/hearsay/id/actor/> .
@prefix an: <https://w3id.org/hearsay/id/annotator/> .
@prefix ar: <https://w3id.org/hearsay/id/article/> .
@prefix at: <https://w3id.org/hearsay/id/attribution/> .
@prefix ay: <https://w3id.org/hearsay/id/activity/> .
@prefix cl: <https://w3id.org/hearsay/id/claim/> .
@prefix ev: <https://w3id.org/hearsay/id/evidence/> .
@prefix fr: <https://w3id.org/hearsay/id/framing/> .
@prefix hs: <https://w3id.org/hearsay/ontology#> .
@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sg: <https://w3id.org/hearsay/id/segment/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix st: <https://w3id.org/hearsay/id/statement/> .
@prefix t: <https://w3id.org/hearsay/id/text/SHA16#> .
@prefix tx: <https://w3id.org/hearsay/id/text/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/hearsay/graph/reading/bridge-reader> a hs:Reading ;
	rdfs:comment "Made for this test."@en ;
	prov:wasDerivedFrom tx:SHA16 ;
	prov:wasGeneratedBy ay:reading-bridge-reader ;
	hs:readsArticle ar:bridge .
ay:reading-bridge-reader a prov:Activity ;
	prov:endedAtTime "2026-11-24T00:00:00Z"^^xsd:dateTime ;
	prov:used tx:SHA16 ;
	prov:wasAssociatedWith an:reader .
an:reader a hs:Annotator ;
	skos:prefLabel "The reader"@en ;
	hs:annotatorKind hs:SoftwareAnnotator ;
	hs:softwareVersion "1.2" .
ar:bridge skos:prefLabel "Bridge closed"@en .

sg:SHA8-s0 a hs:Headline ; hs:inArticle ar:bridge ; hs:segmentNumber 0 ; hs:hasExtent t:offset_0_13 ;
	hs:annotationStatus hs:Complete .
sg:SHA8-s1 a hs:BodyParagraph ; hs:inArticle ar:bridge ; hs:segmentNumber 1 ; hs:hasExtent t:offset_14_86 ;
	hs:annotationStatus hs:Complete .
sg:SHA8-s2 a hs:BodyParagraph ; hs:inArticle ar:bridge ; hs:segmentNumber 2 ; hs:hasExtent t:offset_87_152 ;
	hs:annotationStatus hs:Partial .

cl:unsafe a hs:Claim ; hs:canonicalText "The bridge is unsafe."@en ; hs:about ac:bridge ; hs:entails cl:shut .
cl:knew a hs:Claim , hs:EvaluativeClaim ; hs:canonicalText "The firm knew."@en ; hs:accuses ac:firm ;
	hs:contradicts cl:unsafe ; skos:note "Vague."@en .
cl:alias a hs:Claim , hs:AliasClaim ; hs:canonicalText "The firm is called B."@en ; hs:aliasOf ac:firm ;
	hs:aliasName "B" ; hs:inTensionWith cl:knew .
ev:SHA8-report a hs:EvidenceItem ; skos:prefLabel "a report"@en .

st:SHA8-unsafe a hs:Assertion ; hs:asserts cl:unsafe ; hs:madeBy ac:council ;
	hs:citesEvidence ev:SHA8-report ; hs:hasCertainty hs:Probable ; hs:certaintyTerm "probably" ;
	hs:certaintySpan t:offset_52_60 ;
	hs:timeExpression "today" ; hs:timeSpan t:offset_26_31 ; hs:timeRelation hs:SameDay .
st:SHA8-why a hs:Question ; hs:asksWhether cl:knew ; hs:madeBy ac:SHA8-why-unidentified ;
	hs:addressedTo ac:firm ; hs:presupposes cl:unsafe .
st:SHA8-denies a hs:Denial ; hs:denies cl:knew ; hs:madeBy ac:firm ; hs:onBehalfOf ac:owner ;
	hs:alternativeReading "Or not."@en .
st:SHA8-elided a hs:Assertion ; hs:asserts cl:knew ; hs:madeBy ac:SHA8-elided-unidentified .
st:SHA8-silent a hs:NonAnswer ; hs:madeBy ac:firm ; hs:respondsTo st:SHA8-why ; hs:nonAnswerKind hs:Silent .
ac:SHA8-why-unidentified a hs:UnidentifiedActor ; skos:prefLabel "unidentified source"@en .
ac:SHA8-elided-unidentified a hs:UnidentifiedActor ; skos:prefLabel "unidentified source (“claims”)"@en .

at:SHA8-unsafe-s1 a hs:Attribution ; hs:reports st:SHA8-unsafe ; hs:voice ac:narrator ;
	hs:reportingMode hs:MixedQuote ; hs:inArticle ar:bridge ; hs:inSegment sg:SHA8-s1 ;
	hs:sourceSpan t:offset_14_25 ; hs:cueSpan t:offset_32_36 ; hs:contentSpan t:offset_37_68 ;
	hs:quoteSpan t:offset_51_68 .
at:SHA8-denies-s2 a hs:Attribution ; hs:reports st:SHA8-denies ; hs:voice ac:narrator ;
	hs:reportingMode hs:IndirectSpeech ; hs:inArticle ar:bridge ; hs:inSegment sg:SHA8-s2 ;
	hs:sourceSpan t:offset_98_106 ; hs:cueSpan t:offset_107_113 .
at:SHA8-elided-s2 a hs:Attribution ; hs:reports st:SHA8-elided ; hs:voice ac:firm ;
	hs:embeddedIn at:SHA8-denies-s2 ; hs:reportingMode hs:IndirectSpeech ; hs:inArticle ar:bridge ;
	hs:inSegment sg:SHA8-s2 ; hs:cueSpan t:offset_114_120 .
at:SHA8-silent-s2 a hs:Attribution ; hs:reports st:SHA8-silent ; hs:voice ac:narrator ;
	hs:reportingMode hs:SpeechActReport ; hs:inArticle ar:bridge ; hs:inSegment sg:SHA8-s2 ;
	hs:cueSpan t:offset_139_151 ; hs:inheritsSourceFrom sg:SHA8-s0 .

fr:SHA8-closed a hs:Framing ; hs:framingType hs:LoadedTerm ; hs:framingSpan t:offset_7_13 ;
	hs:framingVoice ac:narrator ; hs:framesActor ac:bridge ; hs:inArticle ar:bridge ;
	hs:inSegment sg:SHA8-s0 .
fr:SHA8-probably a hs:Framing ; hs:framingType hs:PartialQuote ; hs:framingSpan t:offset_52_60 ;
	hs:framingVoice ac:SHA8-elided-unidentified ; hs:framesClaim cl:unsafe ; hs:inArticle ar:bridge ;
	hs:inSegment sg:SHA8-s1 .
fr:SHA8-no-more a hs:Framing ; hs:framingType hs:Limiter ; hs:framingSpan t:offset_144_151 ;
	hs:framingVoice ac:SHA8-no-more-unidentified ; hs:inArticle ar:bridge ; hs:inSegment sg:SHA8-s2 ;
	skos:note "Whose word it is stays open."@en .
ac:SHA8-no-more-unidentified a hs:UnidentifiedActor ; skos:prefLabel "unidentified source (“no more”)"@en .
"""

SPANS = {
    (0, 13): "Bridge closed",
    (7, 13): "closed",
    (14, 25): "The council",
    (14, 86): "The council today said the bridge is “probably unsafe”, citing a report.",
    (26, 31): "today",
    (32, 36): "said",
    (37, 68): "the bridge is “probably unsafe”",
    (51, 68): "“probably unsafe”",
    (52, 60): "probably",
    (87, 152): "Asked why, the firm denied claims that it knew, and said no more.",
    (98, 106): "the firm",
    (107, 113): "denied",
    (114, 120): "claims",
    (139, 151): "said no more",
    (144, 151): "no more",
}


def written(turtle: str) -> set[Triple]:
    hashed = turtle.replace("SHA16", ARTICLE.sha256[:16]).replace("SHA8", ARTICLE.sha256[:8])
    return {quad.triple for quad in parse(hashed, RdfFormat.TURTLE)}


def span_triples() -> set[Triple]:
    head = EXPECTED[: EXPECTED.index("<https://w3id.org/hearsay/graph")]
    return written(
        head
        + "".join(
            f"t:offset_{begin}_{end} a hs:TextSpan ; nif:referenceContext tx:SHA16 ; nif:beginIndex {begin} ;"
            f' nif:endIndex {end} ; nif:anchorOf "{words}" .\n'
            for (begin, end), words in SPANS.items()
        )
    )


@pytest.fixture(scope="module")
def quads() -> list[Quad]:
    return list(reading_quads(READING, IRIS, VOCABULARY))


def test_a_reading_becomes_exactly_the_triples_written_by_hand(quads: list[Quad]) -> None:
    found, expected = {quad.triple for quad in quads}, written(EXPECTED) | span_triples()
    assert found - expected == set()
    assert expected - found == set()


def values(reading: Reading, subject: NamedNode, predicate: str) -> list[str]:
    """What a reading says of a subject under one property, wherever that property comes from."""
    return [
        quad.object.value
        for quad in reading_quads(reading, IRIS, VOCABULARY)
        if quad.subject == subject
        and re.split("[#/]", quad.predicate.value)[-1] == predicate
        and isinstance(quad.object, NamedNode | Literal)
    ]


def test_an_article_is_called_by_its_headline_wherever_that_stands() -> None:
    headline, lede, last = READING.segments
    article = IRIS.article("bridge")
    later = dataclasses.replace(READING, segments=(lede, headline, last))
    assert values(later, article, "prefLabel") == ["Bridge closed"]
    without = dataclasses.replace(READING, segments=(lede, last))
    assert values(without, article, "prefLabel") == []


def test_what_an_unidentified_source_passes_on_is_in_the_voice_of_its_placeholder() -> None:
    inner = Attribution("denies-s2", "denies", "s2", "indirect", embedded_in="elided-s2")
    outer = Attribution("elided-s2", "elided", "s2", "indirect", cue=(span("claims"),))
    reading = dataclasses.replace(READING, attributions=(inner, outer))
    assert values(reading, IRIS.attribution(ARTICLE, "denies-s2"), "voice") == [
        IRIS.placeholder(ARTICLE, "elided").value
    ]


def test_everything_a_reading_says_is_in_its_own_graph(quads: list[Quad]) -> None:
    assert {quad.graph_name for quad in quads} == {
        NamedNode("https://w3id.org/hearsay/graph/reading/bridge-reader")
    }


def test_nothing_is_written_twice(quads: list[Quad]) -> None:
    assert len(quads) == len(set(quads))


def test_text_is_kept_to_the_character() -> None:
    article = Article("odd", "No\u00a0break,\r\n “curly” \U0001f309\tand\u200bmore ")
    texts = [quad for quad in text_quads(article, IRIS) if quad.predicate.value.endswith("#isString")]
    assert [quad.object for quad in texts] == [
        Literal("No\u00a0break,\r\n “curly” \U0001f309\tand\u200bmore ")
    ]
    assert texts[0].graph_name == NamedNode("https://w3id.org/hearsay/graph/text/odd")


def test_what_is_known_from_outside_is_said_to_be_said() -> None:
    quads = list(metadata_quads(ARTICLE, IRIS, VOCABULARY))
    about = {
        quad.predicate.value.rpartition("/")[2].rpartition("#")[2]: str(quad.object)
        for quad in quads
        if quad.subject == IRIS.outside("bridge", "language")
    }
    assert about == {
        "type": "<https://w3id.org/hearsay/ontology#OutsideStatement>",
        "concerns": "<https://w3id.org/hearsay/id/article/bridge>",
        "outsideProperty": "<https://schema.org/inLanguage>",
        "outsideValue": '"en"',
        "source": '"the curator"',
    }
    assert not [quad for quad in quads if quad.subject == IRIS.article("bridge")]


def test_base_reaches_every_iri_of_the_project() -> None:
    iris = Iris("http://localhost/")
    quads = reading_quads(READING, iris, load_vocabulary(iris=iris))
    assert not [quad for quad in quads if "w3id.org" in str(quad)]


@pytest.mark.parametrize(
    ("iri", "place"),
    [
        (IRIS.article("bridge"), Place("seeds/bridge/article.txt", 1, "Bridge closed")),
        (IRIS.outside("bridge", "language"), Place("seeds/bridge/metadata.yaml", 3, "en")),
        (IRIS.segment(ARTICLE, "s0"), Place("seeds/bridge/reading.yaml", 5, "Bridge closed")),
        (IRIS.claim("unsafe"), Place("seeds/bridge/reading.yaml", 9, "The bridge is unsafe.")),
        (IRIS.evidence(ARTICLE, "report"), Place("seeds/bridge/reading.yaml", 12, "a report")),
        (
            IRIS.statement(ARTICLE, "unsafe"),
            Place("seeds/bridge/reading.yaml", 14, "The council … said … the bridge is “probably unsafe”"),
        ),
        (IRIS.placeholder(ARTICLE, "why"), Place("seeds/bridge/reading.yaml", 20, "why")),
        (IRIS.attribution(ARTICLE, "denies-s2"), Place("seeds/bridge/reading.yaml", 24, "the firm … denied")),
        (IRIS.framing(ARTICLE, "no-more"), Place("seeds/bridge/reading.yaml", 30, "no more")),
        (IRIS.placeholder(ARTICLE, "no-more"), Place("seeds/bridge/reading.yaml", 30, "no more")),
        (IRIS.span(ARTICLE, Span(51, 68)), Place("seeds/bridge/reading.yaml", 17, "“probably unsafe”")),
        (IRIS.span(ARTICLE, Span(26, 31)), Place("seeds/bridge/reading.yaml", 14, "today")),
        (IRIS.span(ARTICLE, Span(0, 13)), Place("seeds/bridge/reading.yaml", 5, "Bridge closed")),
    ],
)
def test_iri_leads_to_its_place(iri: NamedNode, place: Place) -> None:
    assert places(READING, IRIS)[iri.value] == place


def test_every_subject_of_a_reading_has_a_place(quads: list[Quad]) -> None:
    found = places(READING, IRIS)
    assert {str(quad.subject) for quad in quads if str(quad.subject)[1:-1] not in found} == set()
