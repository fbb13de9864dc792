"""The goals that the endpoint was built for, each with what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.load import Measured
from bench.measure import Row
from bench.table import DISK, OURS, markdown, mean


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal, what was measured, and whether that meets it."""

    text: str
    measured: str
    met: bool


def ratios(rows: Sequence[Row], kinds: Sequence[str], peer: str) -> list[float]:
    """Return how many times our median a peer's is, for each query of some kinds."""
    return [
        row.fresh[peer].median / row.fresh[OURS].median
        for row in rows
        if row.question.kind in kinds and peer in row.fresh and OURS in row.fresh
    ]


def rates(rows: Sequence[Row], kinds: Sequence[str], *, fresh: bool) -> list[float]:
    """Return our rate by that of `oxigraph serve`, for each query of some kinds and number of clients."""
    pairs = [
        (measured.rate, row.load[DISK, clients, fresh].rate)
        for row in rows
        if row.question.kind in kinds
        for (name, clients, kind), measured in row.load.items()
        if name == OURS and kind == fresh and clients > 1 and (DISK, clients, fresh) in row.load
    ]
    # What takes so long that none was answered in time tells nothing.
    return [ours / theirs for ours, theirs in pairs if ours and theirs]


def goals(rows: Sequence[Row], *, static: Measured, delay: float) -> Iterator[Goal]:
    """Yield every goal; `static` is a small file of ours, `delay` what a runaway adds to a median, in ms."""
    heavy = ("overview", "chain", "join", "text", "aggregate")
    found = [1 / ratio for ratio in ratios(rows, ["look-up"], DISK)]
    yield Goal("look-ups, one client: within 1.5 times oxigraph serve", _most(found), _all(found, 1.5))
    found = rates(rows, ["look-up"], fresh=True)
    yield Goal("look-ups under load, fresh: half its rate", _least(found), _from(found, 0.5))
    found = rates(rows, ["look-up"], fresh=False)
    yield Goal("look-ups under load, repeated: ahead of it", _least(found), _from(found, 1))
    found = ratios(rows, heavy, DISK)
    yield Goal("overviews and heavier, one client: ahead of it", _least(found), _from(found, 1))
    found = rates(rows, heavy, fresh=True)
    yield Goal("overviews and heavier under load: ahead of it", _least(found), _from(found, 1))
    found = ratios(rows, ["join"], DISK)
    yield Goal("joins: 15 times as fast as it on disk", _least(found), _from(found, 15))
    found = ratios(rows, ["look-up", *heavy], "rdflib-endpoint")
    if found:
        middle = sorted(found)[len(found) // 2]
        yield Goal("50 times as fast as rdflib-endpoint on the median", f"{middle:.0f} times", middle >= 50)
    found = [
        static.median / row.repeated[OURS].median
        for row in rows
        if row.question.kind == "look-up" and OURS in row.repeated
    ]
    yield Goal("a repeated query: as fast as a static file", _least(found), _from(found, 0.9))
    yield Goal("a runaway query: delays others by less than 100 ms", f"{delay:.2f} ms", delay < 100)


def goals_table(found: Sequence[Goal]) -> str:
    """Return the goals as Markdown."""
    lines = [(goal.text, goal.measured, "met" if goal.met else "**not met**") for goal in found]
    return markdown(("goal", "measured", ""), lines)


def _least(found: Sequence[float]) -> str:
    return f"{mean(found):.2f} times, at least {min(found):.2f}" if found else "nothing measured"


def _most(found: Sequence[float]) -> str:
    return f"{mean(found):.2f} times, at most {max(found):.2f}" if found else "nothing measured"


def _all(found: Sequence[float], limit: float) -> bool:
    return bool(found) and mean(found) <= limit


def _from(found: Sequence[float], limit: float) -> bool:
    return bool(found) and mean(found) >= limit
