from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg.check import check, check_files
from kg.check.queries import check_queries
from kg.files.problems import ReadingError
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY, QUERIES, SHAPES, nearby
from kg.iris import PREFIXES, Iris
from kg.reason import infer
from kg.report import Place

BASE = Path(__file__).parent / "shapes" / "base.ttl"
DENIAL = "https://w3id.org/hearsay/id/statement/3e6c636a-sale-denied"
PREFIX_LINES = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())


@lru_cache
def base() -> tuple[Triple, ...]:
    return tuple(read_turtle(BASE, Iris()))


def turtle(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(PREFIX_LINES + text, RdfFormat.TURTLE)]


def without(subject: str, term: str) -> list[Triple]:
    predicate = Iris().term(term)
    return [t for t in base() if not (t.subject == NamedNode(subject) and t.predicate == predicate)]


def test_denial_without_target_is_found_with_its_place() -> None:
    place = Place("seeds/park/reading.yaml", 45, "Council … denies … sale of park")
    report = check(without(DENIAL, "denies"), places={DENIAL: place})
    (finding,) = report.findings
    assert finding.rule == "Denial-denies"
    assert finding.shape == "https://w3id.org/hearsay/shapes#Denial-denies"
    assert finding.message == "A denial must deny a claim: name the claim in hs:denies."
    assert finding.focus == f"<{DENIAL}>"
    assert finding.path == "<https://w3id.org/hearsay/ontology#denies>"
    assert finding.value == ""
    assert finding.severity == "Violation"
    assert finding.component == "http://www.w3.org/ns/shacl#MinCountConstraintComponent"
    assert finding.owner == finding.shape
    assert finding.reason.startswith("A denial is of a claim, never of a person or an article")
    assert finding.place == place
    assert report.exit_code == 1


def test_misquoted_words_are_placed_where_the_span_is_used() -> None:
    text = "https://w3id.org/hearsay/id/text/3e6c636aeb3c6f98"
    span = NamedNode(f"{text}#offset_48_54")
    anchor = NamedNode(PREFIXES["nif"] + "anchorOf")
    data = [t for t in base() if (t.subject, t.predicate) != (span, anchor)]
    data.append(Triple(span, anchor, Literal("claim\\1")))
    places = {
        text: Place("seeds/park/article.txt", 1),
        span.value: Place("seeds/park/reading.yaml", 40, "claims"),
    }
    (finding,) = check(data, places=places).findings
    assert finding.rule == "SourceText-span-words"
    assert finding.owner == "https://w3id.org/hearsay/shapes#SourceText"
    assert finding.message == (
        "The span says “claim\\1”, but the text from 48 to 54 says “claims”: "
        "quote the text exactly, with its own quotation marks and spaces."
    )
    assert finding.focus == f"<{text}>"
    assert finding.value == f"<{span.value}>"
    assert str(finding.place) == "seeds/park/reading.yaml:40"


def test_findings_do_not_depend_on_the_order_of_the_data() -> None:
    data = [
        *without(DENIAL, "denies"),
        *turtle("""
            cl:x a hs:Claim ; hs:canonicalText "No"@en , "Yes"@en .
            ac:mayor hs:knows ac:council ; owl:sameAs ac:council .
        """),
    ]
    report = check(data)
    assert [finding.rule for finding in report.findings] == [
        "Actor-unrelated",
        "Claim-canonicalText",
        "Claim-sentence",
        "Claim-sentence",
        "Denial-denies",
        "SameAs-nowhere",
        "Vocabulary-property",
    ]
    assert check(reversed(data)) == report


def test_inferences_conform() -> None:
    inferred = infer(base())
    assert len(inferred) > 50
    assert check([*base(), *inferred]).findings == ()


def test_another_base_conforms_and_finds_the_same() -> None:
    iris = Iris("http://127.0.0.1:8000/")
    data = list(read_turtle(BASE, iris))
    assert check(data, iris=iris).findings == ()
    denies = iris.term("denies")
    (finding,) = check([t for t in data if t.predicate != denies], iris=iris).findings
    assert finding.shape == "http://127.0.0.1:8000/shapes#Denial-denies"
    assert finding.message == "A denial must deny a claim: name the claim in hs:denies."


