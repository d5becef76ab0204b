"""The file of images: found by name, read when asked for.

The facts are in images.txt, whose head explains the form. The index of names is all that is made when
the file is loaded; an entry is read when its image is first looked up.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase

from volint.knowledge.images import HostAccess, Image, Move, Place, WrongTarget
from volint.knowledge.references import ImageRef, canonical_name, tag_version
from volint.lazy import regex

__all__ = ["Images", "shipped"]

_PLACE_KEYS = frozenset(
    [
        "data",
        "extra",
        "config",
        "content",
        "logs",
        "cache",
        "temp",
        "media",
        "certs",
        "secrets",
        "init",
        "volume",
        "html",
    ]
)
_WRONG_KEYS = frozenset(
    [
        "wrong",
        "conditional",
        "version-dependent",
        "parent-of-volume",
        "too-narrow",
        "hides",
        "not-data",
    ]
)
_RENAMED = ("lscr.io/", "ghcr.io/linuxserver/", "docker.io/", "public.ecr.aws/", "bitnamilegacy/")
"""Names in the file that begin so are known by another one."""
_HEAD = regex(r"^\[([^\]\n]+)\]\nimages (.+)$", re.M)


class Images:
    """The look-up. Every question costs a few dictionary look-ups, whatever the number of images."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._blocks: dict[str, tuple[str, int]] = {}
        self._exact: dict[str, list[tuple[str, str]]] = {}
        self._globs: dict[str, list[tuple[str, str]]] = {}
        self._parsed: dict[str, Entry] = {}
        self._found: dict[str, Image | None] = {}
        for text in texts:
            for match in _HEAD.finditer(text):
                self._blocks[match[1]] = (text, match.start())
                block = match[1]
                for name in match[2].split():
                    if "." in name or ":" in name or "*" in name or "legacy/" in name:
                        self._index(name, block)
                    else:
                        self._exact.setdefault(name, []).append(("", block))

    def _index(self, name: str, block: str) -> None:
        path, tag = name, ""
        if name.rfind(":") > name.rfind("/"):
            path, _, tag = name.rpartition(":")
        star = path.find("*")
        if star < 0:
            known = canonical_name(path) if path.startswith(_RENAMED) else path
            self._exact.setdefault(known, []).append((tag, block))
        else:
            first, slash, rest = path.partition("/")
            if first in ("lscr.io", "ghcr.io") and rest.startswith("linuxserver/"):
                path = rest
            prefix = path[: path.find("*")].rpartition("/")[0] if slash else ""
            self._globs.setdefault(prefix, []).append((path, block))

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of all entries, in the file's order."""
        return tuple(self._blocks)

    def lookup(self, reference: str | ImageRef) -> Image | None:
        """Return what is known of an image; None where nothing is."""
        text = reference if isinstance(reference, str) else reference.text
        if text not in self._found:
            ref = ImageRef.parse(reference) if isinstance(reference, str) else reference
            self._found[text] = self._lookup(ref)
        return self._found[text]

    def _lookup(self, ref: ImageRef) -> Image | None:
        if not ref.name:
            return None
        for guessed, name in ((False, ref.name), *((True, guess) for guess in ref.guesses)):
            block = self._block_of(name, ref)
            if block:
                named = ref._replace(name=name) if guessed else ref
                return self.entry(block).image(named, guessed)
        return None

    def _block_of(self, name: str, ref: ImageRef) -> str:
        plain = ""
        for tag, block in self._exact.get(name, ()):
            if not tag:
                plain = block
            elif ref.tag is not None and fnmatchcase(ref.tag, tag):
                return block
        if plain:
            return plain
        prefix = name.rpartition("/")[0]
        while True:
            for glob, block in self._globs.get(prefix, ()):
                if fnmatchcase(name, glob):
                    return block
            if not prefix:
                return ""
            prefix = prefix.rpartition("/")[0]

    def entry(self, block: str) -> Entry:
        """Return one entry, read. Raises KeyError."""
        found = self._parsed.get(block)
        if found is None:
            text, start = self._blocks[block]
            end = text.find("\n\n", start)
            found = Entry(self, block, text[start : end if end >= 0 else len(text)])
            self._parsed[block] = found
        return found


