"""What a COPY of a directory takes along that does not belong into an image.

What is there is looked at, and what will be there: the folders that package managers fill, the `.env` that
an example of it announces, the data that the Dockerfile declares a volume for.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from volint import knowledge
from volint.analysis.imagesecrets import names_secret, taken_secrets
from volint.knowledge.contents import Verdict
from volint.lazy import regex
from volint.model import StepKind
from volint.record import NamedTuple
from volint.rule import Edit, Fix
from volint.source import Kind, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from volint.analysis.copies import Copy
    from volint.model import Build, ContextFile

__all__ = ["Unwanted", "lacks_ignore_file", "new_ignore_file", "unwanted"]


class Unwanted(NamedTuple):
    """Something that an ignore file should name."""

    path: str
    """Its path below the context's root."""
    pattern: str
    """The line for the ignore file."""
    kind: str
    """'secret', 'credentials' (a file for them that holds none yet), 'repository', 'dependencies', 'data',
    'output' of builds or 'cache'."""
    why: str = ""
    """Why it will be there, as a clause; '' if it is there."""


class _Ecosystem(NamedTuple):
    """What a package manager or build tool leaves beside its manifest."""

    manifests: tuple[str, ...]
    directories: tuple[str, ...]
    command: str
    """What in a RUN starts it."""
    kind: str = "dependencies"
    """What the directories hold."""


_ECOSYSTEMS = (
    _Ecosystem(
        ("package.json",),
        ("node_modules",),
        r"\b(?:npm\s+(?:ci|install|i)\b|yarn\b|pnpm\s+(?:i|install)\b|bun\s+install\b)",
    ),
    _Ecosystem(("composer.json",), ("vendor",), r"\bcomposer\b[^&|;\n]*\b(?:install|update)\b"),
    _Ecosystem(
        ("Cargo.toml",), ("target",), r"\bcargo\s+(?:build|install|run|test|chef)\b", "output"
    ),
    _Ecosystem(("pom.xml",), ("target",), r"\bmvnw?\b", "output"),
    _Ecosystem(
        ("build.gradle", "build.gradle.kts"), ("build", ".gradle"), r"\bgradlew?\b", "output"
    ),
    _Ecosystem(
        ("*.csproj", "*.fsproj"),
        ("bin", "obj"),
        r"\bdotnet\s+(?:restore|build|publish)\b",
        "output",
    ),
    _Ecosystem(("mix.exs",), ("deps", "_build"), r"\bmix\s+(?:deps\.get|compile|release)\b"),
    _Ecosystem(("uv.lock",), (".venv",), r"\buv\s+sync\b"),
)
_COMMON = frozenset(
    (
        *("vendor", "target", "deps", "obj", "bin", "build", "dist", "out", "coverage", "tmp"),
        *(".yarn", ".bundle", "bundle", "Pods", ".m2", ".cargo", ".nuget", ".output", ".cache"),
        "site-packages",
    )
)
"""Names of generated directories that repositories also keep their own files in."""
_DATA = frozenset(
    (
        *("data", "uploads", "upload", "media", "logs", "log", "storage", "db", "database"),
        *("models", "cache", "tmp", "backups"),
    )
)
_ASIDE = frozenset(
    (
        *("test", "tests", "testdata", "test_data", "test-data", "fixtures", "__tests__"),
        *("test_resources", "test-resources", "testresources"),
        *("__fixtures__", "spec", "e2e", "example", "examples", "docs", "templates", ".ci"),
    )
)
_ENV_EXAMPLE = regex(
    r"\.?env[._-](?:example|sample|template|dist)|(?:example|sample|template)\.env"
)
_ASKS_GIT = regex(
    r"\bgit\s+(?:-[cC]\s+\S+\s+|-\S+\s+)*(?:describe|rev-parse|log|status|submodule|rev-list|show|diff|ls-files|tag)\b"
    r"|\b(?:setuptools[-_]scm|versioneer|vergen|gitversion|git-version)"
)
"""What needs the history in the build."""
_RECIPES = {
    "make": ("Makefile", "makefile", "GNUmakefile"),
    "just": ("justfile", "Justfile"),
    "task": ("Taskfile.yml", "Taskfile.yaml"),
}
_RUNS_RECIPES = regex(r"(?:^|[;&|(\n]|\s)(make|just|task)(?=[ \t;&|)\n]|$)", re.MULTILINE)
_RECIPES_LENGTH = 100_000
_EXPANDED = regex(r"[${*?]")
_MKDIR = regex(r"\bmkdir\s+((?:-\S+\s+)*)([^&|;\n]+)")
_DEEPEST = 3


