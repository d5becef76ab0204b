"""The tree of a shell script: what runs in which order and under which condition.

Words stay ranges of the text; see `volint.parse.shellsyntax` for how it is made.
"""

from __future__ import annotations

__all__ = [
    "Case",
    "Choice",
    "For",
    "Function",
    "Node",
    "Other",
    "Redirect",
    "Scope",
    "Sequence",
    "Simple",
]


class Simple:
    """A simple command: the ranges of its words, assignments included, and its redirections."""

    __slots__ = ("end", "redirects", "start", "substitutions", "words")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.words: list[tuple[int, int]] = []
        self.redirects: list[Redirect] = []
        self.substitutions: tuple[int, ...] = ()


class Redirect:
    """A redirection: its operator and the range of its target."""

    __slots__ = ("end", "operator", "start")

    def __init__(self, operator: str, start: int, end: int) -> None:
        self.operator = operator
        self.start = start
        self.end = end


class Sequence:
    """Commands one after the other, each with the connector in front of it: ';', '&&' or '||'."""

    __slots__ = ("assigned", "items")

    def __init__(self) -> None:
        self.items: list[tuple[str, Node]] = []
        self.assigned: frozenset[str] | None = None


class Scope:
    """Commands whose assignments do not reach the rest: a subshell, the parts of a pipeline."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Node]) -> None:
        self.parts = parts


class Choice:
    """An `if` or a loop: tests that run first, bodies of which some run.

    `complete` is True if one of the bodies surely runs; `loop` if they may run again.
    """

    __slots__ = ("branches", "complete", "loop")

    def __init__(self) -> None:
        self.branches: list[tuple[Sequence, Sequence]] = []
        self.complete = False
        self.loop = False


class For:
    """A `for` or `select` over words; `words` is None for the positional parameters."""

    __slots__ = ("body", "name", "substitutions", "words")

    def __init__(self, name: str) -> None:
        self.name = name
        self.words: list[tuple[int, int]] | None = None
        self.body = Sequence()
        self.substitutions: tuple[int, ...] = ()


class Case:
    """A `case`: the bodies, one of which may run."""

    __slots__ = ("bodies", "complete", "substitutions")

    def __init__(self) -> None:
        self.bodies: list[Sequence] = []
        self.complete = False
        self.substitutions: tuple[int, ...] = ()


class Function:
    """A function definition."""

    __slots__ = ("body", "name")

    def __init__(self, name: str, body: Sequence) -> None:
        self.name = name
        self.body = body


class Other:
    """What runs no command of its own but its substitutions: `[[ ]]`, `(( ))`, a redirection."""

    __slots__ = ("substitutions",)

    def __init__(self, substitutions: tuple[int, ...]) -> None:
        self.substitutions = substitutions


Node = Simple | Sequence | Scope | Choice | For | Case | Function | Other
