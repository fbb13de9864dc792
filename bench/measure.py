"""Measure every query on every peer over the same data, after all have given the same answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, Store

from bench.answers import accept, read
from bench.load import Measured, one_by_one, timed, under_load
from bench.peers import Peer
from bench.processes import settle
from bench.questions import Question, Values
from kg.iris import PREFIXES

# What is slower than this gains nothing from wrk, which cannot wait for the last answer.
_SLOW = 0.05
_PATIENCE = 30.0
_COMPARED = 5
_RUNAWAY = (
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a ?b ?c } GRAPH ?h { ?d ?e ?f } GRAPH ?i { ?j ?k ?l } "
    "FILTER (?a != ?f) }"
)


@dataclass
class Row:
    """What was measured of one query: by peer, then fresh or repeated, and under how many clients."""

    question: Question
    fresh: dict[str, Measured] = field(default_factory=dict)
    repeated: dict[str, Measured] = field(default_factory=dict)
    load: dict[tuple[str, int, bool], Measured] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def answers(store: Store, query: str) -> bytes:
    """Answer a query in this process, whole."""
    result = store.query(query, prefixes=PREFIXES)
    if isinstance(result, QueryTriples):
        return result.serialize(format=RdfFormat.N_TRIPLES) or b""
    return result.serialize(format=QueryResultsFormat.JSON) or b""


def compare(row: Row, peers: list[Peer], store: Store, values: Values) -> dict[str, float]:
    """Ask every peer some variants; return the seconds that each took, without those that differ."""
    seconds = dict[str, float]()
    variants = row.question.variants(values)[:_COMPARED]
    media_type = accept(variants[0])
    expected = [read(answers(store, query), media_type) for query in variants]
    for peer in peers:
        slow = peer.name == "rdflib-endpoint"
        try:
            for query, wanted in list(zip(variants, expected, strict=True))[: 1 if slow else None]:
                started = time.perf_counter()
                status, body = peer.ask(query, media_type, timeout=_PATIENCE)
                seconds[peer.name] = time.perf_counter() - started
                if status != 200 or read(body, media_type) != wanted:
                    row.notes.append(f"{peer.name} answers otherwise ({status})")
                    del seconds[peer.name]
                    break
        except TimeoutError:
            row.notes.append(f"{peer.name} takes more than {_PATIENCE:g} s")
            # It would go on computing beside the others.
            peer.stop()
            peer.start()
            settle(peer.number)
    return seconds


def alone(row: Row, peers: list[Peer], took: Mapping[str, float], values: Values, *, seconds: int) -> None:
    """Measure one client: every peer with fresh queries, then with one query again and again."""
    variants = row.question.variants(values)
    media_type = accept(variants[0])
    for peer in (peer for peer in peers if peer.name in took):
        paths = [peer.request(query) for query in variants]
        row.fresh[peer.name] = _one_client(
            peer, paths, media_type, took[peer.name], seconds=seconds, fresh=True
        )
        started = time.perf_counter()
        peer.ask(variants[0], media_type, timeout=_PATIENCE)
        again = time.perf_counter() - started
        row.repeated[peer.name] = _one_client(peer, paths, media_type, again, seconds=seconds, fresh=False)
        row.load[peer.name, 1, True] = row.fresh[peer.name]
        row.load[peer.name, 1, False] = row.repeated[peer.name]


def _one_client(
    peer: Peer, paths: list[str], media_type: str, took: float, *, seconds: int, fresh: bool
) -> Measured:
    if took < _SLOW:
        return under_load(peer, paths, media_type, clients=1, seconds=seconds, fresh=fresh)
    if fresh:
        # Each ends with a comment of its own, so that no cache has the answer.
        paths = [f"{path}%0A%23{time.time_ns()}-{number}" for number, path in enumerate(paths)]
    return one_by_one(peer, paths if fresh else paths[:1], media_type, seconds=seconds)


def in_process(row: Row, stores: Mapping[str, Store], values: Values, *, seconds: int) -> None:
    """Measure pyoxigraph in this process."""
    variants = row.question.variants(values)
    for name, store in stores.items():
        row.fresh[name] = timed(lambda query, store=store: answers(store, query), variants, seconds=seconds)  # type: ignore[misc]


def loaded(
    row: Row, peers: list[Peer], took: Mapping[str, float], values: Values, *, clients: int, seconds: int
) -> None:
    """Measure under many clients, fresh and repeated."""
    variants = row.question.variants(values)
    for peer in peers:
        if peer.name not in took or took[peer.name] * clients > 10 * seconds:
            continue
        paths = [peer.request(query) for query in variants]
        for fresh in (True, False):
            row.load[peer.name, clients, fresh] = under_load(
                peer, paths, accept(variants[0]), clients=clients, seconds=seconds, fresh=fresh
            )


def disturbed(peer: Peer, question: Question, values: Values, *, seconds: int) -> tuple[Measured, Measured]:
    """Measure one client's look-ups without and with a runaway query that is sent again and again.

    The peer should give queries up after one second.
    """
    variants = question.variants(values)
    paths, media_type = [peer.request(query) for query in variants], accept(variants[0])
    before = under_load(peer, paths, media_type, clients=1, seconds=seconds, fresh=True)
    ended = threading.Event()

    def run_away() -> None:
        while not ended.is_set():
            try:
                peer.ask(f"{_RUNAWAY} #{time.time_ns()}", media_type, timeout=seconds)
            except OSError:
                time.sleep(0.1)

    thread = threading.Thread(target=run_away)
    thread.start()
    try:
        time.sleep(0.3)
        during = under_load(peer, paths, media_type, clients=1, seconds=seconds, fresh=True)
    finally:
        ended.set()
        thread.join()
    return before, during
