"""SARIF: valid, and as GitHub code scanning reads it.

With VOLINT_SARIF_SCHEMA (the file sarif-2.1.0.json) the outputs are checked against the schema, with
VOLINT_SARIF_MULTITOOL (Microsoft's native binary, npm: @microsoft/sarif-multitool) by its rules for GitHub.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from report_cases import CASES, RULES, AnonymousVolume, at, compose, found, result, source
from test_report import golden

from volint.fingerprint import line_hashes
from volint.report import Options, render_check
from volint.result import Result
from volint.rule import Level
from volint.source import Label, Source, Span

if TYPE_CHECKING:
    from pathlib import Path

_BREAK = re.compile("\r\n|\r|\n")


def run(outcome: Result, options: Options | None = None) -> dict[str, Any]:
    """Return the one run of a log."""
    log = json.loads(render_check("sarif", outcome, options or Options()))
    assert list(log) == ["$schema", "version", "runs"]
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    return dict(only)


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    golden(case, "expected.sarif", render_check("sarif", CASES[case]()))


def test_no_more_results_than_github_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("volint.report.sarif._MOST", 3)
    one = CASES["compose"]()
    mild = tuple(finding._replace(level=Level.NOTE) for finding in one.findings)
    bad = one.findings[0]._replace(level=Level.ERROR)
    shown = run(one._replace(findings=(*mild * 3, bad)))
    assert len(shown["results"]) == 3
    assert shown["results"][0]["level"] == "error"
    (*_, told) = shown["invocations"][0]["toolExecutionNotifications"]
    words = f"There are {3 * len(mild) + 1} findings, of which the worst 3 are shown."
    assert told == {"message": {"text": words}, "level": "warning"}


@pytest.mark.parametrize("case", CASES)
def test_what_github_requires(case: str) -> None:
    """Hold the log to the table in GitHub's documentation of the fields it reads."""
    shown = run(CASES[case]())
    rules = shown["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)
    for rule in rules:
        assert rule["help"]["text"]
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert re.fullmatch(r"[A-Z][A-Za-z]*", rule["name"])
        assert len(rule.get("properties", {}).get("tags", [])) <= 10
    assert shown["columnKind"] == "utf16CodeUnits"
    assert "automationDetails" not in shown
    for one in shown["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["level"] in ("error", "warning", "note")
        assert set(one["message"]) == {"text"}
        places = [*one["locations"], *one.get("relatedLocations", [])]
        assert len(one["locations"]) == 1
        assert one["partialFingerprints"]["primaryLocationLineHash"]
        for place in places:
            physical = place["physicalLocation"]
            uri = physical["artifactLocation"]["uri"]
            assert physical["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
            assert not uri.startswith(("/", "./", "../"))
            assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
            region = physical["region"]
            assert region["startLine"] == region["endLine"] >= 1
            assert 1 <= region["startColumn"] <= region["endColumn"]
        numbers = [place["id"] for place in one.get("relatedLocations", [])]
        linked = [int(number) for number in re.findall(r"\]\((\d+)\)", one["message"]["text"])]
        assert set(linked) <= set(numbers)


@pytest.mark.parametrize("case", CASES)
def test_regions_cover_the_first_line_of_each_span(case: str) -> None:
    for finding in CASES[case]().findings:
        (one,) = run(result(case, finding))["results"]
        region = one["locations"][0]["physicalLocation"]["region"]
        line = _BREAK.split(finding.span.source.text)[region["startLine"] - 1]
        raw = line.encode("utf-16-le", "surrogatepass")
        part = raw[2 * region["startColumn"] - 2 : 2 * region["endColumn"] - 2]
        covered = part.decode("utf-16-le", "surrogatepass")
        first = _BREAK.split(finding.span.text())[0]
        assert covered == first if first else len(covered) == min(1, len(line))


def test_no_region_is_empty_where_there_is_something_to_cover() -> None:
    for case in ("edges", "crlf"):
        for one in run(CASES[case]())["results"]:
            region = one["locations"][0]["physicalLocation"]["region"]
            if "empty" not in one["message"]["text"] and "not there" not in one["message"]["text"]:
                assert region["startColumn"] < region["endColumn"]


def test_every_rule_in_force_is_told_found_or_not() -> None:
    nothing = run(Result(rules=RULES, version="0.1.0", cwd="/", root="/"))
    assert nothing["results"] == []
    assert nothing["tool"]["driver"]["rules"] == run(compose())["tool"]["driver"]["rules"]
    first, second = nothing["tool"]["driver"]["rules"]
    assert first["properties"] == {
        "precision": "high",
        "problem.severity": "warning",
        "security-severity": "5.5",
        "tags": ["external/cwe/cwe-404", "security"],
    }
    assert second["defaultConfiguration"] == {"level": "note"}
    assert second["properties"] == {"precision": "medium", "problem.severity": "recommendation"}
    assert first["defaultConfiguration"] == {"level": "warning"}
    assert first["name"] == AnonymousVolume.__name__


def test_a_finding_of_an_unlisted_rule_gets_a_descriptor() -> None:
    finding = found(at(source("compose/compose.yaml"), "db"), "m")._replace(
        code="VL000", name="internal-error"
    )
    shown = run(result("compose", finding))
    assert shown["tool"]["driver"]["rules"][0]["name"] == "InternalError"
    assert shown["results"][0]["ruleIndex"] == 0


def test_the_worst_comes_first() -> None:
    assert [one["level"] for one in run(compose())["results"]] == [
        *("error", "warning", "warning", "note")
    ]


def test_category_only_when_given() -> None:
    shown = run(compose(), Options(category="volint/shop"))
    assert shown["automationDetails"] == {"id": "volint/shop"}


def test_the_run_is_told_from_its_findings() -> None:
    (invocation,) = run(compose())["invocations"]
    assert invocation["executionSuccessful"] is True
    first, second = invocation["toolExecutionNotifications"]
    assert first["level"] == "error"
    assert first["descriptor"] == {"id": "VL001"}
    place = first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "other%20file.yaml", "uriBaseId": "%SRCROOT%"}
    assert "locations" not in second
    (invocation,) = run(compose()._replace(complete=False))["invocations"]
    assert invocation["executionSuccessful"] is False


def test_labels_become_links_and_other_files_a_flow() -> None:
    by_level = {
        one["locations"][0]["physicalLocation"]["region"]["startLine"]: one
        for one in run(compose())["results"]
        if "relatedLocations" in one
    }
    unnamed = by_level[6]
    assert unnamed["message"]["text"].endswith(
        "See [in this service](1), [declared \\[VOLUME\\] here](2)."
    )
    steps = unnamed["codeFlows"][0]["threadFlows"][0]["locations"]
    uris = [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in steps]
    assert uris == ["Dockerfile", "compose.yaml", "compose.yaml"]
    assert "codeFlows" not in by_level[12]


def test_nothing_of_a_file_becomes_a_link() -> None:
    finding = found(
        at(source("compose/compose.yaml"), "db"),
        "'[click](http://example.org)' is odd",
        Label(at(source("compose/compose.yaml"), "db"), "](1)"),
    )
    (one,) = run(result("compose", finding))["results"]
    assert "](http" not in one["message"]["text"]
    assert one["message"]["text"].count("](1)") == 1


def test_fixes_edit_exactly() -> None:
    fixes = {one["message"]["text"]: one.get("fixes") for one in run(compose())["results"]}
    (change,) = fixes["'./conf' is writable."][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 7, "startColumn": 31, "endLine": 7, "endColumn": 31},
            "insertedContent": {"text": ":ro"},
        }
    ]
    assert fixes["'./conf' is writable."][0]["properties"] == {"safe": False}
    assert all("fixes" not in one for one in run(CASES["secrets"]())["results"])


