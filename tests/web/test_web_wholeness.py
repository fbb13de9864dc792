import pytest

from web.formats import CSV, JSON, JSON_LD, N_TRIPLES, RDF_XML, XML, Format
from web.wholeness import Wholeness

RESULTS = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"a \\"}] \\\\"}}]}}'


def is_whole(document: bytes, format_: Format, size: int) -> bool:
    wholeness = Wholeness(format_)
    for start in range(0, len(document), size):
        wholeness.feed(document[start : start + size])
    return wholeness.is_whole()


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    ("document", "format_", "whole"),
    [
        (RESULTS, JSON, True),
        (RESULTS + b"\n", JSON, True),
        (RESULTS[:-1], JSON, False),
        (RESULTS[:-3], JSON, False),
        (RESULTS[:-12], JSON, False),
        (RESULTS[:-3] + b" out of time", JSON, False),
        (b"", JSON, False),
        (b'{"head":{},"boolean":true}', JSON, True),
        (b"[]", JSON_LD, True),
        (b"<sparql><results></results></sparql>\n", XML, True),
        (b"<sparql><results>", XML, False),
        (b"<rdf:RDF></rdf:RDF>", RDF_XML, True),
        (b"", N_TRIPLES, True),
        (b"<http://a/> <http://b/> <http://c/> .\n", N_TRIPLES, True),
        (b"<http://a/> <http://b/> <ht", N_TRIPLES, False),
        (b"x\r\n1", CSV, True),
    ],
)
def test_a_document_may_end_only_where_it_is_whole(
    document: bytes, format_: Format, whole: bool, size: int
) -> None:
    assert is_whole(document, format_, size) is whole
