"""The command line: python -m kg build | check | graphs | load | query | schema | serve."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from kg.folders import GRAPHS, QUERIES, SEEDS, nearby

if TYPE_CHECKING:
    from kg.build import Built
    from kg.settings import Settings
    from web.engine import Engine

# Each command imports what it needs, so that --help stays quick.

FINDINGS, COULD_NOT_RUN = 1, 2


class Commands(TyperGroup):
    """The commands, with one sentence in place of a traceback for whatever goes wrong."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; end with exit code 2 where it could not run."""
        try:
            return super().invoke(ctx)
        except (TyperException, typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params.get("debug"):
                traceback.print_exc()
            for line in _sentences(error):
                _say(line)
            raise typer.Exit(COULD_NOT_RUN) from None


app = typer.Typer(
    cls=Commands,
    help="News articles as a graph of who is said to have said what.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

Seeds = Annotated[
    list[Path] | None, typer.Argument(help="Folders of articles, or of one each: seeds/ if none.")
]
Out = Annotated[str | None, typer.Option(help="Folder of the store: $HEARSAY_STORE, or build, if not given.")]
Base = Annotated[str | None, typer.Option(help="What IRIs begin with: $HEARSAY_BASE if not given.")]


@app.callback()
def _main(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error came from.")
    ] = False,
) -> None:
    pass


@app.command()
def build(seeds: Seeds = None, out: Out = None, base: Base = None) -> None:
    """Build a store from readings, and swap it in if they conform.

    Ends with 1 if they do not, and with 2 if they cannot be read; the old store then stays.

    Example: `python -m kg build seeds --out build`
    """
    from kg.store import write_release

    built = _built(seeds, base)
    release = write_release(built.quads(), out or _settings().store, base=built.iris.base)
    _say(built.report.summary)
    _say(f"Built {release.folder}: {release.quads:,} quads.")


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Readings, RDF files or stores: seeds/ if none.")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", help="human, github, sarif, junit or turtle.", metavar="FORMAT")
    ] = "human",
    base: Base = None,
) -> None:
    """Check readings, RDF files or a store against the shapes, the ontology and the text.

    Ends with 0 if they conform, 1 if something was found, and 2 if they cannot be read.

    Example: `python -m kg check seeds/corbyn-russia --format github`
    """
    from kg.examine import examine
    from kg.iris import Iris
    from kg.report.formats import FORMATS, write

    _choose(format_, ("human", *FORMATS))
    iris = Iris(base or _settings().base)
    report = examine(paths or [Path(nearby(SEEDS))], iris=iris)
    write(report, format_, sys.stdout, iris=iris)
    raise typer.Exit(report.exit_code)


@app.command()
def graphs(
    seeds: Seeds = None,
    to: Annotated[Path | None, typer.Option(help="Folder to write to: kg/graphs if not given.")] = None,
    base: Base = None,
) -> None:
    """Write the graphs of readings as Turtle that people can read and compare.

    Example: `python -m kg graphs seeds --to kg/graphs`
    """
    from kg.build import graph_files

    for path, text in graph_files(_built(seeds, base)).items():
        target = (to or GRAPHS) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        _say(f"Wrote {nearby(target)}.")


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="RDF files: .ttl .nt .nq .trig .rdf .owl .xml .jsonld")],
    out: Out = None,
    graph: Annotated[
        str | None, typer.Option(help="IRI of the graph for triples that their file puts into none.")
    ] = None,
    union: Annotated[
        bool,
        typer.Option("--union", help="Let a query that names no graph see all graphs, not the default one."),
    ] = False,
) -> None:
    """Make a store from RDF files of any kind, unchecked.

    Example: `python -m kg load data.ttl more.nq --out /tmp/data`, then `python -m kg serve --store /tmp/data`
    """
    from kg.files.rdf import read_rdf
    from kg.store import write_release

    quads = (quad for path in files for quad in read_rdf(path, graph=graph))
    settings = _settings()
    release = write_release(quads, out or settings.store, base=settings.base, union=union)
    _say(f"Loaded {release.quads:,} quads into {release.folder}.")