@pytest.mark.parametrize(
    ("added", "rule", "path"),
    [
        ("st:3e6c636a-x a hs:Attitude ; hs:madeBy ac:mayor .", "Statement-reported", "^<…#reports>"),
        ("os:x a hs:OutsideStatement ; hs:concerns ac:mayor ; hs:outsideProperty schema:url ;"
         " dct:source 'x' .", "OutsideStatement-value", "<…#outsideReference>|<…#outsideValue>"),
        ("ay:reading-park-example prov:endedAtTime '2026-11-25T00:00:00Z'^^xsd:dateTime .",
         "Reading-time", "<prov:wasGeneratedBy>/<prov:endedAtTime>"),
    ],
    ids=["inverse", "alternative", "sequence"],
)  # fmt: skip
def test_path_is_written_as_in_sparql(added: str, rule: str, path: str) -> None:
    (finding,) = check([*base(), *turtle(added)]).findings
    assert finding.rule == rule
    expected = path.replace("…", "https://w3id.org/hearsay/ontology").replace(
        "<prov:", f"<{PREFIXES['prov']}"
    )
    assert finding.path == expected


def test_nameless_node_is_found() -> None:
    node = BlankNode("x")
    data = [
        *base(),
        Triple(node, NamedNode(PREFIXES["rdf"] + "type"), Iris().term("Claim")),
        Triple(node, Iris().term("canonicalText"), Literal("It rains.", language="en")),
    ]
    (finding,) = check(data).findings
    assert (finding.rule, finding.focus) == ("Claim-iri", "_:x")


def test_report_says_what_was_checked() -> None:
    report = check(base())
    assert report.conforms
    assert report.exit_code == 0
    assert report.triples == len(set(base()))
    assert "https://w3id.org/hearsay/shapes#Denial-denies" in report.rules


def test_broken_query_in_a_shape_is_an_error_not_a_finding(tmp_path: Path) -> None:
    shutil.copy(SHAPES / "prefixes.ttl", tmp_path)
    (tmp_path / "x.ttl").write_text(
        PREFIX_LINES + "hss:X a sh:NodeShape ; sh:targetClass hs:Claim ; sh:sparql hss:X-y .\n"
        'hss:X-y sh:select "SELECT $this WHERE { $this hs:entails }" .\n',
        encoding="utf-8",
    )
    with pytest.raises(ReadingError) as caught:
        check(base(), shapes=tmp_path)
    line = PREFIX_LINES.count("\n") + 2
    assert str(caught.value) == (
        f"{tmp_path}/x.ttl:{line}:58: hss:X-y: is not SPARQL: not understood: E {{ $this hs:entails ⟨here⟩ }}"
    )


def test_shapes_name_only_what_the_ontology_declares(tmp_path: Path) -> None:
    shutil.copy(SHAPES / "prefixes.ttl", tmp_path)
    (tmp_path / "x.ttl").write_text(
        PREFIX_LINES + "hss:X a sh:NodeShape ; sh:targetClass hs:Clam ; sh:sparql hss:X-y .\n\n"
        'hss:X-y sh:select """\n\tSELECT $this WHERE { $this hs:entials ?other }\n""" .\n',
        encoding="utf-8",
    )
    with pytest.raises(ReadingError) as caught:
        check(base(), shapes=tmp_path)
    line = PREFIX_LINES.count("\n") + 1
    assert str(caught.value).splitlines() == [
        f"{tmp_path}/x.ttl:{line}:1: hss:X: hs:Clam is no term of the ontology; did you mean ‘hs:Claim’?",
        f"{tmp_path}/x.ttl:{line + 3}:29: hss:X-y: hs:entials is no term of the ontology; "
        "did you mean ‘hs:entails’?",
    ]


