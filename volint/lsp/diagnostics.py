"""Findings as an editor shows them, with no secret left in their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from volint.record import NamedTuple
from volint.redact import redact
from volint.report.common import rule_url
from volint.report.terminal import escape
from volint.rule import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from volint.lsp.positions import Positions
    from volint.lsp.run import Snapshot
    from volint.rule import Finding

__all__ = ["SOURCE", "Client", "diagnostic", "plain"]

SOURCE = "volint"
"""Who a diagnostic comes from."""

_SEVERITIES = {
    Level.ERROR: types.DiagnosticSeverity.Error,
    Level.WARNING: types.DiagnosticSeverity.Warning,
    Level.NOTE: types.DiagnosticSeverity.Information,
}


class Client(NamedTuple):
    """What an editor can show, and how it names files and places."""

    positions: Positions
    uri: Callable[[str], str]
    """Returns the URI of a real path."""
    version: Callable[[str], int | None]
    """Returns the version of the open document of a URI; None if it is not open."""
    related: bool = True
    """Whether it shows related information."""
    descriptions: bool = True
    """Whether it links codes to pages."""
    tags: bool = True
    """Whether it fades out what is unnecessary."""
    versioned: bool = True
    """Whether it takes edits of versions of documents."""
    creates: bool = True
    """Whether it creates the files that an edit is of."""
    markdown: bool = True
    """Whether it shows Markdown on hovering."""


def plain(text: str) -> str:
    """Return a text as it may be shown: without secrets and control characters."""
    return "\n".join(escape(redact(line)) for line in text.split("\n"))


def diagnostic(finding: Finding, snapshot: Snapshot, client: Client) -> types.Diagnostic:
    """Return a finding as the diagnostic of its file."""
    message = plain(finding.message)
    if finding.help:
        message += f"\nhelp: {plain(finding.help)}"
    url = rule_url(finding.code) if client.descriptions else None
    fades = client.tags and finding.name.startswith("unused-")
    return types.Diagnostic(
        range=client.positions.range(finding.span, snapshot.whole(finding.span.source)),
        message=message,
        severity=_SEVERITIES[finding.level],
        code=finding.code,
        code_description=types.CodeDescription(url) if url else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if fades else None,
        related_information=_related(finding, snapshot, client) if client.related else None,
        data={"name": finding.name, "fixable": finding.fix is not None},
    )


def _related(
    finding: Finding, snapshot: Snapshot, client: Client
) -> list[types.DiagnosticRelatedInformation] | None:
    """Return the other places of a finding that are in files."""
    return [
        types.DiagnosticRelatedInformation(
            types.Location(
                client.uri(snapshot.real(label.span.source)),
                client.positions.range(label.span, snapshot.whole(label.span.source)),
            ),
            plain(label.message),
        )
        for label in finding.labels
        if label.span.source.file is not None
    ] or None
