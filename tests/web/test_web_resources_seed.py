"""Every IRI of ours in the seed's data dereferences, and its document says something about it."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse
from smallstore import BASE, CHROME
from werkzeug.test import TestResponse

from kg.settings import Settings
from kg.store import Release
from web import create_app
from web.formats import GRAPHS


@pytest.fixture(scope="module")
def client(seed_release: Release) -> FlaskClient:
    return create_app(Settings(store=str(seed_release.folder.parent.parent))).test_client()


@pytest.fixture(scope="module")
def documents(seed_release: Release) -> dict[str, set[NamedNode]]:
    """The IRIs of ours that the store holds, by the document that each leads to."""
    found: dict[str, set[NamedNode]] = defaultdict(set)
    for quad in parse(path=str(seed_release.dump)):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode) and term.value.startswith(BASE):
                found[term.value.partition("#")[0]].add(term)
    return found


def get(client: FlaskClient, address: str, accept: str) -> TestResponse:
    path = "/" + address.removeprefix(BASE)
    return client.get(path, base_url=BASE, headers={"Accept": accept}, follow_redirects=True)


def test_every_kind_of_iri_is_among_them(documents: dict[str, set[NamedNode]]) -> None:
    kinds = {address.removeprefix(BASE).rpartition("/")[0] for address in documents}
    things = (
        "activity actor annotator article attribution claim evidence framing judgement outside query segment"
    )
    assert kinds >= {f"id/{kind}" for kind in [*things.split(), "statement", "text"]}
    assert kinds >= {"graph", "graph/reading", "graph/inferred", "graph/text", "alignments", ".well-known"}
    hashes = {
        term.value.partition("#")[0] for terms in documents.values() for term in terms if "#" in term.value
    }
    named = {address.removeprefix(BASE) for address in hashes}
    assert {"ontology", "shapes", "graph/examples", ".well-known/void"} <= named
    assert len(documents) > 400


def test_every_iri_of_ours_dereferences_to_a_document_that_speaks_of_it(
    client: FlaskClient, documents: dict[str, set[NamedNode]]
) -> None:
    silent, missing = [], []
    formats = itertools.cycle(format_ for format_ in GRAPHS if format_.suffix != "rdf")
    for (address, terms), format_ in zip(sorted(documents.items()), formats, strict=False):
        response = get(client, address, format_.media_type)
        if response.status_code != 200 or response.content_type != format_.content_type:
            missing.append((address, response.status))
            continue
        assert isinstance(format_.writer, RdfFormat)
        quads = list(parse(response.data, format=format_.writer, base_iri=address))
        spoken_of = {quad.subject for quad in quads} | {quad.object for quad in quads}
        silent += sorted(terms - spoken_of, key=str)
    assert missing == []
    assert silent == []


def test_documents_are_pages_too(client: FlaskClient, documents: dict[str, set[NamedNode]]) -> None:
    # One of each kind: a page takes longer to write than its data.
    one_of_each = {address.rpartition("/")[0]: address for address in sorted(documents)}
    for address in one_of_each.values():
        if ".well-known" not in address:
            response = get(client, address, CHROME)
            assert (response.status_code, response.mimetype) == (200, "text/html"), address


def test_rdf_xml_says_the_same_as_turtle(client: FlaskClient) -> None:
    # RDF/XML cannot write every IRI as a property: those of ours it can.
    for address in (f"{BASE}id/claim/russia-meddled-2019", f"{BASE}graph/actors"):
        in_xml, in_turtle = (
            {quad.triple for quad in parse(get(client, address, type_).data, format=format_)}
            for type_, format_ in (
                ("application/rdf+xml", RdfFormat.RDF_XML),
                ("text/turtle", RdfFormat.TURTLE),
            )
        )
        assert in_xml == in_turtle


def test_a_document_names_its_graphs_and_says_how_they_were_made(client: FlaskClient) -> None:
    prov, reading = "http://www.w3.org/ns/prov#", f"{BASE}graph/reading/corbyn-russia-hearsay"
    for suffix, format_ in (("trig", RdfFormat.TRIG), ("nq", RdfFormat.N_QUADS)):
        response = client.get(f"/doc/claim/russia-meddled-2019.{suffix}")
        found = {str(quad) for quad in parse(response.data, format=format_)}
        claim, graph = f"<{BASE}id/claim/russia-meddled-2019>", f"<{reading}>"
        activity = f"<{BASE}id/activity/reading-corbyn-russia-hearsay>"
        assert (
            f"<{BASE}id/statement/bc40b4a5-politician-nonsense> <{BASE}ontology#denies> {claim} {graph}"
            in found
        )
        # The reading: made by whom, when, of which text.
        assert f"{graph} <{prov}wasGeneratedBy> {activity} {graph}" in found
        assert f"{activity} <{prov}wasAssociatedWith> <{BASE}id/annotator/hearsay> {graph}" in found
        assert f"{activity} <{prov}used> <{BASE}id/text/bc40b4a57692f402> {graph}" in found
        assert any(quad.startswith(f"{activity} <{prov}endedAtTime>") for quad in found)
        # The conclusions: drawn from the reading.
        inferred = f"<{BASE}graph/inferred/corbyn-russia-hearsay>"
        inference = f"<{BASE}id/activity/inference-corbyn-russia-hearsay>"
        assert f"{inferred} <{prov}wasGeneratedBy> {inference} {inferred}" in found
        assert f"{inference} <{prov}used> {graph} {inferred}" in found
