"""Command lines for tests: words with places, and the folder in which lines were recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recorded import document

from volint.model import Container, ContainerKind, Mount, MountKind, Syntax
from volint.source import Kind, Piece, Source, Span, Text, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT = "/srv/proj"


def words_of(argv: Sequence[str]) -> list[Word]:
    """Return words as a shell passes them, one blank between them, nothing unknown."""
    source = Source("run.sh", " ".join(argv), Kind.SHELL)
    words = []
    start = 0
    for word in argv:
        words.append(Word(word, Span(source, start, start + len(word))))
        start += len(word) + 1
    return words


def line(text: str) -> list[Word]:
    """Return the words of a line without quotes; `$NAME` and `${NAME}` are unknown, `~/` expands.

    An expansion is unquoted unless its word is written in double quotes.
    """
    source = Source("run.sh", text, Kind.SHELL)
    words = []
    start = 0
    for raw in text.split(" "):
        quoted = raw[:1] == '"'
        value = raw.strip('"')
        begin = start + quoted
        pieces: list[Piece] = []
        at = 0
        while at < len(value):
            end = at + 1
            name = ""
            if value.startswith("${", at):
                end = value.index("}", at) + 1
                name = value[at + 2 : end - 1]
            elif value[at] == "$":
                while end < len(value) and (value[end].isalnum() or value[end] in "_@"):
                    end += 1
                name = value[at + 1 : end]
            else:
                while end < len(value) and value[end] != "$":
                    end += 1
            pieces.append(
                Piece(at, begin + at, begin + end, bool(name), name, bool(name) and not quoted)
            )
            at = end
        tilde = not quoted and value[:1] == "~"
        span = Span(source, start, start + len(raw))
        words.append(Word(value, span, tuple(pieces) if quoted or "$" in value else (), tilde))
        start += len(raw) + 1
    return words


class Folder:
    """The recorded folder, as something to read files with."""

    def __init__(self) -> None:
        fixture = document("fixture.json")
        self.environment: dict[str, str] = fixture["env"]
        self.home: str = fixture["home"]
        self.files: dict[str, str] = {f"{PROJECT}/{k}": v for k, v in fixture["files"].items()}
        # Read as other tools read it: the bytes are no UTF-8.
        self.unreadable = {f"{PROJECT}/utf8bad.env": b"A=\xff\xfe"}
        self.folders = {"/", "/srv", PROJECT, "/srv/my proj"}
        self.folders.update(f"{PROJECT}/{name}" for name in ("sub", "data", "out"))

    @staticmethod
    def real(path: str) -> str:
        return path.replace("/srv/link", PROJECT)

    def read(self, path: str) -> Source | None:
        text = self.files.get(self.real(path))
        if text is None:
            return None
        plain = text.removeprefix("\ufeff")
        return Source(path, plain, Kind.ENV_FILE, path, byte_order_mark=plain != text)

    def head(self, path: str, length: int) -> bytes | None:
        data = self.unreadable.get(self.real(path))
        return None if data is None else data[:length]

    def listdir(self, path: str) -> tuple[str, ...] | None:
        real = self.real(path)
        if real not in self.folders:
            return None
        start = real.rstrip("/") + "/"
        known = (*self.files, *self.folders, *self.unreadable)
        below = (name[len(start) :] for name in known if name.startswith(start))
        return tuple(sorted({name.partition("/")[0] for name in below if name}))

    def exists(self, path: str) -> bool:
        real = self.real(path)
        return real in self.files or real in self.folders or real in self.unreadable


def donor() -> Container:
    """Return the container `donor` of the recordings: a named volume and a read-only bind mount."""
    nowhere = Span(Source("donor", ""), 0, 0)

    def mount(kind: MountKind, source: str, target: str, read_only: bool) -> Mount:
        return Mount(
            kind,
            Text(source, nowhere),
            Text(target, nowhere),
            read_only,
            Syntax.V,
            nowhere,
            resolved_source=source if kind is MountKind.BIND else None,
        )

    return Container(
        Text("donor", nowhere),
        ContainerKind.RUN,
        nowhere,
        mounts=(
            mount(MountKind.VOLUME, "donor_vol", "/donor/vol", False),
            mount(MountKind.BIND, "/srv/donor", "/donor/ro", True),
        ),
    )
