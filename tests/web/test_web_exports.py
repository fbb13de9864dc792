"""The data in other people's vocabularies, held to what those vocabularies ask of it."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse
from smallstore import BASE, HASH, TEXT, small_client, write_small
from werkzeug.test import TestResponse

import web.exports
from kg.iris import PREFIXES
from kg.settings import Settings
from kg.store import Release
from web import create_app
from web.engine import BusyError, TooLargeError, TooLateError
from web.exports import EXPORTS

ANNO = "http://www.w3.org/ns/anno.jsonld"
NP = "http://www.nanopub.org/nschema#"
DENIAL = "statement/bc40b4a5-politician-nonsense"
TYPE = NamedNode(PREFIXES["rdf"] + "type")


@pytest.fixture(scope="module")
def client(seed_release: Release) -> FlaskClient:
    return create_app(Settings(store=str(seed_release.folder.parent.parent))).test_client()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return small_client(tmp_path_factory.mktemp("store"))


def document(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def node(prefix: str, name: str) -> NamedNode:
    return NamedNode(PREFIXES[prefix] + name)


# Asking


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/doc/article/corbyn-russia.anno.jsonld", f'application/ld+json; profile="{ANNO}"'),
        (
            "/doc/claim/russia-meddled-2019.schema.jsonld",
            'application/ld+json; profile="https://schema.org/"',
        ),
        (f"/doc/{DENIAL}.nanopub.trig", "application/trig"),
        ("/doc/text/bc40b4a57692f402.txt", "text/plain; charset=utf-8"),
    ],
)
def test_a_suffix_asks_for_an_export(client: FlaskClient, path: str, content_type: str) -> None:
    response = client.get(path, headers={"Accept": "image/png"})
    assert (response.status_code, response.content_type) == (200, content_type)
    assert response.headers["Vary"] == "Accept-Encoding"
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    redirect = client.get(path.replace("/doc/", "/id/"))
    assert (redirect.status_code, redirect.headers["Location"]) == (303, path)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (f'application/ld+json;profile="{ANNO}"', f'application/ld+json; profile="{ANNO}"'),
        (f'application/ld+json; profile="http://x/ {ANNO}"', f'application/ld+json; profile="{ANNO}"'),
        (
            f'text/html;q=0.1, application/ld+json;profile="{ANNO}";q=0.9',
            f'application/ld+json; profile="{ANNO}"',
        ),
        (
            'application/ld+json;profile="https://schema.org/"',
            'application/ld+json; profile="https://schema.org/"',
        ),
        (f'application/trig;profile="{NP}"', "application/trig"),
        # What is liked better is given, and so is plain JSON-LD for a profile that is not to be had.
        (f'text/turtle, application/ld+json;profile="{ANNO}";q=0.5', "text/turtle; charset=utf-8"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        (f'application/ld+json;profile="{ANNO}";q=0, text/turtle', "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
    ],
)
def test_a_profile_asks_for_an_export(client: FlaskClient, accept: str, content_type: str) -> None:
    response = client.get(f"/doc/{DENIAL}", headers={"Accept": accept})
    assert (response.status_code, response.content_type) == (200, content_type)
    assert response.headers["Vary"] == "Accept, Accept-Encoding"


def test_a_parameter_asks_for_an_export(client: FlaskClient) -> None:
    assert (
        client.get(f"/doc/{DENIAL}?format=nanopub.trig").data
        == client.get(f"/doc/{DENIAL}.nanopub.trig").data
    )
    assert client.get(f"/doc/{DENIAL}?format=ttl").content_type == "text/turtle; charset=utf-8"


def test_a_document_links_to_its_exports_and_they_link_back(client: FlaskClient) -> None:
    link = client.get(f"/doc/{DENIAL}.ttl").headers["Link"]
    assert f'</doc/{DENIAL}.nanopub.trig>; rel="alternate"; type="application/trig"' in link
    assert f'type="application/ld+json; profile=\\"{ANNO}\\""' in link
    assert ".txt>" not in link
    back = client.get(f"/doc/{DENIAL}.nanopub.trig").headers["Link"]
    assert f'<{NP}>; rel="profile"' in back
    assert f'<{BASE}id/{DENIAL}>; rel="describes"' in back
    page = client.get(f"/doc/{DENIAL}.html").text
    assert f'href="/doc/{DENIAL}.anno.jsonld"' in page


@pytest.mark.parametrize(
    "path",
    ["/doc/actor/russia.anno.jsonld", "/doc/claim/none.schema.jsonld", "/doc/claim/russia-meddled-2019.txt"],
)
def test_there_is_no_export_of_what_has_none(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("error", [BusyError, TooLargeError, TooLateError])
def test_what_cannot_be_written_in_time_is_refused_whole(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def construct(_view: str, _terms: object) -> list[Triple]:
        raise error

    monkeypatch.setattr(web.exports, "construct", construct)
    response = client.get(f"/doc/{DENIAL}.anno.jsonld")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "ETag" not in response.headers


# Web Annotation Data Model


def check_annotation(annotation: dict[str, Any], text: str) -> None:
    """Hold an annotation to the model (sections 3.1, 4.2.4, 4.2.5 and 4.2.9), and its places to the text."""
    assert annotation["type"] == "Annotation"
    assert annotation["id"].startswith(BASE)
    assert annotation["motivation"] == "tagging"
    assert datetime.datetime.fromisoformat(annotation["created"].replace("Z", "+00:00")).tzinfo
    bodies, target = annotation["body"], annotation["target"]
    (tag, *_) = [body for body in bodies if isinstance(body, dict)]
    assert tag["type"] == "TextualBody"
    assert (tag["purpose"], tag["value"]) in {
        ("tagging", role) for role in ("source", "cue", "content", "quotation")
    }
    assert any(isinstance(body, str) and "/id/attribution/" in body for body in bodies)
    assert (target["type"], len(target["selector"])) == ("SpecificResource", 2)
    assert target["source"].startswith(f"{BASE}id/text/")
    selectors = {selector["type"]: selector for selector in target["selector"]}
    position, quote = selectors["TextPositionSelector"], selectors["TextQuoteSelector"]
    start, end = position["start"], position["end"]
    assert isinstance(start, int)
    assert 0 <= start < end <= len(text)
    assert text[start:end] == quote["exact"]
    assert text[max(0, start - 32) : start] == quote["prefix"]
    assert text[end : end + 32] == quote["suffix"]


@pytest.mark.parametrize(
    ("thing", "count"),
    [
        ("attribution/bc40b4a5-politician-nonsense-s36", 4),
        (DENIAL, 4),
        ("claim/russia-meddled-2019", 8),
        ("article/corbyn-russia", 196),
    ],
)
def test_annotations_are_of_the_model_and_select_the_words(
    client: FlaskClient, thing: str, count: int
) -> None:
    text = client.get("/doc/text/bc40b4a57692f402.txt").data.decode()
    found = document(client.get(f"/doc/{thing}.anno.jsonld"))
    assert (found["type"], found["total"]) == ("AnnotationCollection", count)
    page = found["first"]
    assert (page["type"], page["partOf"], page["startIndex"]) == ("AnnotationPage", found["id"], 0)
    assert len(page["items"]) == count
    assert len({annotation["id"] for annotation in page["items"]}) == count
    for annotation in page["items"]:
        check_annotation(annotation, text)


def test_positions_count_code_points(small: FlaskClient) -> None:
    text = small.get(f"/doc/text/{TEXT}.txt").data.decode()
    assert text.startswith("🛢 Mayor")
    found = document(small.get(f"/doc/attribution/{HASH}-mayor-silent-s00.anno.jsonld"))
    (source,) = [a for a in found["first"]["items"] if any("source" in str(body) for body in a["body"])]
    (position,) = [s for s in source["target"]["selector"] if s["type"] == "TextPositionSelector"]
    assert (position["start"], position["end"]) == (2, 7)
    for annotation in found["first"]["items"]:
        check_annotation(annotation, text)


def test_the_standards_own_context_is_named_to_who_asks_by_profile(client: FlaskClient) -> None:
    by_profile = document(
        client.get(f"/doc/{DENIAL}", headers={"Accept": f'application/ld+json;profile="{ANNO}"'})
    )
    by_suffix = document(client.get(f"/doc/{DENIAL}.anno.jsonld"))
    assert by_profile.pop("@context") == ANNO
    context = by_suffix.pop("@context")
    assert isinstance(context, dict)
    assert by_profile == by_suffix


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_annotations_are_the_same_in_rdf(client: FlaskClient) -> None:
    address = f"{BASE}doc/attribution/bc40b4a5-politician-nonsense-s36.anno.jsonld"
    response = client.get("/" + address.removeprefix(BASE))
    quads = list(parse(response.data, format=RdfFormat.JSON_LD))
    spans = {quad.object for quad in quads if quad.predicate == node("oa", "hasSelector")}
    assert NamedNode(f"{BASE}id/text/bc40b4a57692f402#offset_3577_3604") in spans
    number = Literal("3577", datatype=node("xsd", "nonNegativeInteger"))
    assert any(quad.predicate == node("oa", "start") and quad.object == number for quad in quads)
    # Every fragment that the document mints is described in it, so that it dereferences.
    minted = {term for quad in quads for term in quad.triple if str(term).startswith(f"<{address}#")}
    assert minted <= {quad.subject for quad in quads}
    assert len(minted) == 4 * 4 + 1
    graph = rdflib.Graph().parse(data=response.data, format="json-ld")
    assert len(graph) == len(set(quads))


# schema.org


def test_a_claim_is_one_of_schema_org_with_where_it_appears(client: FlaskClient) -> None:
    found = document(client.get("/doc/claim/russia-meddled-2019.schema.jsonld"))
    claim, quotation = found["@graph"]
    article = {
        "@id": f"{BASE}id/article/corbyn-russia",
        "@type": "NewsArticle",
        "headline": "Jeremy Corbyn refuses to say if he was ‘complicit’ in Russia’s attempt to meddle in UK"
        " election",
    }
    assert claim == {
        "@id": f"{BASE}id/claim/russia-meddled-2019",
        "@type": "Claim",
        "appearance": article,
        "inLanguage": "en",
        "text": "Russia tried to meddle in the 2019 general election.",
    }
    assert quotation == {
        "@id": f"{BASE}id/text/bc40b4a57692f402#offset_3694_3717",
        "@type": "Quotation",
        "about": f"{BASE}id/claim/russia-meddled-2019",
        "isPartOf": article,
        "spokenByCharacter": {
            "@id": f"{BASE}id/actor/senior-russian-politician",
            "name": "a senior Russian politician",
        },
        "text": "“anti-Russian nonsense”",
        "wasQuotedFrom": f"{BASE}id/text/bc40b4a57692f402",
    }


def test_every_claim_and_every_quotation_of_an_article_is_there(
    client: FlaskClient, seed_release: Release
) -> None:
    response = client.get("/doc/article/corbyn-russia.schema.jsonld")
    quads = {quad.triple for quad in parse(response.data, format=RdfFormat.JSON_LD)}
    schema = PREFIXES["schema"]
    # The properties that schema.org 30.0 gives to each type (or to what it is a kind of).
    allowed = {
        "Claim": {"appearance", "inLanguage", "text"},
        "NewsArticle": {"headline"},
        "Organization": {"name"},
        "Person": {"name"},
        "Quotation": {"about", "isPartOf", "spokenByCharacter", "text"},
    }
    types: dict[Any, str] = {}
    for triple in quads:
        if triple.predicate == TYPE:
            assert isinstance(triple.object, NamedNode)
            types[triple.subject] = triple.object.value.removeprefix(schema)
    for triple in quads:
        if triple.predicate.value.startswith(schema) and triple.subject in types:
            assert triple.predicate.value.removeprefix(schema) in allowed[types[triple.subject]]
    words = {
        triple.subject: triple.object.value
        for triple in quads
        if triple.predicate == node("schema", "text") and isinstance(triple.object, Literal)
    }
    text = client.get("/doc/text/bc40b4a57692f402.txt").data.decode()
    quotations = [str(thing).strip("<>") for thing, kind in types.items() if kind == "Quotation"]
    for quotation in quotations:
        begin, end = map(int, quotation.rpartition("#offset_")[2].split("_"))
        assert words[NamedNode(quotation)] == text[begin:end]
    verbatim = """SELECT DISTINCT ?span WHERE {
        { ?a hs:reportingMode hs:DirectQuote ; hs:contentSpan ?span }
        UNION { ?a hs:reportingMode hs:MixedQuote ; hs:quoteSpan ?span }
    }"""
    rows: Any = seed_release.store.query(verbatim, prefixes=PREFIXES)
    assert sorted(quotations) == sorted(row["span"].value for row in rows)
    addressed: Any = seed_release.store.query("SELECT DISTINCT ?c { ?s hs:addresses ?c }", prefixes=PREFIXES)
    assert {thing for thing, kind in types.items() if kind == "Claim"} == {row["c"] for row in addressed}


# Nanopublications


def check_nanopublication(quads: set[Quad]) -> NamedNode:
    """Hold quads to the nanopublication guidelines: one, of four graphs that are about each other."""
    ((publication, head),) = {
        (quad.subject, quad.graph_name)
        for quad in quads
        if quad.predicate == TYPE and quad.object == NamedNode(NP + "Nanopublication")
    }
    assert isinstance(publication, NamedNode)
    parts = {}
    for name in ("hasAssertion", "hasProvenance", "hasPublicationInfo"):
        (parts[name],) = {
            quad.object
            for quad in quads
            if quad.subject == publication and quad.predicate.value == NP + name and quad.graph_name == head
        }
    graphs = {head, *parts.values()}
    assert len(graphs | {publication}) == 5
    # All quads are in the four graphs, and none of the four is empty.
    assert {quad.graph_name for quad in quads} == graphs
    assert any(
        quad.graph_name == parts["hasProvenance"] and quad.subject == parts["hasAssertion"] for quad in quads
    )
    about = {
        quad.predicate: quad.object
        for quad in quads
        if quad.graph_name == parts["hasPublicationInfo"] and quad.subject == publication
    }
    created = about[node("dct", "created")]
    assert isinstance(created, Literal)
    assert created.datatype == node("xsd", "dateTime")
    assert node("prov", "wasAttributedTo") in about
    assert node("dct", "creator") in about
    return publication


def test_a_statement_is_a_nanopublication(client: FlaskClient) -> None:
    path = f"doc/{DENIAL}.nanopub.trig"
    quads = set(parse(client.get("/" + path).data, format=RdfFormat.TRIG))
    publication = check_nanopublication(quads)
    # It is named by a fragment of its own address, and so are its graphs: they dereference.
    assert publication.value == f"{BASE}{path}#corbyn-russia-hearsay"
    asserted = {str(quad.triple) for quad in quads if str(quad.graph_name).endswith("-assertion>")}
    claim = f"<{BASE}id/claim/russia-meddled-2019>"
    assert f"<{BASE}id/{DENIAL}> <{PREFIXES['hs']}denies> {claim}" in asserted
    # That it was said is asserted; of the claim, no more than its words.
    assert {str(quad.predicate) for quad in quads if str(quad.subject) == claim} == {
        f"<{PREFIXES['hs']}canonicalText>"
    }
    source = {str(quad.triple) for quad in quads if str(quad.graph_name).endswith("-provenance>")}
    assertion, text = f"<{publication.value}-assertion>", f"<{BASE}id/text/bc40b4a57692f402>"
    assert f"{assertion} <{PREFIXES['prov']}wasDerivedFrom> {text}" in source
    assert any('anchorOf> "A senior Russian politician"' in triple for triple in source)


def test_every_statement_is_a_nanopublication(client: FlaskClient, seed_release: Release) -> None:
    rows: Any = seed_release.store.query(
        "SELECT DISTINCT ?s { ?s hs:madeBy ?who } ORDER BY ?s", prefixes=PREFIXES
    )
    statements = [row["s"].value.removeprefix(f"{BASE}id/") for row in rows]
    assert len(statements) > 50
    for statement in statements[::4]:
        quads = set(parse(client.get(f"/doc/{statement}.nanopub.trig").data, format=RdfFormat.TRIG))
        check_nanopublication(quads)


def test_a_statement_of_two_readings_is_two_nanopublications(tmp_path: Any) -> None:
    second = """
    <https://w3id.org/hearsay/graph/reading/oil-leak-other> {
    <https://w3id.org/hearsay/graph/reading/oil-leak-other> a hs:Reading ; hs:readsArticle ar:oil-leak ;
        prov:wasDerivedFrom tx:663011fc7d3c6d3d ; prov:wasGeneratedBy ay:reading-oil-leak-other .
    ay:reading-oil-leak-other a prov:Activity ; prov:wasAssociatedWith an:other ;
        prov:endedAtTime "2026-11-25T00:00:00Z"^^xsd:dateTime .
    an:other a hs:Annotator ; skos:prefLabel "Another tester"@en .
    st:663011fc-captain-nonsense a hs:Challenge ; hs:challenges cl:crews-paid ; hs:madeBy ac:captain .
    }
    """
    client = create_app(Settings(store=str(write_small(tmp_path, extra=second)))).test_client()
    response = client.get(f"/doc/statement/{HASH}-captain-nonsense.nanopub.trig")
    quads = set(parse(response.data, format=RdfFormat.TRIG))
    for slug, stance in (("tester", "Denial"), ("other", "Challenge")):
        mine = {quad for quad in quads if f"#oil-leak-{slug}" in str(quad.graph_name)}
        check_nanopublication(mine)
        stances = {
            str(quad.object) for quad in mine if quad.predicate == TYPE and "ontology#" in str(quad.object)
        }
        assert f"<{PREFIXES['hs']}{stance}>" in stances
        assert len(stances & {f"<{PREFIXES['hs']}Denial>", f"<{PREFIXES['hs']}Challenge>"}) == 1


# All of them


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.suffix)
def test_an_export_is_the_same_bytes_from_the_same_data(client: FlaskClient, export: Any) -> None:
    things = {"statement": DENIAL, "text": "text/bc40b4a57692f402"}
    path = f"/doc/{things[export.kinds[-1]]}.{export.suffix}"
    assert client.get(path).data == client.get(path).data
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
