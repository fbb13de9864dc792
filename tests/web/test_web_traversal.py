"""A walk by Comunica's link traversal: questions answered by following links from one document."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from npm import run_node
from pyoxigraph import RdfFormat, parse
from smallstore import BASE, FIXTURE, HASH, TEXT, running

from kg.iris import Iris
from kg.settings import Settings
from kg.store import write_release
from web import create_app
from web.server.run import listen


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base of a store whose IRIs lead to the server that serves it."""
    store = tmp_path_factory.mktemp("store")
    listener = listen("127.0.0.1", 0)
    here = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    trig = FIXTURE.read_text(encoding="utf-8").replace(BASE, here)
    write_release(parse(trig.encode(), format=RdfFormat.TRIG), store, base=here)
    with running(create_app(Settings(store=str(store), stop_seconds=1)), listener):
        yield here


def walk(base: str, seed: str, query: str) -> tuple[list[dict[str, str]], set[str]]:
    """Return the bindings of a query, and the paths that the walk fetched here."""
    names = Iris(base).prefixes
    prefixes = "".join(f"PREFIX {name}: <{names[name]}>\n" for name in ("ac", "cl", "hs", "nif", "skos"))
    done = run_node("walk.mjs", base + seed, prefixes + query)
    fetched = {line.removeprefix(base) for line in done.stderr.splitlines() if line.startswith(base)}
    return [json.loads(line) for line in done.stdout.splitlines()], fetched


def test_who_denies_a_claim_in_which_words_is_found_from_the_claim_alone(base: str) -> None:
    rows, fetched = walk(
        base,
        "id/claim/crews-paid",
        """SELECT DISTINCT ?who ?words WHERE {
            ?denial hs:denies cl:crews-paid ; hs:madeBy ?actor .
            ?actor skos:prefLabel ?who .
            ?attribution hs:reports ?denial ; hs:contentSpan ?span .
            ?span nif:anchorOf ?words .
        }""",
    )
    assert rows == [{"who": "a captain", "words": "reports that the crews were paid as “nonsense”"}]
    # From document to document: the claim, who denies it, where it is reported, and the text's spans.
    assert fetched >= {
        "id/claim/crews-paid",
        f"id/statement/{HASH}-captain-nonsense",
        f"id/attribution/{HASH}-captain-nonsense-s02",
        f"id/text/{TEXT}",
    }
    assert not any(path.startswith("sparql") for path in fetched)


def test_whom_an_actor_leaves_without_an_answer_is_found_from_the_actor_alone(base: str) -> None:
    rows, _ = walk(
        base,
        "id/actor/mayor",
        """SELECT DISTINCT ?who ?asked WHERE {
            ?silence hs:madeBy ac:mayor ; hs:respondsTo ?question .
            ?question hs:madeBy/skos:prefLabel ?who ; hs:asksWhether/hs:canonicalText ?asked .
        }""",
    )
    assert rows == [{"who": 'a <b>reporter</b> & "more"', "asked": "The mayor was warned of the leak."}]
