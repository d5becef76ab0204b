"""What the mounts of a docker and of a podman command line have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.model import Mount, MountKind, Option, Syntax, VolumesFrom
from volint.parse.mountspec import UNKNOWN, clean
from volint.record import NamedTuple
from volint.source import Label, Problem, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.assemble.runscene import Scene
    from volint.parse.mountspec import Complaint, Field, Reading
    from volint.parse.runflags import Parsed
    from volint.source import Span, Word

__all__ = ["MountList", "Spec", "masked"]


class Spec(NamedTuple):
    """A word that describes mounts, prepared for reading."""

    word: Word
    """The word."""
    text: str
    """Its value with every character of an unknown variable, and of a leading '~' that the shell
    expands, replaced by UNKNOWN."""
    path: bool
    """Whether a source that begins with something unknown is a host path and no volume's name."""


def masked(word: Word) -> Spec:
    """Prepare a word for reading."""
    value = word.value
    chars: list[str] | None = None
    first = ""
    default = ""
    for index, piece in enumerate(word.pieces):
        if piece.unresolved:
            following = word.pieces[index + 1 : index + 2]
            end = following[0].at if following else len(value)
            chars = chars or list(value)
            chars[piece.at : end] = UNKNOWN * (end - piece.at)
            if piece.at == 0:
                first = piece.unresolved
                default = _default(value[:end])
    if word.tilde and value[:1] == "~":
        end = next((at for at, char in enumerate(value) if char in "/:"), len(value))
        chars = chars or list(value)
        chars[:end] = UNKNOWN * end
        return Spec(word, "".join(chars), True)
    if chars is None:
        return Spec(word, value, False)
    text = "".join(chars)
    return Spec(word, text, _is_path(text, first, default))


def _default(expansion: str) -> str:
    """Return the first character of a `${NAME:-default}`'s default, '' if it has none."""
    name, dash, rest = expansion.removesuffix("}").partition("-")
    if not dash:
        name, dash, rest = expansion.removesuffix("}").partition("=")
    return rest.lstrip("'\"")[:1] if dash and name.startswith("${") else ""


def _is_path(text: str, name: str, default: str) -> bool:
    """Guess whether a source that begins with the unknown variable `name` is a host path."""
    source = text.partition(":")[0]
    if "/" in source:
        return True
    if default and not source.strip(UNKNOWN):
        return default in "/.~$"
    upper = name.upper()
    return not source.strip(UNKNOWN) and "VOL" not in upper and not upper.endswith("NAME")


def _rewritten(text: str, spec: Spec) -> str:
    """Return a message that quotes what was read with the text that was written."""
    if UNKNOWN not in text:
        return text
    if spec.text in text:
        return text.replace(spec.text, spec.word.value)
    for part in spec.text.split(":"):
        if UNKNOWN in part and part in text:
            start = spec.text.index(part)
            text = text.replace(part, spec.word.value[start : start + len(part)])
    return text.replace(UNKNOWN, "")


class MountList:
    """What the mount flags of one command line give, in the order of the line."""

    def __init__(self, scene: Scene, parsed: Parsed, container: str) -> None:
        self.scene = scene
        self.parsed = parsed
        self.container = container
        self.mounts: list[Mount] = []
        self.volumes_from: list[VolumesFrom] = []
        self.problems: list[Problem] = []
        self.unresolved: list[str] = []
        self.refused = False

    def build(self) -> None:
        """Read all flags; fills `mounts`, `volumes_from`, `problems`, `refused`."""
        raise NotImplementedError

    def entries(self, name: str) -> Iterator[Spec]:
        """Yield the values of a flag; what is unknown as a whole only leaves its variables."""
        for word in self.parsed.values(name):
            spec = masked(word)
            if spec.text and not spec.text.strip(UNKNOWN) and not word.tilde:
                self.unresolved.extend(word.unresolved())
                continue
            yield spec

    def complain(
        self, spec: Spec, complaint: Complaint, *, code: str = "VL601", level: str | None = None
    ) -> None:
        """Turn a complaint into a problem; one about unknown text is dropped."""
        part = spec.text[complaint.start : complaint.end]
        if part and not part.strip(UNKNOWN):
            self.unresolved.extend(spec.word.unresolved())
            return
        place = spec.word.span
        if complaint.end > complaint.start:
            place = spec.word.slice(complaint.start, complaint.end).span
        message = _rewritten(complaint.message, spec)
        advice = _rewritten(complaint.help, spec)
        self.problems.append(
            Problem(code, message, place, advice, level=level, container=self.container)
        )
        if not complaint.starting and level is None:
            self.refused = True

    def text(self, spec: Spec, field: Field, value: str | None = None) -> Text:
        """Return a field as a text, its value as written unless another is given."""
        text = spec.word.slice(field.start, field.end)
        if value is None:
            value = text.value if UNKNOWN in field.text else field.text
        return text._replace(value=value)

    def lower(self, spec: Spec, reading: Reading, syntax: Syntax) -> Mount:
        """Return a reading as a mount of the model."""
        word = spec.word
        target = self.text(spec, reading.target)
        source = self.text(spec, reading.source) if reading.source else None
        kind = MountKind(reading.kind)
        tilde = word.tilde and reading.source is not None and reading.source.start == 0
        resolved = reading.resolved
        if tilde and source and kind is MountKind.BIND:
            resolved = self._at_home(spec, source)
        return Mount(
            kind,
            source,
            target,
            reading.read_only,
            syntax,
            word.span,
            {
                name: Option(value, word.slice(start, end).span)
                for name, (value, start, end) in reading.options.items()
                if not (isinstance(value, str) and UNKNOWN in value)
            },
            resolved,
            word.unresolved() if word.pieces else (),
            spec=word.text(),
            mode=self.text(spec, reading.mode) if reading.mode else None,
            unquoted=tuple(
                word.span._replace(start=piece.start, end=piece.end)
                for piece in word.pieces
                if piece.unquoted
            ),
            tilde=tilde,
        )

    def _at_home(self, spec: Spec, source: Text) -> str | None:
        home = self.scene.home
        value = source.value
        if home is None or source.unresolved or not (value == "~" or value.startswith("~/")):
            return None
        return clean(f"{home}{value[1:]}")

    def donate(self, spec: Spec, donor: Field, read_only: bool) -> list[Mount]:
        """Record a donor and return the mounts it gives, none if it is not known."""
        name = self.text(spec, donor)
        span = spec.word.span
        self.volumes_from.append(VolumesFrom(name, read_only, span))
        known = self.scene.donors.get(name.value)
        if known is None or name.unresolved:
            return []
        return [
            mount._replace(
                read_only=mount.read_only or read_only,
                syntax=Syntax.VOLUMES_FROM,
                span=span,
                donor=name.value,
                shadowed=False,
                via=(mount.span, *mount.via),
            )
            for mount in known.mounts
            if mount.syntax is not Syntax.TMPFS and not mount.shadowed
        ]

    def duplicate(self, mount: Mount, first: Span | None) -> None:
        """Object to a second mount on one target."""
        target = mount.target
        self.problems.append(
            Problem(
                "VL602",
                f"'{target.value}' is the target of another mount already",
                target.span,
                "give each mount a target of its own",
                (Label(first, "the other mount"),) if first else (),
                container=self.container,
                target=target.value,
            )
        )
        self.refused = True
