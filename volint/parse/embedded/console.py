"""Code blocks of documents that show commands: with prompts and output, or without.

Where a block has prompts only what stands behind them is a command; a block that is not said to be
shell is searched for lines that begin with a container program. `<name>` is a placeholder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.derived import Derived
from volint.parse.embedded.windows import as_shell
from volint.parse.shell import parse_derived

if TYPE_CHECKING:
    from volint.parse.shellcommand import ShellCommand
    from volint.source import Source

__all__ = ["CONSOLE", "SHELLS", "WINDOWS", "placeholders", "read"]

SHELLS = frozenset(("sh", "bash", "shell", "zsh", "ksh", "fish", "terminal", "cli", "command"))
"""Languages whose blocks are shell, with or without prompts."""
CONSOLE = frozenset(
    (
        "console",
        "shell-session",
        "shellsession",
        "sh-session",
        "bash-session",
        "terminfo",
        "session",
    )
)
"""Languages whose blocks are a session: prompts, commands and output."""
WINDOWS = {
    "powershell": "powershell",
    "pwsh": "powershell",
    "ps1": "powershell",
    "ps": "powershell",
    "posh": "powershell",
    "cmd": "cmd",
    "bat": "cmd",
    "batch": "cmd",
    "dos": "cmd",
}
"""Languages of Windows' shells."""

PLACEHOLDER = regex(
    r"<((?:[~.]{0,2}/|[A-Za-z])(?:[^<>|&;\n]{0,80}[^<>|&;\s\d]|[^<>|&;\s]{0,80}))>"
    r"|(\[(?:<[^<>\n]{1,80}>|[A-Za-z][\w -]{0,40})[:=]?(?:\.{3})?\])"
    r"|(?<![\w$@%{}])(\{[A-Za-z][A-Za-z0-9]{0,40}(?:[ _-][A-Za-z0-9]{1,40}){0,5}\})(?!\})"
)
"""What a document leaves for the reader to fill in: `<name>`, `[host:]`, `[OPTIONS]`, `{name}`."""

_PROMPT = regex(
    r"[ \t]*(?:\[[^\]\n]{1,60}\][ \t]*[$#%]|(?:\([\w.-]+\)[ \t]*)?(?:[\w.-]+@[\w.-]+[^$#%>\n]{0,60})?[$%❯➜]"
    r"|[\w.-]+@[\w.-]+[^$#%>\n]{0,60}\#|PS(?:[ \t][^>\n]{0,80})?>|[A-Za-z]:\\[^>\n]{0,80}>)[ \t]+(?=\S)"
)
_WINDOWS_PROMPT = regex(r"[ \t]*(?:(PS)\b[^>\n]*>|[A-Za-z]:\\[^>\n]*>)")
_ROOT_PROMPT = regex(r"[ \t]*#[ \t]+(?=(?:docker|podman|nerdctl|docker-compose)\b)")
_LEADING = regex(
    r"[ \t]*(?:(?:sudo|time)[ \t]+(?:-\S+[ \t]+)*)?(?:[A-Z_]+=\S*[ \t]+)*(?:\S*/)?"
    r"(?:docker|podman|nerdctl|docker-compose|podman-compose)(?:\.exe)?(?:[ \t]|$)"
)
_PROSE = regex(
    r"[ \t]*\S+[ \t]+(?:is|are|was|were|has|have|will|can|does|must|and|or|to|the|a|an|for|in|as|with|on|by|not)\b"
    r"|[ \t]*\S+[ \t]+[A-Za-z]+[ \t]+(?:is|are|was|were|has|have|will|can|does|must|and|to|the)\b"
)
_CONTINUED = regex(r"[\\`^]\r?$")
_MAX_QUOTED = 40
"""Lines that one quoted word may be long."""
_CARETS = regex(r"(?!.*\\\r?$)(?s:.*?)[ \t]\^\r?\n", re.MULTILINE)
"""A command that goes on over lines as cmd has it; no shell's command ends with a caret."""


def read(
    source: Source, lines: list[tuple[int, int]], language: str
) -> tuple[list[ShellCommand], str]:
    """Return the commands of a code block, given as ranges of its lines, and the dialect it is read in."""
    text = source.text
    dialect = WINDOWS.get(language, "bash")
    groups = _prompted(text, lines)
    if groups is None and (language in SHELLS or language in WINDOWS):
        groups = [lines]
    elif groups is None:
        groups = _leading(text, lines, language in CONSOLE)
    found: list[ShellCommand] = []
    for group in groups:
        start = group[0][0]
        prompt = _WINDOWS_PROMPT.match(text, text.rfind("\n", 0, start) + 1, start)
        if prompt:
            dialect = "powershell" if prompt[1] else "cmd"
        found.extend(_read(source, group, dialect))
    return found, dialect


