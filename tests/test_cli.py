"""The command line: results on standard output, talk on standard error, and exit codes that say which."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kg.__main__ import app
from kg.files.rdf import read_rdf
from kg.settings import SettingError, Settings
from kg.store import open_release, write_release

SEEDS = Path(__file__).parent / "seeds"
DENIALS = "SELECT ?who ?claim { ?s hs:denies ?claim ; hs:madeBy ?who } ORDER BY ?who"
ROOT = Path(__file__).parent.parent


# The runner hands back every line ending as a line feed.
def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HEARSAY_")]:
        monkeypatch.delenv(name)


def conforms(text: str) -> bool:
    """Say whether a summary tells of a check that looked at the ferry article, by every rule."""
    found = re.search(r"^Conforms: (\d+) triples, (\d+) rules\.$", text, re.MULTILINE)
    return found is not None and int(found[1]) > 900 and int(found[2]) > 100


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "store"
    result = run("build", SEEDS, "--out", folder)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert conforms(result.stderr)
    return folder


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


def edit(seeds: Path, old: str, new: str) -> Path:
    path = seeds / "ferry-ramp" / "reading.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["build", "check", "graphs", "load", "query", "schema", "serve"])
def test_help_of_each_command_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example: python -m kg {command}" in " ".join(result.stdout.split())


def test_help_loads_nothing_heavy() -> None:
    heavy = ("flask", "pydantic", "pyoxigraph", "pyshacl", "rdflib")
    script = f"import sys, kg.__main__; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout == "[]\n"


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("cue: denied,", "cue: refused,", 2, "refused"),
        ("by: ferry-union", "by: ferry-onion", 2, "ferry-onion"),
        ("- id: union-says", "- id: operator-ramp", 2, "operator-ramp"),
        ("article: ferry-ramp", "article: [", 2, "reading.yaml:"),
        ("quotes: '\"a disgrace\"'", "quotes: “a disgrace”", 2, "“a disgrace”"),
        (
            "text: The ramp belongs to the harbour",
            "text: Allegedly the ramp is the",
            1,
            "Allegedly the ramp is",
        ),
    ],
)
def test_bad_reading_is_named_and_the_old_store_stays(
    seeds: Path, tmp_path: Path, out: Path, old: str, new: str, code: int, words: str
) -> None:
    store = Path(shutil.copytree(out, tmp_path / "store", symlinks=True))
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    path = edit(seeds, old, new)
    result = run("build", seeds, "--out", store)
    assert result.exit_code == code
    assert result.stdout == ""
    assert f"{path}:" in result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before


def test_denial_without_a_claim_is_one_line_with_its_place(seeds: Path, tmp_path: Path) -> None:
    path = edit(
        seeds,
        "    stance: denial\n    by: ferry-operator\n    claim: ferry-operator-was-warned\n",
        "    stance: denial\n    by: ferry-operator\n",
    )
    line = path.read_text(encoding="utf-8").split("\n").index("  - id: operator-denies") + 1
    result = run("build", seeds, "--out", tmp_path / "store")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith(f"{path}:{line}")
    assert not (tmp_path / "store").exists()


def test_check_tells_conforming_from_findings_from_failure(seeds: Path, out: Path) -> None:
    good = run("check", seeds)
    assert (good.exit_code, good.stderr) == (0, "")
    assert conforms(good.stdout)
    assert run("check", out).exit_code == 0
    path = edit(seeds, "text: The ramp belongs to the harbour", "text: Allegedly the ramp is the")
    found = run("check", seeds, "--format", "github")
    assert (found.exit_code, found.stderr) == (1, "")
    assert found.stdout.startswith(f"::error file={path},line=")
    assert run("check", seeds / "nowhere").exit_code == 2


def test_check_reads_rdf_files(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("@prefix hs: <https://w3id.org/hearsay/ontology#> .\n<http://x/d> a hs:Denial .", "utf-8")
    result = run("check", path, "--format", "sarif")
    assert result.exit_code == 1
    found = {one["ruleId"]: one for one in json.loads(result.stdout)["runs"][0]["results"]}
    place = found["Denial-denies"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == str(path)
    assert place["region"]["startLine"] == 2


def test_unknown_format_is_refused_with_the_formats_there_are(out: Path) -> None:
    result = run("query", "ASK {}", "--store", out, "--format", "yaml")
    assert result.exit_code == 2
    assert "'yaml' is none of table, csv, json, tsv, xml" in " ".join(result.stderr.replace("│", "").split())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("csv", "who,claim\nhttps://w3id.org/hearsay/id/actor/ferry-operator,"),
        ("tsv", "?who\t?claim\n<https://w3id.org/hearsay/id/actor/ferry-operator>\t"),
        ("json", '{"head":{"vars":["who","claim"]}'),
        ("xml", '<?xml version="1.0"?><sparql'),
        ("table", "│ ac:ferry-operator │ cl:ferry-operator-was-warned │"),
    ],
)
def test_query_writes_each_format(out: Path, name: str, expected: str) -> None:
    result = run("query", DENIALS, "--store", out, "--format", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert expected in result.stdout


def test_query_without_a_terminal_writes_csv_or_turtle(out: Path) -> None:
    assert run("query", DENIALS, "--store", out).stdout.startswith("who,claim\n")
    graph = run("query", "CONSTRUCT WHERE { ?s hs:denies ?c }", "--store", out).stdout
    assert graph == (
        "@prefix cl: <https://w3id.org/hearsay/id/claim/> .\n"
        "@prefix hs: <https://w3id.org/hearsay/ontology#> .\n"
        "@prefix st: <https://w3id.org/hearsay/id/statement/> .\n"
        "\n"
        "st:ce332623-operator-denies\n"
        "\ths:denies cl:ferry-operator-was-warned ;\n"
        ".\n"
    )


@pytest.mark.parametrize("name", ["jsonld", "ntriples", "rdfxml", "turtle"])
def test_graph_formats(out: Path, name: str) -> None:
    result = run("query", "CONSTRUCT WHERE { ?s hs:denies ?c }", "--store", out, "--format", name)
    assert result.exit_code == 0
    assert "ce332623-operator-denies" in result.stdout


@pytest.mark.parametrize(("text", "name"), [("ASK {}", "turtle"), ("CONSTRUCT WHERE { ?s ?p ?o }", "csv")])
def test_format_that_does_not_fit_the_answer_is_refused(out: Path, text: str, name: str) -> None:
    result = run("query", text, "--store", out, "--format", name)
    assert result.exit_code == 2
    assert "choose" in result.stderr


@pytest.mark.parametrize(
    ("name", "expected"), [("csv", "true\n"), ("table", "yes\n"), ("json", '{"head":{},"boolean":true}')]
)
def test_yes_or_no(out: Path, name: str, expected: str) -> None:
    assert run("query", "ASK { ?s a hs:Denial }", "--store", out, "--format", name).stdout == expected


def test_query_from_file_example_and_standard_input(out: Path, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("ASK { ?s a hs:Denial }", encoding="utf-8")
    assert run("query", tmp_path / "q.rq", "--store", out).stdout == "true\n"
    assert run("query", "cq11-did-corbyn-deny", "--store", out).stdout == "false\n"
    piped = CliRunner().invoke(app, ["query", "-", "--store", str(out)], input="ASK { ?s a hs:Question }")
    assert piped.stdout == "true\n"
    missing = run("query", "nowhere.rq", "--store", out)
    assert missing.exit_code == 2
    assert "nowhere.rq" in missing.stderr


def test_bad_query_is_one_sentence(out: Path) -> None:
    result = run("query", "SELECT ?s { ?s foo:bar ?o }", "--store", out)
    assert result.exit_code == 2
    assert (
        result.stderr
        == "line 1, column 16: unknown prefix foo: add PREFIX foo: <…> at the top of the query\n"
    )


def test_missing_store_says_what_to_do(tmp_path: Path) -> None:
    for command in (["query", "ASK {}"], ["serve"]):
        result = run(*command, "--store", tmp_path / "none")
        assert result.exit_code == 2
        assert "make one with 'python -m kg build --out" in result.stderr


def test_settings_come_from_the_environment(out: Path, tmp_path: Path) -> None:
    assert run("query", "ASK {}", HEARSAY_STORE=str(out)).stdout == "true\n"
    result = run("query", "ASK {}", HEARSAY_PORT="many")
    assert (result.exit_code, result.stderr) == (2, "HEARSAY_PORT should be a number, and is 'many'\n")
    base = "http://127.0.0.1:8000/"
    assert run("build", SEEDS, "--out", tmp_path, HEARSAY_BASE=base).exit_code == 0
    assert open_release(tmp_path).base == base
    assert f"{base}id/actor/ferry-operator" in run("query", DENIALS, "--store", tmp_path).stdout


def test_settings_have_defaults_and_name_what_is_wrong() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.store) == ("127.0.0.1", 8000, "build")
    assert Settings.from_environment({"HEARSAY_QUERY_TIMEOUT": "2.5"}).query_timeout == 2.5
    assert Settings.from_environment({"HEARSAY_PORT": " "}).port == 8000
    with pytest.raises(SettingError, match="HEARSAY_WORKERS should be a number, and is 'x'"):
        Settings.from_environment({"HEARSAY_WORKERS": "x"})


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    assert "Traceback" in run("--debug", "query", "ASK {}", "--store", tmp_path).stderr
    assert "Traceback" not in run("query", "ASK {}", "--store", tmp_path).stderr


def test_load_serves_any_rdf(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<http://x/a> <http://x/p> 1 .", encoding="utf-8")
    (tmp_path / "b.nq").write_text("<http://x/b> <http://x/p> <http://x/o> <http://x/g> .", encoding="utf-8")
    files = (tmp_path / "a.ttl", tmp_path / "b.nq")
    everything = "SELECT ?s { ?s ?p ?o } ORDER BY ?s"
    for options, plain in (
        ((), "s\nhttp://x/a\n"),
        (("--union",), "s\nhttp://x/a\nhttp://x/b\n"),
        (("--graph", "http://x/h"), "s\n"),
    ):
        out = tmp_path / f"out{len(options)}{len(plain)}"
        result = run("load", *files, "--out", out, *options)
        assert (result.exit_code, result.stdout) == (0, "")
        assert run("query", everything, "--store", out).stdout == plain
    graphs = run("query", "SELECT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", "--store", out)
    assert graphs.stdout == "g\nhttp://x/g\nhttp://x/h\n"


def test_load_names_the_file_that_is_broken_and_keeps_the_store(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<http://x/a> <http://x/p> 1 .", encoding="utf-8")
    (tmp_path / "b.ttl").write_text("<http://x/a> <http://x/p> 1 .\n<http://x/b", encoding="utf-8")
    assert run("load", tmp_path / "a.ttl", "--out", tmp_path / "out").exit_code == 0
    before = open_release(tmp_path / "out").id
    result = run("load", tmp_path / "a.ttl", tmp_path / "b.ttl", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert f"{tmp_path / 'b.ttl'}:2:" in result.stderr
    assert open_release(tmp_path / "out").id == before


def test_dump_loads_back_as_the_same_release(out: Path, tmp_path: Path) -> None:
    release = open_release(out)
    copy = write_release(read_rdf(release.dump), tmp_path)
    assert copy.quads == release.quads


def test_graphs_are_written_where_asked(tmp_path: Path) -> None:
    result = run("graphs", SEEDS, "--to", tmp_path)
    assert (result.exit_code, result.stdout) == (0, "")
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.ttl")}
    assert names == {
        f"ferry-ramp/{kind}.ttl" for kind in ("text", "metadata", "reading", "inferred", "judgements")
    }


def test_schema_is_the_committed_one() -> None:
    result = run("schema")
    assert result.exit_code == 0
    assert result.stdout == (ROOT / "kg" / "reading.schema.json").read_text(encoding="utf-8")


def test_no_arguments_show_the_commands() -> None:
    result = run()
    assert "build" in result.output
    assert "serve" in result.output


@pytest.fixture
def served(out: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", "serve", "--store", str(out), "--port", str(port)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process, process.stderr:
        try:
            assert f"http://127.0.0.1:{port}/" in process.stderr.readline()
            yield port
        finally:
            process.terminate()


def test_serve_answers_and_a_second_server_names_the_port(served: int, out: Path) -> None:
    address = f"http://127.0.0.1:{served}/health"
    for _ in range(50):
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                assert response.status == 200
                break
        except ConnectionError:
            time.sleep(0.1)
    second = subprocess.run(
        [sys.executable, "-m", "kg", "serve", "--store", str(out), "--port", str(served)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert second.stderr.startswith(f"cannot listen on 127.0.0.1:{served} (Address already in use)")
    assert len(second.stderr.splitlines()) == 1
