"""Walks a script's tree in the order it would run: branches, loops, subshells and function calls.

Straight-line assignments are followed, branches and loops make what they assign unknown, literal
`for` lists and function calls with their arguments are run through. The work is bounded: beyond a
budget, loops and calls are looked at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.shellassign import ASSIGNMENT, assigned
from volint.parse.shellbuiltin import GONE, LEFT, ON, Builtins
from volint.parse.shellcommand import MAX_UNROLLED
from volint.parse.shellstate import Array, Scalar, Unknown
from volint.parse.shelltree import Case, Choice, For, Function, Other, Scope, Sequence, Simple

if TYPE_CHECKING:
    from volint.parse.bits import Bit
    from volint.parse.shelllex import Scanner
    from volint.parse.shellstate import State, Value
    from volint.parse.shelltree import Node
    from volint.parse.shellwords import Reader

__all__ = ["Walk"]

_GLOB = regex(r"[*?\[]")
_SURE = frozenset(
    ("cd", "pushd", "export", "true", ":", "mkdir", "set", "echo", "readonly", "local")
)
_MAX_CALLS = 12


class Walk(Builtins):
    """The order in which a script's commands run, and the work that is left for them."""

    def __init__(self, text: str, scanner: Scanner, reader: Reader, state: State) -> None:
        self.text = text
        self.scanner = scanner
        self.reader = reader
        self.state = state
        self.functions: dict[str, Function] = {}
        self._defined: list[Function] = []
        self._seen: set[int] = set()
        self._stack: list[Function] = []
        self._leaks: set[str] = set()
        self._extra = 2_000
        self._again = 0

    def simple(self, node: Simple) -> int:
        """Run a simple command; return how it ends."""
        raise NotImplementedError

    def backticks(self, start: int, end: int) -> None:
        """Run what stands between backticks with backslashes."""
        raise NotImplementedError

    def walk(self, tree: Sequence) -> None:
        """Run a script, then the functions that nothing called."""
        self.sequence(tree)
        position = 0
        while position < len(self._defined):
            function = self._defined[position]
            position += 1
            if id(function) in self._seen:
                continue
            self._seen.add(id(function))
            self.state.push(function=True)
            self.state.declare("@")
            self.state.set("@", Unknown())
            self._stack.append(function)
            self.sequence(function.body)
            self._stack.pop()
            self.state.pop()

    def sequence(self, node: Sequence) -> int:
        """Run commands one after the other; return how the last of them ends."""
        framed = False
        sure = True
        ended = left = ON
        for connector, child in node.items:
            if framed and connector != "&&":
                self._close(left)
                framed = False
            if connector == ";":
                sure = True
            if connector == "||" or (connector == "&&" and not sure and not framed):
                self.state.push()
                framed = True
                left = ON
            result = self.node(child)
            if framed:
                left = max(left, result)
            else:
                ended = max(ended, result)
                sure = sure and self._is_sure(child)
        if framed:
            self._close(left)
        return ended

    def _close(self, left: int) -> None:
        """Close the frame of commands that may not have run."""
        self._join([(self.state.pop(), left)], complete=False)

    def _join(self, branches: list[tuple[dict[str, Value], int]], *, complete: bool) -> int:
        """Take over what branches assigned; return how the whole ends."""
        staying = [values for values, left in branches if left == ON]
        for values, left in branches:
            if left == LEFT:
                self._leaks.update(values)
        if staying:
            self.state.join(staying, complete=complete)
        elif complete and branches:
            return min(left for _, left in branches)
        return ON

    def _is_sure(self, child: Node) -> bool:
        """Return True if a command can be taken to succeed."""
        if not isinstance(child, Simple):
            return False
        for start, end in child.words:
            if not ASSIGNMENT.match(self.text, start, end):
                return self.text[start:end] in _SURE
        return True

    def node(self, node: Node) -> int:
        """Run one node; return how it ends."""
        if isinstance(node, Simple):
            return self.simple(node)
        if isinstance(node, Sequence):
            return self.sequence(node)
        if isinstance(node, Choice):
            return self._choice(node)
        if isinstance(node, Scope):
            for part in node.parts:
                self.state.push()
                self.node(part)
                self.state.pop()
        elif isinstance(node, For):
            self._for(node)
        elif isinstance(node, Case):
            self._substitutions(node.substitutions)
            results = [self._branch(body) for body in node.bodies]
            return self._join(results, complete=node.complete)
        elif isinstance(node, Function):
            self.functions[node.name] = node
            self._defined.append(node)
        elif isinstance(node, Other):
            self._substitutions(node.substitutions)
        return ON

    def _branch(self, body: Sequence) -> tuple[dict[str, Value], int]:
        self.state.push()
        left = self.sequence(body)
        return self.state.pop(), left

    def _choice(self, node: Choice) -> int:
        if node.loop:
            for test, body in node.branches:
                self._forget(test, body)
                self.sequence(test)
                leaks, self._leaks = self._leaks, set()
                self._join([self._branch(body)], complete=False)
                self._spill(leaks)
            return ON
        results: list[tuple[dict[str, Value], int]] = []
        for test, body in node.branches:
            self.sequence(test)
            results.append(self._branch(body))
        return self._join(results, complete=node.complete)

    def _spill(self, leaks: set[str]) -> None:
        """Make unknown what was assigned on a way out, and restore the names of the outer level."""
        for name in self._leaks:
            if name != "*":
                self.state.set(name, Unknown())
        self._leaks = leaks

    def _for(self, node: For) -> None:
        self._substitutions(node.substitutions)
        items: list[list[Bit]] | None = None
        if node.words is not None:
            items = [field for start, end in node.words for field in self.reader.fields(start, end)]
        elif self.state.get("@") is not None:
            found = self.reader.lookup("@", None)
            items = [list(item) for item in found.items] if isinstance(found, Array) else None
        known = items is not None and 0 < len(items) <= MAX_UNROLLED
        for item in items or ():
            if any(
                (bit.unresolved and bit.unresolved != "~") or _GLOB.search(bit.value)
                for bit in item
            ):
                known = False
        leaks, self._leaks = self._leaks, set()
        if known and items and self._extra > 0:
            self._again += 1
            for item in items:
                self._extra -= 1
                self.state.set(node.name, Scalar(tuple(bit for bit in item if bit.value)))
                if self.sequence(node.body) or self._extra < 0:
                    break
            self._again -= 1
        else:
            self._forget(node.body)
            if node.name:
                self.state.set(node.name, Unknown())
            self._join([self._branch(node.body)], complete=False)
        self._spill(leaks)

    def _substitutions(self, starts: tuple[int, ...]) -> None:
        for start in starts:
            node = self.scanner.nested.get(start)
            if node is not None:
                self.state.push()
                self.sequence(node)
                self.state.pop()
            elif start in self.scanner.escaped:
                self.backticks(*self.scanner.escaped[start])

    def _call(self, function: Function, ranges: list[tuple[int, int]]) -> int:
        """Run a function with its arguments."""
        busy = function in self._stack or len(self._stack) >= _MAX_CALLS or self._extra <= 0
        if busy:
            self._forget_names(assigned(function.body, self.text, self.functions))
            return ON
        self._seen.add(id(function))
        items = [
            tuple(bit for bit in field if bit.value or bit.start >= 0)
            for start, end in ranges
            for field in self.reader.fields(start, end)
        ]
        self.state.push(function=True)
        self.state.declare("@")
        self.state.set("@", Array(tuple(items)))
        self._stack.append(function)
        self._extra -= 1
        self._again += 1
        leaks, self._leaks = self._leaks, set()
        left = self.sequence(function.body)
        self._again -= 1
        self._spill(leaks)
        self._stack.pop()
        for name, value in self.state.pop().items():
            if name == "*":
                self.state.forget()
            else:
                self.state.set(name, value)
        return GONE if left == GONE else ON
