"""Lay out what was measured as Markdown, with ratios: times of our endpoint stand first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bench.load import Measured
from bench.measure import Row

OURS = "Hearsay"
DISK = "oxigraph serve"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table: the first column to the left, the others to the right."""
    lines = [head, [":--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def alone_table(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return median and 99th percentile of one client, with how many times our median each peer's is."""
    head = ["one client, ms", OURS, f"{OURS}, repeated", *names]
    lines = []
    for row in rows:
        ours = row.fresh.get(OURS)
        line = [f"{row.question.name} ({row.question.kind})", _times(ours), _times(row.repeated.get(OURS))]
        for name in names:
            found = row.fresh.get(name)
            line.append(_times(found) + (f" ×{_round(found.median / ours.median)}" if found and ours else ""))
        lines.append(line)
    return markdown(head, lines)


def load_table(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return requests a second and 99th percentile; the factor is our rate by that of `oxigraph serve`."""
    peers = [OURS, *names]
    head = ["requests a second (p99 ms)", "clients", *peers, *(f"{name}, repeated" for name in peers)]
    lines = []
    for row in rows:
        for clients in sorted({clients for _, clients, _ in row.load}):
            line = [row.question.name, str(clients)]
            for fresh in (True, False):
                disk = row.load.get((DISK, clients, fresh))
                for name in peers:
                    found = row.load.get((name, clients, fresh))
                    factor = ""
                    if name == OURS and found and disk and disk.rate:
                        factor = f" ×{_round(found.rate / disk.rate)}"
                    line.append(_rate(found) + factor)
            lines.append(line)
    return markdown(head, lines)


def processor_table(rows: Sequence[Row], names: Sequence[str], *, clients: int) -> str:
    """Return the processor time of a request, which other work on the machine hardly changes."""
    peers = [OURS, *names]
    head = ["processor time a request, µs", *peers, *(f"{name}, repeated" for name in peers)]
    lines = []
    for row in rows:
        found = [row.load.get((name, clients, fresh)) for fresh in (True, False) for name in peers]
        cells = [f"{one.processor:,.0f}" if one and one.requests else "–" for one in found]
        lines.append([row.question.name, *cells])
    return markdown(head, lines)


def notes(rows: Iterable[Row]) -> str:
    """Return what is missing from the tables, and why."""
    found = [f"- {row.question.name}: {note}." for row in rows for note in row.notes]
    return "\n".join(found) + "\n" if found else ""


def mean(values: Iterable[float]) -> float:
    """Return the geometric mean, or not a number where there is nothing.

    >>> mean([1, 4, 16])
    4.0
    """
    logarithms = [math.log(value) for value in values]
    return round(math.exp(sum(logarithms) / len(logarithms)), 9) if logarithms else math.nan


def _times(found: Measured | None) -> str:
    if found is None:
        return "–"
    failed = f" ({found.failed} failed)" if found.failed else ""
    return f"{_round(found.median)} / {_round(found.p99)}{failed}"


def _rate(found: Measured | None) -> str:
    if found is None:
        return "–"
    if not found.requests:
        return "none answered"
    failed = f", {found.failed} failed" if found.failed else ""
    return f"{found.rate:,.0f} ({_round(found.p99)}{failed})"


def _round(value: float) -> str:
    """Return two significant digits, and no more than are measured."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
