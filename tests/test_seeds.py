import shutil
from pathlib import Path

import pytest

from kg.files.problems import ReadingError
from kg.folders import SEEDS
from kg.model import OutsideItem, Reading, Span
from kg.seeds import load_actors, load_article, load_reading, load_seeds
from kg.vocabulary import load_vocabulary

HERE = Path(__file__).parent / "seeds"
FERRY = HERE / "ferry-ramp"
VOCABULARY = load_vocabulary()
ACTORS = load_actors(HERE / "actors.ttl")


@pytest.fixture(scope="module")
def ferry() -> Reading:
    (reading,) = load_seeds(HERE, vocabulary=VOCABULARY)
    return reading


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FERRY, tmp_path / "ferry-ramp")
    return tmp_path / "ferry-ramp"


def words(reading: Reading, spans: tuple[Span, ...]) -> list[str]:
    return [reading.article.words(span) for span in spans]


def test_the_seed_article_is_read() -> None:
    readings = {reading.slug: reading for reading in load_seeds(SEEDS, vocabulary=VOCABULARY)}
    seed = readings["corbyn-russia-hearsay"]
    assert seed.article.sha256.startswith("bc40b4a57692f402")
    assert len(seed.segments) == 60
    spans = {attribution.id: attribution for attribution in seed.attributions}
    amplified = spans["gov-amplified-s05"]
    assert (amplified.source, amplified.cue) == ((Span(624, 638),), (Span(639, 657),))
    assert amplified.content == (Span(658, 758),)
    assert "held by\u00a0Mr Corbyn\u00a0during" in seed.article.words(amplified.content[0])


def test_an_article_is_added_without_python(ferry: Reading) -> None:
    assert ferry.slug == "ferry-ramp-hearsay"
    assert ferry.article.metadata == (
        OutsideItem("publisher", "The Hearsay project", "the article was written for the project’s tests"),
        OutsideItem("date-published", "2026-11-24", "the day on which the test was written"),
    )
    assert [segment.id for segment in ferry.segments if not segment.complete] == ["s12"]
    assert {claim.id for claim in ferry.claims if claim.evaluative} == {
        "ferry-service-disgrace",
        "no-safer-ramp",
    }
    assert {claim.id: claim.contradicts for claim in ferry.claims if claim.contradicts} == {
        "ramp-is-the-authoritys": ("ramp-is-the-operators",)
    }


def test_positions_are_code_points(ferry: Reading) -> None:
    disgrace = next(a for a in ferry.attributions if a.statement == "residents-disgrace")
    assert ferry.article.text[:21] == "Island ferry stops ⚓🚢"
    assert disgrace.quotes == (Span(150, 162),)
    assert words(ferry, disgrace.quotes) == ['"a disgrace"']


def test_a_segment_can_run_over_two_lines(ferry: Reading) -> None:
    segment = next(segment for segment in ferry.segments if segment.id == "s04")
    assert ferry.article.words(segment.span) == (
        "“The ramp is not ours,” the authority answered in a statement.\n"
        "“It is the operator’s, and the operator may have to pay.”"
    )


def test_direct_quotes_take_the_marks_that_touch_them(ferry: Reading) -> None:
    quotes = {a.id: words(ferry, a.quotes) for a in ferry.attributions if a.mode == "direct"}
    assert quotes == {
        "authority-ramp-s04": ["“The ramp is not ours,”", "“It is the operator’s"],
        "authority-pay-second-line": ["the operator may have to pay.”"],
    }


def test_words_can_stand_apart_and_be_inherited(ferry: Reading) -> None:
    found = {a.id: a for a in ferry.attributions}
    assert words(ferry, found["authority-declines-s06"].cue) == ["declined", "to comment"]
    inherited = found["operator-safer-s09"]
    header = next(segment for segment in ferry.segments if segment.id == "s07")
    assert inherited.inherits_from == "s07"
    assert words(ferry, (*inherited.source, *inherited.cue)) == ["the operator", "says"]
    assert all(header.span.begin <= span.begin < header.span.end for span in inherited.source)


def test_reports_nest_three_deep(ferry: Reading) -> None:
    outer = {a.id: a.embedded_in for a in ferry.attributions if a.embedded_in}
    assert outer == {
        "residents-promise-s05": "union-says-s05",
        "operator-promise-s05": "residents-promise-s05",
    }


def test_no_source_is_no_actor(ferry: Reading) -> None:
    assert [statement.id for statement in ferry.statements if not statement.made_by] == [
        "inspection-question"
    ]
    worn = next(framing for framing in ferry.framings if framing.id == "worn")
    assert (worn.voice, worn.voice_of) == (None, None)


def test_records_know_their_lines(ferry: Reading) -> None:
    lines = (FERRY / "reading.yaml").read_text(encoding="utf-8").splitlines()
    for statement in ferry.statements:
        assert lines[statement.line - 1] == f"  - id: {statement.id}"
    assert lines[ferry.segments[3].line - 1].startswith("  - {id: s03,")


