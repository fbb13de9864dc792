"""Measure our endpoint beside others, on the same data in one run, and print the ratios.

    make bench

On an invented corpus (`bench.corpus`) of each size: our endpoint as `python -m kg serve` runs it,
`oxigraph serve` on a copy of the same store and in memory, rdflib-endpoint on what it can hold, and
pyoxigraph in this process. All have to give the same answers first. Everything stays on 127.0.0.1.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bench.corpus import write_corpus
from bench.goals import goals, goals_table
from bench.load import Measured, under_load
from bench.measure import Row, alone, compare, disturbed, in_process, loaded
from bench.peers import Peer, fill, hearsay, oxigraph, oxigraph_in_memory, rdflib_endpoint, running
from bench.processes import settle
from bench.questions import load_questions, values_of
from bench.table import alone_table, load_table, notes, processor_table
from kg.files.rdf import read_rdf
from kg.store import Release, open_release, write_release

_RDFLIB_HOLDS = 1000
_UNDER_LOAD = ("claim", "statement", "document", "overview", "co-denial", "denials", "search")
_CLIENTS = (8, 32)
_MARK = "<!-- What follows is written by: make bench -->\n"


def prepare(articles: int, folder: Path) -> Release:
    """Return a release of a corpus of so many articles, which is made if it is not there yet."""
    out = folder / f"articles-{articles}"
    if not (out / "current").exists():
        out.mkdir(parents=True, exist_ok=True)
        write_corpus(articles, out / "corpus.nq", processes=os.cpu_count() or 1)
        write_release(read_rdf(out / "corpus.nq", graph=None), out)
    return open_release(out)


def measure(release: Release, articles: int, folder: Path, programs: Path, *, seconds: int) -> str:
    """Return the tables of one size as Markdown."""
    disk, memory = release.store, open_release(release.folder.parent.parent, in_memory=True).store
    values, rows = values_of(memory), [Row(question) for question in load_questions()]
    ours, filled = hearsay(release, folder), oxigraph_in_memory(folder, programs)
    peers = [ours, oxigraph(release, folder, programs), filled]
    if articles <= _RDFLIB_HOLDS:
        peers.append(rdflib_endpoint(release, folder, programs))
    with running(*peers):
        fill(filled, release)
        for peer in peers:
            settle(peer.number)
        for row in rows:
            _say(f"{articles} articles: {row.question.name}")
            took = compare(row, peers, memory, values)
            alone(row, peers, took, values, seconds=seconds)
            in_process(row, {"pyoxigraph, disk": disk, "pyoxigraph, memory": memory}, values, seconds=seconds)
            if row.question.name in _UNDER_LOAD:
                for clients in _CLIENTS:
                    loaded(row, peers, took, values, clients=clients, seconds=seconds)
        static = _static(ours, seconds)
    lines, delay = list[str](), 0.0
    hurried = (
        hearsay(release, folder, HEARSAY_QUERY_TIMEOUT="1"),
        oxigraph(release, folder, programs, "--timeout-s", "1"),
    )
    for peer in hurried:
        _say(f"{articles} articles: a runaway query at {peer.name}")
        with running(peer):
            settle(peer.number)
            before, during = disturbed(peer, rows[0].question, values, seconds=3 * seconds)
        delay = during.median - before.median if peer.name == ours.name else delay
        lines.append(
            f"- {peer.name}: a look-up takes {before.median:.2f} / {before.p99:.2f} ms without, and "
            f"{during.median:.2f} / {during.p99:.2f} ms with it; {during.failed} failed."
        )
    names = [peer.name for peer in peers[1:]]
    shown = [row for row in rows if row.question.name in _UNDER_LOAD]
    held = goals_table(list(goals(rows, static=static, delay=delay)))
    return "\n".join(
        [
            f"## {articles:,} articles, {release.quads:,} quads\n",
            held,
            alone_table(rows, [*names, "pyoxigraph, disk", "pyoxigraph, memory"]),
            load_table(shown, names),
            processor_table(shown, names, clients=_CLIENTS[0]),
            f"A static file of ours: {static.median:.2f} / {static.p99:.2f} ms.\n",
            "Beside a runaway query, which is given up after a second and sent again:\n",
            *lines,
            "",
            notes(rows),
        ]
    )


def machine() -> str:
    """Return what the measurements were made on, in one sentence."""
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        models = {line.partition(":")[2].strip() for line in file if line.startswith("model name")}
    packages = ", ".join(f"{name} {version(name)}" for name in ("pyoxigraph", "flask"))
    busy = os.getloadavg()[0]
    return (
        f"Measured on {os.cpu_count()} cores ({', '.join(sorted(models)) or platform.machine()}), "
        f"Python {platform.python_version()}, {packages}; the load average was {busy:.1f} before.\n"
    )


def _static(ours: Peer, seconds: int) -> Measured:
    return under_load(ours, ["/static/favicon.svg"], "*/*", clients=1, seconds=seconds, fresh=False)


def main(
    articles: Annotated[
        list[int] | None, typer.Argument(help="Sizes of the corpus in articles: 1000 10000 if none.")
    ] = None,
    seconds: Annotated[int, typer.Option(help="How long to measure each cell, in seconds.")] = 2,
    folder: Annotated[Path, typer.Option(help="Where corpora and logs are kept.")] = Path("build/bench"),
    programs: Annotated[Path, typer.Option(help="Where the peers are installed.")] = Path(".venv-bench/bin"),
    into: Annotated[Path | None, typer.Option(help="A Markdown file whose last part to replace.")] = None,
) -> None:
    """Measure our endpoint beside others, and print the tables."""
    text = machine()
    for size in articles or [1000, 10_000]:
        text += "\n" + measure(prepare(size, folder), size, folder, programs, seconds=seconds)
    typer.echo(text)
    (folder / "table.md").write_text(text, encoding="utf-8")
    if into:
        above = into.read_text(encoding="utf-8").partition(_MARK)[0]
        into.write_text(f"{above}{_MARK}\n{text}", encoding="utf-8")


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    typer.run(main)
