"""The configuration as a JSON schema for editors, from the table that its reader follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.config.settings import ENVIRONMENTS, LEVELS, SETTINGS, Setting, Type
from volint.rule import Regex, Size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.rule import Option, Rule

__all__ = ["schema"]

_STRING: dict[str, Any] = {"type": ["string", "number"]}
_SIZE: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\d+(\.\d+)?\s*([kKmMgGtT]?[iI]?[bB]?)$"},
    ]
}
_LISTS = (Type.RULES, Type.GLOBS, Type.STRINGS, Type.PATHS, Type.WORDS, Type.IMAGE_PATHS)


def schema(rules: Sequence[type[Rule]]) -> dict[str, Any]:
    """Return the JSON schema (draft 7) of a configuration, with the options of some rules."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "volint configuration",
        **_object(SETTINGS, {"rules": _rules(rules)}),
        "definitions": _definitions(rules),
    }


def _object(
    settings: Iterable[Setting], special: dict[str, dict[str, Any]] | None = None
) -> dict[str, Any]:
    properties = {}
    required = []
    for setting in settings:
        value = (special or {}).get(setting.name) or _value(setting)
        if setting.required:
            required.append(setting.name)
        else:
            value = {"anyOf": [value, {"type": "null"}]}
        properties[setting.name] = {"description": setting.doc, **value}
    found: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return {**found, "required": required} if required else found


def _list(item: dict[str, Any]) -> dict[str, Any]:
    """Return a list, or one item that stands for it."""
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _words(words: Iterable[str]) -> dict[str, Any]:
    """Return some words; where YAML 1.1 makes truth values of them, those as well."""
    found: list[object] = list(words)
    if {"yes", "no", "on", "off"}.intersection(words):
        found += (True, False)
    return {"enum": found}


def _value(setting: Setting) -> dict[str, Any]:
    if setting.type in _LISTS:
        item = {"type": "string", "pattern": "^/"} if setting.type is Type.IMAGE_PATHS else _STRING
        return _list(item)
    match setting.type:
        case Type.BOOLEAN:
            return {"type": "boolean"}
        case Type.SIZE:
            return _SIZE
        case Type.CHOICE:
            return _words(setting.choices)
        case Type.ENVIRONMENTS:
            globs = {"type": "object", "additionalProperties": _words(ENVIRONMENTS)}
            return _list(globs)
        case Type.RULES_BY_GLOB:
            return {"type": "object", "additionalProperties": _list(_STRING)}
        case Type.PROJECTS:
            return {"type": "object", "additionalProperties": _object(setting.keys)}
        case Type.PATTERNS:
            return _object(setting.keys)
        case Type.CONTAINER_EXCLUDES:
            return _list(_object(setting.keys))
        case Type.IMAGES:
            named = {"anyOf": [{"required": ["name"]}, {"required": ["names"]}]}
            return _list({**_object(setting.keys), **named})
        case _:
            return _STRING


def _rules(rules: Sequence[type[Rule]]) -> dict[str, Any]:
    """Return the settings of single rules: those that are known, and what a rule of another pack may have."""
    known = {}
    for rule in rules:
        entry = {
            "description": (rule.__doc__ or "").strip().partition("\n")[0],
            "allOf": [{"$ref": f"#/definitions/{rule.code if rule.options else 'rule'}"}],
        }
        known[rule.code] = known[rule.name] = entry
    other = {"$ref": "#/definitions/other"}
    return {"type": "object", "properties": known, "additionalProperties": other}


def _definitions(rules: Sequence[type[Rule]]) -> dict[str, Any]:
    """Return what may be set of a rule, by code for those with options."""
    [setting] = [setting for setting in SETTINGS if setting.type is Type.RULE_SETTINGS]
    short = _words((*LEVELS, "on", "off"))
    keys = {key.name: {"description": key.doc, **_value(key)} for key in setting.keys}

    def one(options: Iterable[Option]) -> dict[str, Any]:
        own = {option.name: {"description": option.doc, **_option(option)} for option in options}
        mapping = {"type": "object", "properties": {**keys, **own}, "additionalProperties": False}
        return {"anyOf": [short, mapping]}

    return {
        "rule": one(()),
        **{rule.code: one(rule.options) for rule in rules if rule.options},
        "other": {"anyOf": [short, {"type": "object", "properties": keys}]},
    }


def _option(option: Option) -> dict[str, Any]:
    item = {"enum": list(option.choices)} if option.choices else _STRING
    found: dict[type, dict[str, Any]] = {
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        Size: _SIZE,
        str: item,
        Regex: {"type": ["string", "number"], "format": "regex"},
        list: _list(item),
        dict: {"type": "object", "additionalProperties": _STRING},
    }
    value = found[option.type]
    if option.type is int:
        ends = {"minimum": option.minimum, "maximum": option.maximum}
        value = {**value, **{name: end for name, end in ends.items() if end is not None}}
    return {**value, "default": option.default}
