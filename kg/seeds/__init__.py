"""Files of seeds/ as records: an Article, its Readings, and the actors they may name.

Every mistake in a file is reported with its place, in plain words, and all of them at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from pyoxigraph import NamedNode

from kg.files.problems import Problem, ReadingError, shown
from kg.files.rdf import read_turtle
from kg.files.text import read_text
from kg.files.yaml import read_yaml
from kg.folders import SEEDS, nearby
from kg.iris import PREFIXES, Iris
from kg.model import Article, OutsideItem, Reading, Vocabulary
from kg.seeds.checks import check_entries
from kg.seeds.draft import read_draft
from kg.seeds.fields import SLUG, UNIDENTIFIED
from kg.seeds.fileformat import MetadataFile, OutsideEntry, ReadingFile
from kg.seeds.records import make_reading

_TYPE = PREFIXES["rdf"] + "type"


def load_seeds(
    folder: Path = SEEDS, *, vocabulary: Vocabulary, actors: Collection[str] | None = None
) -> tuple[Reading, ...]:
    """Read every reading of every article folder, in the order of their names.

    Without `actors`, those of the folder's actors.ttl are known. Raise ReadingError with the problems of
    all files together.
    """
    if actors is None:
        actors = load_actors(folder / "actors.ttl")
    readings: list[Reading] = []
    problems: list[Problem] = []
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"):
        try:
            readings += load_folder(inner, vocabulary=vocabulary, actors=actors)
        except ReadingError as error:
            problems += error.problems
    if not readings and not problems:
        problems.append(
            Problem(str(folder), 1, 1, "", "has no folder with an article.txt and a reading.yaml")
        )
    problems += _same_names(readings)
    if problems:
        raise ReadingError(problems)
    return tuple(readings)


def load_folder(folder: Path, *, vocabulary: Vocabulary, actors: Collection[str]) -> tuple[Reading, ...]:
    """Read the readings (reading*.yaml) of one article's folder; raise ReadingError with all problems."""
    article = load_article(folder, vocabulary=vocabulary)
    paths = sorted(folder.glob("reading*.yaml"))
    if not paths:
        message = "has no reading.yaml: write one beside article.txt"
        raise ReadingError([Problem(str(folder), 1, 1, "", message)])
    readings: list[Reading] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            readings.append(load_reading(path, article, vocabulary=vocabulary, actors=actors))
        except ReadingError as error:
            problems += error.problems
    if problems:
        raise ReadingError(problems)
    return tuple(readings)


def load_article(folder: Path, *, vocabulary: Vocabulary | None = None) -> Article:
    """Read an article's text, to the character, and what its metadata.yaml says of it.

    The names of metadata are checked when a vocabulary is given. Raise ReadingError for a text or metadata
    that cannot be read.
    """
    path = folder / "article.txt"
    problems: list[Problem] = []
    if not re.fullmatch(SLUG, folder.resolve().name):
        message = f"{shown(folder.name)} is no name for an article: small letters, digits and single hyphens"
        problems.append(Problem(str(folder), 1, 1, "", message))
    if not path.exists():
        message = "has no article.txt: put the article’s text there, to the character"
        raise ReadingError([*problems, Problem(str(folder), 1, 1, "", message)])
    text = read_text(path)
    if not any(char.isalnum() for char in text):
        problems.append(Problem(str(path), 1, 1, "", "holds no words"))
    metadata: tuple[OutsideItem, ...] = ()
    try:
        metadata = _load_metadata(folder / "metadata.yaml", vocabulary)
    except ReadingError as error:
        problems += error.problems
    if problems:
        raise ReadingError(problems)
    return Article(folder.resolve().name, text, metadata, str(path))


def load_reading(path: Path, article: Article, *, vocabulary: Vocabulary, actors: Collection[str]) -> Reading:
    """Read a reading of an article; raise ReadingError with everything that is wrong with the file.

    What is checked is said in `kg.seeds.fileformat`, `kg.seeds.checks`, `kg.seeds.segments` and
    `kg.seeds.words`. The words are looked for only in the text that the reading is of: one that gives
    another SHA-256 is not searched.
    """
    file = read_yaml(path)
    draft = read_draft(file, ReadingFile, vocabulary)
    problems = [*draft.problems, *check_entries(draft, vocabulary=vocabulary, actors=actors)]
    if draft.head and draft.head.article != article.slug:
        message = f"{shown(draft.head.article)} is not the article of this folder, {shown(article.slug)}"
        problems.append(file.problem(("article",), message))
    if draft.head and draft.head.sha256 != article.sha256:
        message = _another_text(article, draft.head.sha256)
        raise ReadingError([*problems, file.problem(("sha256",), message)])
    reading, unfound = make_reading(draft, article)
    if problems or unfound or reading is None:
        raise ReadingError([*problems, *unfound])
    return reading


def load_actors(path: Path = SEEDS / "actors.ttl", *, iris: Iris | None = None) -> frozenset[str]:
    """Return the slugs of the actors that a Turtle file describes.

    Raise ReadingError for a file that is not Turtle, or an actor whose IRI does not end in a slug.
    """
    iris = iris or Iris()
    space = iris.actor("").value
    actors = {
        subject.value.removeprefix(space)
        for subject, predicate, _ in read_turtle(path, iris)
        if isinstance(subject, NamedNode) and subject.value.startswith(space) and predicate.value == _TYPE
    }
    wrong = sorted(slug for slug in actors if not re.fullmatch(SLUG, slug) or slug == UNIDENTIFIED)
    if wrong:
        message = "is no name for an actor: small letters, digits and single hyphens"
        raise ReadingError(Problem(str(path), 1, 1, "", f"{shown(slug)} {message}") for slug in wrong)
    return frozenset(actors)


def _load_metadata(path: Path, vocabulary: Vocabulary | None) -> tuple[OutsideItem, ...]:
    if not path.exists():
        return ()
    file = read_yaml(path)
    draft = read_draft(file, MetadataFile, vocabulary)
    items = draft.entries("items", OutsideEntry)
    problems = list(draft.problems)
    first: dict[str, int] = {}
    for loc, entry in items:
        if entry.name in first:
            message = f"{shown(entry.name)} stands on line {first[entry.name]} already"
            problems.append(file.problem((*loc, "name"), message))
        first.setdefault(entry.name, file.line(loc))
    if problems:
        raise ReadingError(problems)
    return tuple(OutsideItem(entry.name, entry.value, entry.source, file.line(loc)) for loc, entry in items)


def _another_text(article: Article, sha256: str) -> str:
    """Say that a reading is of another text, and what to do."""
    path = nearby(article.path) if article.path else "the article"
    said = f"the reading is of another text: the SHA-256 of {path} is {article.sha256}"
    with_lf = article.text.replace("\r\n", "\n")
    for ends, text in (("LF", with_lf), ("CRLF", with_lf.replace("\n", "\r\n"))):
        if hashlib.sha256(text.encode()).hexdigest() == sha256:
            return f"{said}; the reading fits it with {ends} line ends: restore them"
    return f"{said}; restore the text, or write this SHA-256 here and mend what is then not found"


def _same_names(readings: list[Reading]) -> Iterator[Problem]:
    first: dict[str, Reading] = {}
    for reading in readings:
        other = first.setdefault(reading.slug, reading)
        if other is not reading:
            message = (
                f"{other.path} is by the annotator {shown(other.annotator.id)} too, and has the same name"
            )
            yield Problem(reading.path, 1, 1, "annotator.id", message)


__all__ = ["ReadingError", "load_actors", "load_article", "load_folder", "load_reading", "load_seeds"]
