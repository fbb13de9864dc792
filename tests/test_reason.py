"""Rules and judgements: what they conclude, in small cases and on the seed."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from kg.build import read_actors, read_seeds
from kg.folders import ONTOLOGY, SEEDS
from kg.iris import PREFIXES, Iris
from kg.reason import infer, judge
from kg.triples import reading_quads
from kg.turtle import turtle
from kg.vocabulary import load_vocabulary

CASES = sorted((Path(__file__).parent / "inferences").iterdir())
# One file for every axiom of a kind, named as in OWL 2 Profiles, section 4.3.
FOR_ALL_TERMS = {
    "cax-sco",
    "prp-dom",
    "prp-inv1",
    "prp-inv2",
    "prp-rng",
    "prp-spo1",
    "prp-symp",
    "prp-trp",
}
A = NamedNode(PREFIXES["rdf"] + "type")
IRIS = Iris()
RULES = sorted(path.stem for path in (ONTOLOGY / "rules").iterdir())
JUDGEMENTS = sorted(path.stem for path in (ONTOLOGY / "judgements").iterdir())


def read(path: Path, iris: Iris = IRIS) -> list[Triple]:
    if not path.exists():
        return []
    text = iris.localise(path.read_text(encoding="utf-8"))
    return [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]


def everything() -> list[Triple]:
    """All cases in one graph; the ids of each are kept apart."""
    found = []
    for case in CASES:
        text = re.sub(
            "/id/(?!actor)([a-z]+)/",
            rf"/id/\1/{case.name}-",
            (case / "reading.ttl").read_text(encoding="utf-8"),
        )
        found += [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]
    return found


def shown(triples: Iterable[Triple]) -> str:
    """Turtle, so that a failure shows what was concluded and what was not."""
    found = list(triples)
    return turtle(found) if found else ""


def without(names: Iterable[str], folder: Path) -> Path:
    """A copy of the ontology that lacks these rules or judgements."""
    copy = folder / "ontology"
    shutil.copytree(ONTOLOGY, copy)
    for name in names:
        next(copy.glob(f"*/{name}.rq")).unlink()
    return copy


def defined_in_the_ontology() -> set[str]:
    """The names of the defined classes, the chains and the property of the self-restriction."""
    store = Store()
    store.load(path=ONTOLOGY / "hearsay.ttl", format=RdfFormat.TURTLE)
    found = store.query(
        """PREFIX owl: <http://www.w3.org/2002/07/owl#>
        SELECT DISTINCT ?term WHERE {
            { ?term owl:equivalentClass|owl:propertyChainAxiom ?definition }
            UNION { [] owl:onProperty ?term ; owl:hasSelf true }
        }"""
    )
    return {solution["term"].value.removeprefix(PREFIXES["hs"]) for solution in found}  # type: ignore[union-attr]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_has_the_conclusions_that_are_committed(case: Path) -> None:
    reading = read(case / "reading.ttl")
    inferred = infer(reading)
    assert shown(inferred) == shown(read(case / "inferred.ttl"))
    assert shown(judge([*reading, *inferred])) == shown(read(case / "judgements.ttl"))


def test_every_defined_class_and_chain_has_its_rule() -> None:
    assert {*RULES} == defined_in_the_ontology() | FOR_ALL_TERMS | {"SelfDenial"}
    assert len(RULES) >= 33


def test_every_judgement_of_the_ontology_has_its_query() -> None:
    judgement, subclass = IRIS.term("ClosedWorldJudgement"), NamedNode(PREFIXES["rdfs"] + "subClassOf")
    kinds = [
        t.subject for t in read(ONTOLOGY / "hearsay.ttl") if (t.predicate, t.object) == (subclass, judgement)
    ]
    assert sorted(kinds, key=str) == [IRIS.term(name) for name in JUDGEMENTS]


@pytest.mark.parametrize("folder", ["rules", "judgements"])
def test_a_rule_says_in_its_head_what_it_implements(folder: str) -> None:
    for path in (ONTOLOGY / folder).iterdir():
        title, axiom, *_ = path.read_text(encoding="utf-8").splitlines()
        assert title[:2] == axiom[:2] == "# ", path
        assert folder == "judgements" or axiom.startswith(("# Axiom: ", "# Rule: ")), path


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_the_cases_lack_conclusions(rule: str, tmp_path: Path) -> None:
    assert {*infer(everything(), ontology=without([rule], tmp_path))} < {*infer(everything())}


@pytest.mark.parametrize("rule", sorted({*RULES} - FOR_ALL_TERMS - {"isNonAnswer"}))
def test_a_rule_concludes_what_it_is_named_after(rule: str, tmp_path: Path) -> None:
    ontology = without([name for name in RULES if name != rule], tmp_path)
    premises = [*everything(), *infer(everything())]
    if rule == "deflects":  # its chain begins with a property that is never shown
        premises += [
            Triple(t.subject, IRIS.term("isNonAnswer"), t.subject)
            for t in premises
            if t.object == IRIS.term("NonAnswer")
        ]
    term = IRIS.term(rule)
    asked = [t for t in premises if term not in (t.object, t.predicate)]
    found = infer(asked, ontology=ontology)
    assert found == [t for t in infer(everything()) if term in (t.object, t.predicate)]
    assert found


def test_conclusions_are_new_and_about_the_data_in_the_terms_of_the_ontology() -> None:
    asserted = everything()
    concluded = infer(asserted)
    assert not {*concluded} & {*asserted}
    for triple in concluded:
        assert (triple.object if triple.predicate == A else triple.predicate).value.startswith(PREFIXES["hs"])  # type: ignore[union-attr]
        assert not triple.subject.value.startswith(PREFIXES["hs"])  # type: ignore[union-attr]
        assert triple.predicate != IRIS.term("isNonAnswer")
    assert len(concluded) > 500


def test_conclusions_come_in_one_order_whatever_the_order_of_the_triples() -> None:
    asserted = everything()
    assert infer(asserted) == infer(reversed(asserted)) == sorted(infer(asserted), key=str)
    judged = judge([*asserted, *infer(asserted)])
    assert judged == judge([*reversed(asserted), *infer(asserted)]) == sorted(judged, key=str)
    assert infer([*asserted, *infer(asserted)]) == []


def test_background_counts_for_what_the_reading_names_and_for_nothing_else() -> None:
    speaker, stranger = IRIS.actor("speaker"), IRIS.actor("stranger")
    made = NamedNode(f"{IRIS.base}id/statement/0-said")
    background = [Triple(who, A, IRIS.term("UnidentifiedActor")) for who in (speaker, stranger)]
    concluded = infer([Triple(made, IRIS.term("madeBy"), speaker)], background=background)
    assert concluded == [
        Triple(speaker, A, IRIS.term("Actor")),
        Triple(made, A, IRIS.term("Statement")),
        Triple(made, A, IRIS.term("UnattributedStatement")),
        Triple(made, IRIS.term("hasSource"), speaker),
    ]


def test_background_counts_for_a_judgement_as_it_does_for_a_conclusion() -> None:
    case = CASES[0].parent / "unattributed"
    given = read(case / "reading.ttl")
    background = [triple for triple in given if str(triple.subject).startswith(f"<{PREFIXES['ac']}")]
    asserted = [triple for triple in given if triple not in background]
    known = [*asserted, *infer(asserted, background=background)]
    assert judge(known, background=background) == read(case / "judgements.ttl")
    # Who is unidentified, only the background says.
    assert judge(known) == []


def test_another_base_has_the_same_conclusions() -> None:
    iris = Iris("http://127.0.0.1:8000/")
    case = CASES[0].parent / "captions"
    reading = read(case / "reading.ttl", iris)
    inferred = infer(reading, iris=iris)
    assert inferred
    assert {*inferred} == {*read(case / "inferred.ttl", iris)}
    assert {*judge([*reading, *inferred], iris=iris)} == {*read(case / "judgements.ttl", iris)}


def test_a_rule_that_is_no_construct_is_named(tmp_path: Path) -> None:
    ontology = without([], tmp_path)
    (ontology / "rules" / "asks.rq").write_text("ASK {}", encoding="utf-8")
    with pytest.raises(TypeError, match=r"^asks\.rq: a rule is a CONSTRUCT query$"):
        infer(everything(), ontology=ontology)


def test_the_judgements_on_the_seed() -> None:
    """Worked out from the article: see the traps and the questions 10, 18, 28 and 29."""
    actors = read_actors((SEEDS,), IRIS)
    reading = next(
        reading for reading in read_seeds((SEEDS,), IRIS) if reading.slug == "corbyn-russia-hearsay"
    )
    asserted = [quad.triple for quad in reading_quads(reading, IRIS, load_vocabulary(iris=IRIS))]
    graph = judge([*asserted, *infer(asserted, background=actors)], background=actors)
    judged: dict[str, set[str]] = {}
    kind = {
        t.subject: t.object
        for t in graph
        if t.predicate == A and t.object != IRIS.term("ClosedWorldJudgement")
    }
    for triple in graph:
        if triple.predicate == IRIS.term("judges"):
            name = kind[triple.subject].value.removeprefix(PREFIXES["hs"])  # type: ignore[union-attr]
            judged.setdefault(name, set()).add(triple.object.value.rpartition("/")[2])  # type: ignore[union-attr]
    assert judged["PhantomAccusation"] == {
        "corbyn-complicit",
        "corbyn-did-it",
        "corbyn-took-document",
        "russia-meddled-2019",
    }
    assert "bc40b4a5-russia-dismissed" in judged["CaptionOnlyStatement"]
    assert "russia-meddled-2019" in judged["SolelyUnattributedClaim"]
    # Mr Corbyn's “Goodbye” replies to the reporter; nobody is reported to have spoken for APT29.
    assert "apt29" in judged["NoReplyReported"]
    assert "corbyn-complicit" not in judged["NoReplyReported"]
