import threading
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode
from smallstore import BASE, DENIALS, DENIALS_CSV, write_small

import web.engine
from web.engine import BusyError, Dataset, LocalEngine, TooLateError, UnavailableError, bind
from web.formats import CSV
from web.guard import inspect

# Half a second or so of counting, in which nothing is written.
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g hs:denies|hs:madeBy ?h }"


def run(engine: LocalEngine, text: str, seconds: float = 5.0) -> str:
    query = inspect(text, max_bytes=65_536)
    return engine.run(query, CSV, Dataset(), deadline=time.monotonic() + seconds).decode()


def test_a_deadline_is_kept(tmp_path: Path) -> None:
    engine = LocalEngine(write_small(tmp_path))
    started = time.perf_counter()
    with pytest.raises(TooLateError):
        run(engine, HEAVY, 0.05)
    assert time.perf_counter() - started < 0.5


def test_too_many_queries_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.engine, "_SECONDS_IN_QUEUE", 0.02)
    engine = LocalEngine(write_small(tmp_path), workers=1)
    thread = threading.Thread(target=lambda: run(engine, HEAVY, 30.0))
    thread.start()
    time.sleep(0.05)
    with pytest.raises(BusyError):
        run(engine, DENIALS)
    thread.join()
    assert run(engine, DENIALS) == DENIALS_CSV


def test_a_new_release_is_picked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.engine, "_SECONDS_BETWEEN_LOOKS", 0.0)
    engine = LocalEngine(write_small(tmp_path))
    first = engine.release().id
    write_small(tmp_path, extra="<http://x/s> <http://x/p> <http://x/new> .")
    assert engine.release().id != first
    assert run(engine, "SELECT ?o { <http://x/s> ?p ?o }") == "o\r\nhttp://x/new\r\n"


def test_a_release_is_served_on_when_its_folder_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.engine, "_SECONDS_BETWEEN_LOOKS", 0.0)
    engine = LocalEngine(write_small(tmp_path))
    release = engine.release()
    (tmp_path / "current").unlink()
    assert engine.release() is release
    assert run(engine, DENIALS) == DENIALS_CSV


def test_a_folder_without_a_store_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="there is no store"):
        LocalEngine(tmp_path).release()


def test_own_queries_take_terms(tmp_path: Path) -> None:
    engine = LocalEngine(write_small(tmp_path))
    rows = engine.rows(
        "SELECT ?label { VALUES ?who {} ?who skos:prefLabel ?label } ORDER BY ?label",
        {"who": [NamedNode(f"{BASE}id/actor/mayor"), NamedNode(f"{BASE}id/actor/captain")]},
    )
    assert rows == [
        {"label": Literal("a captain", language="en")},
        {"label": Literal("the mayor", language="en")},
    ]


def test_a_term_without_its_place_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"the query has no 'VALUES \?x \{\}'"):
        bind("SELECT * { ?x ?p ?o }", {"x": [NamedNode("http://a/")]})