class Entry:
    """One entry of the file."""

    def __init__(self, images: Images, block: str, text: str) -> None:
        self.id = block
        self.words: dict[str, str] = {}
        self.places: list[Place] = []
        self.moves: list[Move] = []
        self.elsewhere: list[tuple[str, str, tuple[str, ...]]] = []
        self.wrong: list[WrongTarget] = []
        self.host: list[HostAccess] = []
        self.clients: list[str] = []
        self.scratch: list[str] = []
        self.notes: list[str] = []
        self.sources: list[str] = []
        self.file_env: list[tuple[str, str]] = []
        self.unread: dict[str, str] = {}
        for line in text.split("\n")[1:]:
            key, _, rest = line.partition(" ")
            if key and key[0] != "#":
                self._line(key, rest)
        if "based-on" in self.words:
            self._inherit(images.entry(self.words["based-on"]))

    def _line(self, key: str, rest: str) -> None:
        if key in _PLACE_KEYS:
            self.places.append(_place(key, rest))
        elif key in _WRONG_KEYS:
            spec, _, why = rest.partition(" # ")
            path, when = _conditions(spec)
            self.wrong.append(WrongTarget(path[0], key, why, when))
        elif key == "moved-by":
            self.moves.append(_move(rest.split()))
        elif key == "elsewhere":
            reason, condition, *words = rest.split()
            self.elsewhere.append((reason.replace("-", " "), condition, tuple(words)))
        elif key == "host":
            path_, *options = rest.split()
            self.host.append(HostAccess(path_, "read-only" in options))
        elif key == "file-env":
            names, _, pattern = rest.partition(" by ")
            self.file_env += ((name, pattern or "{}_FILE") for name in names.split())
        elif key == "unread":
            name, read = rest.split()
            self.unread[name] = read
        elif key == "clients":
            self.clients += rest.split()
        elif key == "scratch":
            self.scratch += rest.split()
        elif key == "note":
            self.notes.append(rest)
        elif key == "source":
            self.sources.append(rest)
        elif key in (
            "images",
            "based-on",
            "category",
            "evidence",
            "state",
            "version",
            "writers",
            "socket",
            "users",
        ):
            self.words[key] = rest
        else:
            raise ValueError(f"image knowledge, entry {self.id!r}: unknown key {key!r}")

    def _inherit(self, base: Entry) -> None:
        """Take over what is not said here; a data path of its own makes the base's paths moot."""
        self.words = {**base.words, **self.words}
        if not any(place.role == "data" for place in self.places):
            self.places += (place for place in base.places if place.role == "data")
            self.wrong += base.wrong
        self.places += (place for place in base.places if place.role != "data")
        self.moves += base.moves
        self.elsewhere += base.elsewhere
        self.clients += base.clients
        self.scratch += base.scratch
        self.file_env += base.file_env
        self.unread = {**base.unread, **self.unread}
        self.notes += base.notes
        self.sources += base.sources

    def image(self, ref: ImageRef, guessed: bool) -> Image:
        """Return its facts for one reference."""
        words = self.words
        return Image(
            self.id,
            ref,
            words.get("category", ""),
            words.get("state", "yes"),
            words.get("evidence", "unverified"),
            words.get("writers", ""),
            tuple(self.places),
            tuple(self.moves),
            tuple(self.elsewhere),
            tuple(self.wrong),
            tuple(self.host),
            words.get("socket", ""),
            frozenset(self.clients),
            tuple(self.scratch),
            tuple(self.notes),
            tuple(self.sources),
            tag_version(ref.tag, words.get("version", "")),
            tuple(self.file_env),
            guessed,
            frozenset(words.get("users", "").split()),
            self.unread,
        )


def _conditions(text: str) -> tuple[list[str], tuple[str, ...]]:
    head, _, when = text.partition(" when ")
    return head.split(), tuple(when.split())


def _place(role: str, rest: str) -> Place:
    (path, *options), when = _conditions(rest)
    volume: bool | None = None
    checked = False
    for option in options:
        if option.rstrip("?") in ("VOLUME", "no-volume"):
            volume = option.startswith("V")
            checked = not option.endswith("?")
    return Place(role, path, volume, checked, "written" in options, "optional" in options, when)


def _move(words: list[str]) -> Move:
    kind, *rest = words
    names: list[str] = []
    path = form = below = ""
    unless: tuple[str, ...] = ()
    while rest:
        word = rest.pop(0)
        if word == "for":
            path = rest.pop(0)
        elif word == "under":
            below = rest.pop(0)
        elif word == "unless":
            unless, rest = tuple(rest), []
        elif word == "file" or (word == "url" and kind != "url"):
            form = word
        else:
            names.append(word)
    return Move(kind, tuple(names), path, form, below, unless)


def shipped() -> str:
    """Return the text of images.txt."""
    path = os.path.join(os.path.dirname(__file__), "images.txt")
    with open(path, encoding="utf-8") as stream:
        return stream.read()
