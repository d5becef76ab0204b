"""`--format sarif`: SARIF 2.1.0 as GitHub code scanning reads it.

Regions keep to one line and count UTF-16 units, since GitHub shows an alert in a pull request only when all of
its lines changed, and takes columns for JavaScript's. Paths are those of the repository.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from volint.fingerprint import Repository, fingerprint, line_hashes
from volint.redact import has_secret, redact
from volint.report.common import HOME, rule_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.report import Options
    from volint.result import Notification, Result, RuleMeta
    from volint.rule import Finding, Fix
    from volint.source import Source, Span

__all__ = ["render"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LONGEST = 1024
_MOST = 25_000
"""Results of one run: a file with more is refused."""
_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


class _Log:
    """Builds the parts of one log; holds what they share."""

    def __init__(self, result: Result, options: Options) -> None:
        import sarif_om

        self.om: Any = sarif_om
        self.result = result
        self.options = options
        self.repository = Repository(result.root, result.cwd)
        self.hashes: dict[Source, Mapping[int, str]] = {}
        self.indexes: dict[str, int] = {}

    def build(self) -> Any:
        """Return the whole log."""
        om = self.om
        rules = self._rules()
        run = om.Run(
            tool=om.Tool(
                driver=om.ToolComponent(
                    name="volint",
                    full_name="volint, a linter for what containers do to data",
                    information_uri=HOME,
                    semantic_version=self.result.version or None,
                    version=self.result.version or None,
                    rules=rules,
                )
            ),
            column_kind="utf16CodeUnits",
            original_uri_base_ids={
                _ROOT: om.ArtifactLocation(description=om.Message(text="Top of the repository."))
            },
            invocations=[
                om.Invocation(
                    execution_successful=self.result.complete,
                    tool_execution_notifications=self._notifications(),
                )
            ],
            results=[self._result(finding) for finding in self._shown()],
        )
        if self.options.category:
            run.automation_details = om.RunAutomationDetails(id=self.options.category)
        return om.SarifLog(schema_uri=_SCHEMA, version="2.1.0", runs=[run])

    def _shown(self) -> list[Finding]:
        return sorted(self.result.findings, key=_order)[:_MOST]

    def _notifications(self) -> list[Any]:
        told = [self._notification(note) for note in self.result.notifications]
        number = len(self.result.findings)
        if number > _MOST:
            words = f"There are {number} findings, of which the worst {_MOST} are shown."
            told.append(self.om.Notification(message=self.om.Message(text=words), level="warning"))
        return told

    def _rules(self) -> list[Any]:
        """Return the descriptors of all rules in force, and of what else was found, in code order."""
        known = {meta.entry.code: meta for meta in self.result.rules}
        found = {finding.code: finding.name for finding in self.result.findings}
        codes = sorted({*known, *found})
        self.indexes = {code: index for index, code in enumerate(codes)}
        return [
            self._rule(known[code]) if code in known else self._unknown_rule(code, found[code])
            for code in codes
        ]

    def _unknown_rule(self, code: str, name: str) -> Any:
        om = self.om
        text = _sentence(name.replace("-", " ").capitalize())
        return om.ReportingDescriptor(
            id=code,
            name="".join(word.capitalize() for word in name.split("-")),
            help_uri=rule_url(code),
            short_description=om.MultiformatMessageString(text=text),
            full_description=om.MultiformatMessageString(text=text),
            help=om.MultiformatMessageString(text=text),
        )

    def _rule(self, meta: RuleMeta) -> Any:
        from volint.page import read_page
        from volint.report.rule_page import markdown

        om = self.om
        rule = meta.load()
        page = read_page(rule)
        summary = _sentence(page.summary)
        properties: dict[str, Any] = {
            "precision": rule.confidence.value,
            "problem.severity": _PROBLEM_SEVERITY[rule.level.value],
        }
        if meta.pack != "volint":
            properties["pack"] = f"{meta.pack} {meta.pack_version}".strip()
        tags = set(rule.tags)
        if rule.security_severity:
            properties["security-severity"] = rule.security_severity
            tags.add("security")
        if tags:
            properties["tags"] = sorted(tags)
        return om.ReportingDescriptor(
            id=rule.code,
            name=rule.__name__,
            help_uri=rule_url(rule.code),
            short_description=om.MultiformatMessageString(text=_cut(summary)),
            full_description=om.MultiformatMessageString(
                text=_cut(f"{summary} {page.why}".strip())
            ),
            help=om.MultiformatMessageString(
                text=f"{summary}\n\n{page.body}".strip(), markdown=markdown(meta, rule, title=False)
            ),
            default_configuration=om.ReportingConfiguration(level=rule.level.value),
            properties=properties,
        )

    def _artifact(self, path: str | None, shown: str, absolute: str | None) -> Any:
        """Return the location of a file: relative to the repository, or absolute outside of it."""
        from urllib.parse import quote

        if path is not None:
            return self.om.ArtifactLocation(uri=quote(os.fsencode(path)), uri_base_id=_ROOT)
        outside = os.path.realpath(absolute or os.path.join(self.result.cwd, shown))
        address = outside.replace(os.sep, "/").lstrip("/")
        return self.om.ArtifactLocation(uri="file:///" + quote(os.fsencode(address), safe="/:"))

    def _region(self, span: Span, exact: bool = False) -> Any:
        """Return a region within one line that is never empty where the line is not.

        `exact` keeps all lines, and an empty span as it is: for the edits of a fix.
        """
        source, start, end = span
        if not exact:
            start, end = _visible(span)
        line, column = source.position(start)
        begin = start - column + 1
        end_line, end_column = source.position(end)
        end_begin = end - end_column + 1
        return self.om.Region(
            start_line=line,
            start_column=_units(source.text[begin:start]) + 1,
            end_line=end_line,
            end_column=_units(source.text[end_begin:end]) + 1,
        )

    def _physical(self, span: Span) -> Any:
        source = span.source
        return self.om.PhysicalLocation(
            artifact_location=self._artifact(self.repository.of(source), source.path, source.file),
            region=self._region(span),
        )

    def _location(self, span: Span, message: str = "", id: int | None = None) -> Any:
        om = self.om
        location = om.Location(physical_location=self._physical(span))
        if message:
            location.message = om.Message(text=message)
        if id is not None:
            location.id = id
        return location

    def _hash(self, span: Span) -> str:
        source = span.source
        if source not in self.hashes:
            self.hashes[source] = line_hashes(source.text, source.byte_order_mark)
        return self.hashes[source][source.position(_visible(span)[0])[0]]

    def _result(self, finding: Finding) -> Any:
        om = self.om
        message = _plain(_sentence(finding.message))
        if finding.help:
            message += f" Help: {_plain(_sentence(finding.help))}"
        labels = [_plain(label.message) for label in finding.labels]
        links = [f"[{_link(text)}]({at})" for at, text in enumerate(labels, 1) if text]
        if links:
            message += f" See {', '.join(links)}."
        outcome = om.Result(
            rule_id=finding.code,
            rule_index=self.indexes[finding.code],
            level=finding.level.value,
            message=om.Message(text=message),
            locations=[self._location(finding.span)],
            partial_fingerprints={
                "primaryLocationLineHash": self._hash(finding.span),
                "volint/v1": fingerprint(finding, self.repository).rpartition(":")[2],
            },
            properties={"confidence": finding.confidence.value, "persona": finding.persona.value},
        )
        if labels:
            outcome.related_locations = [
                self._location(label.span, text, at)
                for at, (label, text) in enumerate(zip(finding.labels, labels, strict=True), 1)
            ]
        if any(label.span.source is not finding.span.source for label in finding.labels):
            outcome.code_flows = [self._flow(finding, labels)]
        if finding.fix and not any(has_secret(edit.replacement) for edit in finding.fix.edits):
            outcome.fixes = [self._fix(finding.fix)]
        return outcome

    def _flow(self, finding: Finding, labels: Sequence[str]) -> Any:
        """Return the way from the farthest cause to the finding."""
        om = self.om
        steps = [
            self._location(label.span, text)
            for label, text in zip(finding.labels, labels, strict=True)
        ]
        steps.reverse()
        steps.append(self._location(finding.span, _plain(finding.message)))
        locations = [om.ThreadFlowLocation(location=step) for step in steps]
        return om.CodeFlow(thread_flows=[om.ThreadFlow(locations=locations)])

    def _fix(self, fix: Fix) -> Any:
        om = self.om
        changes: dict[Source, list[Any]] = {}
        for edit in fix.edits:
            content = om.ArtifactContent(text=edit.replacement) if edit.replacement else None
            changes.setdefault(edit.span.source, []).append(
                om.Replacement(
                    deleted_region=self._region(edit.span, exact=True), inserted_content=content
                )
            )
        return om.Fix(
            description=om.Message(text=_plain(_sentence(fix.title))),
            artifact_changes=[
                om.ArtifactChange(
                    artifact_location=self._artifact(
                        self.repository.of(source), source.path, source.file
                    ),
                    replacements=replacements,
                )
                for source, replacements in changes.items()
            ],
            properties={"safe": fix.safe},
        )

    def _notification(self, note: Notification) -> Any:
        om = self.om
        told = om.Notification(
            message=om.Message(text=_plain(_sentence(note.message))),
            level=note.level.value,
            descriptor=om.ReportingDescriptorReference(id=note.code),
        )
        if note.code in self.indexes:
            told.associated_rule = om.ReportingDescriptorReference(
                id=note.code, index=self.indexes[note.code]
            )
        if note.file:
            path = self.repository.path(note.file, note.absolute)
            artifact = self._artifact(path, note.file, note.absolute)
            told.locations = [
                om.Location(physical_location=om.PhysicalLocation(artifact_location=artifact))
            ]
        return told


def _order(finding: Finding) -> tuple[int, str, int, str, str]:
    """Sort the worst first: of too many results GitHub keeps the first."""
    source = finding.span.source
    return (-finding.level.rank, source.path, finding.span.start, finding.code, finding.message)


def _visible(span: Span) -> tuple[int, int]:
    """Return the part of a span on its first line, at least one character of it if there is one."""
    source, start, end = span
    line = source.line_span(source.position(start)[0])
    if line.start == line.end and start == len(source.text) and line.start:
        line = source.line_span(source.position(start)[0] - 1)
        start = end = line.end
    start, end = min(start, line.end), min(end, line.end)
    if end <= start:
        end = min(start + 1, line.end)
        start = max(min(start, end - 1), line.start)
    return start, end


def _plain(text: str) -> str:
    """Return a text that holds no secret and nothing that SARIF takes for a link."""
    return redact(text).replace("](", "] (")


def _link(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _serialise(value: Any) -> Any:
    """Return sarif-om's objects as JSON: without what is unset, but with every `level`.

    A level that is left out would be read as the rule's, not as 'warning'.
    """
    import attr

    if isinstance(value, list):
        return [_serialise(item) for item in value]
    if isinstance(value, dict):
        return {key: _serialise(item) for key, item in value.items()}
    if not attr.has(type(value)):
        return value
    shown = {}
    for field in attr.fields(type(value)):
        item = getattr(value, field.name)
        default = field.default
        if isinstance(default, attr.Factory):  # type: ignore[arg-type]
            default = default.factory()
        if item is not None and (item != default or field.name == "level"):
            shown[field.metadata["schema_property_name"]] = _serialise(item)
    return shown


def render(result: Result, options: Options) -> str:
    """Return the run as a SARIF log, in ASCII."""
    import json

    shown = _serialise(_Log(result, options).build())
    first = {"$schema": shown.pop("$schema"), "version": shown.pop("version")}
    return json.dumps({**first, **shown}, indent=2) + "\n"
