"""The state of a build stage, as it changes from instruction to instruction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from volint.parse.dockerfile_expand import UNKNOWN, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.source import Span, Text, Word

__all__ = ["Budget", "Scope", "Snapshot", "State", "value_of"]

_MAX_TOTAL = 1 << 20


class Budget:
    """How many characters all values of a Dockerfile may still take, inherited ones too.

    `ENV A=$A$A` doubles a value; beyond the budget all variables count as unknown.
    """

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _MAX_TOTAL


class Snapshot(Mapping[str, str]):
    """The known variables at one point of a stage; a dict is made when it is first asked."""

    __slots__ = ("_count", "_log", "_values")

    def __init__(self, log: list[tuple[str, str | None]], count: int) -> None:
        self._log = log
        self._count = count
        self._values: dict[str, str] | None = None

    def _known(self) -> dict[str, str]:
        values = self._values
        if values is None:
            entries = dict(self._log[: self._count])
            values = {name: value for name, value in entries.items() if value is not None}
            self._values = values
        return values

    def __getitem__(self, name: str) -> str:
        return self._known()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def __repr__(self) -> str:
        return f"Snapshot({self._known()!r})"


class Scope:
    """What `$name` stands for at the current instruction of a stage."""

    __slots__ = ("budget", "closed", "image", "log", "values")

    def __init__(self, budget: Budget, *, closed: bool) -> None:
        self.budget = budget
        self.closed = closed
        """True if a name that nobody set is empty, False if the base image may have set it."""
        self.values: dict[str, Value] = {}
        """ENV and ARG in force."""
        self.image: dict[str, tuple[Value, Text]] = {}
        """ENV of the image."""
        self.log: list[tuple[str, str | None]] = []

    def child(self) -> Scope:
        """Return the scope that a stage FROM this one begins with.

        The image's ENV is set once more, so that it wins over an ARG of the stage below
        (BuildKit v0.32, dispatchStages).
        """
        scope = Scope(self.budget, closed=self.closed)
        if self.budget.left <= 0:
            return scope
        scope.image = dict(self.image)
        for name, value in self.values.items():
            scope.set(name, self.image[name][0] if name in self.image else value)
        return scope

    def lookup(self, name: str) -> Value | None:
        """Return the value of a variable; None if it is not set."""
        if self.budget.left <= 0:
            return UNKNOWN
        value = self.values.get(name)
        if value is None and not self.closed and (name[:1].isalpha() or name[:1] == "_"):
            return UNKNOWN
        return value

    def set(self, name: str, value: Value) -> None:
        """Set a variable from the next instruction on."""
        text = value if isinstance(value, str) else "".join(part for part, _name in value)
        self.budget.left -= len(text)
        self.values[name] = value
        self.log.append((name, None if value == UNKNOWN else text))

    def snapshot(self) -> Snapshot:
        """Return the variables in force now."""
        return Snapshot(self.log, len(self.log))


class State:
    """What the image of a stage would be if the build ended here."""

    __slots__ = (
        "command",
        "command_set",
        "entrypoint",
        "scope",
        "shell",
        "user",
        "volumes",
        "workdir",
        "workdir_span",
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.user: Text | None = None
        self.workdir = "/"
        self.workdir_span: Span | None = None
        self.volumes: dict[str, Text] = {}
        self.command: tuple[Text, ...] | None = None
        self.entrypoint: tuple[Text, ...] | None = None
        self.shell: tuple[str, ...] = ("/bin/sh", "-c")
        self.command_set = False
        """True once this stage itself has a CMD."""

    def child(self) -> State:
        """Return the state that a stage FROM this one begins with."""
        state = State(self.scope.child())
        state.user, state.workdir, state.workdir_span = self.user, self.workdir, self.workdir_span
        self.scope.budget.left -= len(self.volumes)
        if self.scope.budget.left > 0:
            state.volumes = dict(self.volumes)
        state.command, state.entrypoint, state.shell = self.command, self.entrypoint, self.shell
        return state


def value_of(word: Word) -> Value:
    """Return a word as the value of a variable, unknown parts kept apart."""
    if not any(piece.unresolved for piece in word.pieces):
        return word.value
    pieces = word.pieces
    ends = [*(piece.at for piece in pieces[1:]), len(word.value)]
    return tuple(
        (word.value[piece.at : end], piece.unresolved)
        for piece, end in zip(pieces, ends, strict=True)
    )
