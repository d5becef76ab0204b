"""Shell text into a tree of commands, by bash's grammar, whatever state the text is in.

What the grammar does not allow is skipped where it stands: a stray `done`, a template's tags or a
bracket too many cost nothing but themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.shelllex import MAX_DEPTH, Scanner
from volint.parse.shelltree import (
    Case,
    Choice,
    For,
    Function,
    Other,
    Redirect,
    Scope,
    Sequence,
    Simple,
)

if TYPE_CHECKING:
    from volint.parse.shelltree import Node

__all__ = ["parse"]

_WORD_END = regex(r"[ \t\n\r;&|<>()]|$")
_RESERVED = regex(
    r"(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|time|coproc"
    r"|\{|\}|!|\[\[)(?=[ \t\n\r;&|<>()]|\\\r?\n|$)"
)
_REDIRECT = regex(r"(?:[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\})?(&>>|<<<|<<-|&>|>>|<<|<&|>&|<>|>\||<|>)")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_IN = regex(r"in(?=[ \t\n\r;\\]|$)")
_FUNCTION = regex(r"\([ \t]*\)")
_CLOSERS = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
_NOTHING: frozenset[str] = frozenset()
_UNQUOTE = regex(r"\\(.)|['\"]", re.DOTALL)


class _Parser(Scanner):
    """The grammatical half: recursive descent with bounded depth."""

    def __init__(self, text: str, start: int, end: int) -> None:
        super().__init__(text, start, end)
        self.expected: dict[str, int] = {}
        """How many enclosing constructs wait for each closing word."""
        self.parens = 0
        """How many enclosing subshells wait for ')'."""
        self.cases = 0
        """How many enclosing `case`s wait for ';;'."""
        self.nesting = 0

    def substitution(self, body: int) -> tuple[Sequence, int]:
        """Read commands from `body` to the closing parenthesis; return them and the place after."""
        keep = self.at, self.expected, self.parens, self.cases
        self.at, self.expected, self.parens, self.cases = body, {}, 1, 0
        self.depth += 1
        node = self.sequence()
        self.depth -= 1
        stop = min(self.at + 1, self.end)
        self.at, self.expected, self.parens, self.cases = keep
        return node, stop

    def inner(self, start: int, end: int) -> Sequence:
        """Read text[start:end] as commands of their own."""
        keep = self.at, self.expected, self.parens, self.cases, self.end, self.pending
        self.at, self.end, self.pending = start, end, []
        self.expected, self.parens, self.cases = {}, 0, 0
        self.depth += 1
        node = self.sequence()
        self.depth -= 1
        self.at, self.expected, self.parens, self.cases, self.end, self.pending = keep
        return node

    def claim(self, mark: int) -> tuple[int, ...]:
        """Return the substitutions found since `mark`, which now have an owner."""
        found = tuple(self.found[mark:])
        del self.found[mark:]
        return found

    def gap(self) -> None:
        """Skip blanks, comments and line breaks, and the heredocs that wait for one."""
        while True:
            at = self.blanks(self.at)
            if at < self.end and self.text[at] == "#":
                at = self.line_end(at)
            self.at = at
            if at >= self.end or self.text[at] != "\n":
                return
            self.at = at + 1
            if self.pending:
                self.at = self.heredocs(self.at)

    def sequence(self) -> Sequence:
        """Read commands up to what an enclosing construct waits for."""
        node = Sequence()
        connector = ";"
        text = self.text
        mark = len(self.found)
        while True:
            self.gap()
            if len(self.found) > mark:
                node.items.append((";", Other(self.claim(mark))))
            at = self.at
            if at >= self.end:
                break
            char = text[at]
            if char == ")":
                if self.parens:
                    break
                self.at += 1
                continue
            if char == ";":
                if text.startswith((";;", ";&"), at) and self.cases:
                    break
                self.at += 1
                connector = ";"
                continue
            if char == "&" and not text.startswith("&>", at):
                connector = "&&" if text.startswith("&&", at) else ";"
                self.at += len(connector) if connector == "&&" else 1
                continue
            if char == "|":
                connector = "||" if text.startswith("||", at) else ";"
                self.at += len(connector) if connector == "||" else 1
                continue
            word = self.reserved()
            if word in _CLOSERS:
                if self.expected.get(word):
                    break
                self.at += len(word)
                connector = ";"
                continue
            child = self.pipeline()
            if child is not None:
                node.items.append((connector, child))
            connector = ";"
            self.at = self.blanks(self.at)
            at = self.at
            if text.startswith(("&&", "||"), at) and at + 2 <= self.end:
                connector = text[at : at + 2]
                self.at += 2
        return node

    def reserved(self) -> str:
        """Return the reserved word at the current place, or ''."""
        match = _RESERVED.match(self.text, self.at, self.end)
        return match[0] if match else ""

    def pipeline(self) -> Node | None:
        """Read commands joined by '|'."""
        parts: list[Node] = []
        piped = False
        while True:
            word = self.reserved()
            while word in ("!", "time", "coproc"):
                self.at = self.blanks(self.at + len(word))
                if word == "time":
                    for option in ("-p", "--"):
                        if self.text.startswith((option + " ", option + "\t"), self.at):
                            self.at = self.blanks(self.at + 2)
                word = self.reserved()
            before = self.at
            child = self.command(word)
            if child is not None:
                parts.append(child)
            elif self.at == before:
                break
            self.at = self.blanks(self.at)
            if (
                self.at >= self.end
                or self.text[self.at] != "|"
                or self.text.startswith("||", self.at)
            ):
                break
            piped = True
            self.at += 2 if self.text.startswith("|&", self.at) else 1
            self.gap()
        if not parts:
            return None
        if not piped:
            return parts[0]
        return Scope(parts)

    def command(self, word: str) -> Node | None:
        """Read one command that begins with the reserved word `word` ('' for none)."""
        if word or self.text.startswith("(", self.at):
            if self.nesting >= MAX_DEPTH or self.depth >= MAX_DEPTH:
                self.at += len(word) or 1
                return None
            self.nesting += 1
            node = self.compound(word)
            self.nesting -= 1
            return self.redirected(node)
        return self.simple()

    def redirected(self, node: Node | None) -> Node | None:
        """Read the redirections after a compound command."""
        mark = len(self.found)
        while True:
            at = self.blanks(self.at)
            redirect = self.redirect(at)
            if redirect is None:
                break
        found = self.claim(mark)
        if found and node is not None:
            both = Sequence()
            both.items = [(";", Other(found)), (";", node)]
            return both
        return node

    def compound(self, word: str) -> Node | None:
        """Read a compound command."""
        if word == "":
            return self.subshell()
        if word in _CLOSERS:
            return None
        self.at += len(word)
        if word == "if":
            return self.conditional()
        if word in ("while", "until"):
            return self.loop()
        if word in ("for", "select"):
            return self.iteration()
        if word == "case":
            return self.case()
        if word == "{":
            return self.until("}")
        if word == "[[":
            return self.test()
        self.at = self.blanks(self.at)
        stop = self.word(self.at)
        name = self.text[self.at : stop]
        self.at = self.blanks(stop)
        match = _FUNCTION.match(self.text, self.at, self.end)
        if match:
            self.at = match.end()
        return self.function(name)

    def until(self, *closers: str, eat: bool = True) -> Sequence:
        """Read commands up to one of the closing words, and the first of them too if it is there."""
        for closer in closers:
            self.expected[closer] = self.expected.get(closer, 0) + 1
        node = self.sequence()
        for closer in closers:
            self.expected[closer] -= 1
        if eat:
            self.eat(closers[0])
        return node

    def eat(self, word: str) -> bool:
        """Skip the reserved word if it is here."""
        if self.reserved() == word:
            self.at += len(word)
            return True
        return False

    def conditional(self) -> Node:
        node = Choice()
        self.expected["fi"] = self.expected.get("fi", 0) + 1
        while True:
            test = self.until("then", eat=True)
            body = self.until("elif", "else", eat=False)
            node.branches.append((test, body))
            if not self.eat("elif"):
                break
        if self.eat("else"):
            node.complete = True
            node.branches.append((Sequence(), self.sequence()))
        self.expected["fi"] -= 1
        self.eat("fi")
        return node

    def loop(self) -> Node:
        node = Choice()
        node.loop = True
        self.expected["done"] = self.expected.get("done", 0) + 1
        test = self.until("do")
        body = self.sequence()
        self.expected["done"] -= 1
        self.eat("done")
        node.branches.append((test, body))
        return node

    def iteration(self) -> Node:
        self.at = self.blanks(self.at)
        mark = len(self.found)
        node = For("")
        if self.text.startswith("((", self.at):
            stop = self._balanced(self.at)
            self.at = stop if stop > 0 else self.at + 2
            node.words = []
        else:
            match = _NAME.match(self.text, self.at, self.end)
            if not match:
                return Other(())
            node.name = match[0]
            self.at = match.end()
            self.gap()
            if _IN.match(self.text, self.at, self.end):
                self.at += 2
                node.words = self.words()
        node.substitutions = self.claim(mark)
        self.gap()
        if self.at < self.end and self.text[self.at] == ";":
            self.at += 1
            self.gap()
        if self.eat("do"):
            node.body = self.until("done")
        elif self.eat("{"):
            node.body = self.until("}")
        return node

    def words(self) -> list[tuple[int, int]]:
        """Read words up to the end of the command."""
        found: list[tuple[int, int]] = []
        while True:
            self.at = self.blanks(self.at)
            if self.text.startswith("#", self.at) and self.at < self.end:
                self.at = self.line_end(self.at)
            stop = self.word(self.at)
            if stop == self.at:
                return found
            found.append((self.at, stop))
            self.at = stop

    def case(self) -> Node:
        node = Case()
        mark = len(self.found)
        self.at = self.blanks(self.at)
        self.at = self.word(self.at)
        self.gap()
        if _NAME.match(self.text, self.at, self.end) and self.text.startswith("in", self.at):
            self.at += 2
        while True:
            self.gap()
            if self.at >= self.end or self.eat("esac"):
                break
            before = self.at
            if self.text[self.at] == "(":
                self.at += 1
            catch_all = self.patterns()
            node.complete = node.complete or catch_all
            self.cases += 1
            node.bodies.append(self.until("esac", eat=False))
            self.cases -= 1
            while self.at < self.end and self.text[self.at] in ";&":
                self.at += 1
            if self.at == before:
                break
        node.substitutions = self.claim(mark)
        return node

    def patterns(self) -> bool:
        """Skip the patterns of a clause and their ')'; return True if one of them is '*'."""
        catch_all = False
        while self.at < self.end:
            self.at = self.blanks(self.at)
            stop = self.word(self.at)
            catch_all = catch_all or self.text[self.at : stop] == "*"
            if stop == self.at:
                char = self.text[self.at : self.at + 1]
                if char == ")":
                    self.at += 1
                    break
                if char != "|":
                    break
                stop += 1
            self.at = stop
        return catch_all

    def test(self) -> Node:
        """Skip `[[ ... ]]`, where only the quoting is the shell's."""
        mark = len(self.found)
        start = self.at
        while self.at < self.end:
            self.at = self.blanks(self.at)
            text, at = self.text, self.at
            if at >= self.end:
                break
            if text.startswith("]]", at) and _WORD_END.match(text, at + 2, self.end):
                self.at = at + 2
                return Other(self.claim(mark))
            if text[at] == ";" or self.reserved() in ("then", "fi", "done"):
                break
            stop = self.word(at)
            self.at = stop if stop > at else at + 1
        else:
            self.at = start
        return Other(self.claim(mark))

    def subshell(self) -> Node:
        mark = len(self.found)
        if self.text.startswith("((", self.at):
            stop = self._balanced(self.at)
            if stop > 0 and self._balanced(self.at + 1) == stop - 1:
                self.at = stop
                return Other(self.claim(mark))
        self.at += 1
        keep = self.expected, self.cases
        self.expected, self.cases = {}, 0
        self.parens += 1
        node = self.sequence()
        self.parens -= 1
        self.expected, self.cases = keep
        if self.at < self.end and self.text[self.at] == ")":
            self.at += 1
        return Scope([node])

    def function(self, name: str) -> Node:
        self.gap()
        word = self.reserved()
        body = Sequence()
        if word in (
            "{",
            "if",
            "while",
            "until",
            "for",
            "case",
            "[[",
            "select",
        ) or self.text.startswith("(", self.at):
            child = self.command(word)
            if child is not None:
                body.items.append((";", child))
        return Function(name, body)

    def redirect(self, at: int) -> Redirect | None:
        """Read the redirection at `at`, if there is one, and move behind it."""
        match = _REDIRECT.match(self.text, at, self.end)
        if not match:
            return None
        operator = match[1]
        if operator in "<>" and self.text.startswith("(", match.end()):
            return None
        start = self.blanks(match.end())
        stop = self.word(start)
        self.at = stop
        if operator in ("<<", "<<-") and stop > start:
            raw = self.text[start:stop]
            delimiter = _UNQUOTE.sub(lambda found: found[1] or "", raw)
            self.pending.append((delimiter, delimiter != raw, operator == "<<-"))
        return Redirect(operator, start, stop)

    def simple(self) -> Node | None:
        """Read a simple command or a function definition."""
        node = Simple(self.at)
        mark = len(self.found)
        while True:
            at = self.blanks(self.at)
            self.at = at
            if at >= self.end:
                break
            char = self.text[at]
            if char in "\n;|)#":
                break
            redirect = self.redirect(at)
            if redirect is not None:
                node.redirects.append(redirect)
                node.end = self.at
                continue
            if char == "&":
                break
            if char == "(":
                match = _FUNCTION.match(self.text, at, self.end)
                if match and len(node.words) == 1:
                    start, stop = node.words[0]
                    self.at = match.end()
                    self.claim(mark)
                    return self.function(self.text[start:stop])
                break
            stop = self.word(at)
            if stop == at:
                self.at = at + 1
                break
            node.words.append((at, stop))
            node.end = self.at = stop
        node.substitutions = self.claim(mark)
        if node.words or node.redirects or node.substitutions:
            return node
        return None


def parse(text: str, start: int = 0, end: int | None = None) -> tuple[Sequence, Scanner]:
    """Read text[start:end]; return the tree and the scanner that knows where words' parts end."""
    parser = _Parser(text, start, len(text) if end is None else end)
    node = Sequence()
    while parser.at < parser.end:
        before = parser.at
        node.items.extend(parser.sequence().items)
        if parser.at == before:
            parser.at += 1
    return node, parser
