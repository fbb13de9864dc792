"""The formats a report is written in: one table, one function each."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, TextIO

from kg.iris import Iris
from kg.report import Finding, Report, compact
from kg.report.sarif import sarif

if TYPE_CHECKING:
    from rich.console import Console

_GITHUB = {"Violation": "error", "Warning": "warning", "Info": "notice"}
_WORDS_SHOWN = 160


def write(report: Report, name: str, out: TextIO, *, iris: Iris | None = None) -> None:
    """Write a report in one of `FORMATS`; `human` takes colours and width from the terminal it goes to."""
    iris = iris or Iris()
    if name == "human":
        from rich.console import Console

        # Lines are left to the terminal to wrap: a place must stay in one piece to be clicked or grepped.
        _human(report, iris, Console(file=out, soft_wrap=True, highlight=False, emoji=False, markup=False))
    else:
        out.write(FORMATS[name](report, iris))


def human(report: Report, iris: Iris) -> str:
    """Return what `write` gives where there is no terminal: plain lines, one block a finding."""
    out = StringIO()
    write(report, "human", out, iris=iris)
    return out.getvalue()


def _human(report: Report, iris: Iris, console: Console) -> None:
    for finding in report.findings:
        place = f"{finding.place}: " if finding.place else ""
        console.print(place, style="bold", end="")
        console.print(finding.message, style="red" if finding.severity == "Violation" else "yellow")
        if finding.place and finding.place.words:
            console.print(f"    {_clip(finding.place.words)}", style="italic")
        named = (finding.focus, finding.path, finding.value)
        console.print("    " + "  ".join(_clip(compact(term, iris)) for term in named if term), style="dim")
        console.print(f"    rule {finding.rule}", style="dim")
    console.print(report.summary, style="bold green" if report.conforms else "bold red")


def github(report: Report, iris: Iris) -> str:
    """Return workflow commands that annotate the changed lines of a pull request on GitHub."""
    lines = []
    for finding in report.findings:
        where = {"title": finding.rule}
        if finding.place:
            where = {"file": finding.place.path, "line": str(finding.place.line or 1), **where}
        properties = ",".join(f"{key}={_escape_property(value)}" for key, value in where.items())
        message = f"{finding.message} ({compact(finding.focus, iris)})"
        lines.append(f"::{_GITHUB[finding.severity]} {properties}::{_escape(message)}\n")
    return "".join(lines)


def junit(report: Report, iris: Iris) -> str:
    """Return JUnit XML: a test case for each rule that holds, and one for each finding."""
    from junitparser import Failure, JUnitXml, TestCase, TestSuite

    suite = TestSuite("hearsay check")
    broken = {finding.shape for finding in report.findings}
    for shape in report.rules:
        if shape not in broken:
            suite.add_testcase(TestCase(shape.rpartition("#")[2], "hearsay"))
    for finding in report.findings:
        name = f"{finding.rule} {compact(finding.focus, iris)}"
        case = TestCase(name, str(finding.place or "hearsay"))
        failure = Failure(finding.message, finding.severity)
        failure.text = (
            f"{finding.place}\n{finding.place.words}" if finding.place else compact(finding.focus, iris)
        )
        case.result = [failure]
        suite.add_testcase(case)
    xml = JUnitXml()
    xml.add_testsuite(suite)
    return bytes(xml.tostring()).decode("utf-8") + "\n"  # type: ignore[no-untyped-call]


def turtle(report: Report, iris: Iris) -> str:
    """Return a SHACL validation report (SHACL, section 3.4) in Turtle."""
    prefixes = {name: iris.prefixes[name] for name in ("hss", "sh")}
    lines = [f"@prefix {name}: <{namespace}> ." for name, namespace in prefixes.items()]
    lines += ["", "[]", "\ta sh:ValidationReport ;"]
    lines.append(f"\tsh:conforms {'true' if report.conforms else 'false'} ;")
    for finding in report.findings:
        lines.append("\tsh:result [")
        lines += [f"\t\t{line} ;" for line in _result(finding, iris)]
        lines.append("\t] ;")
    return "\n".join([*lines, ".", ""])


def _result(finding: Finding, iris: Iris) -> list[str]:
    lines = ["a sh:ValidationResult", f"sh:focusNode {finding.focus}"]
    if finding.path:
        lines.append(f"sh:resultPath {_path(finding.path)}")
    if finding.value:
        lines.append(f"sh:value {finding.value}")
    lines.append(f"sh:resultMessage {json.dumps(finding.message, ensure_ascii=False)}")
    lines.append(f"sh:resultSeverity sh:{finding.severity}")
    lines.append(f"sh:sourceConstraintComponent <{finding.component}>")
    owner = finding.owner or finding.shape
    if owner != finding.shape:
        lines.append(f"sh:sourceConstraint {compact(f'<{finding.shape}>', iris)}")
    lines.append(f"sh:sourceShape {compact(f'<{owner}>', iris)}")
    return lines


def _path(path: str) -> str:
    # SHACL writes a property path as RDF (section 2.3.1); the shapes use these four kinds.
    if "|" in path:
        return f"[ sh:alternativePath ( {' '.join(_path(part) for part in path.split('|'))} ) ]"
    if ">/" in path:
        return f"( {' '.join(_path(part + '>') for part in path.removesuffix('>').split('>/'))} )"
    if path.startswith("^"):
        return f"[ sh:inversePath {path[1:]} ]"
    return path


def _clip(words: str) -> str:
    return words if len(words) <= _WORDS_SHOWN else words[: _WORDS_SHOWN - 1] + "…"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Report, Iris], str]] = {
    "github": github,
    "human": human,
    "junit": junit,
    "sarif": sarif,
    "turtle": turtle,
}
