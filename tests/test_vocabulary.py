from pathlib import Path

import pytest

from kg.files.problems import ReadingError
from kg.folders import ONTOLOGY
from kg.iris import Iris
from kg.vocabulary import load_vocabulary

HS = "https://w3id.org/hearsay/ontology#"

SMALL = """
@prefix hs: <https://w3id.org/hearsay/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
hs:Denial rdfs:subClassOf hs:Statement ; skos:notation "denial" .
hs:FlatDenial rdfs:subClassOf hs:Denial ; skos:notation "flat-denial" .
hs:DeniedOften rdfs:subClassOf hs:Statement .
hs:denies rdfs:subPropertyOf hs:addresses ; rdfs:domain hs:Denial .
hs:Headline rdfs:subClassOf hs:Segment ; skos:notation "headline" .
hs:DirectQuote a hs:ReportingMode ; skos:notation "direct" .
hs:ScareQuote a hs:FramingType ; skos:notation "scare-quote" .
hs:Probable a hs:CertaintyLevel ; skos:notation "probable" .
hs:Before a hs:TimeRelation ; skos:notation "before" .
hs:Silent a hs:NonAnswerKind ; skos:notation "silent" .
hs:Publisher a hs:OutsideName ; skos:notation "publisher" ; hs:mapsTo <https://schema.org/publisher> .
"""


def written(folder: Path, turtle: str) -> Path:
    (folder / "small.ttl").write_text(turtle, encoding="utf-8")
    return folder


def test_every_word_of_the_format_is_in_the_ontology() -> None:
    vocabulary = load_vocabulary()
    assert {word: stance.addresses.removeprefix(HS) for word, stance in vocabulary.stances.items()} == {
        "assertion": "asserts",
        "attitude": "addresses",
        "challenge": "challenges",
        "denial": "denies",
        "non-answer": "addresses",
        "question": "asksWhether",
    }
    assert vocabulary.stances["non-answer"].term == HS + "NonAnswer"
    assert list(vocabulary.segments) == [
        "boilerplate", "caption", "headline", "lede", "list-header", "list-item", "paragraph",
    ]  # fmt: skip
    assert vocabulary.modes["act"] == HS + "SpeechActReport"
    assert list(vocabulary.modes) == ["act", "direct", "indirect", "mixed", "narration"]
    assert list(vocabulary.certainties) == ["certain", "possible", "probable", "uncommitted"]
    assert list(vocabulary.times) == ["after", "before", "same-day"]
    assert list(vocabulary.non_answers) == ["declined", "deflected", "silent"]
    assert vocabulary.framings["limiter"] == HS + "Limiter"
    assert vocabulary.metadata["date-published"] == "https://schema.org/datePublished"


def test_a_new_kind_of_statement_needs_only_turtle(tmp_path: Path) -> None:
    stances = load_vocabulary(written(tmp_path, SMALL)).stances
    assert {word: stance.term.removeprefix(HS) for word, stance in stances.items()} == {
        "denial": "Denial",
        "flat-denial": "FlatDenial",
    }
    assert stances["denial"].addresses == HS + "denies"
    assert stances["flat-denial"].addresses == HS + "addresses"


def test_terms_are_of_the_base_that_is_asked_for() -> None:
    vocabulary = load_vocabulary(ONTOLOGY, iris=Iris("http://127.0.0.1:8000/"))
    assert vocabulary.segments["caption"] == "http://127.0.0.1:8000/ontology#Caption"
    assert vocabulary.metadata["publisher"] == "https://schema.org/publisher"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"flat-denial"',
            '"denial"',
            f"the notation ‘denial’ stands for both <{HS}Denial> and <{HS}FlatDenial>",
        ),
        (
            'skos:notation "before"',
            "a hs:TimeRelation",
            "nothing that is a hs:TimeRelation has a skos:notation",
        ),
        ('"silent" .', '"silent" ;;; hs:', "small.ttl:15:14: is not Turtle: "),
    ],
)
def test_an_ontology_with_a_mistake_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(ReadingError) as error:
        load_vocabulary(written(tmp_path, SMALL.replace(old, new)))
    assert message in str(error.value)
