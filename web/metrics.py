"""What the service counts, for Prometheus (text exposition format) at /metrics."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from web.answers import engine

blueprint = Blueprint("metrics", __name__)

METRICS = "hearsay.metrics"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# One series for each kind of page, not for each that a client may think of.
_ROUTES = frozenset(
    (
        *(".well-known", "article", "context.jsonld", "doc", "dump", "graph", "graph-store", "health", "id"),
        *("metrics", "ontology", "shapes", "sparql", "static"),
    )
)
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST"))


class Metrics:
    """The counts of a process that serves."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry}
        self._requests = Counter(
            "hearsay_http_requests", "Requests that were answered.", ("method", "route", "status"), **own
        )
        self._seconds = Histogram(
            "hearsay_http_request_seconds",
            "From the head of a request to the end of its answer.",
            ("route",),
            buckets=_BOUNDS,
            **own,
        )
        self._replayed = Counter(
            "hearsay_http_replayed",
            "Requests that repeated another within a second, and are counted only here.",
            ("route",),
            **own,
        )
        self._bytes = Counter("hearsay_http_sent_bytes", "Bytes of answers.", **own)
        self._cut = Counter("hearsay_http_cut", "Answers broken off, by what ended them.", ("by",), **own)
        self._refused = Counter(
            "hearsay_http_refused", "Requests and connections that a limit refused.", ("limit",), **own
        )
        self.running = Gauge("hearsay_http_running", "Requests that are worked on.", **own)
        self.connections = Gauge("hearsay_http_connections", "Connections that are open.", **own)
        # A series that is there from the start shows its first event.
        for by in ("client", "error", "slowness", "stop"):
            self._cut.labels(by)
        for limit in ("all", "body", "client", "connections", "head", "slowness"):
            self._refused.labels(limit)
        ProcessCollector(registry=self.registry)
        self.registry.register(_Workers())

    def request(self, method: str, path: str, status: int, seconds: float, size: int) -> None:
        """Count a request that has been answered."""
        kind = route(path)
        self._requests.labels(method if method in _METHODS else "other", kind, str(status)).inc()
        self._seconds.labels(kind).observe(seconds)
        self._bytes.inc(size)

    def replayed(self, path: str, size: int) -> None:
        """Count a request that was answered as another a moment ago."""
        self._replayed.labels(route(path)).inc()
        self._bytes.inc(size)

    def cut(self, by: str) -> None:
        """Count an answer that was broken off: by an error, the client, its slowness, or the stop."""
        self._cut.labels(by).inc()

    def refused(self, limit: str) -> None:
        """Count what a limit refused."""
        self._refused.labels(limit).inc()


def route(path: str) -> str:
    """Return the kind of page of a path.

    >>> route("/id/claim/x"), route("/"), route("/ontology.ttl"), route("/wp-login.php")
    ('id', 'home', 'ontology', 'other')
    """
    first = path.lstrip("/").partition("/")[0]
    if not first:
        return "home"
    name = first if first in _ROUTES else first.partition(".")[0]
    return name if name in _ROUTES else "other"


@blueprint.route("/metrics")
def metrics() -> Response:
    """Give what has been counted."""
    own = cast(Metrics, current_app.extensions[METRICS])
    body = generate_latest(own.registry) + generate_latest(cast(Any, _Once(_engine_metrics())))
    return Response(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


class _Once:
    """Metrics that stand for a registry of their own."""

    def __init__(self, found: Iterator[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        return self._found


class _Workers(Collector):
    """The memory of the processes that this one started, which their own numbers do not include."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "hearsay_children_resident_bytes",
            "Memory of the processes below this one, what they share counted once.",
            value=sum(_proportional(number) for number in descendants(os.getpid())),
        )


def descendants(number: int) -> list[int]:
    """Return the numbers of the processes below one (Linux; elsewhere none)."""
    found: list[int] = []
    for tasks in Path(f"/proc/{number}/task").glob("*/children"):
        try:
            children = [int(word) for word in tasks.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def _proportional(number: int) -> int:
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _engine_metrics() -> Iterator[Metric]:
    up = GaugeMetricFamily("hearsay_store_up", "Whether there is a release to serve.", value=0)
    try:
        release = engine().release()
    except Exception:  # whatever it is, it is what this number says
        yield up
        return
    up.samples.clear()
    up.add_metric([], 1)
    yield up
    yield InfoMetricFamily(
        "hearsay_release", "What is served.", value={"id": release.id, "built": release.built}
    )
    yield GaugeMetricFamily("hearsay_release_quads", "Quads of what is served.", value=release.quads)
    stats = getattr(engine(), "stats", None)
    if stats is not None:
        counted = stats()
        yield from _counted(counted.counts, counted.levels)
        yield _latencies(counted.latencies, counted.seconds)


def _counted(counts: Mapping[str, int], levels: Mapping[str, float]) -> Iterator[Metric]:
    for name, count in counts.items():
        stem = name if name == "queries" or name.startswith("cache_") else f"queries_{name}"
        words = f"Strangers' queries since the start: {name.replace('_', ' ')}."
        yield CounterMetricFamily(f"hearsay_{stem}", words, value=count)
    for name, level in levels.items():
        yield GaugeMetricFamily(f"hearsay_{name}", f"Now: {name.replace('_', ' ')}.", value=level)


def _latencies(classes: Sequence[int], seconds: float) -> Metric:
    total, buckets = 0, []
    for bound, number in zip((*map(str, _BOUNDS), "+Inf"), classes, strict=True):
        total += number
        buckets.append((bound, total))
    words = "From a query's arrival to its end."
    return HistogramMetricFamily("hearsay_query_seconds", words, buckets=buckets, sum_value=seconds)
