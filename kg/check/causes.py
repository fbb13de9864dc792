"""Findings that follow from others: a name that the ontology lacks is told once, with what was meant."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from kg.check.queries import suggested
from kg.iris import Iris
from kg.report import Finding, compact

_CAUSE = "Vocabulary-term"
_UNDECLARED_NAMES = (_CAUSE, "Vocabulary-property")
_UNDECLARED = re.compile(r"\bhs:([\w-]+), which the ontology does not declare")


def without_consequences(
    findings: Iterable[Finding], terms: Collection[str], iris: Iris
) -> Iterator[Finding]:
    """Yield findings but those of a node with an undeclared class or value, whose own finding counts them.

    `terms` are the local names that the ontology declares: the nearest to an undeclared one is suggested.
    """
    found = sorted(findings, key=lambda finding: finding.order)
    causes = {compact(finding.value, iris): finding for finding in found if finding.rule == _CAUSE}
    rest, left_out = list[Finding](), Counter[str]()
    for finding in found:
        words = (compact(finding.focus, iris), compact(finding.value, iris), *finding.message.split())
        node = next((word for word in (word.strip(",;:.()") for word in words) if word in causes), None)
        if node is None or finding.rule in _UNDECLARED_NAMES:
            rest.append(finding)
        else:
            left_out[node] += 1
    for finding in rest:
        node = compact(finding.value, iris)
        counted = left_out[node] if causes.get(node) is finding else 0
        yield _explained(finding, terms, counted) if finding.rule in _UNDECLARED_NAMES else finding


def _explained(finding: Finding, terms: Collection[str], left_out: int) -> Finding:
    message = finding.message
    undeclared = _UNDECLARED.search(message)
    if undeclared and (hint := suggested(undeclared[1], terms)):
        message += f" D{hint.removeprefix('; d')}"
    if left_out:
        others = "1 other finding" if left_out == 1 else f"{left_out} other findings"
        message += f" ({others} on this node may follow from it, and will show when it is mended.)"
    return dataclasses.replace(finding, message=message)
