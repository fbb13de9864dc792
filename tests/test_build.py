"""The whole order: the same seeds give the same graph, and only what conforms replaces a store."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, parse

from kg import __version__
from kg.build import Built, Folders, NonconformanceError, build, graph_files
from kg.examples import ExampleError, example_quads, load_examples, read_example
from kg.files.problems import ReadingError
from kg.files.rdf import read_rdf
from kg.folders import GRAPHS, ONTOLOGY, QUERIES, ROOT
from kg.iris import PREFIXES, Iris
from kg.store import query, write_release
from kg.turtle import turtle

BASE = "https://w3id.org/hearsay/"
SEEDS = Path(__file__).parent / "seeds"

# A build without its check, which other tests make: what it prints is the release's id.
QUICK_BUILD = """
import sys
from pathlib import Path
import kg.check
from kg.report import Report
kg.check.check = lambda *args, **kwargs: Report()
from kg.build import build
from kg.store import write_release
print(write_release(build([Path(sys.argv[1])]).quads(), sys.argv[2]).id)
"""


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_committed_graphs_are_what_the_seeds_give() -> None:
    committed = {path.relative_to(GRAPHS): path.read_text(encoding="utf-8") for path in GRAPHS.rglob("*.ttl")}
    built = graph_files(build())
    assert sorted(committed) == sorted(built)
    for path, text in built.items():
        assert committed[path].splitlines() == text.splitlines(), "run: python -m kg graphs"


def test_committed_graphs_hold_the_triples_of_the_release(seed: Built) -> None:
    for kind in ("inferred", "judgements", "reading"):
        written = {quad.triple for quad in read_rdf(GRAPHS / "corbyn-russia" / f"{kind}.ttl")}
        assert written == set(seed.graphs[NamedNode(f"{BASE}graph/{kind}/corbyn-russia-hearsay")])


def test_every_graph_has_its_name(seed: Built) -> None:
    names = {graph.value.removeprefix(f"{BASE}graph/") for graph in seed.graphs}
    assert names >= {
        "actors",
        "concepts",
        "examples",
        "inferred/corbyn-russia-hearsay",
        "judgements/corbyn-russia-hearsay",
        "metadata/corbyn-russia",
        "ontology",
        "reading/corbyn-russia-hearsay",
        "shapes",
        "swrl",
        "text/corbyn-russia",
    }


def test_inferred_graph_holds_nothing_asserted_and_says_where_it_comes_from(seed: Built) -> None:
    inferred = NamedNode(f"{BASE}graph/inferred/corbyn-russia-hearsay")
    reading = NamedNode(f"{BASE}graph/reading/corbyn-russia-hearsay")
    assert set(seed.graphs[inferred]) & set(seed.graphs[reading]) == set()
    judged = NamedNode(f"{BASE}graph/judgements/corbyn-russia-hearsay")
    inputs = {
        reading.value,
        f"{BASE}graph/actors",
        f"{BASE}graph/ontology",
        f"{BASE}ontology/1.0.0",
    }
    software = f"{BASE}id/software/hearsay"
    for graph, kind, used in (
        (inferred, "inference", inputs),
        (judged, "judgement", inputs | {inferred.value}),
    ):
        activity = f"{BASE}id/activity/{kind}-corbyn-russia-hearsay"
        assert said(seed, graph, graph.value, "prov:wasGeneratedBy") == {activity}
        assert said(seed, graph, activity, "prov:used") == used
        assert said(seed, graph, activity, "prov:wasAssociatedWith") == {software}
        assert said(seed, graph, software, "rdf:type") == {PREFIXES["prov"] + "SoftwareAgent"}
        assert said(seed, graph, software, "owl:versionInfo") == {__version__}


def said(built: Built, graph: NamedNode, subject: str, predicate: str) -> set[str]:
    """The values that a graph gives a subject, IRIs and words alike."""
    prefix, _, name = predicate.partition(":")
    about = (NamedNode(subject), NamedNode(PREFIXES[prefix] + name))
    return {t.object.value for t in built.graphs[graph] if (t.subject, t.predicate) == about}  # type: ignore[union-attr]


def test_building_twice_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    dumps = []
    for hash_seed in ("1", "2"):
        out = tmp_path / hash_seed
        command = [sys.executable, "-c", QUICK_BUILD, str(SEEDS), str(out)]
        subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": hash_seed})
        dumps.append((out / "current" / "dump.nq").read_bytes())
    assert dumps[0] == dumps[1]


def test_order_of_a_shape_file_changes_no_blank_node(seed: Built) -> None:
    graph = NamedNode(f"{BASE}graph/shapes")
    changed = Built(seed.readings, {graph: list(reversed(seed.graphs[graph]))}, seed.iris, seed.report)
    as_built = {quad for quad in seed.quads() if quad.graph_name == graph}
    assert any(isinstance(quad.subject, BlankNode) for quad in as_built)
    alone = Built(seed.readings, {graph: seed.graphs[graph]}, seed.iris, seed.report)
    assert set(changed.quads()) == set(alone.quads())


def test_second_article_needs_nothing_but_its_files() -> None:
    built = build([SEEDS])
    names = Counter(graph.value.removeprefix(f"{BASE}graph/").split("/")[0] for graph in built.graphs)
    assert (names["text"], names["reading"], names["inferred"]) == (1, 1, 1)
    denial = f"{BASE}id/statement/ce332623-operator-denies"
    graph = built.graphs[NamedNode(f"{BASE}graph/inferred/ferry-ramp-hearsay")]
    assert [
        triple.object.value
        for triple in graph
        if triple.predicate == NamedNode(f"{BASE}ontology#deniedBy") and isinstance(triple.object, NamedNode)
    ] == [f"{BASE}id/actor/ferry-operator"]
    assert any(triple.subject == NamedNode(denial) for triple in graph)


def test_two_folders_and_one_article_of_a_folder_build_together() -> None:
    built = build([ROOT / "seeds" / "corbyn-russia", SEEDS])
    assert [reading.slug for reading in built.readings] == ["corbyn-russia-hearsay", "ferry-ramp-hearsay"]
    actors = {triple.subject.value for triple in built.graphs[NamedNode(f"{BASE}graph/actors")]}  # type: ignore[union-attr]
    assert {f"{BASE}id/actor/apt29", f"{BASE}id/actor/ferry-operator"} <= actors


def test_base_reaches_the_whole_dataset() -> None:
    built = build([SEEDS], iris=Iris("http://127.0.0.1:8000/"))
    left = {str(quad) for quad in built.quads() if "w3id.org/hearsay" in str(quad)}
    # What the ontology says in words of its own address may stay.
    assert not {line for line in left if "<https://w3id.org/hearsay" in line.split('"')[0]}


def test_second_reading_of_an_article_stands_beside_the_first(seeds: Path) -> None:
    first = seeds / "ferry-ramp" / "reading.yaml"
    text = first.read_text(encoding="utf-8").replace("{id: hearsay,", "{id: other,")
    first.with_name("reading-other.yaml").write_text(text, encoding="utf-8")
    built = build([seeds])
    assert {path.as_posix() for path in graph_files(built)} == {
        f"ferry-ramp/{name}.ttl"
        for name in (
            *("text", "metadata", "reading", "inferred", "judgements"),
            *("reading-other", "inferred-other", "judgements-other"),
        )
    }


def test_misquoted_word_cannot_be_read_and_names_its_place(seeds: Path) -> None:
    path = seeds / "ferry-ramp" / "reading.yaml"
    replace(path, "cue: denied, content: that any", "cue: refuted, content: that any")
    with pytest.raises(ReadingError) as caught:
        build([seeds])
    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    line = path.read_text(encoding="utf-8").split("\n")[problem.line - 1]
    assert "refuted" in line
    assert "refuted" in problem.message


def test_what_breaks_a_shape_is_refused_with_file_line_and_words(seeds: Path) -> None:
    path = seeds / "ferry-ramp" / "reading.yaml"
    replace(
        path,
        "text: The ramp belongs to the harbour authority.",
        "text: Allegedly the ramp is the authority’s.",
    )
    with pytest.raises(NonconformanceError) as caught:
        build([seeds])
    finding = caught.value.report.findings[0]
    assert finding.rule == "Claim-impersonal"
    assert finding.place is not None
    assert finding.place.path == str(path)
    assert finding.place.words == "Allegedly the ramp is the authority’s."
    line = path.read_text(encoding="utf-8").split("\n")[finding.place.line - 1]
    assert "ramp-is-the-authoritys" in line


def test_what_breaks_a_shape_until_conclusions_are_drawn_is_refused(seeds: Path) -> None:
    with (seeds / "actors.ttl").open("a", encoding="utf-8") as actors:
        actors.write(
            "\n<https://w3id.org/hearsay/id/claim/ferry-operator-was-warned>\n"
            '\ths:aliasName "The Warned" ;\n\ths:aliasOf ac:ferry-operator ;\n.\n'
        )
    with pytest.raises(NonconformanceError) as caught:
        build([seeds])
    # That what has an alias is an alias claim is a conclusion: with it, the same data conforms.
    assert {finding.rule for finding in caught.value.report.findings} == {"Vocabulary-domain"}


def test_conclusions_that_break_a_shape_are_refused(tmp_path: Path) -> None:
    ontology = Path(shutil.copytree(ONTOLOGY, tmp_path / "ontology"))
    (ontology / "rules" / "entails.rq").write_text(
        "PREFIX hs: <https://w3id.org/hearsay/ontology#>\n"
        "CONSTRUCT { ?claim hs:entails ?claim } WHERE { ?denial hs:denies ?claim }\n",
        encoding="utf-8",
    )
    with pytest.raises(NonconformanceError) as caught:
        build([SEEDS], folders=Folders(ontology=ontology))
    assert [(finding.rule, finding.focus) for finding in caught.value.report.findings] == [
        ("Claim-entails", f"<{BASE}id/claim/ferry-operator-was-warned>")
    ]


def test_release_answers_a_plain_query_over_all_graphs(seed: Built, tmp_path: Path) -> None:
    store = write_release(seed.quads(), tmp_path).store
    text = """
        SELECT ?who ?claim { ?denial a hs:Denial ; hs:madeBy ?who ; hs:denies/hs:canonicalText ?claim }
        ORDER BY ?who
    """
    results = query(store, text)
    assert isinstance(results, QuerySolutions)
    assert [str(row["who"]).rpartition("/")[2] for row in results] == [
        "russia>",
        "senior-russian-politician>",
    ]


def test_turtle_is_sorted_and_laid_out_for_comparison() -> None:
    def node(name: str) -> NamedNode:
        return NamedNode(f"http://example.org/{name}")

    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    triples = [
        Triple(node("b10"), node("p"), Literal(5)),
        Triple(node("b9"), node("p"), Literal("ends with .\n and “more” .", language="en")),
        Triple(node("b9"), node("p"), Literal("a")),
        Triple(node("b9"), kind, node("odd/T")),
        Triple(node("b9"), node("p"), Literal("a")),
    ]
    text = """\
