"""IRIs are made from what they name, under one base."""

import pytest
from pyoxigraph import NamedNode

from kg.iris import PREFIXES, Iris
from kg.model import Article, Span

ARTICLE = Article("bridge", "The bridge is closed.\n")
# The first 16 and 8 digits of the SHA-256 of that text.
TEXT, SHORT = "3fc1b32975168cdf", "3fc1b329"
BASE = "https://w3id.org/hearsay/"
IRIS = Iris()


@pytest.mark.parametrize(
    ("iri", "path"),
    [
        (IRIS.term("Claim"), "ontology#Claim"),
        (IRIS.article("bridge"), "id/article/bridge"),
        (IRIS.text(ARTICLE), f"id/text/{TEXT}"),
        (IRIS.span(ARTICLE, Span(4, 10)), f"id/text/{TEXT}#offset_4_10"),
        (IRIS.segment(ARTICLE, "s05"), f"id/segment/{SHORT}-s05"),
        (IRIS.statement(ARTICLE, "closed"), f"id/statement/{SHORT}-closed"),
        (IRIS.attribution(ARTICLE, "closed-s05"), f"id/attribution/{SHORT}-closed-s05"),
        (IRIS.framing(ARTICLE, "worn"), f"id/framing/{SHORT}-worn"),
        (IRIS.evidence(ARTICLE, "report"), f"id/evidence/{SHORT}-report"),
        (IRIS.placeholder(ARTICLE, "closed"), f"id/actor/{SHORT}-closed-unidentified"),
        (IRIS.claim("bridge-closed"), "id/claim/bridge-closed"),
        (IRIS.actor("council"), "id/actor/council"),
        (IRIS.annotator("hearsay"), "id/annotator/hearsay"),
        (IRIS.software("hearsay"), "id/software/hearsay"),
        (IRIS.activity("reading", "bridge-hearsay"), "id/activity/reading-bridge-hearsay"),
        (IRIS.outside("bridge", "publisher"), "id/outside/bridge-publisher"),
        (IRIS.query("cq01"), "id/query/cq01"),
        (IRIS.graph("reading", "bridge-hearsay"), "graph/reading/bridge-hearsay"),
        (IRIS.graph("actors"), "graph/actors"),
    ],
)
def test_iri_is_made_from_what_it_names(iri: NamedNode, path: str) -> None:
    assert iri.value == BASE + path


def test_another_text_has_other_iris() -> None:
    changed = Article("bridge", ARTICLE.text.replace("closed", "open"))
    assert IRIS.text(changed) != IRIS.text(ARTICLE)
    assert IRIS.statement(changed, "closed") != IRIS.statement(ARTICLE, "closed")


def test_base_needs_no_slash_at_its_end() -> None:
    assert Iris("http://127.0.0.1:8000").claim("c").value == "http://127.0.0.1:8000/id/claim/c"
    assert Iris("http://127.0.0.1:8000") == Iris("http://127.0.0.1:8000/")


def test_prefixes_follow_the_base() -> None:
    prefixes = Iris("http://127.0.0.1:8000/").prefixes
    assert prefixes["hs"] == "http://127.0.0.1:8000/ontology#"
    assert prefixes["st"] == "http://127.0.0.1:8000/id/statement/"
    assert prefixes["prov"] == "http://www.w3.org/ns/prov#"
    assert PREFIXES["hs"] == "https://w3id.org/hearsay/ontology#"


def test_localise_replaces_the_default_base_and_nothing_else() -> None:
    text = "<https://w3id.org/hearsay/id/claim/c> a <https://w3id.org/other> ."
    assert (
        Iris("http://localhost/").localise(text)
        == "<http://localhost/id/claim/c> a <https://w3id.org/other> ."
    )
    assert IRIS.localise(text) == text
