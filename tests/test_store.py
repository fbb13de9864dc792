"""A release is complete, never changes, and is swapped in at once."""

import errno
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples

import kg.store
from kg.lines import SortedLines
from kg.query import QueryError, explain, form, query
from kg.store import StoreError, open_release, write_release

G1, G2 = NamedNode("http://example.org/g1"), NamedNode("http://example.org/g2")
P = NamedNode("http://example.org/p")


def quad(subject: str, words: str, graph: NamedNode = G1) -> Quad:
    return Quad(NamedNode(f"http://example.org/{subject}"), P, Literal(words), graph)


# The same triple in two graphs, and one more.
QUADS = [quad("b", "x"), quad("b", "x", G2), quad("a", "two\nlines “curly”", G2)]
DUMP = """\
<http://example.org/a> <http://example.org/p> "two\\nlines “curly”" <http://example.org/g2> .
<http://example.org/b> <http://example.org/p> "x" <http://example.org/g1> .
<http://example.org/b> <http://example.org/p> "x" <http://example.org/g2> .
"""
ALL = "SELECT ?s { ?s ?p ?o } ORDER BY ?s"


def subjects(results: QuerySolutions | QueryBoolean | QueryTriples) -> list[str]:
    assert isinstance(results, QuerySolutions)
    return [str(row["s"])[len("<http://example.org/") : -1] for row in results]


def test_dump_is_sorted_quads_and_names_the_release(tmp_path: Path) -> None:
    release = write_release(QUADS, tmp_path)
    assert release.dump.read_text(encoding="utf-8") == DUMP
    assert release.id == hashlib.sha256(DUMP.encode()).hexdigest()[:16]
    assert release.folder == tmp_path / "releases" / release.id
    assert (tmp_path / "current").resolve() == release.folder
    assert release.quads == 3


def test_order_and_repetition_change_nothing(tmp_path: Path) -> None:
    first = write_release(QUADS, tmp_path / "one")
    second = write_release([*reversed(QUADS), *QUADS], tmp_path / "two")
    assert first.id == second.id


def test_more_lines_than_are_sorted_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kg.store, "_AT_ONCE", 1)
    assert write_release([*reversed(QUADS), *QUADS], tmp_path).dump.read_text(encoding="utf-8") == DUMP


def test_sorted_lines_keep_what_is_not_a_line_feed(tmp_path: Path) -> None:
    lines = SortedLines(tmp_path, "x")
    lines.add("b\u2028c\n".encode())
    lines.add(b"b\n")
    lines.add(b"a\x0bz\n")
    assert lines.write(tmp_path / "x") == 3
    assert (tmp_path / "x").read_bytes() == b"a\x0bz\nb\n" + "b\u2028c\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("in_memory", [False, True])
def test_plain_query_sees_each_triple_once_whatever_its_graphs(tmp_path: Path, in_memory: bool) -> None:
    write_release(QUADS, tmp_path)
    store = open_release(tmp_path, in_memory=in_memory).store
    assert subjects(query(store, ALL)) == ["a", "b"]
    assert subjects(query(store, "SELECT ?s { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s")) == ["a", "b", "b"]
    assert subjects(query(store, "SELECT ?s FROM <http://example.org/g1> { ?s ?p ?o }")) == ["b"]


def test_without_union_a_plain_query_sees_the_default_graph(tmp_path: Path) -> None:
    own = Quad(NamedNode("http://example.org/own"), P, Literal("y"))
    release = write_release([*QUADS, own], tmp_path, union=False)
    assert subjects(query(release.store, ALL)) == ["own"]
    with_union = write_release([*QUADS, own], tmp_path, union=True)
    assert subjects(query(with_union.store, ALL)) == ["a", "b", "own"]
    assert with_union.id == release.id


def test_graphs_of_a_request_replace_the_dataset(tmp_path: Path) -> None:
    store = write_release(QUADS, tmp_path).store
    assert subjects(query(store, ALL, default_graphs=[G1.value])) == ["b"]
    both = query(store, ALL.replace("?s", "DISTINCT ?s", 1), default_graphs=[G1.value, G2.value])
    assert subjects(both) == ["a", "b"]
    assert subjects(query(store, ALL, named_graphs=[G2.value])) == []
    named = "SELECT ?s { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s"
    assert subjects(query(store, named, named_graphs=[G2.value])) == ["a", "b"]
    assert subjects(query(store, named, default_graphs=[G2.value])) == []


