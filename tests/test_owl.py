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
    f"@prefix {name}: <{PREFIXES[name]}> .\n"
    for name in ("ac", "at", "cl", "hs", "owl", "prov", "rdfs", "st")
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
def concluded(cases: list[Triple]) -> frozenset[Triple]:
    return frozenset(infer(cases))


@pytest.fixture(scope="module")
def verdict(cases: list[Triple]) -> Verdict:
    return verify(read_logic(), cases)


def agree(conclusions: Iterable[Triple], verdict: Verdict) -> None:
    """Fail with what only the rules or only HermiT conclude, and nothing else that would hide it."""
    if report := differences(conclusions, verdict):
        lines = [line for line in report.splitlines() if line and not line.startswith("@prefix")]
        pytest.fail("\n".join(lines), pytrace=False)


def test_the_ontology_and_the_cases_are_consistent(verdict: Verdict) -> None:
    assert verdict.consistent
    assert verdict.unsatisfiable == ()


def test_rules_and_hermit_conclude_the_same_in_the_cases(
    cases: list[Triple], concluded: frozenset[Triple], verdict: Verdict
) -> None:
    agree([*cases, *concluded], verdict)
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
        agree([*asserted, *concluded], found)
        assert len(concluded) > 500


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_hermit_concludes_more(
    rule: str, cases: list[Triple], concluded: frozenset[Triple], verdict: Verdict, tmp_path: Path
) -> None:
    ontology = changed(tmp_path)
    (ontology / "rules" / f"{rule}.rq").unlink()
    # Only what this rule is needed for: where another rule and its axiom differ, another test says so.
    lost = concluded.difference(infer(cases, ontology=ontology))
    assert lost & verdict.conclusions


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


DIFFERENT = "cl:one owl:differentFrom cl:two . st:one owl:differentFrom st:two ."
MISTAKES = {
    "a-claim-that-contradicts-itself": "cl:one hs:contradicts cl:one .",
    "a-denial-that-is-an-event": "st:one a hs:Denial , prov:Activity .",
    "a-statement-of-two-claims": "st:one hs:asserts cl:one ; hs:addresses cl:two .",
    "a-statement-of-two-stances": "st:one a hs:Assertion , hs:Denial .",
    "a-statement-that-responds-to-itself": "st:one hs:respondsTo st:one .",
    "a-statement-that-is-two-things": "st:one hs:asserts cl:one . at:one hs:voice st:one .",
    "an-actor-both-described-and-not": "ac:one a hs:AnonymousActor , hs:UnidentifiedActor .",
    "an-attribution-embedded-in-itself": "at:one hs:embeddedIn at:one .",
    "an-attribution-of-two-statements": "at:one hs:reports st:one , st:two .",
    "attributions-embedded-in-each-other": "at:one hs:embeddedIn at:two . at:two hs:embeddedIn at:one .",
    "statements-that-respond-to-each-other": "st:one hs:respondsTo st:two . st:two hs:respondsTo st:one .",
    "two-levels-of-certainty": "st:one hs:hasCertainty hs:Certain , hs:Probable .",
}
NO_MISTAKES = {
    "a-claim-that-two-address": "st:one hs:asserts cl:one . st:two hs:denies cl:one .",
    "a-statement-of-two-reports": "at:one hs:reports st:one . at:two hs:reports st:one .",
    "statements-that-respond-to-one": "st:one hs:respondsTo st:three . st:two hs:respondsTo st:three .",
}


def world(name: str, data: str) -> str:
    """A class, in Turtle, that has members only where the data hold: one run of HermiT tries many."""
    text = f"<urn:world:{name}> a owl:Class .\n"
    for triple in read(data):
        thing = f"[ a owl:Class ; owl:oneOf ( {triple.subject} ) ]"
        what = f"[ a owl:Restriction ; owl:onProperty {triple.predicate} ; owl:hasValue {triple.object} ]"
        if triple.predicate.value == PREFIXES["rdf"] + "type":
            what = str(triple.object)
        else:
            text += f"{triple.object} a owl:NamedIndividual .\n"
        text += f"""{triple.subject} a owl:NamedIndividual .
            <urn:world:{name}> rdfs:subClassOf [
                a owl:Restriction ; owl:onProperty <urn:world:holds> ; owl:someValuesFrom [
                    a owl:Class ; owl:intersectionOf ( {thing} {what} )
                ]
            ] .
            """
    return text


def test_a_mistake_is_impossible() -> None:
    worlds = [world(name, data) for name, data in (MISTAKES | NO_MISTAKES).items()]
    axioms = read("\n".join(["<urn:world:holds> a owl:ObjectProperty .", DIFFERENT, *worlds]))
    found = verify([*read_logic(), *axioms], [])
    assert found.consistent
    assert [iri.removeprefix("urn:world:") for iri in found.unsatisfiable] == sorted(MISTAKES)


def test_data_with_a_mistake_are_inconsistent() -> None:
    mistake = read(MISTAKES["a-statement-of-two-claims"] + DIFFERENT)
    assert verify(read_logic(), mistake) == Verdict(consistent=False)


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
