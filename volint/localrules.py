"""Python rules that the command line names with `--rules FILE_OR_DIR`: loaded without being installed.

A file is one module. Of a directory every module directly in it is looked into, but for those whose
names begin with '_' or 'test_' and for conftest.py; the directory is a package, so that its modules can
import each other relatively (`from ._shared import x`), with or without an `__init__.py`. Every class
that derives from `Rule` and whose name does not begin with '_' is a rule.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from volint.packs import LoadedPack, PluginError
from volint.rule import Pack, Rule, RuleEntry
from volint.rulecheck import rule_mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["load_local"]


def load_local(path: str, cwd: str, failures: list[str]) -> LoadedPack:
    """Return the rules of a Python file, or of the modules of a directory, as a pack.

    `path` is relative to the absolute directory `cwd`. What cannot be loaded goes to `failures`, a
    sentence with its place each; the rest is used. Raises PluginError if there is nothing to load.
    """
    absolute = os.path.realpath(os.path.join(cwd, path))
    shown = os.path.normpath(path).replace(os.sep, "/")
    if os.path.isdir(absolute):
        names = [name for name in sorted(os.listdir(absolute)) if _is_module(name)]
        if not names:
            raise PluginError(
                f"--rules: there is no Python module in '{shown}'; name a file, or a folder of them"
            )
        files = {os.path.join(absolute, name): f"{shown}/{name}" for name in names}
    elif os.path.isfile(absolute) and absolute.endswith(".py"):
        files = {absolute: shown}
    elif os.path.exists(absolute):
        raise PluginError(
            f"--rules: '{shown}' is no Python file (.py); name one, or a folder of them"
        )
    else:
        raise PluginError(f"--rules: '{shown}' does not exist; name a Python file, or a folder")
    return LoadedPack(Pack(shown, "", tuple(_Loader(absolute, failures).entries(files))), shown)


def _is_module(name: str) -> bool:
    return name.endswith(".py") and not name.startswith(("_", "test_")) and name != "conftest.py"


class _Loader:
    """Imports modules under names that nothing else can have, and collects their rules."""

    def __init__(self, absolute: str, failures: list[str]) -> None:
        self._absolute = absolute
        self._failures = failures
        self._package = f"_volint_rules_{absolute.encode().hex()}"

    def entries(self, files: dict[str, str]) -> Iterator[RuleEntry]:
        """Yield the rules of the modules at absolute paths, given with how they are shown."""
        for name in [name for name in sys.modules if name.startswith(self._package)]:
            del sys.modules[name]
        # What is named is read, and nothing is written beside it.
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            if os.path.isdir(self._absolute):
                self._import_package()
            for file, shown in files.items():
                yield from self._entries(file, shown)
        finally:
            sys.dont_write_bytecode = before

    def _import_package(self) -> None:
        init = os.path.join(self._absolute, "__init__.py")
        if os.path.isfile(init):
            folder = [self._absolute]
            self._import(
                importlib.util.spec_from_file_location(
                    self._package, init, submodule_search_locations=folder
                ),
                init,
                init,
            )
            return
        spec = importlib.util.spec_from_loader(self._package, None, is_package=True)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        spec.submodule_search_locations.append(self._absolute)
        sys.modules[self._package] = importlib.util.module_from_spec(spec)

    def _import(self, spec: ModuleSpec | None, file: str, shown: str) -> ModuleType | None:
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:  # what a module does is nothing volint can know
            del sys.modules[spec.name]
            self._failures.append(f"{shown}{_place(error, file)}: {_words(error)}")
            return None
        return module

    def _entries(self, file: str, shown: str) -> Iterator[RuleEntry]:
        name = self._package
        if file != self._absolute:
            name += "." + os.path.basename(file).removesuffix(".py")
        module = sys.modules.get(name)  # one that another module has imported
        if module is None:
            module = self._import(importlib.util.spec_from_file_location(name, file), file, shown)
        if module is None:
            return
        classes = [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, Rule)
            and value.__module__ == name
            and not value.__name__.startswith("_")
        ]
        lines = _lines(file)
        if not classes:
            self._failures.append(
                f"{shown}: there is no rule in it: no class that derives from volint.api.Rule; "
                "a name that begins with '_' keeps a helper module out"
            )
        for cls in dict.fromkeys(classes):
            mistakes = list(rule_mistakes(cls))
            if mistakes:
                place = f"{shown}:{lines.get(cls.__qualname__, 1)}"
                self._failures.append(f"{place}: {cls.__name__} is no rule: {'; '.join(mistakes)}")
                continue
            yield RuleEntry(
                cls.code, cls.name, cls.level, cls.needs, name, cls.__qualname__, cls.enabled
            )


def _lines(file: str) -> dict[str, int]:
    """Return the lines that the classes of a file begin at."""
    with open(file, "rb") as stream:
        body = ast.parse(stream.read())
    return {node.name: node.lineno for node in ast.walk(body) if isinstance(node, ast.ClassDef)}


def _place(error: BaseException, file: str) -> str:
    """Return ':LINE' or ':LINE:COLUMN' of the file that an error comes from, '' if it does not tell."""
    if isinstance(error, SyntaxError) and error.filename == file and error.lineno:
        return f":{error.lineno}:{error.offset or 1}"
    line = ""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = f":{trace.tb_lineno}"
        trace = trace.tb_next
    return line


def _words(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"it is no Python: {error.msg}; mend it, or leave it out of --rules"
    words = f"it cannot be imported: {type(error).__name__}: {error}"
    if isinstance(error, ImportError) and "relative import" in str(error):
        return words + "; name the folder with --rules to import what lies beside it"
    return words + "; mend it, or leave it out of --rules"