def test_store_is_read_only(tmp_path: Path) -> None:
    store = write_release(QUADS, tmp_path).store
    with pytest.raises(RuntimeError, match="read-write"):
        store.add(quad("c", "z"))


def test_missing_store_says_how_to_make_one(tmp_path: Path) -> None:
    message = f"there is no store in '{tmp_path}': make one with 'python -m kg build --out {tmp_path}'"
    with pytest.raises(StoreError, match=message):
        open_release(tmp_path)


def test_broken_store_says_what_to_do(tmp_path: Path) -> None:
    release = write_release(QUADS, tmp_path)
    (release.folder / "store" / "CURRENT").write_text("nonsense")
    with pytest.raises(StoreError, match="build it again"):
        open_release(tmp_path).store  # noqa: B018
    (release.folder / "release.json").write_text("{")
    with pytest.raises(StoreError, match="build again"):
        open_release(tmp_path)


def test_remote_store_is_not_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="remote store"):
        open_release("https://example.org/sparql")
    with pytest.raises(StoreError, match="remote store"):
        write_release(QUADS, "https://example.org/sparql")
    assert list(tmp_path.iterdir()) == []


def test_failure_while_writing_leaves_the_old_release(tmp_path: Path) -> None:
    old = write_release(QUADS, tmp_path)

    def broken() -> Iterator[Quad]:
        yield quad("c", "z")
        raise OSError(errno.ENOSPC, "no space left on device")

    with pytest.raises(OSError, match="no space"):
        write_release(broken(), tmp_path)
    assert open_release(tmp_path).id == old.id
    assert [path.name for path in (tmp_path / "releases").iterdir()] == [old.id]


def test_an_open_release_outlives_the_next(tmp_path: Path) -> None:
    old = write_release(QUADS, tmp_path)
    store = old.store
    new = write_release([quad("c", "z")], tmp_path)
    assert subjects(query(store, ALL)) == ["a", "b"]
    assert subjects(query(open_release(tmp_path).store, ALL)) == ["c"]
    assert new.id != old.id


def test_only_the_last_two_releases_are_kept(tmp_path: Path) -> None:
    ids = []
    for number in range(4):
        ids.append(write_release([quad("a", str(number))], tmp_path).id)
        os.utime(tmp_path / "releases" / ids[-1], (number, number))
    assert {path.name for path in (tmp_path / "releases").iterdir()} == set(ids[2:])


def test_building_the_same_again_keeps_the_release(tmp_path: Path) -> None:
    first = write_release(QUADS, tmp_path)
    inode = first.folder.stat().st_ino
    assert write_release(QUADS, tmp_path) == first
    assert first.folder.stat().st_ino == inode


def test_going_back_to_an_older_release(tmp_path: Path) -> None:
    first = write_release(QUADS, tmp_path)
    write_release([quad("c", "z")], tmp_path)
    write_release(QUADS, tmp_path)
    assert open_release(tmp_path).id == first.id


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    old = write_release(QUADS, tmp_path)
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another build is writing"):
            write_release([quad("c", "z")], tmp_path)
    assert open_release(tmp_path).id == old.id
    write_release([quad("c", "z")], tmp_path)


KILLED = """
import sys, time
import kg.store
from pyoxigraph import Literal, NamedNode, Quad

where, out = sys.argv[1:]
p = NamedNode("http://example.org/p")
quads = [Quad(NamedNode(f"http://example.org/{n}"), p, Literal(n), p) for n in range(1000)]

def stop(*args, **kwargs):
    print("here", flush=True)
    time.sleep(60)

if where == "while writing":
    def endless():
        yield from quads
        stop()
    kg.store.write_release(endless(), out)
elif where == "before loading":
    kg.store._load = stop
elif where == "before the swap":
    kg.store.Path.symlink_to = stop
elif where == "before pruning":
    kg.store._prune = stop
kg.store.write_release(quads, out)
"""