@prefix e: <http://example.org/> .
@prefix o: <http://example.org/odd/> .

e:b9
	a o:T ;
	e:p "a" , "ends with .\\n and “more” ."@en ;
.

e:b10
	e:p 5 ;
.
"""
    prefixes = {"unused": "http://example.com/", "o": "http://example.org/odd/", "e": "http://example.org/"}
    assert turtle(triples, prefixes) == text
    assert turtle(reversed(triples), prefixes) == text
    assert {quad.triple for quad in parse(text, RdfFormat.TURTLE)} == set(triples)
    assert turtle([], prefixes) == ""


def test_turtle_writes_a_name_out_that_would_need_an_escape() -> None:
    node = NamedNode("http://example.org/a/b")
    text = "\n<http://example.org/a/b>\n\t<http://example.org/a/b> <http://example.org/a/b> ;\n.\n"
    assert turtle([Triple(node, node, node)], {"e": "http://example.org/"}) == text


def test_example_queries_are_published_as_data(tmp_path: Path) -> None:
    path = tmp_path / "cq99-denials.rq"
    path.write_text(
        "# title: Denials\n# question: Who denies?\n# keywords: denial, who\n# number: 99\n"
        "PREFIX hs: <https://w3id.org/hearsay/ontology#>\n\n# all\nASK { ?s a hs:Denial }\n",
        encoding="utf-8",
    )
    iris = Iris("http://localhost/")
    examples = load_examples(tmp_path, iris=iris)
    assert [(e.slug, e.title, e.question, e.keywords, e.number, e.form) for e in examples] == [
        ("cq99-denials", "Denials", "Who denies?", ("denial", "who"), 99, "ASK")
    ]
    about = [
        quad.triple for quad in example_quads(examples, iris) if quad.subject == iris.query("cq99-denials")
    ]
    expected = """
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix schema: <https://schema.org/> .
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        <http://localhost/id/query/cq99-denials> a sh:SPARQLExecutable , sh:SPARQLAskExecutable ;
            rdfs:label "Denials"@en ; rdfs:comment "Who denies?"@en ; schema:keywords "denial" , "who" ;
            schema:position 99 ; schema:target <http://localhost/sparql> ;
            sh:prefixes <http://localhost/graph/examples> ;
            sh:ask "PREFIX hs: <http://localhost/ontology#>\\n\\n# all\\nASK { ?s a hs:Denial }\\n" .
    """
    assert set(about) == {quad.triple for quad in parse(expected, RdfFormat.TURTLE)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASK {}", "has no line '# title: …'"),
        ("# title: t\nASK {}", "has no line '# question: …'"),
        ("# title: t\n# question: q\nDELETE {} WHERE {}", "none of SELECT, ASK, CONSTRUCT"),
        ("# title: t\n# question: q\n# number: ten\nASK {}", "'ten' is not a number"),
    ],
)
def test_query_file_that_cannot_be_an_example_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExampleError, match=message) as caught:
        read_example(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.ttl", "<s> <p> <o> ."),
        ("x.nt", "<URL/s> <URL/p> <URL/o> ."),
        ("x.nq", "<URL/s> <URL/p> <URL/o> ."),
        ("x.trig", "{ <s> <p> <o> }"),
        ("x.jsonld", '{"@id": "s", "URL/p": {"@id": "o"}}'),
        (
            "x.rdf",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="URL/">'
            '<rdf:Description rdf:about="s"><p rdf:resource="o"/></rdf:Description></rdf:RDF>',
        ),
    ],
)
def test_rdf_of_any_format_is_read(tmp_path: Path, name: str, text: str) -> None:
    url = tmp_path.resolve().as_uri()
    path = tmp_path / name
    path.write_text(text.replace("URL", url), encoding="utf-8")
    terms = [NamedNode(f"{url}/{local}") for local in "spo"]
    assert list(read_rdf(path)) == [Quad(*terms)]
    graph = NamedNode("http://example.org/g")
    assert list(read_rdf(path, graph=graph.value)) == [Quad(*terms, graph)]  # type: ignore[call-arg]


def test_files_do_not_share_blank_nodes_and_named_graphs_stay(tmp_path: Path) -> None:
    path = tmp_path / "x.trig"
    path.write_text("_:a <http://p> _:a . <http://g> { _:a <http://p> 1 }", encoding="utf-8")
    first, second = (list(read_rdf(path, graph="http://h")) for _ in range(2))
    assert first[0].subject == first[0].object == first[1].subject
    assert first[0].subject != second[0].subject
    assert [str(quad.graph_name) for quad in first] == ["<http://h>", "<http://g>"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.ttl", "<http://s> <http://p>\n<http://o", "x.ttl:2:1"),
        ("x.txt", "", "has a name that ends in none of"),
        ("x.nt", None, "cannot be read"),
    ],
)
def test_file_that_is_no_rdf_is_named_with_its_line(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadingError, match=message):
        list(read_rdf(path))


def test_places_are_told_from_the_current_folder_on(seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(seeds.parent)
    replace(seeds / "actors.ttl", "ac:ferry-operator\n", "ac:ferry-operator\n\ta hs:Oprator ;\n")
    with pytest.raises(NonconformanceError) as caught:
        build([seeds])
    assert str(caught.value.report.findings[0].place).startswith("seeds/actors.ttl:")
    (seeds / "actors.ttl").write_text("ac:x", "utf-8")
    with pytest.raises(ReadingError, match=r"^seeds/actors\.ttl:1:1: is not Turtle"):
        build([seeds])


def test_missing_actors_are_told_once(seeds: Path) -> None:
    (seeds / "actors.ttl").unlink()
    with pytest.raises(ReadingError) as caught:
        build([seeds])
    assert str(caught.value) == (
        f"{seeds}/actors.ttl:1:1: is missing: it describes the actors that the readings beside it name; "
        "write it, or restore it"
    )


def test_a_fault_among_the_actors_is_told_with_its_line(seeds: Path) -> None:
    replace(
        seeds / "actors.ttl", "ac:ferry-operator\n", 'ac:ferry-operator\n\ths:namedInTexts "the operator" ;\n'
    )
    with pytest.raises(NonconformanceError) as caught:
        build([seeds])
    (finding,) = caught.value.report.findings
    assert finding.rule == "Vocabulary-property"
    line = (seeds / "actors.ttl").read_text("utf-8").split("\n").index("ac:ferry-operator") + 1
    assert str(finding.place) == f"{seeds / 'actors.ttl'}:{line}"


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("SolelyUnattributedClaim", "cq28-solely-unattributed"),
        ("PhantomAccusation", "cq29-phantom-accusations"),
        ("CaptionOnlyStatement", "cq40-only-in-captions"),
    ],
)
def test_the_judgements_of_the_seed_are_what_its_queries_answer(
    seed_store: Store, kind: str, example: str
) -> None:
    judged = query(seed_store, f"SELECT DISTINCT ?what {{ ?judgement a hs:{kind} ; hs:judges ?what }}")
    asked = query(seed_store, read_example(QUERIES / f"{example}.rq").text)
    assert isinstance(judged, QuerySolutions)
    assert isinstance(asked, QuerySolutions)
    answers = {str(row[0]) for row in asked}
    assert {str(row[0]) for row in judged} == answers
    assert answers
