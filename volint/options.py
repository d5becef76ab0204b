"""The options of rules: their types in words, and values of the configuration made values of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.mistakes import ConfigError, did_you_mean
from volint.rule import Regex, Size
from volint.size import parse_size, show_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.config import OptionValue
    from volint.rule import Option, Rule, RuleEntry

__all__ = ["bounds", "default", "kind", "option_mistake", "option_values", "wrong"]

_KINDS: dict[type, tuple[str, str]] = {
    bool: ("true or false", "true or false"),
    int: ("number", "a number"),
    Size: ("size", "a size such as 500MB"),
    str: ("string", "a string"),
    Regex: ("regular expression", "a regular expression"),
    list: ("list of strings", "a list of strings"),
    dict: ("mapping of strings", "a mapping of strings to strings"),
}


def kind(option: Option) -> str:
    """Return the type of an option as a page names it."""
    if option.choices:
        return ("list of " if option.type is list else "") + ", ".join(option.choices)
    return _KINDS[option.type][0]


def default(option: Option) -> str:
    """Return an option's default as one would write it."""
    import json

    if option.type is Size and isinstance(option.default, int):
        return show_size(option.default)
    return json.dumps(option.default)


def bounds(option: Option) -> str:
    """Return the range of an option: 'from 1 to 10', '' where there is none."""
    low, high = (
        None if end is None else show_size(end) if option.type is Size else str(end)
        for end in (option.minimum, option.maximum)
    )
    if low is None and high is None:
        return ""
    return " ".join(filter(None, (low and f"from {low}", high and f"up to {high}")))


def option_values(entry: RuleEntry, given: Mapping[str, OptionValue]) -> dict[str, object]:
    """Return the values of the options that a configuration sets for a rule, by name.

    Raises ConfigError, at its place, for an option that the rule does not have and for a value that
    it does not take.
    """
    known = {option.name: option for option in _load(entry).options}
    values: dict[str, object] = {}
    for name, written in given.items():
        option = known.get(name)
        if option is None:
            from volint.config.settings import RULE_KEYS

            words = [*known, *(setting.name for setting in RULE_KEYS)]
            hint = did_you_mean(name, words) or f"; there are {', '.join(words)}"
            raise _at(written, written.name.start, f"{entry.code} has no option '{name}'{hint}")
        value = _typed(option, written.value)
        mistake = (
            f"takes {_taken(option)}, not {_shown(written.value)}"
            if value is None
            else wrong(option, value)
        )
        if mistake:
            raise _at(written, written.span.start, f"'{name}' of {entry.code} {mistake}")
        values[name] = value
    return values


def wrong(option: Option, value: Any) -> str:
    """Return what is wrong with a value of an option's type, as words behind its name; '' if nothing."""
    if option.choices:
        for word in value if option.type is list else (value,):
            if word not in option.choices:
                hint = did_you_mean(word, option.choices)
                return f"takes {_taken(option)}, not '{word}'{hint}"
    if (option.minimum is not None and value < option.minimum) or (
        option.maximum is not None and value > option.maximum
    ):
        given = show_size(value) if option.type is Size else value
        return f"takes {_taken(option)} {bounds(option)}, not {given}"
    if option.type is Regex:
        import re

        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            return f"takes a regular expression, and '{value}' is none: {error}"
    return (option.check(value) if option.check is not None else None) or ""


def option_mistake(option: Option) -> str:
    """Return what is wrong with how an option is declared, as words behind its name; '' if nothing."""
    if option.type not in _KINDS:
        return (
            f"has the type {option.type!r}; there are {', '.join(kind.__name__ for kind in _KINDS)}"
        )
    if not option.doc.strip():
        return "has no 'doc'"
    value = option.default
    plain = {Size: int, Regex: str}.get(option.type, option.type)
    if not isinstance(value, plain) or (isinstance(value, bool) and option.type is not bool):
        return f"has the default {value!r}, which is not of its type {option.type.__name__}"
    mistake = wrong(option, value)
    return f"does not take its own default: {mistake}" if mistake else ""


def _load(entry: RuleEntry) -> type[Rule]:
    try:
        return entry.load()
    except Exception as error:  # what a pack raises is nothing volint can know
        from volint.failure import what_failed

        raise ConfigError(
            f"{entry.code} has options set and cannot be loaded: {what_failed(error)}; "
            "take the options out, or reinstall its pack"
        ) from error


def _taken(option: Option) -> str:
    if option.choices:
        return ("a list of " if option.type is list else "one of ") + ", ".join(option.choices)
    words = _KINDS[option.type][1]
    return f"{words} (a bare number is {option.unit})" if option.unit else words


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    return "nothing" if value is None else f"'{value}'"


def _at(option: OptionValue, offset: int, message: str) -> ConfigError:
    source = option.span.source
    return ConfigError(message, source.path, *source.position(offset))


def _typed(option: Option, value: object) -> object:
    """Return a value of the option's type, None if it is not one; what YAML took for a number may be text."""
    if option.type is list:
        items = value if isinstance(value, list) else [value]
        texts = [_text(item) for item in items]
        return None if None in texts else texts
    if option.type is dict:
        if not isinstance(value, dict) or None in (found := [_text(it) for it in value.values()]):
            return None
        return dict(zip(value, found, strict=True))
    if option.type is bool:
        return value if isinstance(value, bool) else None
    if option.type is Size:
        plain = isinstance(value, (int, float, str)) and not isinstance(value, bool)
        return parse_size(str(value), option.unit) if plain else None
    if option.type is int:
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    return _text(value)


def _text(value: object) -> str | None:
    """Return a scalar as text; of what YAML calls true or nothing, None."""
    plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return str(value) if plain else None
