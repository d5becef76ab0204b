"""Names of files and directories that matter: secrets, models, dependencies, configuration.

The names are in patterns.txt, whose head explains the form.
"""

from __future__ import annotations

import os
import re

from volint.knowledge.globs import GlobTable
from volint.record import NamedTuple

__all__ = ["Download", "ModelFile", "Patterns", "SecretFile"]


class SecretFile(NamedTuple):
    """A name that secrets have."""

    glob: str
    """The pattern that matched."""
    kind: str
    """'private-key', 'keystore', 'env-file', 'credentials', 'cloud-credentials', 'token', 'ssh', 'kubeconfig', 'password-file' ..."""
    confidence: str
    """'high': the name is enough; 'medium': look at content or size; 'low': only with another sign."""
    check: str
    """What a look at the content has to find; empty: nothing has to be looked at."""
    note: str
    """What else there is to know."""


class ModelFile(NamedTuple):
    """A name that model weights or data sets have."""

    glob: str
    """The pattern that matched."""
    family: str
    """'weights', 'pytorch', 'pickle', 'arrays' or 'data'."""
    confidence: str
    """'high': the name is enough; 'medium': with a size; 'low': only with another sign."""


class Download(NamedTuple):
    """A command that fetches models or data sets, found in a text."""

    name: str
    """What it is: 'hf-cli', 'ollama', 'model-file' ..."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset after its last character."""


_MOST_DIRECTORIES = 10_000
"""Directories of which it is remembered what their names say."""


