"""The configuration of a run: found, read, what it extends below it, command-line options above it.

One file holds for a run: the nearest `.volint.yaml`, `volint.yaml` or `pyproject.toml` with a `[tool.volint]` table
at or above what all given paths have in common, up to the top of the repository.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.config import Config, Layer, Written
from volint.files import Files, git_root
from volint.globs import Glob
from volint.mistakes import ConfigError
from volint.rule import Confidence, Level, Persona
from volint.source import Source, Span, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["NAMES", "find", "load", "load_config", "with_cli"]

NAMES = (".volint.yaml", "volint.yaml", ".volint.yml", "volint.yml")
"""What a configuration file may be called."""
PROJECT = "pyproject.toml"
"""What may hold a configuration in its `[tool.volint]` table."""


def find(paths: Sequence[str], cwd: str) -> str | None:
    """Return the absolute path of the configuration file that holds for some paths, or None.

    `paths` are relative to `cwd`, an absolute directory; none stand for `cwd` itself. It is searched
    for from the directory they have in common up to the top of its git work tree; outside of one, up to
    `cwd` if that is above. Raises ConfigError if a directory has two.
    """
    absolute = [os.path.abspath(os.path.join(cwd, path)) for path in paths if path != "-"] or [cwd]
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in absolute]
    try:
        folder = os.path.commonpath(folders)
    except ValueError:  # several drives on Windows
        return None
    top = git_root(folder)
    if top is None:
        top = cwd if (folder + os.sep).startswith(cwd.rstrip(os.sep) + os.sep) else folder
    while True:
        found = [name for name in NAMES if os.path.isfile(os.path.join(folder, name))]
        if _has_table(os.path.join(folder, PROJECT)):
            found.append(PROJECT)
        if len(found) > 1:
            raise ConfigError(
                f"there are two configurations here, '{found[0]}' and '{found[1]}'; remove one",
                os.path.relpath(os.path.join(folder, found[0]), cwd),
            )
        if found:
            return os.path.join(folder, found[0])
        parent = os.path.dirname(folder)
        if folder in (top, parent):
            return None
        folder = parent


def _has_table(path: str) -> bool:
    """Return whether a `pyproject.toml` is there and speaks of volint."""
    if not os.path.isfile(path):
        return False
    from volint.parse.toml import may_hold_table

    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return may_hold_table(stream.read())
    except OSError:
        return False


def load(path: str, cwd: str, *, trusted: bool = True) -> Config:
    """Read a configuration file and what it extends; `path` is relative to `cwd`, an absolute directory.

    `trusted` is False for a file that nobody named: what it extends has to lie in the same repository.
    Raises ConfigError for the first mistake. That the rules exist is checked when the packs are known
    (`volint.selection.resolve`).
    """
    start = os.path.abspath(os.path.join(cwd, path))
    return _load(start, Config(), cwd, trusted, (), None)


def _load(
    path: str, base: Config, cwd: str, trusted: bool, chain: tuple[str, ...], text: Text | None
) -> Config:
    """Read a file over `base`; `text` names it in the last of the files of `chain`."""
    from volint.config.file import read

    folder = os.path.dirname(path)
    files = Files((git_root(folder) or folder,), cwd)
    shown = files.display(path)
    source = files.read(path)
    if source is None:
        why = files.problem(path)
        if text is not None:
            state = f"cannot be read: {why}" if why else "does not exist"
            raise _at(text, f"'{text.value}' of extends {state}; write it relative to this file")
        if why is None:
            raise ConfigError(
                f"the configuration file '{shown}' does not exist; name another, or leave --config out"
            )
        raise ConfigError(f"it cannot be read: {why}; mend it, or use --no-config", shown)

    def extend(name: Text, config: Config) -> Config:
        other = os.path.abspath(os.path.join(folder, name.value))
        links = (*chain, path)
        if other in links:
            circle = " -> ".join(
                files.display(link) for link in (*links[links.index(other) :], other)
            )
            raise _at(name, f"extends goes in a circle: {circle}; take one of them out")
        top = git_root(folder)
        if not trusted and top is not None and not _is_below(other, top):
            raise _at(
                name,
                f"'{name.value}' of extends lies outside of the repository; copy it into it, or name "
                "this configuration with --config",
            )
        return _load(other, config, cwd, trusted, links, name)

    return read(source, folder, base, extend)


def _is_below(path: str, top: str) -> bool:
    real = os.path.realpath(path)
    return real.startswith(os.path.realpath(top).rstrip(os.sep) + os.sep)


def _at(text: Text, message: str) -> ConfigError:
    source = text.span.source
    return ConfigError(message, source.path, *source.position(text.span.start))


def load_config(files: Files, start: str, settings: Mapping[str, Any]) -> Config:
    """Return the configuration of a run: the file's, under the options of the command line.

    `settings` holds those options by their Python names; `start` is an absolute path to search from
    where it names no paths. Sets the size up to which `files` reads. Raises ConfigError.
    """
    cwd = files.cwd
    given = found = settings.get("config")
    if given is None and not settings.get("no_config"):
        found = find(settings.get("compose_files") or settings.get("paths") or (start,), cwd)
    config = load(found, cwd, trusted=bool(given)) if found else Config(root=cwd)
    files.max_size = config.max_file_size
    return with_cli(
        config,
        cwd,
        select=settings.get("select") or (),
        extend_select=settings.get("extend_select") or (),
        ignore=settings.get("ignore") or (),
        persona=settings.get("persona"),
        min_level=settings.get("min_level"),
        min_confidence=settings.get("min_confidence"),
        fail_on=settings.get("fail_on"),
        exclude=settings.get("exclude") or (),
    )


def with_cli(
    config: Config,
    cwd: str,
    *,
    select: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    persona: str | None = None,
    min_level: str | None = None,
    min_confidence: str | None = None,
    fail_on: str | None = None,
    exclude: Sequence[str] = (),
) -> Config:
    """Return the configuration with the options of the command line over it.

    `--select` takes the place of the file's select and ignore; the other two add to them. Lists may be
    given several times and with commas. Excludes add up; those given here are relative to `cwd`.
    """
    layers = config.layers
    if select or extend_select or ignore:
        layers = (
            *layers,
            Layer(
                _references("--select", select) if select else None,
                _references("--extend-select", extend_select),
                _references("--ignore", ignore),
                by_hand=True,
            ),
        )
    given: dict[str, Sequence[str]] = {
        "select": select,
        "extend-select": extend_select,
        "ignore": ignore,
        "persona": [persona] if persona else [],
        "min-level": [min_level] if min_level else [],
        "min-confidence": [min_confidence] if min_confidence else [],
        "fail-on": [fail_on] if fail_on else [],
        "exclude": exclude,
    }
    written = (
        Written(name, "", value, Span(Source(f"--{name}", value), 0, len(value)))
        for name, values in given.items()
        for value in values
    )
    return config._replace(
        layers=layers,
        written=(*config.written, *written),
        persona=config.persona if persona is None else Persona(persona),
        min_level=config.min_level if min_level is None else Level(min_level),
        min_confidence=(
            config.min_confidence if min_confidence is None else Confidence(min_confidence)
        ),
        fail_on=config.fail_on if fail_on is None else Level(fail_on),
        exclude=(*config.exclude, *(Glob(pattern, cwd) for pattern in exclude)),
    )


def _references(option: str, values: Sequence[str]) -> tuple[Text, ...]:
    found = []
    for value in values:
        source = Source(option, value)
        at = 0
        for part in value.split(","):
            name = part.strip()
            if name:
                start = at + part.index(name)
                found.append(Text(name, Span(source, start, start + len(name))))
            at += len(part) + 1
    return tuple(found)