def test_file_is_checked_with_the_line_of_the_subject(tmp_path: Path) -> None:
    path = tmp_path / "mine.ttl"
    path.write_text(
        PREFIX_LINES + "\ncl:rain\n\ta hs:Claim ;\n\ths:entails cl:snow ;\n"
        '\ths:canonicalText "It rains."@en ;\n.\n\n'
        'cl:snow\n\ta hs:Claim ;\n\ths:canonicalText "Snow"@en ;\n.\n',
        encoding="utf-8",
    )
    (finding,) = check_files([path]).findings
    assert finding.rule == "Claim-sentence"
    assert finding.value == '"Snow"@en'
    assert str(finding.place) == f"{path}:{PREFIX_LINES.count(chr(10)) + 8}"


def test_files_are_checked_together(tmp_path: Path) -> None:
    claims, actors = tmp_path / "claims.nt", tmp_path / "actors.trig"
    hs = PREFIXES["hs"]
    claims.write_text(
        f"<{PREFIXES['cl']}x> <{PREFIXES['rdf']}type> <{hs}Claim> .\n"
        f'<{PREFIXES["cl"]}x> <{hs}canonicalText> "It rains."@en .\n'
        f"<{PREFIXES['cl']}x> <{hs}about> <{PREFIXES['ac']}mayor> .\n",
        encoding="utf-8",
    )
    actors.write_text(
        PREFIX_LINES + "gr:actors {\n\tac:mayor a hs:RoleActor ; skos:prefLabel 'the mayor'@en .\n}\n",
        encoding="utf-8",
    )
    assert check_files([claims, actors]).findings == ()
    (finding,) = check_files([claims]).findings
    assert finding.rule == "Vocabulary-range"
    assert finding.message == (
        "hs:about of cl:x is ac:mayor, which is no hs:Actor: name one that is, or give it that class."
    )
    assert str(finding.place) == f"{claims}:1"


def test_misquoted_span_is_placed_at_the_span_not_at_its_text() -> None:
    path = BASE.parent / "invalid" / "SourceText-span-words--code-units.ttl"
    (finding,) = check_files([BASE, path]).findings
    assert str(finding.place) == f"{nearby(path)}:8"


def test_ontology_given_as_data_is_the_one_that_counts(tmp_path: Path) -> None:
    assert check_files(sorted(ONTOLOGY.glob("*.ttl"))).findings == ()
    text = (ONTOLOGY / "hearsay.ttl").read_text("utf-8")
    path = tmp_path / "hearsay.ttl"
    path.write_text(text.replace("\trdfs:domain hs:Denial ;\n", ""), encoding="utf-8")
    (finding,) = check_files([path, ONTOLOGY / "concepts.ttl"]).findings
    assert finding.message == (
        "The property hs:denies must have exactly one rdfs:domain: add it, or join two with owl:unionOf."
    )
    assert finding.place == Place(str(path), text[: text.index("\nhs:denies\n")].count("\n") + 2)


def test_broken_turtle_is_an_error_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text("@prefix hs: <https://w3id.org/hearsay/ontology#> .\n\nhs:x hs:y .\n", encoding="utf-8")
    with pytest.raises(ReadingError) as caught:
        check_files([path])
    assert str(caught.value).startswith(f"{path}:3:11: is not Turtle: ")


