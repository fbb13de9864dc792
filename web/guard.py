"""What a query is, and whether it may run: read from its tokens, before any engine parses it.

The guard refuses what no engine can be trusted with: SERVICE (a request forgery), updates, and texts
deep or long enough to overflow a parser's stack. It runs in linear time: quantifiers are possessive,
no token is scanned twice, and a string that does not end is a token too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

MAX_DEPTH = 64
MAX_OPERATORS = 2000

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
READ_ONLY = "This endpoint is read-only: it answers SELECT, ASK, CONSTRUCT and DESCRIBE queries, not updates."
NO_SERVICE = "This endpoint does not federate: a query may not use SERVICE."
# Functions whose names end so answer anew each time.
_VOLATILE = ("NOW", "RAND", "UUID")

# What a recursive parser descends into, once each.
_OPERATORS = frozenset(
    {"SELECT", "OPTIONAL", "UNION", "MINUS", "GRAPH", "FILTER", "BIND", "EXISTS"}
    | {"||", "&&", "+", "-", "*", "/", "!", "|", "^"}
)

_TOKEN = re.compile(
    r"""
      (?P<space>   (?: \s | \#[^\n\r]*+ )++ )
    | (?P<iri>     < [^<>"{}|^`\\\x00-\x20]*+ > )
    | (?P<string>  \"{3} (?: \"{0,2}+ (?: [^"\\] | \\. ) )*+ (?: \"{3} | \"{0,2}+ \Z )
                 | '{3}  (?: '{0,2}+  (?: [^'\\] | \\. ) )*+ (?: '{3}  | '{0,2}+  \Z )
                 | "     (?: [^"\\\n\r] | \\. )*+ "?+
                 | '     (?: [^'\\\n\r] | \\. )*+ '?+ )
    | (?P<var>     [?$] \w++ )
    | (?P<pname>   \w*+ : (?: (?: [\w:%] | \\. ) (?: [\w:%\-] | \\. | \.(?=[\w:%\-.\\]) )*+ )?+ )
    | (?P<word>    \w++ )
    | (?P<mark>    \|\| | && | \^\^ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_CLAUSE = re.compile(
    r"SERVICE (?:\s|\#[^\n\r]*+)*+ (?:SILENT (?:\s|\#[^\n\r]*+)*+)?+ (?: < | [?$] | [\w.\-]*+ : )", re.VERBOSE
)


class RefusedError(Exception):
    """A query that is not run, with the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query's text, and its form: SELECT, ASK, CONSTRUCT, DESCRIBE, or nothing for what is no query.

    It is `volatile` if it may answer anew each time, as by NOW or RAND.
    """

    text: str
    form: str
    volatile: bool = False


def inspect(text: str, *, max_bytes: int) -> Query:
    """Return what a query is; raise RefusedError if it may not run.

    >>> inspect("PREFIX a: <http://a/> ASK { ?x a:b 'SELECT' }", max_bytes=65536).form
    'ASK'
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise RefusedError(f"The query is {size} bytes long; this endpoint takes {max_bytes}.")
    # Escapes may stand anywhere in a query (SPARQL 1.1, section 19.2): in a keyword, for a quotation mark.
    undone = _ESCAPE.sub(_character, text)
    query = _scan(text)
    if undone != text and _scan(undone).volatile:
        query = replace(query, volatile=True)
    return query


def _scan(text: str) -> Query:
    form = ""
    ambiguous = operand = volatile = False
    depth = parentheses = operators = 0
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "space":
            continue
        # str.upper also undoes the look-alikes that some parsers fold: "ſervıce".upper() == "SERVICE".
        upper = token.upper() if kind in ("word", "pname") else token
        if kind in ("word", "pname") and _hides_service(upper):
            raise RefusedError(NO_SERVICE)
        # A parser may need no space before a name: `FILTERNOW()`.
        volatile = volatile or (kind in ("word", "pname") and upper.endswith(_VOLATILE))
        if kind == "iri" and parentheses and operand:
            # In `(?a <b:c#> …` the `<` may be an operator and the `#` a comment: parsers differ.
            ambiguous = True
        if kind == "word" and not form:
            if upper in UPDATES:
                raise RefusedError(READ_ONLY)
            if upper in FORMS:
                form = upper
        opens, closes = token in ("{", "(", "["), token in ("}", ")", "]")
        depth += opens - closes
        parentheses += (token == "(") - (token == ")")
        operators += upper in _OPERATORS
        operand = kind != "mark" or closes
        if depth > MAX_DEPTH:
            raise RefusedError(f"The query nests deeper than {MAX_DEPTH} levels.")
        if operators > MAX_OPERATORS:
            raise RefusedError(f"The query has more than {MAX_OPERATORS} operators.")
    if ambiguous and _CLAUSE.search(text.upper()):
        raise RefusedError(NO_SERVICE)
    return Query(text, form, volatile)


def _hides_service(upper: str) -> bool:
    """Say whether a word could be read as SERVICE: `trueSERVICE`, `ex:a.SERVICE`; but not `sd:Service`."""
    prefix, _, local = upper.partition(":")
    return "SERVICE" in prefix or "SERVICE" in local.partition(".")[2]


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()
