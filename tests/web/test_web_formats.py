import pytest
from smallstore import CHROME, COMUNICA

from web.formats import GRAPHS, HTML, RESULTS, named, negotiate

RESULT_PAGE = (*RESULTS, HTML)
GRAPH_PAGE = (*GRAPHS, HTML)
RDFLIB = (
    "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, "
    "application/n-quads, application/trix, application/trig"
)
OWLAPI = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"
JENA_RESULTS = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/csv;q=0.5, */*;q=0.1"
)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv", "text/csv"),
        ("text/csv;header=present", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/tab-separated-values;q=0.9, text/csv;q=0.8", "text/tab-separated-values"),
        ("text/csv, */*", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json", "application/sparql-results+json"),
        ("application/xml", "application/sparql-results+xml"),
        ("application/rdf+xml, application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/sparql-results+json,text/turtle", "application/sparql-results+json"),
        ("application/sparql-results+json;q=0, text/csv;q=0.1", "text/csv"),
        ("*/*, application/sparql-results+json;q=0", "application/sparql-results+xml"),
        (JENA_RESULTS, "application/sparql-results+json"),
        (CHROME, "text/html"),
        ("text/turtle", None),
        ("image/png", None),
        ("text/csv;q=0", None),
        ("not a header", None),
    ],
)
def test_results_are_negotiated(accept: str | None, media_type: str | None) -> None:
    found = negotiate(RESULT_PAGE, accept)
    assert (found and found.media_type) == media_type


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        (RDFLIB, "text/turtle"),
        (OWLAPI, "application/rdf+xml"),
        (COMUNICA, "application/n-quads"),
        ("application/turtle,text/turtle", "text/turtle"),
        ("text/turtle, application/x-turtle, */*;q=0.1", "text/turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("application/ld+json, application/json;q=0.9, */*;q=0.1", "application/ld+json"),
        ("application/n-triples,*/*;q=0.9", "application/n-triples"),
        ("text/html;q=0.2, text/turtle;q=0.6", "text/turtle"),
        (CHROME, "text/html"),
        ("application/trig", "application/trig"),
    ],
)
def test_graphs_are_negotiated(accept: str | None, media_type: str) -> None:
    found = negotiate(GRAPH_PAGE, accept)
    assert found
    assert found.media_type == media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("csv", "text/csv"),
        ("CSV", "text/csv"),
        ("text/csv", "text/csv"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/sparql-results xml", "application/sparql-results+xml"),
        ("tsv", "text/tab-separated-values"),
    ],
)
def test_a_result_format_has_short_names_and_media_types(name: str, media_type: str) -> None:
    found = named(RESULTS, name)
    assert found
    assert found.media_type == media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("turtle", "text/turtle"),
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("json-ld", "application/ld+json"),
        ("jsonld", "application/ld+json"),
        ("json", "application/ld+json"),
        ("rdf+xml", "application/rdf+xml"),
        ("owl", "application/rdf+xml"),
        ("xml", "application/rdf+xml"),
        ("trig", "application/trig"),
        ("nq", "application/n-quads"),
    ],
)
def test_a_graph_format_has_short_names_and_media_types(name: str, media_type: str) -> None:
    found = named(GRAPHS, name)
    assert found
    assert found.media_type == media_type


def test_a_format_of_the_other_kind_is_not_found() -> None:
    assert named(RESULTS, "turtle") is None
    assert named(GRAPHS, "csv") is None


def test_the_writer_of_each_format_writes_its_media_type() -> None:
    # pyoxigraph's CSV and TSV end in "; charset=utf-8".
    written = {f.media_type: f.writer.media_type.partition(";")[0] for f in (*RESULTS, *GRAPHS) if f.writer}
    assert len(written) == 10
    assert all(ours == theirs for ours, theirs in written.items())