class Patterns:
    """The look-ups. Paths have '/'; only their last components count."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._secrets: GlobTable[SecretFile] = GlobTable()
        self._secret_pairs: dict[str, SecretFile] = {}
        self._pair_names: set[str] = set()
        self._secret_dirs: dict[str, SecretFile] = {}
        self._directories: dict[str, SecretFile | None] = {}
        self._public: GlobTable[str] = GlobTable()
        self._certificates: GlobTable[str] = GlobTable()
        self._models: GlobTable[ModelFile] = GlobTable()
        self._model_dirs: dict[str, str] = {}
        self._downloads: list[tuple[str, str]] = []
        self._download: re.Pattern[str] | None = None
        self._words: dict[str, frozenset[str]] = {}
        self._drivers: dict[str, str] = {}
        self._no_drivers: dict[str, str] = {}
        for text in texts:
            for line in text.split("\n"):
                if line and line[0] != "#":
                    key, _, rest = line.partition(" ")
                    self._line(key, rest)

    def _line(self, key: str, rest: str) -> None:
        if key == "download":
            name, _, regex = rest.partition(" ")
            self._downloads.append((name, regex))
            return
        fields, _, note = rest.partition(" # ")
        words = fields.split()
        if key == "secret":
            self._secret(fields, note)
        elif key == "public":
            for glob in words:
                self._public.add(glob.rstrip("/"), glob)
        elif key == "certificate":
            for glob in words:
                self._certificates.add(glob, glob)
        elif key == "model":
            for glob in words[2:]:
                self._models.add(glob, ModelFile(glob, words[0], words[1]))
        elif key == "model-dir":
            self._model_dirs.update((name, words[0]) for name in words[1:])
        elif key == "driver":
            self._drivers.update((name, note) for name in words)
        elif key == "no-driver":
            self._no_drivers.update((name, note) for name in words)
        else:
            self._words[key] = self._words.get(key, frozenset()) | frozenset(words)

    def _secret(self, fields: str, note: str) -> None:
        spec, question, check = fields.partition(" ?")
        kind, confidence, *globs = spec.split()
        for glob in globs:
            wanted = check.strip() or ("its content" if question else "")
            entry = SecretFile(glob, kind, confidence, wanted, note)
            if glob.endswith("/"):
                self._secret_dirs.setdefault(glob[:-1].lower(), entry)
            elif "/" in glob:
                self._secret_pairs.setdefault(glob.lower(), entry)
                self._pair_names.add(glob.lower().rpartition("/")[2])
            else:
                self._secrets.add(glob, entry)

    # -- secrets -------------------------------------------------------------------------------

    def secret_file(self, path: str) -> SecretFile | None:
        """Return what kind of secret a path's name says it is; None for public and harmless names."""
        parts = [part for part in path.replace("\\", "/").split("/") if part]
        if not parts:
            return None
        found = self._like_a_secret(parts)
        # Few names are like a secret's, and fewer of those are public.
        return None if found is None or self.is_public(parts[-1]) else found

    def _like_a_secret(self, parts: list[str]) -> SecretFile | None:
        name = parts[-1]
        if name.lower() in self._pair_names:
            for length in (3, 2):
                found = self._secret_pairs.get("/".join(parts[-length:]).lower())
                if found is not None:
                    return found
        found = self._secrets.get(name)
        # What says least gives way to the directory it is in.
        if found is not None and found.confidence != "low":
            return found
        return self._secret_directory(parts, len(parts) - 1) or self._below(parts[:-1]) or found

    def _below(self, parts: list[str]) -> SecretFile | None:
        """Return what the innermost directory of some says that is below it; files have few directories."""
        key = "/".join(parts)
        if key not in self._directories:
            if len(self._directories) >= _MOST_DIRECTORIES:
                self._directories.clear()
            places = range(len(parts) - 1, -1, -1)
            said = (self._secret_directory(parts, index) for index in places)
            self._directories[key] = next(filter(None, said), None)
        return self._directories[key]

    def _secret_directory(self, parts: list[str], index: int) -> SecretFile | None:
        """Return what the name of one part of a path says if it is a directory."""
        found = self._secret_dirs.get(parts[index].lower())
        if found is None and index:
            found = self._secret_dirs.get(f"{parts[index - 1]}/{parts[index]}".lower())
        return found

    def is_public(self, path: str) -> bool:
        """Return whether a name looks like a secret's and is none: examples, public keys, certificates."""
        name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
        return self._public.get(name) is not None or self._certificates.get(name) is not None

    def is_certificate(self, path: str) -> bool:
        """Return whether a name is that of a public certificate."""
        return (
            self._certificates.get(path.replace("\\", "/").rstrip("/").rpartition("/")[2])
            is not None
        )

    # -- models --------------------------------------------------------------------------------

    def model_file(self, path: str) -> ModelFile | None:
        """Return what kind of model or data set a path's name says it is."""
        directory, _, name = path.rstrip("/").rpartition("/")
        if "site-packages" in directory and name.endswith(".pth"):
            return None
        return self._models.get(name)

    def model_directory(self, path: str) -> str | None:
        """Return the confidence ('high', 'medium', 'low') that a directory's name says models; None: it does not."""
        return self._model_dirs.get(path.rstrip("/").rpartition("/")[2].lower())

    def model_downloads(self, text: str) -> list[Download]:
        """Return the commands in a shell text that fetch models or data sets, in order."""
        if self._download is None:
            self._download = re.compile(
                "|".join(f"({regex})" for _, regex in self._downloads_flat())
            )
        found = []
        for match in self._download.finditer(text):
            index = (match.lastindex or 1) - 1
            found.append(Download(self._downloads[index][0], match.start(), match.end()))
        return found

    def _downloads_flat(self) -> list[tuple[str, str]]:
        """Return the expressions with their groups made silent, so that group N is download N."""
        return [(name, re.sub(r"(?<!\\)\((?!\?)", "(?:", regex)) for name, regex in self._downloads]

    # -- directories and configuration ---------------------------------------------------------

    def is_dependency_directory(self, path: str) -> bool:
        """Return whether a directory's name is one that holds installed dependencies."""
        return path.rstrip("/").rpartition("/")[2] in self._words["dependencies"]

    def is_cache_directory(self, path: str) -> bool:
        """Return whether a directory's name is one that tools keep caches in."""
        return path.rstrip("/").rpartition("/")[2] in self._words["caches"]

    def is_build_output(self, path: str) -> bool:
        """Return whether a directory's name is one that builds write to."""
        return path.rstrip("/").rpartition("/")[2] in self._words["build-output"]

    def is_init_directory(self, path: str) -> bool:
        """Return whether a container path is, or lies in, a directory whose scripts run at first start."""
        words = self._words["init-dir"]
        return path in words or path.rpartition("/")[0] in words

    def is_config_file(self, path: str) -> bool:
        """Return whether a name or its extension is one that configuration has."""
        name = path.replace("\\", "/").rpartition("/")[2]
        return name in self._words["config-name"] or (
            "." in name[1:] and name.rpartition(".")[2].lower() in self._words["config-ext"]
        )

    def is_config_directory(self, path: str) -> bool:
        """Return whether a container path is a directory that programs only read configuration from."""
        return path.rstrip("/") in self._words["config-dir"]

    def mistaken_driver(self, name: str) -> str | None:
        """Return what does the work of something that is mistaken for a volume driver; None if it may be one."""
        return self._no_drivers.get(name.lower())

    def abandoned_driver(self, name: str) -> str | None:
        """Return why a volume driver is no longer maintained; None if nothing is known against it."""
        return self._drivers.get(name.lower()) or self._drivers.get(name.lower().partition(":")[0])


def shipped() -> str:
    """Return the text of patterns.txt."""
    path = os.path.join(os.path.dirname(__file__), "patterns.txt")
    with open(path, encoding="utf-8") as stream:
        return stream.read()