def test_files_outside_of_the_repository_are_absolute(tmp_path: Path) -> None:
    outside = Source("../x y.yaml", "a\n", file=str(tmp_path / "x y.yaml"))
    (tmp_path / "repo").mkdir()
    shown = run(
        Result(
            (found(Span(outside, 0, 1), "m"),),
            cwd=str(tmp_path / "repo"),
            root=str(tmp_path / "repo"),
        )
    )
    place = shown["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "file://" + str(tmp_path).replace(" ", "%20") + "/x%20y.yaml"}


def test_paths_are_encoded_and_symbolic_links_resolved(tmp_path: Path) -> None:
    (tmp_path / "ü #1").mkdir()
    (tmp_path / "ü #1" / "a:b.yaml").write_text("a\n")
    (tmp_path / "link").symlink_to(tmp_path / "ü #1")
    file = Source("link/a:b.yaml", "a\n", file=str(tmp_path / "link" / "a:b.yaml"))
    shown = run(Result((found(Span(file, 0, 1), "m"),), cwd=str(tmp_path), root=str(tmp_path)))
    place = shown["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "%C3%BC%20%231/a%3Ab.yaml", "uriBaseId": "%SRCROOT%"}


def test_line_hash_is_that_of_the_shown_line() -> None:
    for case in CASES:
        for finding in CASES[case]().findings:
            text = finding.span.source.text
            (one,) = run(result(case, finding))["results"]
            line = one["locations"][0]["physicalLocation"]["region"]["startLine"]
            assert one["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(text)[line]


def test_level_is_written_even_where_it_is_sarifs_default() -> None:
    finding = found(at(source("compose/compose.yaml"), "db"), "m", level=Level.WARNING)
    text = render_check("sarif", result("compose", finding))
    assert text.count('"level": "warning"') == 2


SCHEMA = os.environ.get("VOLINT_SARIF_SCHEMA")
MULTITOOL = os.environ.get("VOLINT_SARIF_MULTITOOL")

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def schema_errors(value: Any, schema: Any, root: Any, where: str = "log") -> list[str]:
    """Return what breaks a schema, of the keywords that the SARIF schema uses."""
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return schema_errors(value, target, root, where)
    errors: list[str] = []
    kind = schema.get("type")
    if kind and (
        not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))
    ):
        return [f"{where}: not of type {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        errors.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "minimum" in schema and value < schema["minimum"]:
        errors.append(f"{where}: {value} is below {schema['minimum']}")
    if "maximum" in schema and value > schema["maximum"]:
        errors.append(f"{where}: {value} is above {schema['maximum']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        errors.append(f"{where}: {value!r} does not match")
    for name in ("anyOf", "oneOf"):
        if name in schema:
            fits = [not schema_errors(value, option, root, where) for option in schema[name]]
            if not any(fits) or (name == "oneOf" and fits.count(True) != 1):
                errors.append(f"{where}: fits {fits.count(True)} of {name}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        extra = schema.get("additionalProperties", True)
        errors += [
            f"{where}: {key} is missing" for key in schema.get("required", ()) if key not in value
        ]
        for key, item in value.items():
            if key in known:
                errors += schema_errors(item, known[key], root, f"{where}.{key}")
            elif extra is False:
                errors.append(f"{where}: unexpected {key}")
            elif isinstance(extra, dict):
                errors += schema_errors(item, extra, root, f"{where}.{key}")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            errors.append(f"{where}: too few items")
        if schema.get("uniqueItems") and len({json.dumps(item) for item in value}) < len(value):
            errors.append(f"{where}: equal items")
        for at, item in enumerate(value):
            errors += schema_errors(item, schema.get("items", {}), root, f"{where}[{at}]")
    return errors


@pytest.mark.skipif(not SCHEMA, reason="VOLINT_SARIF_SCHEMA is not set")
@pytest.mark.parametrize("case", CASES)
def test_schema(case: str) -> None:
    with open(SCHEMA or "", encoding="utf-8-sig") as stream:
        schema = json.load(stream)
    log = json.loads(render_check("sarif", CASES[case](), Options(category="a")))
    assert schema_errors(log, schema, schema) == []
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["results"][0]["state"] = "x"
    assert len(schema_errors(log, schema, schema)) == 2


@pytest.mark.skipif(not MULTITOOL, reason="VOLINT_SARIF_MULTITOOL is not set")
@pytest.mark.parametrize("case", CASES)
def test_multitool_has_no_error_and_no_warning(case: str, tmp_path: Path) -> None:
    log, report = tmp_path / "volint.sarif", tmp_path / "report.sarif"
    log.write_text(render_check("sarif", CASES[case]()), encoding="utf-8")
    command = [MULTITOOL or "", "validate", str(log), "--rule-kind", "Sarif;Ghas"]
    command += ["--level", "Error;Warning;Note", "--log", "ForceOverwrite", "--output", str(report)]
    subprocess.run(command, check=True, capture_output=True)
    # Its exit status is 0 whatever it finds: only the report tells.
    (told,) = json.loads(report.read_text(encoding="utf-8-sig"))["runs"]
    bad = [one for one in told["results"] if one.get("level", "warning") != "note"]
    assert bad == []
    assert told["results"]


def test_sarif_om_is_imported_by_this_format_alone() -> None:
    program = (
        "import sys, volint.report, volint.report.sarif; assert 'sarif_om' not in sys.modules;"
        "assert 'attr' not in sys.modules"
    )
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-S", "-c", program], check=True, env=environment)
