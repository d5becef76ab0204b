"""`volint rule` and `volint rules`: a rule's page and the list, from the rules' own docstrings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from volint.page import Code, Heading, pieces, read_page
from volint.report.terminal import Style, escape, link, pad, width, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.report import Options
    from volint.result import RuleMeta
    from volint.rule import Option, Rule

__all__ = ["LIST_FORMATS", "PAGE_FORMATS", "render_page", "render_rules"]

PAGE_FORMATS = ("text", "markdown", "json")
"""Formats of `volint rule`."""

LIST_FORMATS = ("text", "markdown", "json")
"""Formats of `volint rules`."""

_LANGUAGES = {
    "actions": "yaml",
    "compose": "yaml",
    "dockerignore": "text",
    "env": "sh",
    "make": "makefile",
    "quadlet": "ini",
    "shell": "sh",
}


def _facts(meta: RuleMeta, rule: type[Rule]) -> dict[str, str]:
    facts = {
        "level": rule.level.value,
        "confidence": rule.confidence.value,
        "persona": rule.persona.value,
        "since": rule.since,
    }
    if meta.pack != "volint":
        facts["pack"] = f"{meta.pack} {meta.pack_version}".strip()
    if not rule.enabled:
        facts["enabled"] = "only by configuration"
    return facts


def _option(option: Option) -> str:
    from volint.options import bounds, default, kind

    facts = [kind(option), bounds(option), f"default {default(option)}"]
    if option.unit:
        facts.insert(1, f"a bare number is {option.unit}")
    return f"`{option.name}` ({', '.join(filter(None, facts))}): {option.doc}"


def _plain(text: str) -> str:
    """Return Markdown without the marks of code."""
    return re.sub(r"`([^`]+)`", r"'\1'", text).replace("''", "'")


_READABLE = 100


def _paragraph(lines: Sequence[str], columns: int | None, hanging: str = "") -> list[str]:
    """Return a paragraph in lines of a terminal's width; as it is written where there is none.

    `hanging` stands before all lines but the first.
    """
    if columns is None:
        first, *others = [escape(_plain(line)) for line in lines]
        return [first, *(hanging + line.lstrip() for line in others)]
    text = escape(_plain(" ".join(" ".join(lines).split())))
    inner = max(min(columns, _READABLE) - len(hanging), 1)
    first, *others = wrap(text, inner, -len(hanging))
    return [first, *(hanging + line for line in others)]


def _example(piece: Code, style: Style) -> list[str]:
    """Return a fenced block for a terminal, indented, with its verdict and file above it."""
    lines = [f"      {escape(line)}".rstrip() for line in piece.lines]
    if piece.verdict:
        level = "error" if piece.verdict == "bad" else "help"
        said = f"with {piece.name}:" if piece.joined else f"{piece.verdict}:"
        if piece.name and not piece.joined:
            said += f" {piece.name}"
        lines.insert(0, f"    {style(level, said)}")
    return lines


def _text(meta: RuleMeta, rule: type[Rule], options: Options) -> str:
    page = read_page(rule)
    style = Style(options.color)
    facts = "  ".join(f"{name}: {value}" for name, value in _facts(meta, rule).items())
    code = style(rule.level.value, link(rule.code, options.rule_url(rule.code)))
    lines = [f"{code} {style('bold', rule.name)}", facts, ""]
    lines += _paragraph([f"{page.summary}."], options.width)
    before: object = None
    for piece in pieces(page.body):
        if isinstance(piece, Heading):
            lines += ["", style("bold", piece.title)]
        elif isinstance(piece, Code):
            apart = not piece.joined and isinstance(before, Code)
            lines += ["", *_example(piece, style)] if apart else _example(piece, style)
        else:
            if piece.first and not piece.item and not isinstance(before, Heading):
                lines.append("")
            lines += _paragraph(piece.lines, options.width, "  " if piece.item else "")
        before = piece
    if rule.options and "## Options" not in page.body:
        lines += ["", style("bold", "Options")]
        for option in rule.options:
            lines += _paragraph([f"- {_option(option)}"], options.width, "  ")
    return "\n".join(lines) + "\n"


def markdown(meta: RuleMeta, rule: type[Rule], title: bool = True) -> str:
    """Return a rule's page as Markdown, examples with the languages that renderers know.

    All blocks stand apart, as the stricter renderers want them.
    """
    page = read_page(rule)
    facts = ", ".join(f"{name} {value}" for name, value in _facts(meta, rule).items())
    blocks = [f"# {rule.code} {rule.name}"] if title else []
    blocks += [f"{page.summary}.", facts[:1].upper() + facts[1:] + "."]
    for piece in pieces(page.body):
        if isinstance(piece, Heading):
            blocks.append(f"{piece.marks} {piece.title}")
        elif isinstance(piece, Code):
            if piece.name:
                blocks.append(f"{'with ' if piece.joined else ''}`{piece.name}`:")
            language = _LANGUAGES.get(piece.language, piece.language)
            blocks.append("\n".join([f"```{language}", *piece.lines, "```"]))
        elif piece.first:
            blocks.append("\n".join(piece.lines))
        else:
            blocks[-1] += "\n" + "\n".join(piece.lines)
    if rule.options and "## Options" not in page.body:
        blocks += ["## Options", "\n".join(f"- {_option(option)}" for option in rule.options)]
    return "\n\n".join(blocks) + "\n"


def _object(meta: RuleMeta, rule: type[Rule]) -> dict[str, Any]:
    page = read_page(rule)
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": page.summary,
        "level": rule.level.value,
        "confidence": rule.confidence.value,
        "persona": rule.persona.value,
        "since": rule.since,
        "enabled": rule.enabled,
        "security_severity": rule.security_severity or None,
        "tags": list(rule.tags),
        "pack": meta.pack,
        "options": [
            {
                "name": option.name,
                "type": option.type.__name__.lower(),
                "default": option.default,
                "choices": list(option.choices),
                "minimum": option.minimum,
                "maximum": option.maximum,
                "unit": option.unit,
                "doc": option.doc,
            }
            for option in rule.options
        ],
        "page": page.body,
    }


def render_page(meta: RuleMeta, format: str, options: Options) -> str:
    """Return a rule's page in one of `PAGE_FORMATS`."""
    rule = meta.load()
    if format == "json":
        import json

        return json.dumps({"version": 1, **_object(meta, rule)}, indent=2) + "\n"
    if format == "markdown":
        return markdown(meta, rule)
    return _text(meta, rule, options)


