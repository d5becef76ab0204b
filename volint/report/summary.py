"""The words about a run that end it on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.report.terminal import Style, wrap

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result, Summary

__all__ = ["counted", "not_shown", "render"]


def counted(number: int, word: str) -> str:
    """Return '1 finding' or '2 findings'."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _fixable(summary: Summary) -> str:
    safe, unsafe = summary.fixable, summary.unsafely_fixable
    if safe and unsafe:
        return f"; {safe} can be fixed with --fix, {unsafe} more with --unsafe-fixes"
    if safe or unsafe:
        return f"; {safe or unsafe} can be fixed with --fix{'' if safe else ' --unsafe-fixes'}"
    return ""


def not_shown(summary: Summary) -> list[str]:
    """Return how many findings are not shown, for each reason there is."""
    return [
        f"{number} {why}"
        for number, why in (
            (summary.ignored, "ignored"),
            (summary.baselined, "in the baseline"),
            (summary.unchanged, "on unchanged lines (--diff-base)"),
            (summary.by_persona, "for another persona (--persona)"),
            (summary.by_level, "below --min-level"),
            (summary.by_confidence, "below --min-confidence"),
        )
        if number
    ]


def render(result: Result, options: Options) -> str:
    """Return what was found, what is not shown and why, and what could not be read: one to three lines,
    wrapped at a terminal's width, no line break at the end."""
    style = Style(options.color)
    summary = result.summary
    where = f"{counted(summary.files, 'file')}, {counted(summary.projects, 'project')}"
    if summary.findings:
        counts = (
            ("error", counted(summary.errors, "error"), summary.errors),
            ("warning", counted(summary.warnings, "warning"), summary.warnings),
            ("note", counted(summary.notes, "note"), summary.notes),
        )
        found = ", ".join(style(level, text) for level, text, number in counts if number)
        lines = [f"{counted(summary.findings, 'finding')} ({found}) in {where}{_fixable(summary)}"]
    else:
        lines = [f"{style('help', 'no findings')} in {where}"]
    away = not_shown(summary)
    if away:
        lines.append(f"not shown: {', '.join(away)}")
    if summary.unread:
        unread = f"{counted(summary.unread, 'file')} could not be read"
        lines.append(style("warning", unread))
    if options.width is not None:
        lines = [part for line in lines for part in wrap(line, options.width)]
    return "\n".join(lines)
