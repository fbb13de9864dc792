import pytest

from kg.model import Span
from kg.seeds.matching import occurrences, overlapping, widen
from kg.seeds.words import NotFoundError, find


def span(text: str, begin: int = 0, end: int | None = None) -> Span:
    return Span(begin, len(text) if end is None else end)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("held by\u00a0 Mr Corbyn\u00a0 during", "by Mr Corbyn during", (5, 26)),
        ("two\u2009thin\u202fspaces", "two thin spaces", (0, 15)),
        ("one line\r\nand the next", "line and", (4, 13)),
        ("one line and", "one\n  line\u00a0and", (0, 12)),
        ("⚓🚢 said “no”", "“no”", (8, 12)),
        ("a.b and axb", "a.b", (0, 3)),
        ("He said the", "he", None),
        ("the Russians", "Russia", None),
        ("It was 2019", "201", None),
        ("Russia’s unit", "Russia", (0, 6)),
        ("anti-Russian talk", "Russian", (5, 12)),
        ("俄罗斯否认指控", "否认", (3, 5)),
        ("the cafe\u0301 said", "cafe", None),
    ],
)
def test_white_space_matches_and_nothing_else_is_forgiven(
    text: str, words: str, expected: tuple[int, int] | None
) -> None:
    found = [(place.begin, place.end) for place in occurrences(text, words, span(text))]
    assert found == ([expected] if expected else [])


def test_places_that_overlap_are_two_places() -> None:
    assert list(occurrences("no no no", "no no", Span(0, 8))) == [Span(0, 5), Span(3, 8)]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([Span(0, 3), Span(3, 5)], False),
        ([Span(3, 5), Span(0, 3)], False),
        ([Span(0, 4), Span(3, 5)], True),
        ([Span(0, 9), Span(3, 5)], True),
        ([Span(3, 5), Span(3, 5)], True),
        ([Span(0, 3), Span(4, 5)], False),
        ([Span(0, 3)], False),
        ([], False),
    ],
)
def test_pieces_that_touch_share_no_character(spans: list[Span], expected: bool) -> None:
    assert overlapping(spans) is expected


def test_words_are_looked_for_inside_the_segment_only() -> None:
    text = "no and no and no"
    assert find(text, "no", span(text, 3, 13)) == Span(7, 9)


@pytest.mark.parametrize(
    ("prefix", "suffix", "nth", "begin"),
    [
        ("the union", None, None, 29),
        (None, "it", None, 10),
        (None, None, 1, 10),
        (None, None, 2, 29),
        ("union", "no", None, 29),
        ("union", None, 2, 29),
    ],
)
def test_prefix_suffix_and_number_choose(
    prefix: str | None, suffix: str | None, nth: int | None, begin: int
) -> None:
    text = "The union said it; the union said\u00a0no"
    assert find(text, "said", span(text), prefix=prefix, suffix=suffix, nth=nth) == Span(begin, begin + 4)


def test_a_prefix_that_does_not_fit_is_told_from_words_that_are_absent() -> None:
    with pytest.raises(NotFoundError) as error:
        find("The union said it", "said", Span(0, 17), prefix="A union", suffix="it")
    assert (
        str(error.value)
        == "‘said’ is once in the article, but not directly after ‘A union’ and directly before ‘it’"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('"amplified"', "; the text has ‘“amplified”’"),
        ("the leaked nhs papers", "; the text has ‘The leaked NHS papers’"),
        ("co-operate", "; the text has ‘co–operate’"),
        ("cooperate", "; the text has ‘co–operate’"),
        ("no ... yes", "; the text has ‘no … yes’"),
        ("zerowidth", "; the text has ‘zero⟨U+200B⟩width’"),
        ("Russian", "; the text has ‘Russians’"),
        ("a group known as", "; after ‘a group known’ the text has ‘at’, not ‘as’"),
        ("Reddit", "; the words are in s06"),
        ("s by Re", ""),
        ("here Reddit", "; the article has the words across the edge of a segment"),
        ("reddit", "; s06 has ‘Reddit’"),
        ("nowhere at all", ""),
    ],
)
def test_what_is_not_found_is_explained(words: str, message: str) -> None:
    five = (
        "The leaked NHS papers were “amplified” by Russians, by a group known at X; "
        "co–operate, no … yes: zero\u200bwidth here"
    )
    text = f"{five}\n\nReddit confirmed it"
    segments = {"s05": span(five), "s06": Span(len(five) + 2, len(text))}
    with pytest.raises(NotFoundError) as error:
        find(text, words, segments["s05"], where="s05", elsewhere=segments)
    assert str(error.value) == f"‘{words}’ is not in s05{message}"


def test_words_that_occur_twice_are_shown_where_they_do() -> None:
    with pytest.raises(NotFoundError) as error:
        find("The union said it; the union said no", "said", Span(0, 36), where="s05")
    assert str(error.value) == (
        "‘said’ is twice in s05 "
        "(1: ‘The union said it; the union said …’; 2: ‘… said it; the union said no’): "
        "add prefix, suffix or nth"
    )


def test_a_number_beyond_the_last_occurrence_is_an_error() -> None:
    with pytest.raises(NotFoundError, match="‘no’ is twice in the article, so there is no number 3"):
        find("no, no", "no", Span(0, 6), nth=3)


@pytest.mark.parametrize(
    ("text", "content", "expected"),
    [
        ("said: “Goodbye.” Then", "Goodbye.", "“Goodbye.”"),
        ("said: “Were you? Did you", "Were you?", "“Were you?"),
        ("said ‘“No”’, then", "No", "‘“No”’"),
        ('said "no"', "no", '"no"'),
        ("the Russians’s own", "Russians", "Russians"),
        ("said no", "no", "no"),
    ],
)
def test_quotation_marks_that_touch_belong_to_the_quotation(text: str, content: str, expected: str) -> None:
    at = text.index(content)
    wide = widen(text, Span(at, at + len(content)), span(text))
    assert text[wide.begin : wide.end] == expected


def test_quotation_marks_of_the_next_segment_stay_there() -> None:
    assert widen("“No”", Span(1, 3), Span(1, 3)) == Span(1, 3)
