"""What stands in quotation marks, and what does not."""

import re

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.files.rdf import read_turtle
from kg.folders import SHAPES
from kg.iris import PREFIXES, Iris
from kg.model import Span
from kg.seeds.quotation import MARKS, quoted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He said: “No.”", "No"),
        ("He said: “No.”", "“No.”"),
        # several sentences within one pair, which goes on in the next paragraph
        ("He was asked: “Do you have anything to say? Were you complicit?", "Were you complicit?"),
        ("“Labour stands ready to protect our nation’s security.”", "our nation’s security."),
        ("“produce the facts”.", "produce the facts"),
        # two lines of one segment
        ("“The ramp is not ours,” they said.\n“It is the operator’s, and", "operator’s, and"),
        # the opening mark is lost
        ("We condemn it.” Then he left", "We condemn it."),
        ('residents called it "a disgrace".', '"a disgrace"'),
        ('residents called it "such a disgrace, really".', "disgrace"),
        ('"It is," he said, "what it is."', "what it is."),
        ("if he was ‘complicit’ in Russia’s attempt", "complicit"),
        ("‘Russia’s the one to ask, not me’, he said", "not me"),
        ("‘The boys’ school can’t be closed’, he said", "can’t be closed"),
        ("if he was 'complicit' in Russia's attempt", "complicit"),
        ("'The boys' school can't be closed', he said", "can't be closed"),
        ("«Non», dit-il", "Non"),
        ("Er sagte: „Nein.“", "Nein"),
    ],
)
def test_words_in_quotation_marks(text: str, words: str) -> None:
    begin = text.index(words)
    assert quoted(text, Span(begin, begin + len(words)), Span(0, len(text)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Putin’s Russia dismissed the claims today", "the claims"),
        ("Putin's Russia dismissed the claims today", "the claims"),
        ("He said: “No.” Then he left", "he left"),
        (
            "allegations are “anti-Russian nonsense” which undermine",
            "allegations are “anti-Russian nonsense”",
        ),
        ("“No,” he said, “never.”", "he said"),
        ("“No,” he said, “never.”", "No,” he said, “never."),
        ('residents called it "a disgrace", and left', "and left"),
        ('"It is," he said, "what it is."', "he said"),
        ("if he was ‘complicit’ in Russia’s attempt", "in Russia’s attempt"),
        ("if he was 'complicit' in Russia's attempt", "in Russia's attempt"),
        ("the boys' school dismissed the claims", "the claims"),
        ("‘Cases’ and causes of it", "causes"),
        ("in the '90s he dismissed the claims", "the claims"),
        ("Er sagte: „Nein.“ Dann ging er", "ging er"),
    ],
)
def test_words_in_no_quotation_marks(text: str, words: str) -> None:
    begin = text.index(words)
    assert not quoted(text, Span(begin, begin + len(words)), Span(0, len(text)))


def test_marks_of_another_segment_do_not_count() -> None:
    text = "He said: “No\nThe claims”"
    assert not quoted(text, Span(17, 23), Span(13, 23))
    assert not quoted("“No.\nThe claims", Span(9, 15), Span(5, 15))


def test_the_shape_has_the_same_patterns() -> None:
    query = next(
        triple.object.value
        for triple in read_turtle(SHAPES / "attribution.ttl", Iris())
        if triple.subject == NamedNode(f"{PREFIXES['hss']}Attribution-quotes-marks")
        and triple.predicate == NamedNode(f"{PREFIXES['sh']}select")
        and isinstance(triple.object, Literal)
    )
    kinds = re.findall(r"REGEX\(\?head, (.*)\) && REGEX\(\?words, (.*)\) && REGEX\(\?tail, (.*)\)\)", query)
    rows = " ".join(f"({before} {inside} {after})" for before, inside, after in kinds)
    solutions = Store().query(f"SELECT * {{ VALUES (?before ?inside ?after) {{ {rows} }} }}")
    assert isinstance(solutions, QuerySolutions)
    found = [[row[name] for name in ("before", "inside", "after")] for row in solutions]
    assert found == [list(map(Literal, patterns)) for patterns in MARKS]
