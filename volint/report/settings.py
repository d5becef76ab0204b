"""`--show-settings`: what is set and what is not, with the place that each value comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from volint.config.settings import SETTINGS, Setting, Type
from volint.options import default
from volint.report.terminal import escape, pad, width
from volint.rule import Size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.config import Config, Written
    from volint.rule import Rule

__all__ = ["render_settings"]

_SINGLE = (Type.BOOLEAN, Type.SIZE, Type.CHOICE)
_BY_NAME = (Type.RULE_SETTINGS, Type.PROJECTS)
_MAPPINGS = (*_BY_NAME, Type.ENVIRONMENTS, Type.RULES_BY_GLOB, Type.PATTERNS)
_CHOOSING = ("select", "extend-select", "ignore")


def render_settings(config: Config, rules: Sequence[type[Rule]]) -> str:
    """Return a table of all settings: name, value as JSON, and file:line:column, command line or default.

    The options of `rules`, those in force, are among them.
    """
    rows = [row for setting in SETTINGS for row in _rows(setting, config, rules)]
    names = max(width(name) for name, _, _ in rows)
    values = min(max(width(value) for _, value, _ in rows), 60)
    lines = (f"{pad(name, names)}  {pad(value, values)}  {where}" for name, value, where in rows)
    return "".join(line.rstrip() + "\n" for line in lines)


def _by_hand(written: Written) -> bool:
    return written.span.source.file is None


def _rows(
    setting: Setting, config: Config, rules: Sequence[type[Rule]]
) -> Iterator[tuple[str, str, str]]:
    found = [written for written in config.written if written.name == setting.name]
    if setting.name in _CHOOSING and any(
        written.name == "select" and _by_hand(written) for written in config.written
    ):
        # --select takes the place of what the files choose.
        found = [written for written in found if _by_hand(written)]
    if setting.type in _SINGLE:
        found = found[-1:]
    elif setting.type in _BY_NAME:
        found = list({written.key: written for written in found}.values())
    for written in found:
        name = f"{setting.name}: {written.key}" if written.key else setting.name
        yield escape(name), escape(json.dumps(written.value, ensure_ascii=False)), _where(written)
    if setting.type is Type.RULE_SETTINGS:
        given = {written.key for written in found}
        for rule in rules:
            for option in rule.options:
                if given.isdisjoint(f"{name}.{option.name}" for name in (rule.code, rule.name)):
                    shown = default(option) if option.type is not Size else f'"{default(option)}"'
                    yield f"{setting.name}: {rule.code}.{option.name}", shown, "default"
    elif not found:
        yield setting.name, _default(setting), "default"


def _default(setting: Setting) -> str:
    if setting.default is not None and not setting.default and setting.type not in _SINGLE:
        return "{}" if setting.type in _MAPPINGS else "[]"
    return json.dumps(setting.default)


def _where(written: Written) -> str:
    source = written.span.source
    if _by_hand(written):
        return f"command line ({source.path})"
    line, column = source.position(written.span.start)
    return escape(f"{source.path}:{line}:{column}")