@pytest.mark.parametrize("where", ["while writing", "before loading", "before the swap", "before pruning"])
def test_killed_build_leaves_a_whole_release_and_the_next_cleans_up(tmp_path: Path, where: str) -> None:
    old = write_release(QUADS, tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, where, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(kg.store.__file__).parent.parent,
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"here\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    served = open_release(tmp_path)
    assert (served.id == old.id) == (where != "before pruning")
    assert len(subjects(query(served.store, ALL))) == (1000 if where == "before pruning" else 2)
    new = write_release([quad("c", "z")], tmp_path)
    assert open_release(tmp_path).id == new.id
    left = {path.name for path in (tmp_path / "releases").iterdir()}
    assert not [name for name in left if name.startswith(".")]
    assert len(left) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"current", "lock", "releases"}


def test_readers_never_see_half_a_swap(tmp_path: Path) -> None:
    write_release(QUADS, tmp_path)
    script = (
        "import sys; from kg.store import write_release; from tests.test_store import quad\n"
        "for n in range(6): write_release([quad('a', str(n)), quad('b', 'x')], sys.argv[1])"
    )
    root = Path(kg.store.__file__).parent.parent
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=root)
    seen = set()
    while process.poll() is None:
        release = open_release(tmp_path, in_memory=True)
        seen.add(release.id)
        assert subjects(query(release.store, ALL)) == ["a", "b"]
        time.sleep(0.01)
    assert process.returncode == 0
    assert len(seen) > 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "SELECT ?s { ?s foo:bar ?o . ?o ?p ?x }",
            "line 1, column 16: unknown prefix foo: add PREFIX foo: <…> at the top of the query",
        ),
        ("ASK {\n # x:y <z> 'x:y'\n ?s ?p :o }", "line 3, column 8: unknown prefix : add PREFIX : <…>"),
        ("SELECT ?s {\n  ?s ?p ?o", "line 2, column 11: the query ends too early: a } is missing"),
        ("SELECT ?s {\n  ?s ?p ?o } }", "line 2, column 15: not understood: ?s { ?s ?p ?o } } ⟨here⟩"),
        ("SELECT ?s WHERE ?s ?p ?o", "line 1, column 17: not understood: SELECT ?s WHERE ⟨here⟩ ?s ?p ?o"),
        (
            "SELECT ?s { ?s <p> ?o }",
            "line 1, column 16: <p> is not a whole IRI: write it out, from https:// on",
        ),
        ("SELECT ?p (MAX(?o) AS ?m) { ?s ?p ?o }", "The SELECT contains a variable that is unbound"),
        ("PREFIX a: <http://a>\nINSERT DATA { }", "this is an update, and only queries are answered here"),
        ("", "line 1, column 1: not understood"),
    ],
)
def test_bad_query_is_explained_in_plain_words(tmp_path: Path, text: str, message: str) -> None:
    store = write_release(QUADS, tmp_path).store
    with pytest.raises(QueryError) as caught:
        query(store, text)
    assert message in str(caught.value)
    assert "\\u{" not in str(caught.value)


def test_well_known_prefixes_need_no_declaration(tmp_path: Path) -> None:
    store = write_release(QUADS, tmp_path).store
    assert subjects(query(store, "SELECT ?s { ?s hs:asserts/prov:used/skos:note ?o }")) == []
    assert subjects(query(store, "SELECT ?s { ?s e:p 'x' }", prefixes={"e": "http://example.org/"})) == ["b"]


@pytest.mark.parametrize("piece", ["a.", "a-", "<", '"', "'''", "PREFIX ", "PREFIX a ", "#", "a:"])
def test_explaining_a_hostile_query_is_quick(piece: str) -> None:
    begun = time.monotonic()
    explain(piece * (64_000 // len(piece)), "error at 1:1: expected [_]")
    assert time.monotonic() - begun < 1


def test_explanation_of_an_error_that_has_no_place_is_the_error() -> None:
    assert explain("ASK {}", "something else") == "something else"


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("ASK {}", "ASK"),
        ("#x\nBASE <http://a/> PREFIX a: <#b>\n  prefix : <c> # y\nconstruct where {}", "CONSTRUCT"),
        ("{", ""),
    ],
)
def test_form_is_the_first_keyword_after_the_prologue(text: str, keyword: str) -> None:
    assert form(text) == keyword
