import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.files.problems import ReadingError
from kg.model import Article
from kg.seeds import load_actors, load_article, load_folder, load_reading
from kg.vocabulary import load_vocabulary

FERRY = Path(__file__).parent / "seeds" / "ferry-ramp"
VOCABULARY = load_vocabulary()
ACTORS = load_actors(FERRY.parent / "actors.ttl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FERRY, tmp_path / "ferry-ramp")
    return tmp_path / "ferry-ramp"


@pytest.fixture
def problems(folder: Path) -> Callable[..., list[str]]:
    """Give the problems of the reading after some of its words are replaced by others."""

    def read(*changes: tuple[str, str], name: str = "reading.yaml") -> list[str]:
        path = folder / name
        for old, new in changes:
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ReadingError) as error:
            load_folder(folder, vocabulary=VOCABULARY, actors=ACTORS)
        lines = str(error.value).splitlines()
        assert len(lines) == len(error.value.problems)
        assert all(line.startswith(f"{path}:") for line in lines)
        return [line.removeprefix(f"{path}:") for line in lines]

    return read


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # the form of the file
        (
            "stance: denial",
            "stance: denail",
            "97:13: statements[2].stance: ‘denail’ is not one of assertion, attitude, challenge, "
            "denial, non-answer, question; did you mean ‘denial’?",
        ),
        (
            "kind: lede",
            "kind: leed",
            "13:21: segments[1].kind: ‘leed’ is not one of boilerplate, caption, headline, lede, "
            "list-header, list-item, paragraph; did you mean ‘lede’?",
        ),
        (
            "read: partial",
            "read: partly",
            "27:11: segments[12].read: ‘partly’ is not one of complete or partial",
        ),
        (
            "responds_to: authority-warned",
            "respond_to: authority-warned",
            "100:5: statements[2].respond_to: unknown key ‘respond_to’; did you mean ‘responds_to’?",
        ),
        (
            "cue: denied",
            "cue: denied, ever",
            "102:70: statements[2].attributions[0].ever: unknown key ‘ever’; the keys here are in, "
            "id, mode, source, cue, content, quotes, within, inherits, note",
        ),
        (
            "cue: denied",
            "cue: denied, more or less",
            "102:70: statements[2].attributions[0].‘more or less’: unknown key ‘more or less’; words "
            "with a comma or a colon need quotation marks here",
        ),
        (
            "    claim: ferry-operator-was-warned",
            "    claim:",
            "100:5: statements[2].claim: is empty: write a value, or leave the key out",
        ),
        (
            "{words: said, nth: 1}",
            "{words: said, nth: 0}",
            "209:33: statements[13].attributions[0].cue.nth: write a number from 1 on, such as 2",
        ),
        (
            "evaluative: true",
            "evaluative: yes",
            "52:17: claims[5].evaluative: write true or false",
        ),
        (
            "made: 2026-11-24",
            "made: 2026-02-30",
            "8:7: made: ‘2026-02-30’ is no day of the calendar",
        ),
        (
            "made: 2026-11-24",
            "made: today",
            "8:7: made: write a day as year-month-day, such as 2026-11-24",
        ),
        (
            "id: operator-denies",
            "id: Operator denies",
            "96:9: statements[2].id: ‘Operator denies’ is no identifier: small letters, digits and "
            "single hyphens",
        ),
        (
            "    stance: denial\n",
            "",
            "96:5: statements[2]: the key ‘stance’ is missing",
        ),
        (
            "    stance: denial\n",
            "    stance: denial\n    stance: question\n",
            "98:5: statements[2].stance: the key is given twice; it stands on line 97 already",
        ),
        (
            "cue: denied",
            "cue: &x denied",
            "102:62: is not YAML: anchors and aliases are not used here; words that begin with & or "
            "* need quotes",
        ),
        (
            "kind: organization}",
            "kind: organization",
            "8:5: is not YAML: while parsing a flow mapping, expected ',' or '}', but got ':' (words "
            "that hold ‘: ’ or begin with a mark of YAML need quotation marks)",
        ),
        (
            "kind: organization}",
            "kind: software}",
            "7:12: annotator: software needs its `version`",
        ),
        (
            "article: ferry-ramp",
            "article: ferry",
            "5:10: article: ‘ferry’ is not the article of this folder, ‘ferry-ramp’",
        ),
        # ids
        (
            "by: ferry-union",
            "by: ferry-onion",
            "134:9: statements[6].by: ‘ferry-onion’ is no actor of seeds/actors.ttl; did you mean "
            "‘ferry-union’?",
        ),
        (
            "by: ferry-union",
            "by: port-police",
            "134:9: statements[6].by: ‘port-police’ is no actor of seeds/actors.ttl: add it to "
            "seeds/actors.ttl, or mend the word",
        ),
        (
            "by: ferry-union",
            "by: [ferry-union, unidentified]",
            "134:23: statements[6].by[1]: ‘unidentified’ stands alone, and as `by` or `voice` only",
        ),
        (
            "by: ferry-union",
            "by: [ferry-union, ferry-union]",
            "134:23: statements[6].by[1]: ‘ferry-union’ is given twice",
        ),
        (
            "claim: sailings-resume",
            "claim: sailing",
            "184:12: statements[11].claim: ‘sailing’ is no claim of this reading; did you mean "
            "‘sailings-resume’?",
        ),
        (
            "responds_to: inspection-question",
            "responds_to: question",
            "176:18: statements[10].responds_to: ‘question’ is no statement of this reading",
        ),
        (
            "responds_to: authority-warned",
            "responds_to: operator-denies",
            "100:18: statements[2].responds_to: the statement ‘operator-denies’ names itself",
        ),
        (
            "within: union-says-s05",
            "within: union-says",
            "153:17: statements[7].attributions[0].within: ‘union-says’ is no attribution of this "
            "reading; did you mean ‘union-says-s05’?",
        ),
        (
            "within: union-says-s05",
            "within: operator-promise-s05",
            "153:17: statements[7].attributions[0].within: goes around in a circle: "
            "residents-promise-s05 in operator-promise-s05 in residents-promise-s05",
        ),
        (
            "inherits: s07",
            "inherits: s08",
            "188:19: statements[11].attributions[0].inherits: ‘s08’ does not come before ‘s08’",
        ),
        (
            "inherits: s07",
            "inherits: s70",
            "188:19: statements[11].attributions[0].inherits: ‘s70’ is no segment of this reading; "
            "did you mean ‘s10’?",
        ),
        (
            "id: worn",
            "id: disgrace",
            "225:9: framings[1].id: the id ‘disgrace’ stands on line 224 already",
        ),
        (
            "id: no-safer-ramp",
            "id: no-safer-ramp\n    text: x\n  - id: no-safer-ramp",
            "69:9: claims[12].id: the id ‘no-safer-ramp’ stands on line 67 already",
        ),
        (
            "        id: authority-pay-second-line\n",
            "        id: authority-ramp-s04\n",
            "126:9: statements[5].attributions[0]: the id ‘authority-ramp-s04’ stands on line 115 "
            "already: give this attribution an `id` of its own",
        ),
        (
            "voice_of: residents-disgrace",
            "voice: narrator, voice_of: residents-disgrace",
            "224:5: framings[0]: the framing ‘disgrace’ needs either a `voice` or a `voice_of`",
        ),
        (
            "voice: unidentified",
            "about: narrator",
            "225:5: framings[1]: the framing ‘worn’ needs either a `voice` or a `voice_of`",
        ),
        (
            "contradicts: [ramp-is-the-operators]",
            "alias: {of: nobody, name: X}",
            "43:17: claims[2].alias.of: ‘nobody’ is no actor of seeds/actors.ttl: add it to "
            "seeds/actors.ttl, or mend the word",
        ),
        (
            "id: authority-silent",
            "id: operator-asked",
            "211:9: statements[14].id: the id ‘operator-asked’ stands on line 200 already",
        ),
        (
            "id: worn",
            "id: inspection-question",
            "225:9: framings[1].id: a statement with an unidentified source has the id "
            "‘inspection-question’ too: change one",
        ),
        # stances and modes
        (
            "    attributions:\n      - {in: s09, ",
            "    attributions: []\n    # - {in: s09, ",
            "198:19: statements[12].attributions: a statement has at least one attribution",
        ),
        (
            "    claim: ferry-operator-was-warned\n",
            "",
            "96:5: statements[2]: the denial ‘operator-denies’ needs a `claim`",
        ),
        (
            "    responds_to: inspection-question\n",
            "",
            "173:5: statements[10]: the non-answer ‘authority-declines’ needs `responds_to`",
        ),
        (
            "    responds_to: authority-warned\n",
            "    kind: silent\n",
            "100:11: statements[2].kind: only a non-answer has a `kind`",
        ),
        (
            "        quotes: '\"ignored three warnings\"'\n",
            "",
            "90:9: statements[1].attributions[0]: mode mixed needs `quotes`: the words printed in "
            "quotation marks, marks included",
        ),
        (
            "mode: indirect, source: The operator, cue: denied",
            "mode: act, quotes: any, source: The operator, cue: denied",
            "102:38: statements[2].attributions[0].quotes: mode act has no `quotes`; modes direct "
            "and mixed have",
        ),
        (
            "content: 'the service \"a disgrace\"', ",
            "",
            "84:9: statements[0].attributions[0]: mode mixed needs a `content`",
        ),
        (
            "mode: act, source: the harbour authority, cue: [declined, to comment]",
            "mode: act",
            "180:9: statements[10].attributions[0]: an attribution has words: a `source`, a `cue` or "
            "a `content`",
        ),
        # words
        (
            "cue: denied",
            "cue: refuted",
            "102:62: statements[2].attributions[0].cue: ‘refuted’ is not in s03",
        ),
        (
            "source: A union",
            "source: a Union",
            "139:17: statements[6].attributions[0].source: ‘a Union’ is not in s05; the text has ‘A union’",
        ),
        (
            "cue: {words: said, nth: 1}",
            "cue: said",
            "209:14: statements[13].attributions[0].cue: ‘said’ is twice in s10 (1: ‘…or has, a "
            "spokesman said, on three occasions…’; 2: ‘…rity, the spokesman said, has not "
            "replied.’): add prefix, suffix or nth",
        ),
        (
            "cue: {words: said, nth: 1}",
            "cue: {words: said, nth: 3}",
            "209:22: statements[13].attributions[0].cue.words: ‘said’ is twice in s10, so there is "
            "no number 3",
        ),
        (
            "'\"a disgrace\"', voice_of",
            "“a disgrace”, voice_of",
            '224:57: framings[0].words: ‘“a disgrace”’ is not in s01; the text has ‘"a disgrace"’',
        ),
        (
            "cue: [declined, to comment]",
            "cue: [declined once, once more]",
            "180:66: statements[10].attributions[0].cue: two of its parts overlap",
        ),
        (
            "quotes: '\"very likely\"'",
            "quotes: very likely",
            "193:17: statements[11].attributions[0].quotes: leaves out quotation marks that touch "
            'it: ‘"very likely"’',
        ),
        (
            'content: the operator had "ignored three warnings" about',
            "content: about",
            '95:17: statements[1].attributions[0].quotes: ‘"ignored three warnings"’ is in neither '
            "content, source nor cue",
        ),
        (
            "words: on Monday",
            "words: on Monday, in: s00",
            "170:19: statements[9].time.words: ‘on Monday’ is not in s00; the words are in s01, s06",
        ),
        (
            "in: s03, mode: indirect, source: The operator, cue: denied",
            "in: s33, mode: indirect, source: The operator, cue: denied",
            "102:14: statements[2].attributions[0].in: ‘s33’ is no segment of this reading; did you "
            "mean ‘s13’?",
        ),
        (
            "certainty: {level: possible, words: may}",
            "certainty: {level: possible, words: might}",
            "124:41: statements[5].certainty.words: ‘might’ is not in s04",
        ),
        (
            "mode: indirect, source: The operator, cue: denied",
            "mode: direct, source: The operator, cue: denied",
            "102:77: statements[2].attributions[0].content: ‘that any warning had been sent’ stands "
            "in no quotation marks: use another mode",
        ),
        (
            "        mode: mixed\n        source: The harbour authority",
            "        mode: direct\n        source: The harbour authority",
            '94:18: statements[1].attributions[0].content: ‘the operator had "ignored thre … '
            'warnings" about its worn ramp’ stands only in part in quotation marks: use mode mixed, or '
            "give the quoted parts alone",
        ),
        (
            "quotes: '\"a disgrace\"'",
            "quotes: the service",
            "84:109: statements[0].attributions[0].quotes: ‘the service’ stands in no quotation marks: "
            "give only words that do",
        ),
        # segments
        (
            "begins: More on ferries",
            "begins: More about ferries",
            "29:42: segments[13].begins: ‘More about ferries’ is not in the article; after ‘More’ the "
            "text has ‘on’, not ‘about’",
        ),
        (
            "begins: A union said",
            "begins: A Union said",
            "17:40: segments[5].begins: ‘A Union said’ is not in the article; the text has ‘A union said’",
        ),
        (
            "  - {id: s11, kind: caption, begins: The closed ramp, read: complete}\n",
            "",
            "25:13: segments[11].begins: the text before it, ‘The closed ramp’ (line 23 of the "
            "article), is in no segment",
        ),
        (
            "  - {id: s13, kind: boilerplate, begins: More on ferries, read: complete}\n",
            "",
            "24:5: segments[12]: the text after it, ‘More on ferries and tides’ (line 27 of the "
            "article), is in no segment",
        ),
        (
            ", ends: may have to pay.”",
            ", ends: must pay",
            "16:69: segments[4].ends: ‘must pay’ is not in the article after the segment’s first words",
        ),
        (
            "begins: The closed ramp",
            "begins: A union said",
            "23:38: segments[11].begins: ‘A union said’ is on line 12 of the article, before the end "
            "of an earlier segment: segments are in the order of the text and do not overlap",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    problems: Callable[..., list[str]], old: str, new: str, expected: str
) -> None:
    assert problems((old, new)) == [expected]