def unwanted(copy: Copy, *, near: bool = False) -> list[Unwanted]:
    """Return what a source takes along besides what the image needs; each pattern once.

    near: count what manifests announce even where no RUN of the Dockerfile makes it.
    """
    if not copy.files or names_secret(copy):
        return []
    found: dict[str, Unwanted] = {}
    for one in _all(copy, near):
        name = one.pattern.removeprefix("**/")
        other = found.setdefault(name, one)
        if other.pattern != one.pattern:
            # '**/name' is for all; what lies least deep stands for them.
            least = min(other, one, key=lambda entry: entry.path.count("/"))
            found[name] = least._replace(pattern=f"**/{name}")
    return sorted(found.values(), key=lambda one: (_ORDER.index(one.kind), one.path))


_ORDER = ("secret", "credentials", "repository", "dependencies", "data", "output", "cache")


def _all(copy: Copy, near: bool) -> Iterator[Unwanted]:
    for secret in taken_secrets(copy):
        name = secret.path.rpartition("/")[2]
        pattern = _anywhere(name, secret.path) if secret.entry.kind == "env-file" else secret.path
        is_empty = secret.verdict is Verdict.PLACEHOLDER
        yield Unwanted(secret.path, pattern, "credentials" if is_empty else "secret")
    yield from _there(copy)
    names_directory = copy.is_broad or not (
        copy.is_pattern or any(file.path == copy.path for file in copy.files)
    )
    if names_directory and "exclude" not in copy.step.flags:
        yield from _announced(copy, near)
        yield from _declared(copy)


def _anywhere(name: str, path: str) -> str:
    """Return the pattern of a name: in every directory if it is in one."""
    return f"**/{name}" if "/" in path else name


# -- what is there


def _there(copy: Copy) -> Iterator[Unwanted]:
    siblings: dict[str, set[str]] = {}
    for file in copy.files:
        parent, _, name = file.path.rpartition("/")
        siblings.setdefault(parent, set()).add(name)
    asked: bool | None = None
    verdicts: dict[str, Unwanted | None] = {}
    for file in copy.files:
        if file.is_directory:
            if asked is None:
                asked = asks_git(copy.build)
            if file.path == copy.path or asked:
                continue
            name = file.path.rpartition("/")[2]
            yield Unwanted(file.path, _anywhere(name, file.path), "repository")
            continue
        # A directory that is named itself is wanted.
        named = 0 if copy.is_broad or copy.is_pattern else len(copy.path) + 1
        at = file.path.find("/", named)
        while at > 0:
            directory = file.path[:at]
            if directory not in verdicts:
                verdicts[directory] = _directory(copy, directory, siblings)
            one = verdicts[directory]
            if one is not None:
                yield one
                break
            at = file.path.find("/", at + 1)


def _directory(copy: Copy, path: str, siblings: dict[str, set[str]]) -> Unwanted | None:
    parent, _, name = path.rpartition("/")
    if knowledge.is_dependency_directory(name):
        kind = "dependencies"
    elif knowledge.is_cache_directory(name):
        kind = "cache"
    elif knowledge.model_directory(name) == "high":
        kind = "data"
    else:
        return None
    files = copy.build.files
    tracked = files.is_tracked(path) if files else None
    if tracked:
        return None
    if tracked is None and (name in _COMMON or kind == "data"):
        near = siblings.get(parent, set())
        if not any(name in tool.directories and _manifest(tool, near) for tool in _ECOSYSTEMS):
            return None
    return Unwanted(path, _anywhere(name, path), kind)


def _manifest(tool: _Ecosystem, names: set[str]) -> bool:
    return any(fnmatchcase(name, manifest) for manifest in tool.manifests for name in names)


# -- what will be there


def _announced(copy: Copy, near: bool) -> Iterator[Unwanted]:
    """Yield what package managers and people will put beside files that are taken."""
    run = "\n".join(_run_texts(copy.build))
    tools = [tool for tool in _ECOSYSTEMS if near or re.search(tool.command, run)]
    homes: dict[_Ecosystem, list[str]] = {tool: [] for tool in tools}
    for file in sorted(copy.files, key=lambda file: file.path.count("/")):
        parent, _, name = file.path.rpartition("/")
        if file.path.count("/") > _DEEPEST or _ASIDE.intersection(parent.lower().split("/")):
            continue
        for tool in tools:
            if not any(fnmatchcase(name, manifest) for manifest in tool.manifests):
                continue
            # A package below another one is part of its workspace.
            if any(knowledge.within(parent, home) or not home for home in homes[tool]):
                continue
            if copy.path and _has_manifest_above(copy, tool, parent):
                continue
            homes[tool].append(parent)
            for directory in tool.directories:
                one = _new(copy, parent, directory, tool.kind, file)
                if one is not None:
                    yield one
        if _ENV_EXAMPLE.search(name):
            one = _new(copy, parent, ".env", "credentials", file)
            if one is not None:
                yield one


