from __future__ import annotations

import json
from io import StringIO

import pytest
from junitparser import JUnitXml
from rdflib import Graph, Literal, URIRef

from kg.iris import Iris
from kg.report import Finding, Place, Report, merge
from kg.report.formats import FORMATS, write

HSS = "https://w3id.org/hearsay/shapes#"
HS = "https://w3id.org/hearsay/ontology#"
SH = "http://www.w3.org/ns/shacl#"
DENIAL = Finding(
    shape=HSS + "Denial-denies",
    message="A denial must deny a claim: 100% of them, always.",
    focus="<https://w3id.org/hearsay/id/statement/3e6c636a-sale-denied>",
    path=f"<{HS}denies>",
    place=Place("seeds/a,b:c/reading.yaml", 45, "Council … denies"),
    component=SH + "MinCountConstraintComponent",
    owner=HSS + "Denial-denies",
    reason="A denial is of a claim.",
)
WORDS = Finding(
    shape=HSS + "SourceText-span-words",
    message="The span says “a”,\nbut the text says “b”.",
    focus="<https://w3id.org/hearsay/id/text/3e6c636aeb3c6f98>",
    severity="Warning",
    value="<https://w3id.org/hearsay/id/text/3e6c636aeb3c6f98#offset_0_1>",
    component=SH + "SPARQLConstraintComponent",
    owner=HSS + "SourceText",
)
RULES = (HSS + "Claim-iri", HSS + "Denial-denies", HSS + "SourceText-span-words")
REPORT = Report((WORDS, DENIAL), 1234, RULES)
CLEAN = Report((), 1234, RULES)


def written(report: Report, name: str) -> str:
    out = StringIO()
    write(report, name, out)
    return out.getvalue()


def test_exit_code_is_1_where_anything_was_found() -> None:
    assert (CLEAN.exit_code, REPORT.exit_code) == (0, 1)


def test_human_is_plain_where_there_is_no_terminal() -> None:
    assert written(REPORT, "human") == (
        "The span says “a”,\nbut the text says “b”.\n"
        "    tx:3e6c636aeb3c6f98  tx:3e6c636aeb3c6f98#offset_0_1\n"
        "    rule SourceText-span-words\n"
        "seeds/a,b:c/reading.yaml:45: A denial must deny a claim: 100% of them, always.\n"
        "    Council … denies\n"
        "    st:3e6c636a-sale-denied  hs:denies\n"
        "    rule Denial-denies\n"
        "Does not conform: 1 violation, 1 warning (1,234 triples, 3 rules).\n"
    )


def test_human_says_that_all_is_well() -> None:
    assert written(CLEAN, "human") == "Conforms: 1,234 triples, 3 rules.\n"


def test_github_escapes_what_would_end_a_property_or_a_line() -> None:
    assert written(REPORT, "github") == (
        "::warning title=SourceText-span-words::The span says “a”,%0Abut the text says “b”. "
        "(tx:3e6c636aeb3c6f98)\n"
        "::error file=seeds/a%2Cb%3Ac/reading.yaml,line=45,title=Denial-denies::"
        "A denial must deny a claim: 100%25 of them, always. (st:3e6c636a-sale-denied)\n"
    )
    assert written(CLEAN, "github") == ""


