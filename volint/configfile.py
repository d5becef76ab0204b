"""A configuration file's text into a `Config`, as the table in `volint.settings` says."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from volint.config import (
    Config,
    ContainerExclude,
    Layer,
    OptionValue,
    ProjectSet,
    RuleSetting,
)
from volint.globs import Glob
from volint.lazy import regex
from volint.mistakes import ConfigError, did_you_mean
from volint.model import EnvironmentKind
from volint.parse.yaml import Mapping, Node, Scalar, Sequence, deref, effective, parse, resolve
from volint.rule import Confidence, Level, Persona
from volint.settings import (
    CONTAINER_EXCLUDE_KEYS,
    ENVIRONMENTS,
    LEVELS,
    PROJECT_KEYS,
    RULE_KEYS,
    SETTINGS,
    Setting,
    Type,
)
from volint.source import Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import NoReturn

    from volint.source import Source

__all__ = ["parse_size", "read"]

_SIZE = regex(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\Z", re.IGNORECASE)
_KIND = {Mapping: "a mapping", Sequence: "a list"}


def parse_size(text: str) -> int | None:
    """Return the bytes of '500MB' (decimal), '1GiB' (binary) or '1048576'; None if it is no size."""
    match = _SIZE.match(text.strip())
    if match is None:
        return None
    power = " kmgt".index(match[2].lower() or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def read(source: Source, root: str) -> Config:
    """Read a configuration whose globs are relative to the absolute directory `root`.

    Raises ConfigError for the first mistake.
    """
    documents, problems = parse(source)
    for problem in problems:
        _fail(problem.span, "; ".join(filter(None, (problem.message, problem.help))))
    if len(documents) > 1:
        _fail(documents[1].span, "there is a second document; a configuration is one document")
    reader = _Reader(root)
    config = Config(path=source.path, root=root)
    if not documents:
        return config
    node = deref(documents[0].root)
    if _is_null(node):
        return config
    if not isinstance(node, Mapping):
        # Whatever file this is, its content may be nobody's business.
        _fail(node.span(), "a configuration is a mapping of settings to values, and this is none")
    return reader.config(config, node)


def _fail(span: Span, message: str) -> NoReturn:
    line, column = span.source.position(span.start)
    raise ConfigError(message, span.source.path, line, column)


def _wrong(node: Node, name: str, wanted: str) -> NoReturn:
    target = deref(node)
    if isinstance(target, Scalar):
        found = f"'{target.value}'" if target.value else "nothing"
    else:
        found = _KIND[type(target)]
    _fail(node.span(), f"{name} takes {wanted}, not {found}")


def _is_null(node: Node) -> bool:
    return isinstance(deref(node), Scalar) and resolve(node) is None


def _entries(
    node: Mapping, table: Iterable[Setting], where: str
) -> Iterator[tuple[Setting, Scalar, Node]]:
    """Yield the settings of a mapping; unknown and missing ones are mistakes."""
    known = {setting.name: setting for setting in table}
    seen = set()
    for key, value, _ in effective(node):
        setting = known.get(key.value)
        if setting is None:
            hint = did_you_mean(key.value, known) or f"; there are {_listed(known)}"
            _fail(key.span(), f"{where} has no setting '{key.value}'{hint}")
        seen.add(setting.name)
        if setting.required or not _is_null(value):
            yield setting, key, value
    for setting in known.values():
        if setting.required and setting.name not in seen:
            _fail(node.span(), f"{where} lacks '{setting.name}': {_lower(setting.doc)}")


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _lower(doc: str) -> str:
    return doc[0].lower() + doc[1:].rstrip(".")


def _items(node: Node, name: str, wanted: str) -> list[Node]:
    """Return the items of a list; one scalar stands for a list of it."""
    target = deref(node)
    if isinstance(target, Scalar):
        return [target]
    if not isinstance(target, Sequence):
        _wrong(node, name, wanted)
    return target.items


def _string(node: Node, name: str, wanted: str = Type.STRING.value) -> Text:
    target = deref(node)
    if not isinstance(target, Scalar) or not target.value:
        _wrong(node, name, wanted)
    return target.text()


def _strings(node: Node, name: str, wanted: str = Type.STRINGS.value) -> tuple[Text, ...]:
    return tuple(_string(item, name, wanted) for item in _items(node, name, wanted))


def _rules(node: Node, name: str) -> tuple[Text, ...]:
    found = []
    for text in _strings(node, name, Type.RULES.value):
        at = text.span.start
        for part in text.value.split(","):
            if word := part.strip():
                start = at + part.index(word)
                found.append(Text(word, Span(text.span.source, start, start + len(word))))
            at += len(part) + 1
    return tuple(found)


def _boolean(node: Node, name: str) -> bool:
    value = resolve(node)
    if not isinstance(value, bool):
        _wrong(node, name, Type.BOOLEAN.value)
    return value


def _word(node: Node, name: str, choices: tuple[str, ...]) -> str:
    text = _string(node, name, f"one of {', '.join(choices)}")
    if text.value not in choices:
        hint = did_you_mean(text.value, choices)
        _fail(text.span, f"{name} takes one of {', '.join(choices)}, not '{text.value}'{hint}")
    return text.value


def _size(node: Node, name: str) -> int:
    value = resolve(node)
    size = parse_size(str(value)) if isinstance(value, (int, str)) else None
    if size is None or size <= 0:
        _wrong(node, name, Type.SIZE.value)
    return size


def _mapping(node: Node, name: str, wanted: str) -> Mapping:
    target = deref(node)
    if not isinstance(target, Mapping):
        _wrong(node, name, wanted)
    return target


def _plain(node: Node) -> object:
    """Return a node's value as Python's own types."""
    node = deref(node)
    if isinstance(node, Mapping):
        return {key.value: _plain(value) for key, value, _ in effective(node)}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return resolve(node)


def _image(node: Node, name: str) -> object:
    """Return what is said of an image."""
    from volint.knowledge import Knowledge

    image = _plain(_mapping(node, name, Type.DATA.value))
    assert isinstance(image, dict)
    try:
        Knowledge().extend(images=(image,))
    except ValueError as error:
        _fail(node.span(), str(error))
    return image


class _Reader:
    """Reads what depends on the directory that globs and paths are relative to."""

    def __init__(self, root: str) -> None:
        self._root = root

    def config(self, config: Config, node: Mapping) -> Config:
        """Return `config` with what a mapping sets."""
        fields: dict[str, Any] = {}
        layer = Layer()
        for setting, _, value in _entries(node, SETTINGS, "the configuration"):
            name = setting.name
            if name == "select":
                layer = layer._replace(select=_rules(value, name))
            elif name == "extend-select":
                layer = layer._replace(extend=_rules(value, name))
            elif name == "ignore":
                layer = layer._replace(ignore=_rules(value, name))
            else:
                fields[name.replace("-", "_")] = self._value(setting, value)
        return config._replace(layers=(layer,), **fields)

    def _value(self, setting: Setting, node: Node) -> object:
        name = setting.name
        match setting.type:
            case Type.GLOBS:
                return tuple(
                    self._glob(item.value) for item in _strings(node, name, Type.GLOBS.value)
                )
            case Type.BOOLEAN:
                return _boolean(node, name)
            case Type.SIZE:
                return _size(node, name)
            case Type.CHOICE:
                return _of_choice(name, _word(node, name, setting.choices))
            case Type.ENVIRONMENTS:
                return tuple(self._environments(node, name))
            case Type.RULE_SETTINGS:
                return tuple(_rule_settings(_mapping(node, name, setting.type.value)))
            case Type.RULES_BY_GLOB:
                return tuple(
                    (self._glob(key.value), _rules(value, key.value))
                    for key, value, _ in effective(_mapping(node, name, setting.type.value))
                )
            case Type.CONTAINER_EXCLUDES:
                wanted = setting.type.value
                return tuple(
                    self._container(_mapping(item, name, wanted))
                    for item in _items(node, name, wanted)
                )
            case Type.PROJECTS:
                return tuple(
                    self._project(key, value)
                    for key, value, _ in effective(_mapping(node, name, setting.type.value))
                )
            case _:
                return tuple(_image(item, name) for item in _items(node, name, Type.DATA.value))

    def _glob(self, pattern: str) -> Glob:
        return Glob(pattern, self._root)

    def _path(self, path: str) -> str:
        return os.path.abspath(os.path.join(self._root, path))

    def _environments(self, node: Node, name: str) -> Iterator[tuple[Glob, EnvironmentKind]]:
        target = deref(node)
        mappings = target.items if isinstance(target, Sequence) else [node]
        for mapping in mappings:
            for key, value, _ in effective(_mapping(mapping, name, Type.ENVIRONMENTS.value)):
                kind = EnvironmentKind(_word(value, f"'{key.value}'", ENVIRONMENTS))
                yield self._glob(key.value), kind

    def _container(self, node: Mapping) -> ContainerExclude:
        container = reason = ""
        file: Glob | None = None
        rules: tuple[Text, ...] = ()
        for setting, _, value in _entries(node, CONTAINER_EXCLUDE_KEYS, "an excluded container"):
            match setting.name:
                case "container":
                    container = _string(value, setting.name).value
                case "file":
                    file = self._glob(_string(value, setting.name).value)
                case "rules":
                    rules = _rules(value, setting.name)
                case _:
                    reason = _string(value, setting.name).value
        return ContainerExclude(container, file, rules, reason)

    def _project(self, key: Scalar, node: Node) -> ProjectSet:
        where = f"the project '{key.value}'"
        found = ProjectSet(key.text(), ())
        mapping = _mapping(node, where, "a mapping with files")
        for setting, _, value in _entries(mapping, PROJECT_KEYS, where):
            name = setting.name
            match name:
                case "files":
                    found = found._replace(files=_strings(value, name))
                case "env-files":
                    paths = tuple(self._path(text.value) for text in _strings(value, name))
                    found = found._replace(env_files=paths)
                case "profiles":
                    profiles = tuple(text.value for text in _strings(value, name))
                    found = found._replace(profiles=profiles)
                case "project-directory":
                    found = found._replace(directory=self._path(_string(value, name).value))
                case _:
                    found = found._replace(project_name=_string(value, name).value)
        return found


def _of_choice(name: str, word: str) -> Persona | Confidence | Level:
    if name == "persona":
        return Persona(word)
    return Confidence(word) if name == "min-confidence" else Level(word)


def _rule_settings(node: Mapping) -> Iterator[RuleSetting]:
    for key, value, _ in effective(node):
        target = deref(value)
        found = RuleSetting(key.text())
        if isinstance(target, Scalar):
            # A shorthand: a level, on or off. What YAML makes of 'off' does not matter.
            word = target.value.lower()
            if word in ("on", "off", "true", "false"):
                yield found._replace(enabled=word in ("on", "true"))
                continue
            level = _word(target, f"'{key.value}'", (*LEVELS, "on", "off"))
            yield found._replace(level=Level(level))
            continue
        yield _one_rule(found, _mapping(value, f"'{key.value}'", "a mapping of its settings"))


def _one_rule(found: RuleSetting, node: Mapping) -> RuleSetting:
    known = {setting.name: setting for setting in RULE_KEYS}
    options: dict[str, OptionValue] = {}
    for key, value, _ in effective(node):
        setting = known.get(key.value)
        if setting is None:
            options[key.value] = OptionValue(_plain(value), key.span(), value.span())
        elif setting.type is Type.BOOLEAN:
            found = found._replace(enabled=_boolean(value, setting.name))
        elif setting.name == "level":
            found = found._replace(level=Level(_word(value, setting.name, setting.choices)))
        else:
            found = found._replace(persona=Persona(_word(value, setting.name, setting.choices)))
    return found._replace(options=options)