def test_all_mistakes_are_reported_in_the_order_of_the_file(problems: Callable[..., list[str]]) -> None:
    found = problems(
        ("cue: denied", "cue: refuted"),
        ("by: ferry-union", "by: port-police"),
        ("kind: lede", "kind: leed"),
        ("type: partial-quote", "typ: partial-quote"),
        ("made: 2026-11-24", "made: soon"),
    )
    assert [problem.split(": ")[1] for problem in found] == [
        "made",
        "segments[1].kind",
        "statements[2].attributions[0].cue",
        "statements[6].by",
        "framings[0]",
        "framings[0].typ",
    ]


def test_an_unknown_segment_is_not_also_words_that_are_missing(problems: Callable[..., list[str]]) -> None:
    found = problems(("begins: Asked on Monday", "begins: Asked on Tuesday"))
    assert found == [
        "18:40: segments[6].begins: ‘Asked on Tuesday’ is not in the article; after ‘Asked on’ the text has "
        "‘Monday’, not ‘Tuesday’"
    ]


def test_a_reading_of_another_text_is_not_searched(folder: Path, problems: Callable[..., list[str]]) -> None:
    text = (folder / "article.txt").read_text(encoding="utf-8").replace("denied", "refuted")
    (folder / "article.txt").write_text(text, encoding="utf-8")
    expected = Article("ferry-ramp", text).sha256
    assert problems() == [
        f"6:9: sha256: the reading is of another text: the SHA-256 of {folder}/article.txt is {expected}; "
        "restore the text, or write this SHA-256 here and mend what is then not found"
    ]