def _has_manifest_above(copy: Copy, tool: _Ecosystem, directory: str) -> bool:
    """Return whether a directory of the context above one, taken or not, has a manifest as well."""
    files = copy.build.files
    while directory and files is not None:
        directory = directory.rpartition("/")[0]
        if any(files.kind(f"{directory}/{manifest}") for manifest in tool.manifests):
            return True
    return False


def _new(copy: Copy, parent: str, name: str, kind: str, sign: ContextFile) -> Unwanted | None:
    """Return what is not there yet and would be taken."""
    path = f"{parent}/{name}" if parent else name
    files = copy.build.files
    if files is None or files.kind(path) is not None or files.is_ignored(path + "/x"):
        return None
    return Unwanted(path, _anywhere(name, path), kind, f"'{sign.path}' announces it")


def asks_git(build: Build) -> bool:
    """Return whether a RUN of a build asks git about the history, or runs the recipes of a file that does."""
    run = "\n".join(_run_texts(build))
    if _ASKS_GIT.search(run):
        return True
    programs = {match[1] for match in _RUNS_RECIPES.finditer(run)}
    heads = (
        build.files.head(name, _RECIPES_LENGTH)
        for program in sorted(programs)
        for name in _RECIPES[program]
        if build.files is not None
    )
    return any(head and _ASKS_GIT.search(head.decode("utf-8", "replace")) for head in heads)


def _run_texts(build: Build) -> Iterator[str]:
    for stage in build.stages:
        for step in stage.steps:
            if step.kind is StepKind.RUN:
                for text in (*step.words, *step.heredocs):
                    yield text.value


def _declared(copy: Copy) -> Iterator[Unwanted]:
    """Yield the data directories of the image that lie where the source is copied to."""
    target = copy.destination().rstrip("/") + "/"
    files = copy.build.files
    if files is None or target == "/":
        return
    for path, why in _data_paths(copy):
        if not path.startswith(target):
            continue
        inside = path[len(target) :].strip("/")
        name = inside.rpartition("/")[2]
        below = inside if copy.is_broad else f"{copy.path}/{inside}"
        if name.lower() not in _DATA or files.is_ignored(below + "/x"):
            continue
        if files.kind(below) is None:
            # A folder of programs or settings is not where an application runs and writes.
            if copy.is_broad:
                yield Unwanted(below, below, "data", why)
        elif files.is_tracked(below) is False:
            yield Unwanted(below, below, "data")


def _data_paths(copy: Copy) -> Iterator[tuple[str, str]]:
    """Yield the absolute paths that VOLUME and mkdir of the copy's stage name."""
    for step in copy.stage.steps:
        if step.kind is StepKind.VOLUME:
            for word in step.words:
                if not word.unresolved:
                    yield word.value, f"VOLUME '{word.value}' is for it"
        elif step.kind is StepKind.RUN:
            for text in step.words:
                for match in _MKDIR.finditer(text.value):
                    for name in match[2].split():
                        path = name.strip("\"'")
                        if not path.startswith("/"):
                            path = f"{step.workdir.rstrip('/')}/{path.removeprefix('./')}"
                        if not _EXPANDED.search(path):
                            yield path, "the Dockerfile makes it"


# -- a file that says all of it


def lacks_ignore_file(build: Build) -> bool:
    """Return whether a build's context has no ignore file, neither in force nor where one was probably meant."""
    if build.ignore_file is not None or build.ignore_path is None or build.files is None:
        return False
    if not build.root_certain:
        return not build.other_ignore_files
    folder = (build.dockerfile or "").rpartition("/")[0]
    return f"{folder}/.dockerignore".lstrip("/") not in build.other_ignore_files


def new_ignore_file(build: Build, patterns: Iterable[str]) -> Fix | None:
    """Return a fix that writes an ignore file with patterns, and with what belongs into every one."""
    path = build.ignore_path
    if build.root is None or path is None:
        return None
    own = {".env", ".env.*"} if asks_git(build) else {".git", ".env", ".env.*"}
    lines = sorted({*own, *patterns})
    lines.append("!.env.example")
    source = Source(path, "", Kind.DOCKERIGNORE, f"{build.root}/.dockerignore")
    text = "".join(f"{line}\n" for line in lines)
    return Fix(f"write '{path}'", (Edit(Span(source, 0, 0), text),), safe=False)
