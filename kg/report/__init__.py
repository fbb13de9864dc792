"""What a check found: findings, each with the place and the words to look at, and the report of them all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kg.iris import Iris

SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where somebody can mend what was found: a file, a line (from 1; 0 for none) and the words concerned."""

    path: str
    line: int = 0
    words: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Finding:
    """One validation result (SHACL, section 3.4.2), with the place it comes from.

    `shape` is the IRI of the constraint that has the message, so that each kind of finding has one name;
    `owner` is the shape that SHACL reports (`sh:sourceShape`). `focus` and `value` are RDF terms in
    N-Triples, `path` is a SPARQL property path with full IRIs; `component` is an IRI and `reason` is
    the shape's `rdfs:comment`.
    """

    shape: str
    message: str
    focus: str
    severity: str = "Violation"
    path: str = ""
    value: str = ""
    place: Place | None = None
    component: str = ""
    owner: str = ""
    reason: str = ""

    @property
    def rule(self) -> str:
        """Return the local name of the shape, such as `Denial-denies`."""
        return self.shape.rpartition("#")[2]

    @property
    def order(self) -> tuple[str, int, str, str, str, str]:
        """Return what findings are sorted by: first the place, then the rule and the nodes."""
        place = self.place or Place("")
        return (place.path, place.line, self.rule, self.focus, self.value, self.message)


@dataclass(frozen=True)
class Report:
    """The findings of one check, in order, and what was checked.

    `rules` names every constraint that was applied, whether or not it found anything.
    """

    findings: tuple[Finding, ...] = ()
    triples: int = 0
    rules: tuple[str, ...] = field(default=(), repr=False)

    @property
    def conforms(self) -> bool:
        """Return whether nothing was found (SHACL, section 3.4.1: of any severity)."""
        return not self.findings

    @property
    def exit_code(self) -> int:
        """Return 0 where the data conforms, else 1."""
        return 0 if self.conforms else 1

    @property
    def summary(self) -> str:
        """Return one sentence that says what was found.

        >>> Report(triples=12, rules=("a", "b")).summary
        'Conforms: 12 triples, 2 rules.'
        """
        checked = f"{self.triples:,} triples, {len(self.rules)} rules"
        if self.conforms:
            return f"Conforms: {checked}."
        found = Counter(finding.severity for finding in self.findings)
        numbers = [
            f"{found[severity]} {severity.lower()}{'s' if found[severity] > 1 else ''}"
            for severity in SEVERITIES
            if found[severity]
        ]
        return f"Does not conform: {', '.join(numbers)} ({checked})."


def merge(*reports: Report) -> Report:
    """Join reports of several checks into one; what two of them found alike is found once."""
    findings = dict.fromkeys(finding for report in reports for finding in report.findings)
    rules = dict.fromkeys(rule for report in reports for rule in report.rules)
    return Report(
        tuple(sorted(findings, key=lambda finding: finding.order)),
        max((report.triples for report in reports), default=0),
        tuple(rules),
    )


def compact(text: str, iris: Iris) -> str:
    """Shorten the IRIs in N-Triples terms or a property path by the well-known prefixes.

    >>> compact("<https://w3id.org/hearsay/id/claim/x>", Iris())
    'cl:x'
    """
    for name, namespace in sorted(iris.prefixes.items(), key=lambda item: -len(item[1])):
        head, *rest = text.split(f"<{namespace}")
        text = head + "".join(f"{name}:{part.replace('>', '', 1)}" for part in rest)
    return text
