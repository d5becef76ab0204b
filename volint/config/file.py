"""A configuration file's text into a `Config`, as the table in `volint.config.settings` says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from volint.config import (
    Config,
    ContainerExclude,
    Layer,
    OptionValue,
    ProjectSet,
    RuleSetting,
    Written,
    nodes,
)
from volint.config.nodes import fail
from volint.config.settings import (
    CONTAINER_EXCLUDE_KEYS,
    ENVIRONMENTS,
    IMAGE_KEYS,
    LEVELS,
    PATTERN_KEYS,
    PROJECT_KEYS,
    RULE_KEYS,
    SETTINGS,
    Setting,
    Type,
)
from volint.globs import Glob
from volint.mistakes import Mistakes
from volint.model import EnvironmentKind
from volint.parse.yaml import Document, Mapping, Node, Scalar, Sequence, deref, effective, parse
from volint.rule import Confidence, Level, Persona
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from volint.source import Source, Text

    _T = TypeVar("_T")

__all__ = ["read"]

_ADDED = ("exclude", "environments", "per_file_ignores", "exclude_containers", "platform_volumes")
"""Fields whose entries come before those of the files that are extended."""
_CODE = ("plugins", "packs", "custom-rules", "extra-rules", "rule-files", "rules-dir", "rules-path")
"""Keys with which other linters load code."""
_NO_CODE = (
    "a configuration loads no Python rules: install their pack, or name them with --rules on the "
    "command line"
)


def read(
    source: Source, root: str, base: Config, extend: Callable[[Text, Config], Config]
) -> Config:
    """Read a configuration over `base`; its globs and paths are relative to the absolute directory `root`.

    `extend` takes an entry of `extends` and the configuration so far, and returns what that file makes
    of it. Raises ConfigError for all mistakes.
    """
    node = _root(source)
    config = base._replace(path=source.path, root=root)
    if node is None or nodes.is_null(node):
        return config
    if not isinstance(node, Mapping):
        # Whatever file this is, its content may be nobody's business.
        fail(
            node.span(),
            "a configuration is a mapping of settings to values, and this is none; write lines of 'SETTING: VALUE'",
        )
    mistakes = Mistakes()
    for key, value, _ in effective(node):
        if key.value in _CODE:
            fail(key.span(), _NO_CODE)
        if key.value == "extends" and not nodes.is_null(value):
            with mistakes:
                for text in nodes.strings(value, "extends", Type.PATHS.value):
                    config = extend(text, config)
    config = config._replace(path=source.path, root=root)
    config = _Reader(root, source.path, mistakes).config(config, node)
    mistakes.tell()
    return config


def _root(source: Source) -> Node | None:
    """Return what a file says, None where it says nothing: its document, or its table where it is TOML."""
    if source.path.endswith(".toml"):
        from volint.parse import toml

        table, problems = toml.parse(source)
        if table is None and not problems:
            fail(
                Span(source, 0, 0),
                "there is no [tool.volint] table in it; add one, or name a YAML file",
            )
        documents: list[Document] = []
    else:
        documents, problems = parse(source)
        table = None
    for problem in problems:
        fail(problem.span, "; ".join(filter(None, (problem.message, problem.help))))
    if len(documents) > 1:
        fail(
            documents[1].span,
            "there is a second document; take it out, since a configuration is one document",
        )
    return deref(documents[0].root) if documents else table


class _Reader:
    """Reads what depends on the directory that globs and paths are relative to."""

    def __init__(self, root: str, path: str, mistakes: Mistakes) -> None:
        self._root = root
        self._path = path
        self._mistakes = mistakes

    def config(self, base: Config, node: Mapping) -> Config:
        """Return `base` with what a mapping sets over it, but for mistakes."""
        fields: dict[str, Any] = {}
        written: list[Written] = []
        layer = Layer()
        for setting, _, value in self._entries(node, SETTINGS, "the configuration"):
            name = setting.name
            written += _written(name, value)
            with self._mistakes:
                if name == "select":
                    layer = layer._replace(select=nodes.rules(value, name))
                elif name == "extend-select":
                    layer = layer._replace(extend=nodes.rules(value, name))
                elif name == "ignore":
                    layer = layer._replace(ignore=nodes.rules(value, name))
                elif name != "extends":
                    fields[name.replace("-", "_")] = self._value(setting, value)
        for field in fields:
            before = getattr(base, field)
            if field in _ADDED:
                fields[field] = (*fields[field], *before)
            elif field in ("rules", "images"):
                fields[field] = (*before, *fields[field])
            elif field == "projects":
                named = {project.name.value for project in fields[field]}
                kept = (project for project in before if project.name.value not in named)
                fields[field] = (*kept, *fields[field])
            elif field == "patterns":
                kinds = dict.fromkeys((*before, *fields[field]))
                fields[field] = {
                    kind: (*before.get(kind, ()), *fields[field].get(kind, ())) for kind in kinds
                }
        return base._replace(
            layers=(*base.layers, layer), written=(*base.written, *written), **fields
        )

    def _entries(
        self, node: Mapping, table: Iterable[Setting], where: str
    ) -> Iterator[tuple[Setting, Scalar, Node]]:
        return nodes.entries(node, table, where, self._mistakes)

    def _each(self, make: Callable[..., _T], parts: Iterable[tuple[Node, ...]]) -> tuple[_T, ...]:
        """Return what is made of each part that is not a mistake."""
        made = []
        for part in parts:
            with self._mistakes:
                made.append(make(*part))
        return tuple(made)

    def _value(self, setting: Setting, node: Node) -> object:
        name, wanted = setting.name, setting.type.value
        match setting.type:
            case Type.GLOBS:
                return tuple(self._glob(item.value) for item in nodes.strings(node, name, wanted))
            case Type.BOOLEAN:
                return nodes.boolean(node, name)
            case Type.SIZE:
                return nodes.size(node, name)
            case Type.CHOICE:
                return _of_choice(name, nodes.word(node, name, setting.choices))
            case Type.ENVIRONMENTS:
                return tuple(self._environments(node, name))
            case Type.RULE_SETTINGS:
                if not isinstance(deref(node), Mapping):
                    fail(node.span(), f"{name} takes {wanted}; {_NO_CODE}")
                return self._each(_rule_setting, _pairs(nodes.mapping(node, name, wanted)))
            case Type.RULES_BY_GLOB:
                return tuple(
                    (self._glob(key.value), nodes.rules(value, key.value))
                    for key, value, _ in effective(nodes.mapping(node, name, wanted))
                )
            case Type.CONTAINER_EXCLUDES:
                return self._each(
                    lambda item: self._container(nodes.mapping(item, name, wanted)),
                    ((item,) for item in nodes.items(node, name, wanted)),
                )
            case Type.PROJECTS:
                return self._each(self._project, _pairs(nodes.mapping(node, name, wanted)))
            case Type.PATTERNS:
                return self._patterns(nodes.mapping(node, name, wanted))
            case _:
                return self._each(
                    lambda item: self._image(nodes.mapping(item, name, wanted)),
                    ((item,) for item in nodes.items(node, name, wanted)),
                )

    def _glob(self, pattern: str) -> Glob:
        return Glob(pattern, self._root)

    def _absolute(self, path: str) -> str:
        return os.path.abspath(os.path.join(self._root, path))

    def _environments(self, node: Node, name: str) -> Iterator[tuple[Glob, EnvironmentKind, str]]:
        target = deref(node)
        found = target.items if isinstance(target, Sequence) else [node]
        for item in found:
            for key, value, _ in effective(nodes.mapping(item, name, Type.ENVIRONMENTS.value)):
                kind = EnvironmentKind(nodes.word(value, f"'{key.value}'", ENVIRONMENTS))
                yield self._glob(key.value), kind, self._path

    def _container(self, node: Mapping) -> ContainerExclude:
        container = reason = ""
        file: Glob | None = None
        rules: tuple[Text, ...] = ()
        where = "an excluded container"
        for setting, _, value in self._entries(node, CONTAINER_EXCLUDE_KEYS, where):
            match setting.name:
                case "container":
                    container = nodes.string(value, setting.name).value
                case "file":
                    file = self._glob(nodes.string(value, setting.name).value)
                case "rules":
                    rules = nodes.rules(value, setting.name)
                case _:
                    reason = nodes.string(value, setting.name).value
        return ContainerExclude(container, file, rules, reason)

    def _project(self, key: Scalar, node: Node) -> ProjectSet:
        where = f"the project '{key.value}'"
        found = ProjectSet(key.text(), (), self._root)
        mapping = nodes.mapping(node, where, "a mapping with files")
        for setting, _, value in self._entries(mapping, PROJECT_KEYS, where):
            name = setting.name
            match name:
                case "files":
                    found = found._replace(files=nodes.strings(value, name))
                case "env-files":
                    paths = nodes.strings(value, name)
                    found = found._replace(
                        env_files=tuple(self._absolute(text.value) for text in paths)
                    )
                case "profiles":
                    profiles = tuple(text.value for text in nodes.strings(value, name))
                    found = found._replace(profiles=profiles)
                case "project-directory":
                    path = self._absolute(nodes.string(value, name).value)
                    found = found._replace(directory=path)
                case "stack":
                    found = found._replace(stack=nodes.boolean(value, name))
                case _:
                    found = found._replace(project_name=nodes.string(value, name).value)
        return found

    def _image(self, node: Mapping) -> dict[str, object]:
        """Return what is said of an image, in the form that `Knowledge.extend` takes."""
        image: dict[str, object] = {}
        for setting, _, value in self._entries(node, IMAGE_KEYS, "an image"):
            if setting.type is Type.CHOICE:
                image[setting.name] = nodes.word(value, setting.name, setting.choices)
            elif setting.type is Type.STRING:
                nodes.string(value, setting.name)
                [image[setting.name]] = _words(setting, value)
            else:
                image[setting.name] = list(_words(setting, value))
        if not image.get("name") and not image.get("names"):
            fail(node.span(), "an image lacks 'name': what it is pulled as, without a tag")
        return image

    def _patterns(self, node: Mapping) -> dict[str, tuple[str, ...]]:
        return {
            setting.name: _words(setting, value)
            for setting, _, value in self._entries(node, PATTERN_KEYS, "patterns")
        }


def _written(name: str, node: Node) -> Iterator[Written]:
    """Yield each entry of a setting with its place; settings of single rules by 'RULE.KEY'."""
    target = deref(node)
    if isinstance(target, Mapping):
        for key, value, _ in effective(target):
            inner = deref(value)
            if name == "rules" and isinstance(inner, Mapping):
                for part, last, _ in effective(inner):
                    yield Written(name, f"{key.value}.{part.value}", nodes.plain(last), part.span())
            else:
                yield Written(name, key.value, nodes.plain(value), key.span())
    elif isinstance(target, Sequence):
        for item in target.items:
            yield Written(name, "", nodes.plain(item), item.span())
    else:
        yield Written(name, "", nodes.plain(node), node.span())


def _of_choice(name: str, word: str) -> Persona | Confidence | Level:
    if name == "persona":
        return Persona(word)
    return Confidence(word) if name == "min-confidence" else Level(word)


def _pairs(node: Mapping) -> Iterator[tuple[Scalar, Node]]:
    for key, value, _ in effective(node):
        yield key, value


def _rule_setting(key: Scalar, value: Node) -> RuleSetting:
    target = deref(value)
    found = RuleSetting(key.text())
    if isinstance(target, Scalar):
        # A shorthand: a level, on or off. What YAML makes of 'off' does not matter.
        word = target.value.lower()
        if word in ("on", "off", "true", "false"):
            return found._replace(enabled=word in ("on", "true"))
        level = nodes.word(target, f"'{key.value}'", (*LEVELS, "on", "off"))
        return found._replace(level=Level(level))
    return _one_rule(found, nodes.mapping(value, f"'{key.value}'", "a mapping of its settings"))


def _one_rule(found: RuleSetting, node: Mapping) -> RuleSetting:
    known = {setting.name: setting for setting in RULE_KEYS}
    options: dict[str, OptionValue] = {}
    for key, value, _ in effective(node):
        setting = known.get(key.value)
        if setting is None:
            options[key.value] = OptionValue(nodes.plain(value), key.span(), value.span())
        elif setting.type is Type.BOOLEAN:
            found = found._replace(enabled=nodes.boolean(value, setting.name))
        elif setting.name == "level":
            level = nodes.word(value, setting.name, setting.choices)
            found = found._replace(level=Level(level))
        else:
            persona = nodes.word(value, setting.name, setting.choices)
            found = found._replace(persona=Persona(persona))
    return found._replace(options=options)


def _words(setting: Setting, node: Node) -> tuple[str, ...]:
    """Return words without blanks; absolute paths where the setting takes those."""
    found = nodes.strings(node, setting.name, setting.type.value)
    for text in found:
        if text.value.split() != [text.value] or text.value.startswith("#"):
            fail(
                text.span,
                f"'{text.value}' in {setting.name} holds a blank or begins with '#'; write each by itself",
            )
        if setting.type is Type.IMAGE_PATHS and not text.value.startswith("/"):
            fail(
                text.span,
                f"'{text.value}' in {setting.name} is no absolute path; write where it is in the container",
            )
    return tuple(text.value for text in found)
