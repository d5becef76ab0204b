"""What an editor shows below the cursor: what a mount comes to, who uses a volume or secret, a finding's rule.

Markdown, and no secret's value in it: contents are never part of the model, and what looks like a secret is masked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from volint.lsp.diagnostics import plain
from volint.lsp.storage import blocks_at
from volint.report import Options
from volint.report.common import rule_url
from volint.report.rule_page import render_page
from volint.source import Span

if TYPE_CHECKING:
    from volint.lsp.diagnostics import Client
    from volint.lsp.documents import Document
    from volint.lsp.run import Snapshot
    from volint.rule import Finding

__all__ = ["hover"]

_RULE = "\n\n---\n\n"


def hover(
    document: Document, snapshot: Snapshot, position: types.Position, client: Client
) -> types.Hover | None:
    """Return what there is to say of a place; None where that is nothing."""
    source = snapshot.sources[document.real]
    offset = client.positions.offset(source, position)
    blocks, spans = blocks_at(snapshot, document.real, offset)
    pages: dict[str, str] = {}
    for finding in snapshot.findings.get(document.real, ()):
        if finding.span.start <= offset <= finding.span.end:
            spans.append(finding.span)
            if finding.code not in pages:
                pages[finding.code] = _page(finding, snapshot, client)
    parts = [*blocks, *pages.values()]
    if not parts:
        return None
    smallest = min(spans, key=lambda span: span.end - span.start)
    text = _RULE.join(parts)
    kind = types.MarkupKind.Markdown
    if not client.markdown:
        kind, text = types.MarkupKind.PlainText, text.replace("**", "").replace("`", "")
    return types.Hover(
        types.MarkupContent(kind, text),
        client.positions.range(Span(source, smallest.start, smallest.end)),
    )


def _page(finding: Finding, snapshot: Snapshot, client: Client) -> str:
    """Return the page of a finding's rule, with a link to it where it is on the web."""
    meta = snapshot.metas.get(finding.code)
    if meta is None:
        return plain(finding.message)
    if not client.markdown:
        return render_page(meta, "text", Options()).rstrip()
    page = render_page(meta, "markdown", Options()).rstrip()
    url = rule_url(finding.code)
    return f"{page}\n\n[{finding.code} on the web]({url})" if url else page
