"""IRIs that are no longer used are gone, and lead to what replaced them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from smallstore import BASE, CHROME, write_small

from kg.settings import Settings
from web import create_app
from web.formats import GRAPHS, Format

RETIRED = """
gr:retired {
ac:old-mayor owl:deprecated true ; dct:isReplacedBy ac:mayor .
<https://w3id.org/hearsay/id/text/0000000000000000> owl:deprecated true .
<https://w3id.org/hearsay/graph/reading/oil-leak-draft> owl:deprecated true ;
    dct:isReplacedBy <https://w3id.org/hearsay/graph/reading/oil-leak-tester> .
}
"""
OLD, NEW = f"<{BASE}id/actor/old-mayor>", f"<{BASE}id/actor/mayor>"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = write_small(tmp_path_factory.mktemp("store"), extra=RETIRED)
    return create_app(Settings(store=str(folder))).test_client()


@pytest.mark.parametrize("path", ["/id/actor/old-mayor", "/doc/actor/old-mayor"])
@pytest.mark.parametrize("format_", GRAPHS, ids=lambda format_: format_.suffix)
def test_a_retired_iri_is_gone_and_says_what_replaced_it(
    client: FlaskClient, path: str, format_: Format
) -> None:
    for response in (
        client.get(path, headers={"Accept": format_.media_type}),
        client.get(f"{path}.{format_.suffix}"),
    ):
        assert (response.status_code, response.content_type) == (410, format_.content_type)
        assert isinstance(format_.writer, RdfFormat)
        found = {str(quad.triple) for quad in parse(response.data, format=format_.writer)}
        assert f"{OLD} <http://purl.org/dc/terms/isReplacedBy> {NEW}" in found
        assert response.headers["Link"] == f'{NEW}; rel="successor-version"'
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_browser_gets_a_page_that_leads_on(client: FlaskClient) -> None:
    response = client.get("/id/actor/old-mayor", headers={"Accept": CHROME})
    assert (response.status_code, response.mimetype, response.headers["Vary"]) == (410, "text/html", "Accept")
    assert '<a href="/id/actor/mayor" title="ac:mayor">the mayor</a>' in response.text


def test_whoever_takes_none_of_it_gets_a_sentence(client: FlaskClient) -> None:
    response = client.get("/id/actor/old-mayor", headers={"Accept": "image/png"})
    assert response.status_code == 410
    assert response.text.startswith(f"{BASE}id/actor/old-mayor is no longer used: see {BASE}id/actor/mayor.")


def test_what_nothing_replaces_is_gone_all_the_same(client: FlaskClient) -> None:
    response = client.get("/id/text/0000000000000000", headers={"Accept": CHROME})
    assert response.status_code == 410
    assert "Nothing replaces it." in response.text
    assert "Link" not in response.headers


def test_a_reading_is_retired_like_anything_else(client: FlaskClient) -> None:
    response = client.get("/graph/reading/oil-leak-draft")
    assert response.status_code == 410
    assert f"{BASE}graph/reading/oil-leak-tester" in response.headers["Link"]


def test_what_replaces_something_is_in_use_and_says_so(client: FlaskClient) -> None:
    response = client.get("/doc/actor/mayor.nt")
    assert response.status_code == 200
    assert f"{OLD} <http://purl.org/dc/terms/isReplacedBy> {NEW} ." in response.text
