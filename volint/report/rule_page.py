"""`volint rule` and `volint rules`: a rule's page and the list, from the rules' own docstrings."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from volint.lazy import regex
from volint.record import NamedTuple
from volint.report.terminal import Style, pad, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.report import Options
    from volint.result import RuleMeta
    from volint.rule import Option, Rule

__all__ = ["LIST_FORMATS", "PAGE_FORMATS", "Page", "read_page", "render_page", "render_rules"]

PAGE_FORMATS = ("text", "markdown", "json")
"""Formats of `volint rule`."""

LIST_FORMATS = ("text", "markdown", "json")
"""Formats of `volint rules`."""

_FENCE = regex(r"^```[ \t]*(?P<info>\S.*)?$")
_HEADING = regex(r"^##+[ ]+(?P<title>.+?)[ ]*$")
_LANGUAGES = {
    "actions": "yaml",
    "compose": "yaml",
    "dockerignore": "text",
    "env": "sh",
    "make": "makefile",
    "quadlet": "ini",
    "shell": "sh",
}


class Page(NamedTuple):
    """A rule's docstring, taken apart."""

    summary: str
    """Its first paragraph, on one line, without a final full stop."""
    body: str
    """All of it behind the first paragraph, in Markdown as written."""
    why: str
    """What it does and why that is bad, on one line; empty if the page does not say."""


def _section(body: str, title: str) -> str:
    """Return the paragraphs under a heading as one line, without examples."""
    found = False
    fenced = False
    words: list[str] = []
    for line in body.split("\n"):
        heading = _HEADING.match(line)
        if line.startswith("```"):
            fenced = not fenced
        elif heading and not fenced:
            found = heading["title"].lower().startswith(title)
        elif found and not fenced:
            words += line.split()
    return " ".join(words)


def read_page(rule: type[Rule]) -> Page:
    """Return the parts of a rule's docstring; of a rule without one, its name as the summary."""
    first, _, rest = (rule.__doc__ or "").strip().partition("\n")
    body = dedent(rest)
    if first and not body.startswith("\n"):
        paragraph, _, body = body.partition("\n\n")
        first = " ".join([first, *paragraph.split()])
    body = body.strip("\n")
    parts = (_section(body, "what it does"), _section(body, "why is this bad"))
    summary = (first or rule.name.replace("-", " ")).removesuffix(".")
    return Page(summary, body, " ".join(part for part in parts if part))


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


def _prose(line: str, style: Style) -> str:
    """Return a line of Markdown without its marks."""
    heading = _HEADING.match(line)
    if heading:
        return style("bold", heading["title"])
    return re.sub(r"`([^`]+)`", r"'\1'", line).replace("''", "'")


def _text(meta: RuleMeta, rule: type[Rule], style: Style) -> str:
    page = read_page(rule)
    facts = "  ".join(f"{name}: {value}" for name, value in _facts(meta, rule).items())
    lines = [f"{style(rule.level.value, rule.code)} {style('bold', rule.name)}", facts, ""]
    lines += [f"{page.summary}.", ""]
    fenced = False
    for line in page.body.split("\n"):
        fence = _FENCE.match(line)
        if fence:
            fenced = not fenced
            words = (fence["info"] or "").split()
            if "bad" in words or "good" in words:
                verdict = "bad" if "bad" in words else "good"
                level = "error" if verdict == "bad" else "help"
                names = [word for word in words[1:] if word not in ("bad", "good")]
                lines.append(f"    {style(level, ' '.join([verdict + ':', *names]))}")
        elif fenced:
            lines.append(f"      {line}".rstrip())
        else:
            lines.append(_prose(line, style))
    if rule.options and "## Options" not in page.body:
        lines += ["", style("bold", "Options")]
        lines += [f"- {_prose(_option(option), style)}" for option in rule.options]
    return "\n".join(lines).rstrip("\n") + "\n"


def markdown(meta: RuleMeta, rule: type[Rule], title: bool = True) -> str:
    """Return a rule's page as Markdown, examples with the languages that renderers know."""
    page = read_page(rule)
    lines = [f"# {rule.code} {rule.name}", ""] if title else []
    lines += [f"{page.summary}.", ""]
    facts = ", ".join(f"{name} {value}" for name, value in _facts(meta, rule).items())
    lines += [facts[:1].upper() + facts[1:] + ".", ""]
    fenced = False
    for line in page.body.split("\n"):
        fence = _FENCE.match(line)
        if fence:
            fenced = not fenced
            language = (fence["info"] or "").split()[:1]
            lines.append("```" + _LANGUAGES.get("".join(language), "".join(language)))
        else:
            lines.append(line)
    if rule.options and "## Options" not in page.body:
        lines += ["", "## Options", *(f"- {_option(option)}" for option in rule.options)]
    return "\n".join(lines).rstrip("\n") + "\n"


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
    return _text(meta, rule, Style(options.color))


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
    return "".join(
        f"{style(rule.level.value, rule.code)}{' ' * (codes - width(rule.code))}  {pad(rule.name, names)}  "
        f"{pad(_level(rule), levels)}  {read_page(rule).summary}\n"
        for _, rule in loaded
    )


def _level(rule: type[Rule]) -> str:
    """Return a rule's level with what narrows it: the persona that sees it, that it is off."""
    words = [rule.level.value]
    if rule.persona.value != "regular":
        words.append(rule.persona.value)
    if not rule.enabled:
        words.append("off")
    return ", ".join(words)
