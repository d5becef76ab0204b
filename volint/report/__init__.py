"""Findings and the mount model into output formats, one module each.

A format is a module with a function `render`; these tables name them, so that only the ones asked for are
imported. Everything a format may depend on is in the `Result` or the projects, and in `Options`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model import Project
    from volint.report.graph import StorageMap
    from volint.result import Result

__all__ = ["CHECK_FORMATS", "MOUNT_FORMATS", "PICTURES", "Options", "render_check", "render_mounts"]

CHECK_FORMATS = {
    "full": "volint.report.full",
    "concise": "volint.report.concise",
    "grouped": "volint.report.grouped",
    "json": "volint.report.check_json",
    "jsonl": "volint.report.jsonl",
    "sarif": "volint.report.sarif",
    "github": "volint.report.github",
    "gitlab": "volint.report.gitlab",
    "junit": "volint.report.junit",
    "checkstyle": "volint.report.checkstyle",
    "markdown": "volint.report.markdown",
}
"""Formats of `volint check`; each module has `render(result, options)`."""

MOUNT_FORMATS = {
    "table": "volint.report.mounts_table",
    "json": "volint.report.mounts_json",
    "mermaid": "volint.report.mounts_mermaid",
    "dot": "volint.report.mounts_dot",
    "svg": "volint.report.mounts_svg",
    "html": "volint.report.mounts_html",
}
"""Formats of `volint mounts`; each module has `render(projects, options)`, those of `PICTURES` `render(map, options)`."""

PICTURES = frozenset({"mermaid", "dot", "svg", "html"})
"""Formats of `volint mounts` that draw a `volint.report.graph.StorageMap`, with findings marked on it."""


class Options(NamedTuple):
    """What the command line decides about output."""

    color: bool = False
    """Whether to print ANSI colours."""
    width: int | None = None
    """Columns of the terminal; None where it is none."""
    cwd: str = ""
    """Absolute directory that shown paths are relative to."""
    category: str = ""
    """SARIF's automationDetails.id; empty: none."""
    links: bool = False
    """Whether the terminal shows hyperlinks."""

    def rule_url(self, code: str) -> str | None:
        """Return the address to link a rule's code to; None where that is not wanted, or there is none."""
        if not self.links:
            return None
        from volint.report.common import rule_url

        return rule_url(code)


_PLAIN = Options()


def render_check(name: str, result: Result, options: Options = _PLAIN) -> str:
    """Return a run's findings in a format of `CHECK_FORMATS`. Raises KeyError for another name."""
    from importlib import import_module

    text: str = import_module(CHECK_FORMATS[name]).render(result, options)
    return text


def render_mounts(
    name: str,
    projects: Sequence[Project],
    options: Options = _PLAIN,
    shown: StorageMap | None = None,
) -> str:
    """Return projects in a format of `MOUNT_FORMATS`. Raises KeyError for another name.

    `shown` is their map with findings; without it a picture marks none.
    """
    from importlib import import_module

    module = import_module(MOUNT_FORMATS[name])
    if name not in PICTURES:
        text: str = module.render(projects, options)
        return text
    if shown is None:
        from volint.report.graph import storage_map

        shown = storage_map(projects)
    picture: str = module.render(shown, options)
    return picture