def test_file_of_no_rdf_format_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("words", encoding="utf-8")
    with pytest.raises(ReadingError, match=r"notes\.txt:1:1: has a name that ends in none of "):
        check_files([path])


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return copies of the ontology and of the example queries."""
    ontology = Path(shutil.copytree(ONTOLOGY, tmp_path / "ontology"))
    return ontology, Path(shutil.copytree(QUERIES, tmp_path / "queries"))


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "queries/cq10-who-denies-what.rq",
            "ORDER BY ?who ?claim",
            "ORDER BY ?who ?claim }",
            ":19:1: is not SPARQL: not understood: DER BY ?who ?claim } ⟨here⟩",
        ),
        (
            "queries/cq10-who-denies-what.rq",
            "hs:denies ?claim",
            "hs:denys ?claim",
            ":10:10: hs:denys is no term of the ontology; did you mean ‘hs:denies’?",
        ),
        (
            "queries/cq10-who-denies-what.rq",
            "hs:denies ?claim",
            "<https://w3id.org/hearsay/ontology#refutes> ?claim",
            ":10:10: hs:refutes is no term of the ontology",
        ),
        (
            "queries/cq10-who-denies-what.rq",
            "nif:anchorOf",
            "nfi:anchorOf",
            ":13:18: is not SPARQL: unknown prefix nfi: add PREFIX nfi: <…> at the top of the query",
        ),
        (
            "ontology/rules/HedgedStatement.rq",
            "?level .\n}",
            "?level .",
            ":9:1: is not SPARQL: the query ends too early: a } is missing",
        ),
        ("ontology/rules/HedgedStatement.rq", "CONSTRUCT {", "ASK #{", ":1:1: a rule is a CONSTRUCT query"),
        (
            "ontology/rules/HedgedStatement.rq",
            "hs:Possible",
            "hs:Posible",
            ":7:18: hs:Posible is no term of the ontology; did you mean ‘hs:Possible’?",
        ),
        (
            "ontology/judgements/PhantomAccusation.rq",
            "hs:presupposes",
            "hs:presuposes",
            ": hs:presuposes is no term of the ontology; did you mean ‘hs:presupposes’?",
        ),
        (
            "ontology/context.jsonld",
            '"@context": {',
            '"@context": {"x"',
            ":3:3: is not JSON: expecting ':' delimiter",
        ),
        (
            "ontology/context.jsonld",
            '"hs:Denial"',
            '"hs:Denail"',
            ": hs:Denail is no term of the ontology; did you mean ‘hs:Denial’?",
        ),
    ],
)
def test_broken_query_of_the_project_is_told_with_its_place(
    folders: tuple[Path, Path], name: str, old: str, new: str, message: str
) -> None:
    ontology, queries = folders
    path = ontology.parent / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ReadingError) as caught:
        check_queries(queries=queries, ontology=ontology, iris=Iris())
    (problem,) = caught.value.problems
    assert problem.path == str(path)
    assert message in str(problem)


def test_truncated_context_is_refused(folders: tuple[Path, Path]) -> None:
    ontology, queries = folders
    path = ontology / "context.jsonld"
    path.write_text(path.read_text("utf-8")[:500], "utf-8")
    with pytest.raises(ReadingError, match=r"context\.jsonld:\d+:\d+: is not JSON"):
        check_queries(queries=queries, ontology=ontology, iris=Iris())


@pytest.mark.parametrize("base_iri", ["https://w3id.org/hearsay/", "http://127.0.0.1:8000/"])
def test_queries_of_the_project_are_sound(base_iri: str) -> None:
    check_queries(queries=QUERIES, ontology=ONTOLOGY, iris=Iris(base_iri))


def test_mistyped_class_is_told_once_with_the_class_that_was_meant() -> None:
    council = "https://w3id.org/hearsay/id/actor/council"
    data = [t for t in base() if not (t.subject == NamedNode(council) and t.predicate.value.endswith("type"))]
    data += turtle("ac:council a hs:OrganisationActor .")
    (finding,) = check(data).findings
    assert finding.rule == "Vocabulary-term"
    assert finding.message.startswith(
        "ac:council names hs:OrganisationActor, which the ontology does not declare: correct the name, or "
        "declare it in the ontology. Did you mean ‘hs:OrganizationActor’? ("
    )
    assert finding.message.endswith(
        " other findings on this node may follow from it, and will show when it is mended.)"
    )


def test_findings_of_other_nodes_stay_beside_a_mistyped_class() -> None:
    data = [*without(DENIAL, "denies"), *turtle("ac:council a hs:OrganisationActor .")]
    assert {finding.rule for finding in check(data).findings} == {"Denial-denies", "Vocabulary-term"}
