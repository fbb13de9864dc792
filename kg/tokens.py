"""The tokens of a SPARQL query, in linear time whatever the text: enough to say what it speaks of.

This is no parser: it tells names, IRIs, strings and comments apart, so that nothing in a string or a
comment is taken for a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urljoin

# Quantifiers are possessive or bounded, and a string that does not end is a token too.
_TOKEN = re.compile(
    r"""
      (?P<space>   (?: \s | \#[^\n\r]*+ )++ )
    | (?P<iri>     < [^<>"{}|^`\x00-\x20]*+ > )
    | (?P<open>    < [A-Za-z][A-Za-z0-9+.\-]{0,30}+ :// [^<>"{}|^`\x00-\x20]*+ )
    | (?P<string>  \"{3} (?: \"{0,2}+ (?: [^"\\] | \\. ) )*+ (?: \"{3} | \"{0,2}+ \Z )
                 | '{3}  (?: '{0,2}+  (?: [^'\\] | \\. ) )*+ (?: '{3}  | '{0,2}+  \Z )
                 | "     (?: [^"\\\n\r] | \\. )*+ "?+
                 | '     (?: [^'\\\n\r] | \\. )*+ '?+ )
    | (?P<var>     [?$] \w++ )
    | (?P<blank>   _: \w++ )
    | (?P<name>    (?: (?<![\w.\-]) [^\W\d_] [\w.\-]{0,99}+ )?+ :
                   (?: (?: [\w:%] | \\. ) (?: [\w:%\-] | \\. | \.(?=[\w:%\-.\\]) )*+ )?+ )
    | (?P<word>    \w++ )
    | (?P<mark>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Token(NamedTuple):
    """One token: its kind, its text, and where it begins."""

    kind: str
    text: str
    at: int

    def is_word(self, word: str) -> bool:
        """Say whether this is a keyword."""
        return self.kind == "word" and self.text.upper() == word


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query, without white space and comments.

    >>> [token.kind for token in tokens("ASK { ?s hs:denies <http://a/> } # really")]
    ['word', 'mark', 'var', 'name', 'iri', 'mark']
    """
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match.group(), match.start())


def declared(query: Iterable[Token]) -> dict[str, str]:
    """Return the prefixes that a query declares."""
    return _Names({}, iter(query)).prefixes


def used(query: Iterable[Token]) -> list[tuple[str, int]]:
    """Return the prefixes of the names in a query, with where each stands."""
    found, before = [], None
    for token in query:
        if token.kind == "name" and not (before and before.is_word("PREFIX")):
            found.append((token.text.partition(":")[0], token.at))
        before = token
    return found


def names(text: str, prefixes: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield the position and the IRI of everything that a query names, in full or by a prefix."""
    found = list(tokens(text))
    known = {**prefixes, **declared(found)}
    for token in found:
        prefix, _, local = token.text.partition(":")
        if token.kind == "iri":
            yield token.at, token.text[1:-1]
        elif token.kind == "name" and local and prefix in known:
            yield token.at, known[prefix] + local.replace("\\", "")


def dataset_clause(
    text: str, prefixes: Mapping[str, str], *, base: str | None = None
) -> tuple[list[str], list[str]]:
    """Return the graphs of a query's FROM and FROM NAMED (SPARQL 1.1, section 13.2).

    >>> dataset_clause("SELECT * FROM <http://a/> FROM NAMED ex:b { ?s ?p ?o }", {"ex": "http://b/"})
    (['http://a/'], ['http://b/b'])
    """
    names = _Names(prefixes, tokens(text), base or "")
    return names.default, names.named


class _Names:
    """What the head of a query declares, read from its tokens."""

    def __init__(self, known: Mapping[str, str], found: Iterator[Token], base: str = "") -> None:
        self.prefixes: dict[str, str] = {}
        self.default: list[str] = []
        self.named: list[str] = []
        self._known = known
        self._base = base
        depth = 0
        for token in found:
            depth += (token.text == "{") - (token.text == "}")
            if token.is_word("PREFIX"):
                self._prefix(found)
            elif token.is_word("BASE"):
                self._base = self._iri(next(found, None)) or self._base
            elif token.is_word("FROM") and depth == 0:
                self._from(found)

    def _prefix(self, found: Iterator[Token]) -> None:
        name = next(found, None)
        if name is not None and name.kind == "name" and (iri := self._iri(next(found, None))) is not None:
            self.prefixes[name.text.removesuffix(":")] = iri

    def _from(self, found: Iterator[Token]) -> None:
        token, graphs = next(found, None), self.default
        if token is not None and token.is_word("NAMED"):
            token, graphs = next(found, None), self.named
        if (iri := self._iri(token)) is not None:
            graphs.append(iri)

    def _iri(self, token: Token | None) -> str | None:
        if token is None:
            return None
        if token.kind == "iri":
            text = _ESCAPE.sub(lambda m: _character(m), token.text[1:-1])
            return urljoin(self._base, text) if self._base else text
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            namespace = self.prefixes.get(prefix, self._known.get(prefix))
            return None if namespace is None else namespace + local.replace("\\", "")
        return None


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else match[0]