def test_a_text_with_other_line_ends_says_so(folder: Path, problems: Callable[..., list[str]]) -> None:
    text = (folder / "article.txt").read_bytes().replace(b"\n", b"\r\n")
    (folder / "article.txt").write_bytes(text)
    (problem,) = problems()
    assert problem.endswith("; the reading fits it with LF line ends: restore them")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1:1: is empty"),
        (b"# nothing\n", "1:1: is empty"),
        (b"\x00\x01\x02", "1:1: holds the control character U+0000: is it a text file?"),
        (b"article: caf\xe9", "1:13: is not UTF-8: byte 13 is 0xe9; save the file as UTF-8"),
        (
            b"- a\n",
            "1:1: the file is a list, not a mapping with the keys article, sha256, annotator, made, note, "
            "segments, claims, evidence, statements, framings",
        ),
        (b"note: " + b"[" * 50, "1:18: is nested more than 12 deep"),
        (b"a: b\n\tc: d\n", "2:1: is not YAML: indent with spaces, not tabs"),
        (
            b"a:\n  b: 1\n c: 2\n",
            "3:2: is not YAML: the line is indented neither like the lines before it nor like one that "
            "they are part of",
        ),
        (
            b"a: 1\n  b: 2\n",
            "2:4: is not YAML: mapping values are not allowed here (words that hold ‘: ’ need quotation "
            "marks; or the line is indented too far)",
        ),
        (
            b"a: &a [x]\nb: [*a, *a]\n",
            "1:4: is not YAML: anchors and aliases are not used here; words that begin with & or * "
            "need quotes",
        ),
        (
            b"a: b\n---\nc: d\n",
            "2:1: is not YAML: expected a single document in the stream, but found another document",
        ),
        (
            b"a: !!python/name:os.system x",
            "1:4: a: tags such as tag:yaml.org,2002:python/name:os.system are not used in these files; "
            "words that begin with ! need quotes",
        ),
    ],
)
def test_what_is_no_reading_is_refused_in_one_line(
    folder: Path, problems: Callable[..., list[str]], content: bytes, expected: str
) -> None:
    (folder / "reading.yaml").write_bytes(content)
    assert problems() == [expected]