def test_sarif_has_rules_results_and_places() -> None:
    log = json.loads(written(REPORT, "sarif"))
    assert log["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json"
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["tool"]["driver"] == {
        "name": "Hearsay",
        "informationUri": "https://w3id.org/hearsay/",
        "rules": [
            {"id": "Claim-iri", "helpUri": HSS + "Claim-iri"},
            {
                "id": "Denial-denies",
                "helpUri": HSS + "Denial-denies",
                "fullDescription": {"text": "A denial is of a claim."},
            },
            {"id": "SourceText-span-words", "helpUri": HSS + "SourceText-span-words"},
        ],
    }
    assert run["results"] == [
        {
            "ruleId": "SourceText-span-words",
            "level": "warning",
            "message": {"text": "The span says “a”,\nbut the text says “b”."},
            "locations": [{"logicalLocations": [{"fullyQualifiedName": "tx:3e6c636aeb3c6f98"}]}],
        },
        {
            "ruleId": "Denial-denies",
            "level": "error",
            "message": {"text": "A denial must deny a claim: 100% of them, always."},
            "locations": [
                {
                    "logicalLocations": [{"fullyQualifiedName": "st:3e6c636a-sale-denied"}],
                    "physicalLocation": {
                        "artifactLocation": {"uri": "seeds/a%2Cb%3Ac/reading.yaml"},
                        "region": {"startLine": 45, "snippet": {"text": "Council … denies"}},
                    },
                }
            ],
        },
    ]


def test_junit_has_a_case_for_each_rule_that_holds_and_each_finding() -> None:
    xml = JUnitXml.fromstring(written(REPORT, "junit").encode("utf-8"))
    assert (xml.tests, xml.failures, xml.errors) == (3, 2, 0)
    (suite,) = xml
    cases = [(case.name, case.classname, [type(r).__name__ for r in case.result]) for case in suite]
    assert cases == [
        ("Claim-iri", "hearsay", []),
        ("SourceText-span-words tx:3e6c636aeb3c6f98", "hearsay", ["Failure"]),
        ("Denial-denies st:3e6c636a-sale-denied", "seeds/a,b:c/reading.yaml:45", ["Failure"]),
    ]
    failure = list(suite)[2].result[0]
    assert (failure.message, failure.type) == (DENIAL.message, "Violation")
    assert failure.text == "seeds/a,b:c/reading.yaml:45\nCouncil … denies"


def test_turtle_is_a_shacl_validation_report() -> None:
    assert written(Report((DENIAL,), 1, RULES), "turtle") == (
        "@prefix hss: <https://w3id.org/hearsay/shapes#> .\n"
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "\n"
        "[]\n"
        "\ta sh:ValidationReport ;\n"
        "\tsh:conforms false ;\n"
        "\tsh:result [\n"
        "\t\ta sh:ValidationResult ;\n"
        "\t\tsh:focusNode <https://w3id.org/hearsay/id/statement/3e6c636a-sale-denied> ;\n"
        "\t\tsh:resultPath <https://w3id.org/hearsay/ontology#denies> ;\n"
        '\t\tsh:resultMessage "A denial must deny a claim: 100% of them, always." ;\n'
        "\t\tsh:resultSeverity sh:Violation ;\n"
        "\t\tsh:sourceConstraintComponent <http://www.w3.org/ns/shacl#MinCountConstraintComponent> ;\n"
        "\t\tsh:sourceShape hss:Denial-denies ;\n"
        "\t] ;\n"
        ".\n"
    )


@pytest.mark.parametrize(
    ("path", "written_as"),
    [
        ("^<urn:a>", "[ sh:inversePath <urn:a> ]"),
        ("<urn:a>|<urn:b>", "[ sh:alternativePath ( <urn:a> <urn:b> ) ]"),
        ("<urn:a>/<urn:b>", "( <urn:a> <urn:b> )"),
    ],
)
def test_turtle_writes_paths_as_shacl_does(path: str, written_as: str) -> None:
    finding = Finding(shape=HSS + "X", message="m", focus="<urn:x>", path=path, component=SH + "C")
    text = written(Report((finding,)), "turtle")
    assert f"\t\tsh:resultPath {written_as} ;\n" in text
    assert len(Graph().parse(data=text, format="turtle")) > 8


def test_turtle_of_a_sparql_constraint_names_shape_and_constraint() -> None:
    graph = Graph().parse(data=written(REPORT, "turtle"), format="turtle")
    constraint = URIRef(WORDS.shape)
    result = graph.value(None, URIRef(SH + "sourceConstraint"), constraint)
    assert graph.value(result, URIRef(SH + "sourceShape")) == URIRef(HSS + "SourceText")
    assert graph.value(result, URIRef(SH + "value")) == URIRef(WORDS.value[1:-1])
    assert graph.value(result, URIRef(SH + "resultMessage")) == Literal(WORDS.message)


def test_turtle_of_a_clean_report_conforms() -> None:
    assert "\ta sh:ValidationReport ;\n\tsh:conforms true ;\n.\n" in written(CLEAN, "turtle")


def test_merge_keeps_each_finding_once_in_order() -> None:
    merged = merge(Report((DENIAL,), 10, RULES[:1]), Report((WORDS, DENIAL), 20, RULES))
    assert merged == Report((WORDS, DENIAL), 20, RULES)


def test_formats_are_those_of_the_command_line() -> None:
    assert sorted(FORMATS) == ["github", "human", "junit", "sarif", "turtle"]
    assert FORMATS["human"](CLEAN, Iris()) == written(CLEAN, "human")
