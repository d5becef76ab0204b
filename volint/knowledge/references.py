"""Image references: their parts, the name an image is known by, and the version a tag names."""

from __future__ import annotations

import re
from math import inf

from volint.lazy import regex
from volint.record import NamedTuple

__all__ = ["ImageRef", "Version", "canonical_name", "holds", "parse_constraint", "tag_version"]

Version = tuple[float, ...]
"""Numbers of a dotted version, e.g. (17, 2)."""

_UNKNOWN = "\0"
_VARIABLE = (
    r"\$\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<op>:?[-?+=])(?P<default>[^{}]*))?\}"
    r"|\$\{\{(?P<ci>[^{}]*)\}\}|\{\{(?P<jinja>[^{}]*)\}\}"
    r"|\$\((?P<make>[A-Za-z_][A-Za-z0-9_]*)\)"
    r"|\$(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|<(?P<holder>[^<>]*)>"
)
_HUB = frozenset(
    (
        "docker.io",
        "index.docker.io",
        "registry-1.docker.io",
        "registry.hub.docker.com",
        "hub.docker.com",
        # Mirrors that serve the names of Docker Hub as they are.
        "mirror.gcr.io",
        "docker.m.daocloud.io",
        "dockerproxy.com",
        "docker.nju.edu.cn",
        "docker.mirrors.ustc.edu.cn",
        "hub-mirror.c.163.com",
        "registry.docker-cn.com",
        "dockerhub.azk8s.cn",
        "dockerhub.timeweb.cloud",
        "docker.1ms.run",
        "docker.1panel.live",
        "huecker.io",
        "cr.yandex/mirror",
    )
)
_REGISTRIES = frozenset(
    (
        "ghcr.io",
        "quay.io",
        "gcr.io",
        "k8s.gcr.io",
        "registry.k8s.io",
        "lscr.io",
        "mcr.microsoft.com",
        "public.ecr.aws",
        "docker.elastic.co",
        "nvcr.io",
        "registry.gitlab.com",
        "codeberg.org",
        "cgr.dev",
    )
)
"""Registries with names of their own: what is not known there is not guessed from Docker Hub."""
_ARCHITECTURES = frozenset(
    [
        "amd64",
        "arm32v5",
        "arm32v6",
        "arm32v7",
        "arm64v8",
        "i386",
        "mips64le",
        "ppc64le",
        "riscv64",
        "s390x",
        "windows-amd64",
    ]
)
_SAME = {"bitnamilegacy": "bitnami", "bitnamisecure": "bitnami"}
_VERSION = regex(r"(?:v|version-v?|release-v?|r)?(\d+(?:\.\d+)*)(?=$|[-_+.]|alpha|beta|rc)", re.A)


class ImageRef(NamedTuple):
    """A parsed reference: [registry/]path[:tag][@digest]."""

    text: str
    """As written, after interpolation."""
    registry: str
    """The registry's host; 'docker.io' where none is written; '' where a variable hides it."""
    path: str
    """The repository in the registry, e.g. 'library/postgres'; '' where a variable hides it."""
    tag: str | None
    """The tag; None without one and where a variable hides it whole. Unknown parts are '\\0'."""
    digest: str | None
    """'sha256:...' or None."""
    unresolved: tuple[str, ...]
    """Names of unknown variables."""
    name: str
    """The name the image is known by: without docker.io, 'library/' and known mirrors; '' if unknown."""
    guesses: tuple[str, ...] = ()
    """Names it may stand for in a registry of somebody's own, likeliest first."""

    @classmethod
    def parse(cls, text: str) -> ImageRef:
        """Read a reference. Never raises; `${VAR:-default}` takes its default."""
        unresolved: list[str] = []

        def known(match: re.Match[str]) -> str:
            if match["default"] is not None and (match["op"] or "").endswith("-"):
                return match["default"]
            unresolved.append(next(group for group in match.groups() if group is not None))
            return _UNKNOWN

        rest = re.sub(_VARIABLE, known, text.strip()) if _may_hold_variable(text) else text.strip()
        for scheme in ("docker://", "docker-image://", "https://"):
            rest = rest.removeprefix(scheme)
        rest, _, digest = rest.partition("@")
        tag: str | None = None
        slash = rest.rfind("/")
        colon = rest.rfind(":")
        if colon > slash:
            rest, tag = rest[:colon], rest[colon + 1 :]
            if tag.strip(_UNKNOWN) == "":
                tag = None
        elif rest.endswith(_UNKNOWN) and len(rest.strip(_UNKNOWN)) > 0 and slash + 1 < len(rest):
            # `postgres${TAG}` with the ':' in the variable.
            rest = rest.rstrip(_UNKNOWN) if rest[slash + 1 :].strip(_UNKNOWN) else rest
        registry, path = _split(rest)
        name, guesses = _canonical(registry, path)
        return cls(
            text,
            registry,
            path,
            tag,
            digest or None,
            tuple(dict.fromkeys(unresolved)),
            name,
            guesses,
        )

    @property
    def is_floating(self) -> bool:
        """True if the next pull can bring another version: no digest, and a tag without a number."""
        return (
            self.digest is None
            and not self.has_unknown_tag
            and (self.tag is None or not re.search(r"\d", self.tag))
        )

    @property
    def has_unknown_tag(self) -> bool:
        """True if a variable hides the tag or a part of it."""
        return bool(self.unresolved) and (self.tag is None or _UNKNOWN in self.tag)


