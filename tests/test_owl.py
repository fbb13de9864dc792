"""HermiT's verdict on the ontology, on the small cases and on the seed, and the rules held to it."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from kg.build import read_actors, read_seeds
from kg.folders import ONTOLOGY, SEEDS
from kg.iris import PREFIXES, Iris
from kg.owl import Verdict, differences, profile_violations, read_logic, verify
from kg.reason import infer, premises
from kg.triples import metadata_quads, reading_quads, text_quads
from kg.vocabulary import load_vocabulary

IRIS = Iris()
CASES = Path(__file__).parent / "inferences"
HEAD = "".join(
    f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("ac", "at", "cl", "hs", "owl", "rdfs", "st")
)
RULES = sorted(path.stem for path in (ONTOLOGY / "rules").iterdir())


def read(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + text, format=RdfFormat.TURTLE)]


def seed() -> list[list[Triple]]:
    """Each reading of the seeds, with the actors it names."""
    vocabulary, actors = load_vocabulary(iris=IRIS), read_actors((SEEDS,), IRIS)
    quads = [reading_quads(reading, IRIS, vocabulary) for reading in read_seeds((SEEDS,), IRIS)]
    return [sorted(premises((quad.triple for quad in found), actors), key=str) for found in quads]


def without_spans(triples: Iterable[Triple]) -> list[Triple]:
    """Most of a reading is spans, which take HermiT half its time; the small cases have some."""
    return [t for t in triples if "#offset_" not in f"{t.subject}{t.object}"]


def changed(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of the ontology in which words of files are replaced."""
    copy = folder / "ontology"
    shutil.copytree(ONTOLOGY, copy)
    for name, old, new in changes:
        text = (copy / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        (copy / name).write_text(text.replace(old, new), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def cases() -> list[Triple]:
    """All cases in one graph, for one run of HermiT; the ids of each are kept apart."""
    found = []
    for path in sorted(CASES.glob("*/reading.ttl")):
        text = re.sub(
            "/id/(?!actor)([a-z]+)/", rf"/id/\1/{path.parent.name}-", path.read_text(encoding="utf-8")
        )
        found += read(text)
    return found


@pytest.fixture(scope="module")
def verdict(cases: list[Triple]) -> Verdict:
    return verify(read_logic(), cases)


def test_the_ontology_and_the_cases_are_consistent(verdict: Verdict) -> None:
    assert verdict.consistent
    assert verdict.unsatisfiable == ()


def test_rules_and_hermit_conclude_the_same_in_the_cases(cases: list[Triple], verdict: Verdict) -> None:
    assert differences([*cases, *infer(cases)], verdict) == ""
    assert len(verdict.conclusions) > 900


def test_the_cases_have_a_member_of_every_class_and_a_value_of_every_property_that_is_inferred(
    verdict: Verdict,
) -> None:
    terms = {triple.predicate for triple in verdict.conclusions} | {t.object for t in verdict.conclusions}
    assert [name for name in RULES if name[:4] not in ("cax-", "prp-") and IRIS.term(name) not in terms] == [
        "isNonAnswer"
    ]


def test_rules_and_hermit_conclude_the_same_of_the_seed() -> None:
    for reading in seed():
        asserted = without_spans(reading)
        concluded = without_spans(infer(reading))
        found = verify(read_logic(), asserted)
        assert found.consistent
        assert differences([*asserted, *concluded], found) == ""
        assert len(concluded) > 500


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_hermit_concludes_more(
    rule: str, cases: list[Triple], verdict: Verdict, tmp_path: Path
) -> None:
    ontology = changed(tmp_path)
    (ontology / "rules" / f"{rule}.rq").unlink()
    report = differences([*cases, *infer(cases, ontology=ontology)], verdict)
    assert report.startswith("# Only by HermiT:\n")


def test_a_rule_that_concludes_too_much_is_found(
    cases: list[Triple], verdict: Verdict, tmp_path: Path
) -> None:
    ontology = changed(
        tmp_path,
        (
            "rules/deflects.rq",
            "?question hs:asksWhether ?claim",
            "?question hs:addresses|hs:presupposes ?claim",
        ),
    )
    report = differences([*cases, *infer(cases, ontology=ontology)], verdict)
    assert report.startswith("# Only by the rules:\n")
    assert report.count("hs:deflects") == 3
    assert "\nst:non-answer-goodbye\n\ths:deflects cl:non-answer-election-attacked ;\n" in report


def test_changed_axioms_are_found_and_so_is_a_class_without_members(
    cases: list[Triple], tmp_path: Path
) -> None:
    ontology = changed(
        tmp_path,
        ("hearsay.ttl", "owl:propertyChainAxiom ( hs:deniedIn hs:hasSource )", "rdfs:comment 'no chain'"),
        ("hearsay.ttl", "owl:oneOf ( hs:Possible hs:Probable )", "owl:oneOf ( hs:Certain )"),
        ("hearsay.ttl", "owl:onProperty hs:onBehalfOf", "owl:onProperty hs:addressedTo"),
    )
    axioms = read_logic(ontology) + read(
        "hs:Impossible a owl:Class ; rdfs:subClassOf hs:Assertion , hs:Denial ."
    )
    found = verify(axioms, cases)
    assert found.consistent
    assert found.unsatisfiable == (IRIS.term("Impossible").value,)
    ruled, hermit = differences([*cases, *infer(cases)], found).split("# Only by HermiT:\n")
    changed_terms = {"deniedBy", "HedgedStatement", "MediatedStatement"}
    for report, expected in ((ruled, changed_terms), (hermit, changed_terms - {"deniedBy"})):
        only = [quad.triple for quad in parse(report, format=RdfFormat.TURTLE)]
        names = {str(term).rpartition("#")[2][:-1] for t in only for term in (t.predicate, t.object)}
        assert names & {*RULES} == expected


@pytest.mark.parametrize(
    "mistake",
    [
        "st:both a hs:Assertion , hs:Denial .",
        "at:one hs:embeddedIn at:one .",
        "ac:x a hs:AnonymousActor , hs:UnidentifiedActor .",
    ],
)
def test_a_mistake_is_inconsistent(mistake: str) -> None:
    assert verify(read_logic(), read(mistake)) == Verdict(consistent=False)


def test_ontology_and_seed_are_in_the_profile_of_owl_2_dl() -> None:
    vocabulary = load_vocabulary(iris=IRIS)
    graph = [
        triple
        for path in sorted(ONTOLOGY.glob("*.ttl"))
        if path.name in ("hearsay.ttl", "concepts.ttl", "cues.ttl")
        for triple in read(path.read_text(encoding="utf-8"))
    ]
    graph += read_actors((SEEDS,), IRIS)
    for reading in read_seeds((SEEDS,), IRIS):
        for quads in (
            text_quads(reading.article, IRIS),
            metadata_quads(reading.article, IRIS, vocabulary),
            reading_quads(reading, IRIS, vocabulary),
        ):
            graph += [quad.triple for quad in quads]
    assert profile_violations(graph) == []


def test_what_is_no_owl_2_dl_is_reported() -> None:
    broken = read(
        """
        hs:within a owl:FunctionalProperty .
        st:one hs:undeclared ac:one .
        """
    )
    violations = profile_violations([*read((ONTOLOGY / "hearsay.ttl").read_text(encoding="utf-8")), *broken])
    assert len(violations) == 2, violations
    assert "within" in violations[0]
