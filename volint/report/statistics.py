"""`--statistics`: how often each rule found something, instead of the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.record import NamedTuple
from volint.report.terminal import Style, link, pad

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result
    from volint.rule import Finding

__all__ = ["Count", "counts", "render"]


class Count(NamedTuple):
    """What a rule found."""

    code: str
    name: str
    level: str
    """The worst of its findings."""
    findings: int
    files: int
    fixable: int
    """Findings with a safe fix."""
    unsafely_fixable: int


def counts(result: Result) -> list[Count]:
    """Return a row for each rule that found something, the one with most findings first."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in result.findings:
        by_rule.setdefault(finding.code, []).append(finding)
    rows = [
        Count(
            code,
            found[0].name,
            max((finding.level for finding in found), key=lambda level: level.rank).value,
            len(found),
            len({finding.span.source.path for finding in found}),
            sum(bool(finding.fix and finding.fix.safe) for finding in found),
            sum(bool(finding.fix and not finding.fix.safe) for finding in found),
        )
        for code, found in by_rule.items()
    ]
    return sorted(rows, key=lambda row: (-row.findings, row.code))


def render(result: Result, options: Options, format: str = "full") -> str:
    """Return a table with a line a rule; for `json` an array of objects, for `jsonl` one a line."""
    rows = counts(result)
    if format in ("json", "jsonl"):
        import json

        objects = [row._asdict() for row in rows]
        if format == "json":
            return json.dumps(objects, indent=2) + "\n"
        return "".join(json.dumps(row) + "\n" for row in objects)
    style = Style(options.color)
    if not rows:
        return ""
    number = max(len(str(row.findings)) for row in rows)
    name = max(len(row.name) for row in rows)
    shown = []
    for row in rows:
        files = "1 file" if row.files == 1 else f"{row.files} files"
        fixes = [
            f"{count} {kind}"
            for count, kind in (
                (row.fixable, "fixable"),
                (row.unsafely_fixable, "unsafely fixable"),
            )
            if count
        ]
        shown.append(
            f"{row.findings:>{number}}  {style(row.level, f'{row.level:7}')}  "
            f"{link(row.code, options.rule_url(row.code))}  {pad(row.name, name)}  "
            f"{', '.join([f'in {files}', *fixes])}\n"
        )
    return "".join(shown)
