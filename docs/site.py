"""What mkdocs does besides: all rules stand in the navigation, and links to the repository lead to its host."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

_HOME = "https://github.com/volint/volint/blob/main/"
_FOLDER = Path(__file__).parent
_GROUP = re.compile(r"^## VL\d: (.+)$|^\| \[(VL\d+)\]\((\S+)\) \| (\S+) ", re.MULTILINE)
_LINK = re.compile(r"\]\((?P<place>[\w./-]+)(?P<anchor>#[\w-]+)?\)")


def on_config(config: Any) -> Any:
    """Put the rules below 'Rules', in the groups of their list."""
    [rules] = [entry["Rules"] for entry in config.nav if "Rules" in entry]
    for match in _GROUP.finditer((_FOLDER / "rules" / "index.md").read_text(encoding="utf-8")):
        group, code, page, name = match.groups()
        if group:
            rules.append({group: []})
        else:
            [pages] = rules[-1].values()
            pages.append({f"{code} {name}": f"rules/{page}"})
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Lead links to what is no page to the repository."""

    def elsewhere(match: re.Match[str]) -> str:
        place = posixpath.normpath(
            posixpath.join(posixpath.dirname(page.file.src_uri), match["place"])
        )
        if place.endswith(".md") and not place.startswith(".."):
            return match[0]
        inside = posixpath.normpath(posixpath.join("docs", place))
        return f"]({_HOME}{inside}{match['anchor'] or ''})"

    return _LINK.sub(elsewhere, markdown)