def canonical_name(path: str) -> str:
    """Return the name a repository is known by, e.g. 'postgres' for 'docker.io/library/postgres'."""
    return _canonical(*_split(path))[0]


def _may_hold_variable(text: str) -> bool:
    return "$" in text or "{" in text or "<" in text


def _split(rest: str) -> tuple[str, str]:
    first, slash, path = rest.partition("/")
    if not slash:
        # `${PREFIX}postgres`: the variable ends with the '/'.
        stripped = rest.lstrip(_UNKNOWN)
        if _UNKNOWN in stripped:
            return "docker.io", ""
        return ("" if stripped != rest else "docker.io"), stripped
    if _UNKNOWN in first:
        stripped = first.strip(_UNKNOWN)
        registry, path = "", (path if not stripped or "." in stripped else f"{first}/{path}")
    elif "." in first or ":" in first or first == "localhost":
        registry = first.lower()
    else:
        registry, path = "docker.io", rest
    path = path.lstrip(_UNKNOWN).lstrip("/")
    return registry, "" if _UNKNOWN in path else path


def _canonical(registry: str, path: str) -> tuple[str, tuple[str, ...]]:
    if not path:
        return "", ()
    parts = [part for part in path.lower().split("/") if part]
    for index, part in enumerate(parts[:-1]):
        # A mirror that keeps the registry in the path: m.daocloud.io/docker.io/library/postgres.
        if part in _HUB:
            return _hub(parts[index + 1 :]), ()
        if part in _REGISTRIES:
            return _own(part, parts[index + 1 :]), ()
    if registry in _HUB:
        return _hub(parts), ()
    if registry == "public.ecr.aws" and parts[0] == "docker":
        return _hub(parts[1:]), ()
    if len(parts) > 1 and parts[-2] == "library":
        return parts[-1], ()
    if registry in _REGISTRIES:
        return _own(registry, parts), ()
    if "containers" in parts[:-1] and "dependency_proxy" in parts:
        return _hub(parts[parts.index("containers") + 1 :]), ()
    if not registry:
        return _hub(parts), ()
    guesses = ["/".join(parts[start:]) for start in range(max(0, len(parts) - 2), len(parts))]
    return f"{registry}/{'/'.join(parts)}", tuple(_hub(guess.split("/")) for guess in guesses)


def _hub(parts: list[str]) -> str:
    if len(parts) == 2 and (parts[0] == "library" or parts[0] in _ARCHITECTURES):
        return parts[1]
    return "/".join([_SAME.get(parts[0], parts[0]), *parts[1:]]) if len(parts) > 1 else parts[0]


def _own(registry: str, parts: list[str]) -> str:
    if registry in ("lscr.io", "ghcr.io") and parts[0] == "linuxserver":
        return "/".join(parts)
    if registry == "public.ecr.aws" and parts[0].startswith("bitnami"):
        return "/".join(["bitnami", *parts[1:]])
    return "/".join([registry, *parts])


def tag_version(tag: str | None, word: str = "") -> Version | None:
    """Return the version a tag names: (17, 2) for '17.2-bookworm'; None for 'latest' and no tag.

    `word` is what the number stands behind in tags like '0.8.1-pg17' ('pg').
    """
    if tag is None:
        return None
    if word:
        found = re.search(rf"{re.escape(word)}v?(\d+(?:\.\d+)*)(?![\d\0])", tag)
    else:
        found = _VERSION.match(tag)
    if found is None:
        return None
    return tuple(int(part) for part in found[1].split("."))


def parse_constraint(text: str) -> tuple[str, Version]:
    """Read '>=18', '<6.2', '=1'. Raises ValueError."""
    found = re.fullmatch(r"(>=|<=|<|>|=)(\d+(?:\.\d+)*)", text)
    if found is None:
        raise ValueError(f"not a version constraint: {text!r}")
    return found[1], tuple(int(part) for part in found[2].split("."))


def holds(constraint: tuple[str, Version], version: Version) -> bool:
    """Return whether a version meets a constraint; '6' stands for the newest 6, so it is above 6.2."""
    operator, wanted = constraint
    have = (version + (inf,) * len(wanted))[: len(wanted)]
    if operator == ">=":
        return have >= wanted
    if operator == "<":
        return have < wanted
    if operator == ">":
        return have > wanted
    if operator == "<=":
        return have <= wanted
    return have == wanted
