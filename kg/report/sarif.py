"""A report as a log in SARIF 2.1.0 (OASIS), for code scanning services and editors."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from kg.iris import Iris
from kg.report import Finding, Report, compact

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"Violation": "error", "Warning": "warning", "Info": "note"}


def sarif(report: Report, iris: Iris) -> str:
    """Return one run: every rule that was applied, and a result for each finding."""
    reasons = {finding.shape: finding.reason for finding in report.findings}
    driver = {
        "name": "Hearsay",
        "informationUri": iris.base,
        "rules": [_rule(shape, reasons.get(shape, "")) for shape in report.rules],
    }
    results = [_result(finding, iris) for finding in report.findings]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(shape: str, reason: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": shape.rpartition("#")[2], "helpUri": shape}
    return rule | ({"fullDescription": {"text": reason}} if reason else {})


def _result(finding: Finding, iris: Iris) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": compact(finding.focus, iris)}],
    }
    if finding.place:
        region: dict[str, Any] = {"startLine": finding.place.line or 1}
        if finding.place.words:
            region["snippet"] = {"text": finding.place.words}
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(finding.place.path)},
            "region": region,
        }
    return {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
    }