def render_rules(rules: Sequence[RuleMeta], format: str, options: Options) -> str:
    """Return the list of rules in one of `LIST_FORMATS`."""
    loaded = [(meta, meta.load()) for meta in rules]
    if format == "json":
        import json

        shown = [
            {key: value for key, value in _object(meta, rule).items() if key != "page"}
            for meta, rule in loaded
        ]
        return json.dumps({"version": 1, "rules": shown}, indent=2) + "\n"
    if format == "markdown":
        rows = [
            f"| {rule.code} | {rule.name} | {_level(rule)} | {read_page(rule).summary} |"
            for _, rule in loaded
        ]
        return "\n".join(["| code | name | level | what |", "|---|---|---|---|", *rows]) + "\n"
    style = Style(options.color)
    names = max((width(rule.name) for _, rule in loaded), default=0)
    codes = max((width(rule.code) for _, rule in loaded), default=0)
    levels = max((width(_level(rule)) for _, rule in loaded), default=0)
    taken = codes + names + levels + 6
    lines = []
    for _, rule in loaded:
        code = style(rule.level.value, link(rule.code, options.rule_url(rule.code)))
        line = f"{code}{' ' * (codes - width(rule.code))}  {pad(rule.name, names)}  {pad(_level(rule), levels)}"
        first, *others = _beside(read_page(rule).summary, options.width, taken)
        lines.append(f"{line}  {first}".rstrip())
        lines += others
    return "".join(f"{line}\n" for line in lines)


_NARROWEST = 40


def _beside(text: str, columns: int | None, taken: int) -> list[str]:
    """Return a text wrapped beside what a line holds already, or below it where that leaves too little.

    Where there is no terminal, `columns` is None, and it stands beside in one line.
    """
    if columns is None:
        return [text]
    beside = columns - taken >= _NARROWEST
    margin = taken if beside else 7
    first, *others = wrap(text, max(columns - margin, 1))
    lines = [first, *(" " * margin + line for line in others)]
    return lines if beside else ["", " " * margin + first, *lines[1:]]


def _level(rule: type[Rule]) -> str:
    """Return a rule's level with what narrows it: the persona that sees it, that it is off."""
    words = [rule.level.value]
    if rule.persona.value != "regular":
        words.append(rule.persona.value)
    if not rule.enabled:
        words.append("off")
    return ", ".join(words)
