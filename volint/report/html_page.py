"""One self-contained HTML page: no font, script, style or picture is fetched from anywhere.

The policy in its head allows the one script that it holds, by its hash, and nothing that comes from outside.
"""

from __future__ import annotations

from html import escape as quote
from typing import TYPE_CHECKING

from volint import __version__
from volint.report.style import asset, page_css

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["code", "level", "page", "quote", "table"]

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'">
<meta name="generator" content="volint {version}">
<title>{title}</title>
<style>
{css}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
<h1>{title}</h1>
{lead}
</header>
<div class="bar" id="controls" hidden>
<form role="search" aria-label="What is shown">
{filter}<label class="theme">Theme <select id="theme"><option value="auto">as the system</option><option value="light">light</option><option value="dark">dark</option></select></label>
</form>
</div>
<main id="main">
{body}
</main>
<footer><p>Made by volint {version}. Nothing in this page comes from anywhere else.</p></footer>
<script>{script}</script>
</body>
</html>
"""
_FILTER = """\
<label>Filter <input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="service, path, code"></label>
<label><input id="marked" type="checkbox"> only with findings</label>
<output id="shown" for="filter marked" aria-live="polite"></output>
"""


def page(title: str, lead: str, body: str, *, filters: bool = True) -> str:
    """Return a page: `title` as text, `lead` below it and `body` as HTML."""
    from base64 import b64encode
    from hashlib import sha256

    script = "\n" + asset("page.js")
    return _PAGE.format(
        hash=b64encode(sha256(script.encode()).digest()).decode(),
        version=quote(__version__),
        title=quote(title),
        css=page_css(),
        lead=lead,
        filter=_FILTER if filters else "",
        body=body,
        script=script,
    )


def code(text: str) -> str:
    """Return a name, path or the like as HTML, which may be broken behind a slash or brace and in front of a colon."""
    broken = quote(text).replace("/", "/<wbr>").replace("}", "}<wbr>").replace(":", "<wbr>:")
    return f"<code>{broken}</code>"


def level(word: str) -> str:
    """Return the badge of a level."""
    return f'<span class="level {word}">{word}</span>'


def table(
    caption: str,
    heads: Sequence[str],
    bodies: str,
    *,
    numbers: Sequence[int] = (),
    compare: bool = False,
    headed: bool = False,
) -> str:
    """Return a table in a region that can scroll.

    `heads` are text, `bodies` its tbody elements; `numbers` are positions of columns of numbers, `compare` is for
    columns with long heads, `headed` for a table right below a heading that says what the caption says.
    """
    said = quote(caption)
    shown = f'<span class="hidden-text">{said}</span>' if headed else said
    head = "".join(
        f'<th scope="col"{" class=number" if at in numbers else ""}>{quote(text)}</th>'
        for at, text in enumerate(heads)
    )
    return (
        f'<div class="scroll" role="region" aria-label="{said}"><table class="wide{" compare" if compare else ""}"><caption>{shown}</caption>'
        f"<thead><tr>{head}</tr></thead>\n{bodies}</table></div>\n"
    )
