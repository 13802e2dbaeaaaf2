"""SARIF 2.1.0 for code scanning.

What GitHub takes of it: GitHub docs, "SARIF support for code scanning" (help texts, ``security-severity``,
``partialFingerprints``, ``suppressions``, relative addresses). The format: OASIS SARIF 2.1.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from companion_gate.report.build import SHOWN, fingerprint
from companion_gate.report.contents import Judgement, Policy, Report
from companion_gate.report.selection import not_checked
from companion_gate.version import VERSION

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"
# GitHub docs, as above: over 9.0 is critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
_SECURITY_SEVERITY = {"CRITICAL": "9.5", "HIGH": "8.0", "MEDIUM": "5.5", "LOW": "3.0"}
_FINGERPRINT = "companionGate/v1"

_QUESTIONS = {
    "parses": "Every Terraform file is readable",
    "safe-to-plan": "Nothing would run code, leave the machine or disarm the scan",
    "scan-complete": "Checkov read everything, and nothing is skipped without a waiver",
    "plans": "Terraform makes a plan",
    "plan": "The stack can be planned",
    "decided": "What the HCL could not tell was decided by a plan",
    "waivers": "Each waiver still covers something and has not expired",
}
"""Questions that are no policy: they become rules of their own, so that none of them fails unseen."""


def sarif(report: Report) -> dict[str, Any]:
    """The report as a SARIF log with one run."""
    results = [*_of_judgements(report), *_of_questions(report)]
    used = {result["ruleId"] for result in results}
    own = [_own_rule(name) for name in _QUESTIONS if _own_id(name) in used]
    rules = [*(_rule(policy) for policy in report["policies"]), *own]
    driver = {"name": "companion-gate", "semanticVersion": VERSION, "rules": rules}
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = places[result["ruleId"]]
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "companion-gate/"},
        "originalUriBaseIds": {_BASE: {"description": {"text": "The root of the judged repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                # False only where the gate did not get through all that it was asked.
                "executionSuccessful": report["verdict"] != "not complete",
                "properties": {"verdict": report["verdict"], "reason": report["reason"]},
            }
        ],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(policy: Policy) -> dict[str, Any]:
    supported = "\n".join(f"- {each['id']} ({each['framework']}): {each['how']}" for each in policy["controls"])
    help_text = f"{policy['why']}\n\nHow to fix:\n\n{policy['fix']}"
    markdown = f"{policy['why']}\n\n**How to fix**\n\n```hcl\n{policy['fix']}\n```\n\n**Supports**\n\n{supported}\n"
    return {
        "id": policy["id"],
        "name": policy["name"],
        "shortDescription": {"text": policy["title"]},
        "fullDescription": {"text": policy["why"]},
        "help": {"text": help_text, "markdown": markdown},
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", policy["area"].lower(), *(each["id"] for each in policy["controls"])],
            "precision": "very-high",
            "problem.severity": "error",
            "security-severity": _SECURITY_SEVERITY[policy["severity"]],
        },
    }


def _own_rule(name: str) -> dict[str, Any]:
    text = _QUESTIONS[name]
    return {
        "id": _own_id(name),
        "name": name,
        "shortDescription": {"text": text},
        "fullDescription": {"text": f"{text}. Where it does not hold, the gate cannot vouch for the stack."},
        "help": {"text": "The message names the cause and the cure."},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["companion-gate"]},
    }


def _own_id(name: str) -> str:
    return f"companion-gate/{name}"


def _of_judgements(report: Report) -> Iterator[dict[str, Any]]:
    seen: set[tuple[str, int, bool]] = set()
    for judgement in report["judgements"]:
        if judgement["outcome"] not in SHOWN:
            continue
        # HCL and plan find the same: one result for one place, and a suppressed one never hides one that is not.
        key = (judgement["fingerprint"], judgement["line"], judgement["outcome"] == "waived")
        if key not in seen:
            seen.add(key)
            yield _result(judgement, report)


def _result(judgement: Judgement, report: Report) -> dict[str, Any]:
    where = ".".join(filter(None, (judgement["address"], judgement["path"])))
    text = f"{where}: expected {judgement['expected']}, found {judgement['found']}. {judgement['fix']}"
    if judgement["outcome"] == "undecided":
        text = f"{where}: cannot be decided, {judgement['found']}. {judgement['fix']}"
    location = _location(judgement["file"] or _anywhere(judgement["stack"], report), judgement["line"])
    location["logicalLocations"] = [{"fullyQualifiedName": judgement["address"], "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": judgement["policy"],
        "level": "error",
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {_FINGERPRINT: judgement["fingerprint"]},
        "properties": {"stack": judgement["stack"], "outcome": judgement["outcome"]},
    }
    if (waiver := judgement["waiver"]) is not None:
        says = f"{waiver['reason']} ({waiver['owner']}, {waiver['ticket']}, until {waiver['expires']})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": says}]
    return result


def _of_questions(report: Report) -> Iterator[dict[str, Any]]:
    policies = {policy["name"]: policy["id"] for policy in report["policies"]}
    for question in not_checked(report):
        stack, rule = question["stack"], policies.get(question["name"]) or _own_id(question["name"])
        yield {
            "ruleId": rule,
            "level": "error",
            "message": {"text": question["message"] or "the gate broke; its output has the reason"},
            "locations": [_location(_anywhere(stack, report), 1)],
            "partialFingerprints": {_FINGERPRINT: fingerprint(rule, stack, question["part"], "")},
            "properties": {"stack": stack, "outcome": "failed"},
        }


def _location(file: str, line: int) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(file), "uriBaseId": _BASE}}
    physical["region"] = {"startLine": max(line, 1)}
    return {"physicalLocation": physical}


def _anywhere(stack: str, report: Report) -> str:
    """A file of the stack, since code scanning shows no result without one."""
    files: Sequence[str] = [
        judgement["file"] for judgement in report["judgements"] if judgement["stack"] == stack and judgement["file"]
    ]
    inside = [file for file in files if stack == "." or file.startswith(f"{stack}/")]
    return inside[0] if inside else "main.tf" if stack == "." else f"{stack}/main.tf"