def _read(source: Source, lines: list[tuple[int, int]], dialect: str) -> list[ShellCommand]:
    whole = Derived.joined(Derived.of_range(source, start, end) for start, end in lines)
    if whole is None:
        return []
    kept = placeholders(whole)
    if dialect == "bash" and _CARETS.match(kept.value):
        dialect = "cmd"
    if dialect != "bash":
        return parse_derived(as_shell(kept, dialect), dialect=dialect)
    found = parse_derived(kept)
    if len(lines) > 1 and _unbalanced(kept.value):
        # What a stray quote swallowed is read line by line.
        single: list[ShellCommand] = []
        for group in _logical(source.text, lines):
            part = Derived.joined(Derived.of_range(source, start, end) for start, end in group)
            if part is not None:
                single.extend(parse_derived(placeholders(part)))
        if len(single) > len(found):
            return single
    return found


def placeholders(text: Derived) -> Derived:
    """Make holes of what a document leaves to be filled in: a shell would redirect `<name>`."""
    if not any(mark in text.value for mark in "<[{"):
        return text
    marked = text.marked(PLACEHOLDER)
    return Derived(
        marked.source,
        [
            bit._replace(unresolved=bit.value) if bit.unresolved and bit.value[0] in "<[{" else bit
            for bit in marked.bits
        ],
    )


def _unbalanced(text: str) -> bool:
    return text.count("'") % 2 == 1 or text.count('"') % 2 == 1 or text.count("`") % 2 == 1


def _logical(text: str, lines: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Group lines with those that continue them."""
    groups: list[list[tuple[int, int]]] = []
    more = False
    for start, end in lines:
        if more:
            groups[-1].append((start, end))
        else:
            groups.append([(start, end)])
        more = _CONTINUED.search(text, start, end) is not None
    return groups


def _prompted(text: str, lines: list[tuple[int, int]]) -> list[list[tuple[int, int]]] | None:
    """Return the commands behind prompts, each with the lines that continue it; None without prompts."""
    groups: list[list[tuple[int, int]]] = []
    more = False
    heredoc = ""
    for start, end in lines:
        match = _PROMPT.match(text, start, end)
        if match and not more and not heredoc:
            groups.append([(match.end(), end)])
        elif more and groups:
            begin = start
            secondary = re.compile(r"[ \t]*>[ \t]").match(text, start, end)
            if secondary:
                begin = secondary.end()
            groups[-1].append((begin, end))
        elif heredoc and groups:
            groups[-1].append((start, end))
            if text[start:end].strip() == heredoc:
                heredoc = ""
            continue
        else:
            continue
        more = _CONTINUED.search(text, start, end) is not None or _open_quote(text, groups[-1])
        opened = re.compile(r"<<-?[ \t]*['\"]?(\w+)").search(text, *groups[-1][-1])
        heredoc = opened[1] if opened and not more else ""
    return groups or None


def _open_quote(text: str, group: list[tuple[int, int]]) -> bool:
    if len(group) > _MAX_QUOTED:
        return False
    quote = ""
    for start, end in group:
        escaped = False
        for char in text[start:end]:
            if escaped:
                escaped = False
            elif char == "\\" and quote != "'":
                escaped = True
            elif char in "'\"" and quote in ("", char):
                quote = "" if quote else char
            elif char == "#" and not quote:
                break
    return bool(quote)


def _leading(text: str, lines: list[tuple[int, int]], session: bool) -> list[list[tuple[int, int]]]:
    """Return the lines that begin with a container program, each with those that continue it."""
    groups: list[list[tuple[int, int]]] = []
    more = False
    for number, (start, end) in enumerate(lines):
        root = _ROOT_PROMPT.match(text, start, end) if session else None
        if more:
            groups[-1].append((start, end))
        elif root:
            groups.append([(root.end(), end)])
        elif _LEADING.match(text, start, end) and not _PROSE.match(text, start, end):
            groups.append([(start, end)])
        else:
            continue
        more = _CONTINUED.search(text, start, end) is not None or (
            _open_quote(text, groups[-1]) and _is_closed(text, groups[-1], lines[number + 1 :])
        )
    return groups


def _is_closed(text: str, group: list[tuple[int, int]], rest: list[tuple[int, int]]) -> bool:
    """Return whether a quote ends before another command begins; the apostrophe of a remark never does."""
    opened = list(group)
    for start, end in rest:
        if _LEADING.match(text, start, end):
            return False
        opened.append((start, end))
        if len(opened) > _MAX_QUOTED:
            return False
        if not _open_quote(text, opened):
            return True
    return False
