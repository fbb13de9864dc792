"""Finding the one place of words in a text: never by guessing, and with what to do when there is not one."""

from __future__ import annotations

from collections.abc import Mapping

from kg.files.problems import shown
from kg.model import Span
from kg.seeds.hints import explained
from kg.seeds.matching import occurrences

_AROUND = 20  # characters shown on each side of an occurrence


class NotFoundError(Exception):
    """Words that are not in the text, or not as often, or more often, than their file says."""


def find(
    text: str,
    words: str,
    within: Span,
    *,
    prefix: str | None = None,
    suffix: str | None = None,
    nth: int | None = None,
    where: str = "the article",
    elsewhere: Mapping[str, Span] | None = None,
) -> Span:
    """Return the one place of the words inside a span, which `where` names.

    Raise NotFoundError, with what to do, when there is none, when there are several and nothing chooses
    between them, or when there is no `nth`. `elsewhere` names other spans to look in for the error's sake.
    """
    places = list(occurrences(text, words, within, prefix=prefix, suffix=suffix))
    if nth is not None and 0 < nth <= len(places):
        return places[nth - 1]
    if nth is None and len(places) == 1:
        return places[0]
    if places and nth is not None:
        raise NotFoundError(
            f"{shown(words)} is {_times(len(places))} in {where}, so there is no number {nth}"
        )
    if places:
        listed = "; ".join(f"{n}: {_context(text, p, within)}" for n, p in enumerate(places[:3], 1))
        more = "; …" if len(places) > 3 else ""
        wanted = "a longer prefix, suffix or nth" if prefix or suffix else "prefix, suffix or nth"
        raise NotFoundError(
            f"{shown(words)} is {_times(len(places))} in {where} ({listed}{more}): add {wanted}"
        )
    alone = len(list(occurrences(text, words, within))) if prefix or suffix else 0
    if alone:
        beside = " and ".join(
            f"directly {side} {shown(said)}" for side, said in (("after", prefix), ("before", suffix)) if said
        )
        raise NotFoundError(f"{shown(words)} is {_times(alone)} in {where}, but not {beside}")
    raise NotFoundError(f"{shown(words)} is not in {where}{explained(text, words, within, elsewhere or {})}")


def _context(text: str, span: Span, within: Span) -> str:
    begin = max(within.begin, span.begin - _AROUND)
    end = min(within.end, span.end + _AROUND)
    return shown(("…" if begin > within.begin else "") + text[begin:end] + ("…" if end < within.end else ""))


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
