"""Which rules run and how they are set, from the layers of a configuration and the packs' tables."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from volint.engine import Enabled
from volint.mistakes import ConfigError, Mistakes, did_you_mean
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from volint.config import Config, Layer, RuleSetting
    from volint.plugins import LoadedPack
    from volint.rule import Finding, Level, Persona, RuleEntry
    from volint.source import Text

__all__ = [
    "ALWAYS",
    "Resolved",
    "RuleNames",
    "enabled",
    "enabled_codes",
    "exclude_findings",
    "matches",
    "resolve",
]

ALWAYS = frozenset(("VL000", "VL001", "VL004"))
"""Rules about the run itself: `--select` does not turn them off, for then a partial view looked clean."""


class RuleNames:
    """Codes and names of all rules, and what a reference to one stands for."""

    def __init__(self, entries: Iterable[RuleEntry]) -> None:
        self.entries = {entry.code: entry for entry in entries}
        self._by_name = {entry.name: entry.code for entry in self.entries.values()}

    def code(self, reference: str) -> str | None:
        """Return the code of the one rule that a code or name stands for, or None."""
        if reference in self.entries:
            return reference
        upper = reference.upper()
        return upper if upper in self.entries else self._by_name.get(reference.lower())

    def codes(self, reference: str) -> frozenset[str]:
        """Return the codes that a code, a prefix of codes, a name or ALL stands for."""
        code = self.code(reference)
        if code is not None:
            return frozenset((code,))
        upper = reference.upper()
        if upper == "ALL":
            return frozenset(self.entries)
        if not upper[:1].isalpha() or not upper.isalnum():
            return frozenset()
        return frozenset(code for code in self.entries if code.startswith(upper))

    def candidates(self) -> list[str]:
        """Return everything a mistyped reference may have meant."""
        return [*self.entries, *self._by_name]

    def explain(self, reference: str) -> str:
        """Return what to say about a reference that stands for nothing."""
        hint = did_you_mean(reference, self.candidates())
        return f"there is no rule '{reference}'{hint or '; `volint rules` lists them (is its pack installed?)'}"


class Resolved(NamedTuple):
    """What runs and how, with every reference checked."""

    enabled: frozenset[str]
    """Codes of the rules that run."""
    levels: Mapping[str, Level] = {}
    """Levels that the configuration gives to findings, by code."""
    personas: Mapping[str, Persona] = {}
    """Personas that it gives them, by code."""
    options: Mapping[str, Mapping[str, object]] = {}
    """Values of options that it sets, by code."""


def matches(reference: str, code: str, name: str) -> bool:
    """Return whether a code, a prefix of codes, a name or ALL stands for a rule."""
    upper = reference.upper()
    return upper == "ALL" or code.startswith(upper) or reference.lower() == name


def enabled(config: Config, table: Mapping[str, tuple[RuleEntry, LoadedPack]]) -> list[Enabled]:
    """Return the rules that run, in code order, from all rules by code.

    Raises ConfigError for a reference to a rule, or an option of one, that does not exist, and for a
    value that an option does not take.
    """
    resolved = resolve(config, (entry for entry, _ in table.values()))
    return [
        Enabled(
            entry,
            loaded.distribution,
            resolved.options.get(code, {}),
            resolved.levels.get(code),
            resolved.personas.get(code),
        )
        for code, (entry, loaded) in sorted(table.items())
        if code in resolved.enabled
    ]


def exclude_findings(config: Config, found: Sequence[Finding]) -> tuple[list[Finding], int]:
    """Return the findings that count, and how many per-file ignores and containers take out."""
    if not config.per_file_ignores and not config.exclude_containers:
        return list(found), 0
    kept = [finding for finding in found if not _is_excluded(config, finding)]
    return kept, len(found) - len(kept)


def _is_excluded(config: Config, finding: Finding) -> bool:
    """Return whether a configuration says that a finding does not count: its file or its container."""
    code, name, file = finding.code, finding.name, finding.span.source.file
    for glob, rules in config.per_file_ignores:
        named = file is not None and any(matches(rule.value, code, name) for rule in rules)
        if named and glob.matches(file or ""):
            return True
    patterns = [
        exclude.container
        for exclude in config.exclude_containers
        if any(matches(rule.value, code, name) for rule in exclude.rules)
        and (exclude.file is None or (file is not None and exclude.file.matches(file)))
    ]
    # What several containers have is hidden where all of them are excluded.
    return bool(finding.container and patterns) and all(
        any(fnmatchcase(container, pattern) for pattern in patterns)
        for container in (finding.container, *finding.others)
    )


def _error(text: Text, message: str) -> ConfigError:
    source = text.span.source
    if source.file is None:  # an option of the command line
        return ConfigError(message, source.path)
    return ConfigError(message, source.path, *source.position(text.span.start))


def _codes(names: RuleNames, text: Text) -> frozenset[str]:
    codes = names.codes(text.value)
    if not codes:
        raise _error(text, names.explain(text.value))
    return codes


def _weigh(names: RuleNames, texts: Iterable[Text]) -> dict[str, int]:
    """Return how specifically each code is named: 1,000 for itself, else the length of the prefix."""
    weights: dict[str, int] = {}
    for text in texts:
        exact = names.code(text.value) is not None
        weight = 1000 if exact else 0 if text.value.upper() == "ALL" else len(text.value)
        for code in _codes(names, text):
            weights[code] = max(weight, weights.get(code, -1))
    return weights


def _is_chosen(names: RuleNames, code: str, weight: int) -> bool:
    """A prefix brings no rule that is off by default; its own name and ALL do."""
    return weight in (0, 1000) or names.entries[code].enabled


def _apply(names: RuleNames, layer: Layer, enabled: frozenset[str]) -> frozenset[str]:
    chosen = _weigh(names, (*(layer.select or ()), *layer.extend))
    ignored = _weigh(names, layer.ignore)
    base = ALWAYS & names.entries.keys() if layer.select is not None else enabled
    added = {code for code, weight in chosen.items() if _is_chosen(names, code, weight)}
    dropped = {
        code
        for code, weight in ignored.items()
        if weight >= chosen.get(code, -1) and (code not in ALWAYS or weight == 1000)
    }
    return (base | added) - dropped


def enabled_codes(
    layers: Sequence[Layer], settings: Iterable[RuleSetting], names: RuleNames
) -> frozenset[str]:
    """Return the codes of the rules that run.

    A rule that is off by default runs if it is named, or configured under `rules`. A later layer wins
    over an earlier one; within one, the more specific reference, and at a tie `ignore`.
    Raises ConfigError for a reference that stands for no rule.
    """
    said: dict[str, bool] = {}
    configured: set[str] = set()
    for setting in settings:
        code = _code(names, setting.rule)
        if setting.enabled is not None:
            said[code] = setting.enabled
        elif setting.options:
            configured.add(code)
    enabled = frozenset(
        code for code, entry in names.entries.items() if entry.enabled or code in configured
    )
    # Settings of single rules come from configuration files: they win over the lists there alone.
    for layer in layers:
        if not layer.by_hand:
            enabled = _apply(names, layer, enabled)
    enabled |= {code for code, on in said.items() if on}
    enabled -= {code for code, on in said.items() if not on}
    for layer in layers:
        if layer.by_hand:
            enabled = _apply(names, layer, enabled)
    return enabled


def _code(names: RuleNames, text: Text) -> str:
    code = names.code(text.value)
    if code is None:
        if names.codes(text.value):
            raise _error(text, f"'{text.value}' stands for several rules; name each by itself")
        raise _error(text, names.explain(text.value))
    return code


def resolve(config: Config, entries: Iterable[RuleEntry]) -> Resolved:
    """Return which rules run and how they are set.

    Loads a rule only to check the options that are set for it. Raises ConfigError for a reference to
    a rule, or an option of one, that does not exist, and for a value that an option does not take.
    """
    names = RuleNames(entries)
    levels: dict[str, Level] = {}
    personas: dict[str, Persona] = {}
    options: dict[str, Mapping[str, object]] = {}
    mistakes = Mistakes()
    for setting in config.rules:
        code = ""
        with mistakes:
            code = _code(names, setting.rule)
        if setting.level is not None:
            levels[code] = setting.level
        if setting.persona is not None:
            personas[code] = setting.persona
        if setting.options and code:
            from volint.options import option_values

            with mistakes:
                found = option_values(names.entries[code], setting.options)
                options[code] = {**options.get(code, {}), **found}
    elsewhere = [rules for _, rules in config.per_file_ignores]
    elsewhere.extend(exclude.rules for exclude in config.exclude_containers)
    for layer in config.layers:
        elsewhere += (layer.select or (), layer.extend, layer.ignore)
    for rules in elsewhere:
        for text in rules:
            with mistakes:
                _codes(names, text)
    mistakes.tell()
    return Resolved(enabled_codes(config.layers, config.rules, names), levels, personas, options)
