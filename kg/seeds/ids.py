"""The ids that a reading gives, each once in its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from kg.files.problems import Problem, shown
from kg.files.yaml import Loc, YamlFile
from kg.seeds.draft import Draft
from kg.seeds.fields import UNIDENTIFIED
from kg.seeds.fileformat import AttributionEntry, ReadingFile, StatementEntry


def attribution_id(statement: StatementEntry, attribution: AttributionEntry) -> str:
    """Return the id that an attribution gives, or the one that it has by default."""
    return attribution.id or f"{statement.id}-{attribution.in_}"


def known_ids(draft: Draft[ReadingFile], actors: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return the ids of each kind, in their order, those of entries that could not be read among them."""
    known: dict[str, Collection[str]] = {
        kind: dict.fromkeys(slug for _, slug in _ids(draft, name))
        for kind, name in (("segment", "segments"), ("claim", "claims"), ("evidence", "evidence"),
                           ("statement", "statements"))
    }  # fmt: skip
    known["attribution"] = {slug for _, slug in _attribution_ids(draft)}
    known["actor"] = {*actors, UNIDENTIFIED}
    return known


def _ids(draft: Draft[ReadingFile], name: str) -> Iterator[tuple[Loc, str]]:
    """Yield every id of a list as the file gives it, whether its entry could be read or not."""
    data = draft.file.data
    for index, raw in enumerate(_sequence(data, name)):
        if isinstance(raw, dict) and isinstance(raw.get("id"), str):
            yield (name, index, "id"), raw["id"]


def _attribution_ids(draft: Draft[ReadingFile]) -> Iterator[tuple[Loc, str]]:
    for index, statement in enumerate(_sequence(draft.file.data, "statements")):
        for inner, raw in enumerate(_sequence(statement, "attributions")):
            if isinstance(raw, dict):
                loc: Loc = ("statements", index, "attributions", inner)
                default = f"{statement.get('id')}-{raw.get('in')}" if isinstance(statement, dict) else ""
                yield loc, str(raw.get("id") or default)


def _sequence(data: object, name: str) -> Iterable[object]:
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, tuple) else ()


def check_ids(draft: Draft[ReadingFile]) -> Iterator[Problem]:
    """Yield a problem for each id that its list has already."""
    for name in ("segments", "claims", "evidence", "statements", "framings"):
        yield from _check_unique(draft.file, _ids(draft, name), "")
    attributions = list(_attribution_ids(draft))
    statements = Counter(slug for _, slug in _ids(draft, "statements"))
    twice = {loc[1] for loc, slug in _ids(draft, "statements") if statements[slug] > 1}
    own = ((loc, slug) for loc, slug in attributions if loc[1] not in twice)
    yield from _check_unique(draft.file, own, ": give this attribution an `id` of its own")


def _check_unique(file: YamlFile, ids: Iterable[tuple[Loc, str]], advice: str) -> Iterator[Problem]:
    first: dict[str, Loc] = {}
    for loc, slug in ids:
        if slug in first:
            yield file.problem(
                loc, f"the id {shown(slug)} stands on line {file.line(first[slug])} already{advice}"
            )
        first.setdefault(slug, loc)
