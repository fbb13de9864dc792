import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from smallstore import BASE, CHROME, HASH, small_client

PAGES = [
    "/",
    "/sparql",
    "/sparql?example=denials",
    "/sparql?query=SELECT",
    "/ontology",
    "/shapes",
    "/article/oil-leak",
    "/doc/actor/mayor",
    "/doc/actor/reporter",
    "/doc/claim/crews-paid",
    f"/doc/statement/{HASH}-captain-nonsense",
    "/doc/query/denials",
    "/graph/reading/oil-leak-tester",
    "/doc/actor/nobody",
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return small_client(tmp_path_factory.mktemp("store"))


def page(client: FlaskClient, path: str) -> str:
    return client.get(path, headers={"Accept": CHROME}, follow_redirects=True).text


class Outline(HTMLParser):
    """What the tests ask of a page: its tags with their attributes, and that the tags balance."""

    VOID = ("meta", "link", "br", "img", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_needs_no_script(client: FlaskClient, path: str) -> None:
    outline = Outline(page(client, path))
    tags = [tag for tag, _ in outline.tags]
    assert [tags.count(tag) for tag in ("h1", "main", "title")] == [1, 1, 1]
    assert ("html", {"lang": "en"}) in outline.tags
    assert ("a", {"class": "skip", "href": "#main"}) in outline.tags
    assert "script" not in tags
    assert "style" not in tags
    attributes = [(name, value or "") for _, found in outline.tags for name, value in found.items()]
    assert not any(name.startswith("on") or name == "style" for name, _ in attributes)
    links = [value for name, value in attributes if name in ("href", "src", "action")]
    assert not any(link.startswith(("javascript:", "data:")) for link in links)
    ids = [value for name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("path", [*PAGES, "/doc/actor/mayor.ttl", "/static/style.css"])
def test_every_answer_has_the_headers_that_keep_browsers_safe(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": CHROME})
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    response.close()


def test_links_on_the_pages_lead_somewhere(client: FlaskClient) -> None:
    links = {
        value.partition("#")[0]
        for path in PAGES
        for tag, attributes in Outline(page(client, path)).tags
        if tag in ("a", "link") and (value := attributes.get("href") or "").startswith("/")
    }
    assert len(links) > 90
    for link in sorted(links):
        response = client.get(link, headers={"Accept": CHROME}, follow_redirects=True)
        assert response.status_code == 200, link
        response.close()


def test_home_says_what_is_in_it(client: FlaskClient) -> None:
    text = page(client, "/")
    assert '<a href="/article/oil-leak">🛢 Mayor refuses to say if she was ‘warned’ of oil leak</a>' in text
    assert "<dt>claims</dt><dd>4</dd>" in text
    assert '<a href="/sparql?example=denials">Who denies what?</a>' in text


def test_an_article_shows_its_words_marked_and_who_says_what(client: FlaskClient) -> None:
    text = page(client, "/article/oil-leak")
    assert (
        '<mark class="source">The Harbour\u00a0Board</mark> <mark class="cue">said</mark> today that '
        '<mark class="content">“foreign crews” dumped oil in the bay</mark>.'
    ) in text
    # One within another: the inner report's cue is part of the outer one's content.
    assert (
        '<mark class="source">A captain</mark> <mark class="cue">dismissed</mark> '
        '<mark class="cue content">reports</mark><mark class="content"> that </mark>'
    ) in text
    assert '<strong><a href="/id/actor/captain" title="ac:captain">a captain</a></strong>' in text
    assert f'<a href="/id/statement/{HASH}-mayor-silent">1 question</a>' in text
    assert text.count("not completely read") == 1
    assert "6 statements in 7 attributions" in text


def test_a_statement_shows_its_quoted_words(client: FlaskClient) -> None:
    text = page(client, f"/doc/statement/{HASH}-captain-nonsense")
    assert "<h1>a captain: The crews were paid to dump oil.</h1>" in text
    assert '<mark class="cue">dismissed</mark> <mark class="content">reports that the crews' in text
    assert '<span class="stance Denial">denial</span>' in text


def test_a_list_item_shows_the_words_of_its_header(client: FlaskClient) -> None:
    text = page(client, f"/doc/attribution/{HASH}-board-closed-s05")
    assert (
        'From its list’s header: <mark class="source">The Board</mark>, <mark class="cue">said</mark>' in text
    )


def test_a_claim_says_what_is_said_of_it_and_what_was_inferred(client: FlaskClient) -> None:
    text = page(client, "/doc/claim/crews-paid")
    assert "<h1>The crews were paid to dump oil.</h1>" in text
    assert (
        '<a href="/id/actor/captain" title="ac:captain">a captain</a> <small class="note">inferred</small>'
        in text
    )
    assert f"<code>{BASE}id/claim/crews-paid</code>" in text
    assert '<a href="/doc/claim/crews-paid.ttl">Turtle</a>' in text


def test_only_web_addresses_are_links(client: FlaskClient) -> None:
    text = page(client, "/doc/actor/mayor")
    assert '<a href="https://example.org/mayor"' in text
    assert ">javascript:alert(1)</span>" in text
    assert 'href="javascript' not in text


def test_markup_in_a_label_is_text(client: FlaskClient) -> None:
    text = page(client, "/doc/actor/reporter")
    assert "<h1>a &lt;b&gt;reporter&lt;/b&gt; &amp; &#34;more&#34;</h1>" in text
    assert "<b>" not in text


def test_markup_in_a_query_and_its_answer_is_text(client: FlaskClient) -> None:
    query = "SELECT ('<script>alert(1)</script>' AS ?x) {}"
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": CHROME})
    assert response.status_code == 200
    assert "<script" not in response.text
    assert "<td><span>&lt;script&gt;alert(1)&lt;/script&gt;</span></td>" in response.text


def test_a_long_answer_is_cut_on_the_page_and_says_so(client: FlaskClient) -> None:
    query = "SELECT ?a ?b { ?a ?p ?x . ?b ?q ?y } LIMIT 1500"
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": CHROME})
    assert "1,500 rows, of which the first 1,000 are shown." in response.text
    assert response.text.count("<tr>") == 1001


def test_a_store_without_articles_has_its_pages_too(tmp_path: Path) -> None:
    from pyoxigraph import Literal, NamedNode, Quad

    from kg.settings import Settings
    from kg.store import write_release
    from web import create_app

    quad = Quad(NamedNode("http://x/s"), NamedNode("http://x/p"), Literal("o"), NamedNode("http://x/g"))
    write_release([quad], tmp_path)
    other = create_app(Settings(store=str(tmp_path))).test_client()
    assert "This store holds no article." in page(other, "/")
    assert other.get("/ontology").status_code == 404
    assert other.get("/sparql?query=SELECT+?s+?o{?s+?p+?o}&format=csv").text == "s,o\r\nhttp://x/s,o\r\n"
