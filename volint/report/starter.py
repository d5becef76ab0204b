"""`volint init`: a commented configuration to start from, made of what was found.

Everything in it holds already: a setting with its default, or a suggestion that is commented out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.report.statistics import counts
from volint.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.model import Project
    from volint.result import Result

__all__ = ["starter"]

_MANUAL = "https://github.com/volint/volint/blob/main/docs/configuration.md"
_FOREIGN = frozenset(
    {"third_party", "third-party", "vendor", "vendored", "external", "node_modules"}
)
_MOST = 30


def starter(result: Result, projects: Sequence[Project]) -> str:
    """Return the text of a `volint.yaml`."""
    parts = [
        f"# volint's configuration. Every setting:\n# {_MANUAL}\n",
        "# Whose findings to show: regular, pedantic (good habits as well) or auditor\n"
        "# (all there is to know).\n"
        "persona: regular\n",
        "# Exit with status 1 from this level on: note, warning or error.\nfail-on: warning\n",
        "# Let an ignore comment hide nothing unless it says why.\nrequire-ignore-reason: false\n",
        _excludes(projects),
        _environments(projects),
        _rules(result),
    ]
    return "\n".join(part for part in parts if part)


def _quoted(text: str) -> str:
    return "'" + escape(text).replace("'", "''") + "'"


def _excludes(projects: Iterable[Project]) -> str:
    folders = {
        "/".join(words[: at + 1])
        for project in projects
        for source in project.sources
        for words in [source.path.split("/")[:-1]]
        for at, word in enumerate(words)
        if word in _FOREIGN
    }
    if not folders:
        return (
            "# Files and folders not to look at, as in .gitignore.\n"
            "# exclude:\n#   - 'third_party/**'\n"
        )
    lines = [f"#   - {_quoted(folder + '/**')}\n" for folder in sorted(folders)]
    return "# These look like the work of others; do not look at them.\n# exclude:\n" + "".join(
        lines
    )


def _environments(projects: Iterable[Project]) -> str:
    """Return what is inferred of where projects run, to be corrected."""
    rows: dict[str, tuple[str, str]] = {}
    for project in projects:
        environment = project.environment
        if environment.value.value != "unknown" and project.sources and not project.gentle:
            source = project.sources[-1]
            rows.setdefault(source.path, (environment.value.value, environment.reason))
    lines = [
        f"#   {_quoted(path)}: {kind}  # inferred: {escape(reason)}\n"
        for path, (kind, reason) in sorted(rows.items())[:_MOST]
    ]
    if not lines:
        lines = ["#   'deploy/**': production\n"]
    return (
        "# Where projects run: production, staging, development, test or example.\n"
        "# volint infers it; say it where it is wrong.\n# environments:\n" + "".join(lines)
    )


def _rules(result: Result) -> str:
    rows = counts(result)
    lines = []
    for row in rows:
        files = "1 file" if row.files == 1 else f"{row.files} files"
        number = "1 finding" if row.findings == 1 else f"{row.findings} findings"
        lines.append(f"#   {row.code}: off  # {row.name}: {number} in {files}\n")
    head = "# Rules to turn off or to set, by code or name; `volint rule CODE` explains one.\n"
    if not lines:
        return f"{head}# rules:\n#   VL501: {{level: error}}\n"
    return (
        f"{head}# What is found today can also be left for later:\n"
        "# `volint --write-baseline volint-baseline.json`\n"
        "# rules:\n" + "".join(lines)
    )
