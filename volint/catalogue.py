"""`volint rule`, `volint rules` and `volint schema`: what there is to know of all rules of all packs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from volint.app import CLEAN, FAILED, Outcome, guarded, unloaded
from volint.mistakes import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.result import RuleMeta

__all__ = ["rule_list", "rule_names", "rule_page", "schema_text"]


def _all_metas(rules: Sequence[str] = ()) -> tuple[list[RuleMeta], list[str]]:
    """Return all rules, those of the paths of --rules too, and what to say of packs that cannot be used."""
    from volint.plugins import load_all
    from volint.result import RuleMeta

    table, failures = load_all(rules, os.getcwd())
    metas = [
        RuleMeta(entry, entry.level, loaded.pack.name, loaded.pack.version)
        for entry, loaded in table.values()
    ]
    return metas, unloaded(failures)


def _printed(text: str, output: str | None, messages: list[str]) -> Outcome:
    """Return an outcome that prints a text; packs that cannot be used make it a failure."""
    return Outcome([(output, text)], messages, FAILED if messages else CLEAN)


def rule_page(
    name: str,
    format: str,
    *,
    shown: Mapping[str, Any] = {},
    output: str | None = None,
    rules: Sequence[str] = (),
) -> Outcome:
    """`volint rule CODE|NAME`: one rule's page; `output` is a file, None for standard output.

    `shown` has color, width and links of the terminal, `rules` are the paths of --rules.
    """

    def work() -> Outcome:
        from volint.report import Options
        from volint.report.rule_page import render_page
        from volint.report.terminal import escape

        metas, messages = _all_metas(rules)
        for meta in metas:
            if name.lower() in (meta.entry.code.lower(), meta.entry.name):
                text = render_page(meta, format, Options(**({} if output else shown)))
                return _printed(text, output, messages)
        hint = did_you_mean(name, _names(metas)) or "; `volint rules` lists them all"
        return Outcome([], [*messages, f"error: there is no rule '{escape(name)}'{hint}"], FAILED)

    return guarded(work)


def rule_list(
    format: str,
    *,
    shown: Mapping[str, Any] = {},
    output: str | None = None,
    rules: Sequence[str] = (),
) -> Outcome:
    """`volint rules`: all rules of all packs; `output` is a file, None for standard output.

    `shown` has color, width and links of the terminal, `rules` are the paths of --rules.
    """

    def work() -> Outcome:
        from volint.report import Options
        from volint.report.rule_page import render_rules

        metas, messages = _all_metas(rules)
        text = render_rules(metas, format, Options(**({} if output else shown)))
        return _printed(text, output, messages)

    return guarded(work)


def schema_text(*, output: str | None = None, rules: Sequence[str] = ()) -> Outcome:
    """`volint schema`: the JSON schema of the configuration, with the options of all rules of all packs.

    `output` is a file, None for standard output; `rules` are the paths of --rules.
    """

    def work() -> Outcome:
        import json

        from volint.config.schema import schema

        metas, messages = _all_metas(rules)
        found = schema([meta.load() for meta in metas])
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        return _printed(text, output, messages)

    return guarded(work)


def rule_names() -> list[str]:
    """Return the codes and names of all rules, for a shell to complete; none where packs are broken."""
    from volint.plugins import PluginError

    try:
        return _names(_all_metas()[0])
    except PluginError:
        return []


def _names(metas: Sequence[RuleMeta]) -> list[str]:
    return [word for meta in metas for word in (meta.entry.code, meta.entry.name)]
