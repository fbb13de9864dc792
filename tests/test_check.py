from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg.check import CheckError, check, check_files
from kg.files.problems import ReadingError
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY
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
    (tmp_path / "x.ttl").write_text(
        PREFIX_LINES + "hss:X a sh:NodeShape ; sh:targetClass hs:Claim ; sh:sparql hss:X-y .\n"
        'hss:X-y sh:select "SELECT $this WHERE { $this hs:entails }" .\n',
        encoding="utf-8",
    )
    with pytest.raises(CheckError, match="cannot be applied"):
        check(base(), shapes=tmp_path)


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
    assert str(finding.place) == f"{path}:8"


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