def test_line_ends_and_byte_order_marks_of_an_article_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "windows"
    folder.mkdir()
    (folder / "article.txt").write_bytes("\ufeffA “no”.\r\n\r\nIt said “no”.\r\n".encode())
    article = load_article(folder)
    assert article.text == "\ufeffA “no”.\r\n\r\nIt said “no”.\r\n"
    (folder / "reading.yaml").write_bytes(
        b"\xef\xbb\xbfarticle: windows\r\n"
        + f"sha256: {article.sha256}\r\n".encode()
        + b"annotator: {id: x, label: No, kind: software, version: 1.0}\r\nmade: 2026-11-24\r\n"
        + b"segments:\r\n- {id: 1, kind: headline, begins: A, read: complete}\r\n"
        + b"- {id: 2, kind: lede, begins: It said, read: complete}\r\n"
    )
    reading = load_reading(folder / "reading.yaml", article, vocabulary=VOCABULARY, actors=())
    assert [article.words(segment.span) for segment in reading.segments] == ["A “no”.", "It said “no”."]
    assert (reading.annotator.label, reading.annotator.version) == ("No", "1.0")


def test_a_segment_holds_its_first_words_wherever_its_last_words_are(tmp_path: Path) -> None:
    folder = tmp_path / "short"
    folder.mkdir()
    (folder / "article.txt").write_text("It said no, no.\nIt went on.\n", encoding="utf-8")
    article = load_article(folder)
    path = folder / "reading.yaml"
    path.write_text(
        f"article: {article.slug}\nsha256: {article.sha256}\n"
        "annotator: {id: x, label: No, kind: person}\nmade: 2026-11-24\n"
        "segments:\n- {id: one, kind: lede, begins: 'It said no, no.', ends: said no, read: complete}\n"
        "- {id: two, kind: paragraph, begins: It went, ends: went on., read: complete}\n",
        encoding="utf-8",
    )
    reading = load_reading(path, article, vocabulary=VOCABULARY, actors=())
    assert [article.words(segment.span) for segment in reading.segments] == ["It said no, no.", "It went on."]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("article.txt", "ferry-ramp:1:1: has no article.txt: put the article’s text there, to the character"),
        ("reading.yaml", "ferry-ramp:1:1: has no reading.yaml: write one beside article.txt"),
    ],
)
def test_a_folder_that_lacks_a_file_says_what_to_do(folder: Path, missing: str, expected: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ReadingError) as error:
        load_seeds(folder.parent, vocabulary=VOCABULARY, actors=ACTORS)
    assert str(error.value) == f"{folder.parent}/{expected}"


def test_mistakes_of_several_files_are_reported_together(folder: Path) -> None:
    shutil.copy(folder / "reading.yaml", folder / "reading-other.yaml")
    (folder.parent / "Wrong Name").mkdir()
    with pytest.raises(ReadingError) as error:
        load_seeds(folder.parent, vocabulary=VOCABULARY, actors=ACTORS - {"ferry-union"})
    files = [Path(problem.path).name for problem in error.value.problems]
    assert sorted(set(files)) == ["Wrong Name", "reading-other.yaml", "reading.yaml"]
    assert files.count("reading.yaml") == files.count("reading-other.yaml") == 2


def test_two_readings_of_one_annotator_are_refused(folder: Path) -> None:
    shutil.copy(folder / "reading.yaml", folder / "reading-other.yaml")
    with pytest.raises(ReadingError, match="by the annotator ‘hearsay’ too, and has the same name"):
        load_seeds(folder.parent, vocabulary=VOCABULARY, actors=ACTORS)
    text = (folder / "reading.yaml").read_text(encoding="utf-8")
    (folder / "reading-other.yaml").write_text(text.replace("id: hearsay", "id: other"), encoding="utf-8")
    assert [reading.slug for reading in load_seeds(folder.parent, vocabulary=VOCABULARY, actors=ACTORS)] == [
        "ferry-ramp-other",
        "ferry-ramp-hearsay",
    ]


def test_actors_are_those_of_the_turtle_file(tmp_path: Path) -> None:
    assert sorted(ACTORS) == [
        "ferry-operator",
        "ferry-residents",
        "ferry-spokesman",
        "ferry-union",
        "harbour-authority",
        "narrator",
    ]
    path = tmp_path / "actors.ttl"
    path.write_text(
        "@prefix ac: <https://w3id.org/hearsay/id/actor/> .\nac:Union a ac:x .\n", encoding="utf-8"
    )
    with pytest.raises(ReadingError, match="‘Union’ is no name for an actor"):
        load_actors(path)
    path.write_text("<https://example.org/a> a\n  .\n", encoding="utf-8")
    with pytest.raises(ReadingError) as error:
        load_actors(path)
    assert str(error.value).startswith(f"{path}:2:3: is not Turtle: ")