@app.command()
def query(
    text: Annotated[
        str, typer.Argument(help="A query, a file that holds one, an example's name, or - for stdin.")
    ],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="table, csv, json, tsv or xml; turtle, ntriples, jsonld or rdfxml for graphs. "
            "A table on a terminal, csv or turtle elsewhere.",
            metavar="FORMAT",
        ),
    ] = None,
    store: Annotated[str | None, typer.Option(help="Folder of the store: $HEARSAY_STORE, or build.")] = None,
) -> None:
    """Run one query on a store. The well-known prefixes need no declaration.

    Example: `python -m kg query 'SELECT ?who ?claim { ?s hs:denies ?claim ; hs:madeBy ?who }'`
    """
    from pyoxigraph import QueryTriples

    from kg.iris import Iris
    from kg.results import FORMATS, write_results
    from kg.store import open_release
    from kg.store import query as run

    if format_ is not None:
        _choose(format_, FORMATS)
    release = open_release(store or _settings().store)
    iris = Iris(release.base)
    results = run(release.store, iris.localise(_query_text(text)), prefixes=iris.prefixes)
    if format_ is None and not sys.stdout.isatty():
        format_ = "turtle" if isinstance(results, QueryTriples) else "csv"
    write_results(results, format_ or "table", sys.stdout.buffer, prefixes=iris.prefixes)


@app.command()
def schema() -> None:
    """Write the JSON Schema of reading files to standard output.

    Example: `python -m kg schema > kg/reading.schema.json`
    """
    from kg.seeds.schema import schema_text
    from kg.vocabulary import load_vocabulary

    typer.echo(schema_text(load_vocabulary()), nl=False)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on: $HEARSAY_HOST, or 127.0.0.1.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on: $HEARSAY_PORT, or 8000.")] = None,
    store: Annotated[str | None, typer.Option(help="Folder of the store: $HEARSAY_STORE, or build.")] = None,
) -> None:
    """Serve a store: a SPARQL endpoint, Linked Data, and pages for people.

    Example: `python -m kg serve --port 8080`
    """
    import dataclasses

    from web import create_app
    from web.answers import ENGINE
    from web.server.run import finish, listen, make_server

    settings = _settings()
    settings = dataclasses.replace(
        settings,
        store=store or settings.store,
        host=host or settings.host,
        port=settings.port if port is None else port,
    )
    application = create_app(settings)
    engine: Engine = application.extensions[ENGINE]
    try:
        release, server = engine.release(), make_server(application)
        with listen(settings.host, settings.port) as listener:
            where = f"http://{settings.host}:{listener.getsockname()[1]}/"
            what = release.folder if release.folder.is_dir() else settings.store
            _say(f"Serving {what} at {where} (stop with Ctrl-C).")
            server.run([listener])
    finally:
        engine.close()
    finish()


def _built(seeds: list[Path] | None, base: str | None) -> Built:
    from kg.build import NonconformanceError
    from kg.build import build as run
    from kg.iris import Iris
    from kg.report.formats import write

    iris = Iris(base or _settings().base)
    try:
        return run(seeds or [Path(nearby(SEEDS))], iris=iris)
    except NonconformanceError as error:
        write(error.report, "human", sys.stderr, iris=iris)
        raise typer.Exit(FINDINGS) from None


def _settings() -> Settings:
    from kg.settings import Settings

    return Settings.from_environment()


def _query_text(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if len(text.split()) > 1:
        return text
    for path in (Path(text), QUERIES / f"{text}.rq"):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise typer.BadParameter(f"'{text}' is neither a query nor a file that holds one")


def _choose(word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise typer.BadParameter(f"'{word}' is none of {', '.join(words)}", param_hint="--format")


def _sentences(error: Exception) -> list[str]:
    if isinstance(error, OSError) and error.filename:
        return [f"{error.filename}: {str(error.strerror).lower()}"]
    if isinstance(error, OSError) or type(error).__module__.split(".")[0] in ("kg", "web"):
        return str(error).splitlines()
    return [f"unexpected {type(error).__name__}: {error} (python -m kg --debug … shows where)"]


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    app(prog_name="python -m kg")
