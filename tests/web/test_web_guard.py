import contextlib
import time

import pytest

from web.guard import MAX_DEPTH, MAX_OPERATORS, Query, RefusedError, inspect

LIMIT = 65_536


def refusal(text: str) -> str:
    with pytest.raises(RefusedError) as error:
        inspect(text, max_bytes=LIMIT)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("ask{}", "ASK"),
        ("# SELECT\nPREFIX select: <http://x/ask#> CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("BASE <http://select/> DESCRIBE <x>", "DESCRIBE"),
        ("PREFIX : <http://x/> ASK { ?s :p 'INSERT' }", "ASK"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_form_is_the_first_keyword_after_the_prologue(text: str, form: str) -> None:
    assert inspect(text, max_bytes=LIMIT) == Query(text, form)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://x/> {} }",
        "SELECT * { service silent ?x {} }",
        "SELECT * { \\u0053ERVICE <http://x/> {} }",
        'ASK { BIND ("\\u0022" AS ?x) SERVICE <http://x/> {} }',
        "ASK { FILTER (trueSERVICE<http://x/>{}) }",
        "ASK { FILTER (1<2)SERVICE<http://x/>{} }",
        "ASK { ſERVICE <http://x/> {} }",
        "ASK { SERVıCE <http://x/> {} }",
        "ASK { ?s ?p 1SERVICE <http://x/> {} }",
        "ASK { ?s ?p 1.SERVICE <http://x/> {} }",
        "ASK { ?s ?p 'a'@enSERVICE <http://x/> {} }",
        "ASK { ?s ?p :.SERVICE <http://x/> {} }",
        "ASK { ?s ?p ?a.SERVICE <http://x/> {} }",
        # What looks like an IRI is an operator and a comment to some parsers.
        "ASK { ?s ?p ?a , ?b FILTER (?a<?b)SERVICE:x#>\n{ ?s ?p ?o } }",
        'ASK { ?s ?p ?a FILTER (?a<b:c#>"""\n)SERVICE<http://x/>{}#"""\n}',
        "ASK { ?a <http://y'''> ?o . FILTER (?a<b:c#>\"\"\"\n)SERVICE<http://x/>{} #\"\"\"'''\n}",
    ],
)
def test_service_is_refused_however_it_is_written(text: str) -> None:
    assert refusal(text) == "This endpoint does not federate: a query may not use SERVICE."


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p 'the security service said' }",
        "ASK { ?s ?p ''' SERVICE <http://x/> '' ''' }",
        "ASK { ?s ?p 'a\\'SERVICE <http://x/>' }",
        "ASK { # SERVICE <http://x/>\n}",
        "ASK { ?s <http://x/SERVICE> ?o }",
        "ASK { ?s a sd:Service }",
        "ASK { ?service ?p ?o }",
        "ASK { VALUES (?a ?b) { (<http://x#y> <http://x#z>) } ?s ?p 'security services' }",
    ],
)
def test_the_word_service_may_stand_where_it_is_no_keyword(text: str) -> None:
    assert inspect(text, max_bytes=LIMIT).form == "ASK"


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <http://a/> <http://a/> 1 }",
        "PREFIX a: <http://a/> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://x/>",
        "clear all",
        "WITH <http://x/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_an_update_is_refused(text: str) -> None:
    assert refusal(text) == (
        "This endpoint is read-only: it answers SELECT, ASK, CONSTRUCT and DESCRIBE queries, not updates."
    )


def test_a_long_query_is_refused() -> None:
    assert refusal("#" * 70_000) == "The query is 70000 bytes long; this endpoint takes 65536."


def test_depth_is_limited() -> None:
    inspect("ASK " + "{" * MAX_DEPTH + "}" * MAX_DEPTH, max_bytes=LIMIT)
    assert refusal("ASK " + "{" * 65 + "}" * 65) == "The query nests deeper than 64 levels."


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER (1" + "+1" * 2001 + ") }",
        "ASK { FILTER (1" + "-1" * 2001 + ") }",
        "ASK { FILTER (" + "!" * 2001 + "true) }",
        "ASK { {}" + " UNION {}" * 2001 + " }",
        "ASK { ?s :p" + "|:p" * 2001 + " ?o }",
        "ASK {" + " BIND (1 AS ?x)" * 2001 + " }",
    ],
)
def test_operators_are_limited(text: str) -> None:
    assert refusal(text) == f"The query has more than {MAX_OPERATORS} operators."


def test_a_long_list_of_hyphenated_names_is_no_operator() -> None:
    names = " ".join(f"cl:a-b-c-{number}" for number in range(3000))
    assert inspect(f"ASK {{ VALUES ?c {{ {names} }} }}", max_bytes=LIMIT).form == "ASK"


@pytest.mark.parametrize(
    ("once", "again"),
    [
        ("", '"'),
        ('"""', "\\"),
        ("'''", "''\\'"),
        ("", "<"),
        ("", "<a:"),
        ("", "a."),
        ("", "a-"),
        ("", ":."),
        ("", ":a%\\-."),
        ("", "."),
        ("", "\\u0022"),
        ("", "\\U0000005C"),
        ("", '""" '),
        ("", "#\n"),
        ("", " #"),
        ("", "?"),
        ("", "SERVIC "),
        ("ASK (?a<b:c>", "SERVIC "),
        ("ASK (?a<b:c>", "SERVICE # "),
        ("ASK (?a<b:c>", "'SERVICE SILENT\n' "),
    ],
)
def test_hostile_text_is_read_in_linear_time(once: str, again: str) -> None:
    def seconds(size: int) -> float:
        text = once + again * (size // len(again))
        best = float("inf")
        for _ in range(3):
            started = time.perf_counter()
            with contextlib.suppress(RefusedError):
                inspect(text, max_bytes=LIMIT)
            best = min(best, time.perf_counter() - started)
        return best

    # Sixteen times as much text takes sixteen times as long, not 256 times; the tenth of a millisecond
    # stands for what does not grow.
    assert seconds(LIMIT - 100) < 64 * (seconds(LIMIT // 16) + 0.0001)


@pytest.mark.parametrize(
    ("text", "volatile"),
    [
        ("SELECT (NOW() AS ?x) {}", True),
        ("SELECT (rand\n() AS ?x) {}", True),
        ("SELECT (\\u0055UID() AS ?x) {}", True),
        ("ASK { FILTERSTRUUID() }", True),
        ("ASK { ?now ?rand 'UUID()' } # NOW()", False),
        ("ASK { ?s <http://x/NOW> ?o }", False),
    ],
)
def test_a_query_that_answers_anew_each_time_is_known(text: str, volatile: bool) -> None:
    assert inspect(text, max_bytes=LIMIT).volatile == volatile