def test_a_file_too_large_to_be_a_text_is_not_even_read(
    folder: Path, problems: Callable[..., list[str]]
) -> None:
    (folder / "reading.yaml").write_bytes(b"[" * 5_000_000)
    assert problems() == ["1:1: is too large to be a text: 5000000 bytes, and 4194304 at the most"]


def test_no_bytes_break_the_reader(folder: Path) -> None:
    article = load_article(folder)
    original = (FERRY / "reading.yaml").read_bytes()
    marks = rb"""{ ] : - &a *a !!x | " % ? ~ <<: {words: "\ud800" "\U99999999" --- in:"""
    pieces = [*(piece + b" " for piece in marks.split()), b"\n", b"\t", b"\xff", b"\r\n", b"\xe2\x80\xa8"]
    choice = random.Random(2)
    refused = []
    for _ in range(60):
        data = bytearray(original)
        for _ in range(choice.randint(1, 3)):
            at = choice.randrange(len(data))
            data[at : at + choice.choice((0, 1, 20))] = choice.choice(pieces)
        (folder / "reading.yaml").write_bytes(data)
        try:
            load_reading(folder / "reading.yaml", article, vocabulary=VOCABULARY, actors=ACTORS)
        except ReadingError as error:
            refused.append(error)
    assert len(refused) > 40
    assert all(len(str(error).splitlines()) == len(error.problems) > 0 for error in refused)


def test_metadata_with_mistakes_is_refused(problems: Callable[..., list[str]]) -> None:
    found = problems(
        ("name: publisher", "name: publishers"),
        (", source: the day on which the test was written}", "}"),
        name="metadata.yaml",
    )
    assert found == [
        "3:12: items[0].name: ‘publishers’ is not one of author, date-published, language, licence, "
        "publisher, title, url; did you mean ‘publisher’?",
        "4:5: items[1]: the key ‘source’ is missing",
    ]


def test_metadata_names_a_thing_once(problems: Callable[..., list[str]]) -> None:
    found = problems(("name: date-published", "name: publisher"), name="metadata.yaml")
    assert found == ["4:12: items[1].name: ‘publisher’ stands on line 3 already"]
