"""Paths that the commands of a RUN instruction write to, as far as they are plain to see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.gopath import path_clean
from volint.parse.shelltree import Case, Choice, For, Scope, Sequence, Simple
from volint.source import Span, Text

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from volint.model import Step
    from volint.parse.shelltree import Node

__all__ = ["Places", "simple_commands", "written_paths"]

_ALL = frozenset(("chown", "chmod", "chgrp", "mkdir", "touch", "tee", "truncate"))
_LAST = frozenset(("cp", "mv", "install", "ln", "rsync"))
_AFTER_FLAG = {
    "tar": ("-C", "--directory"),
    "bsdtar": ("-C",),
    "unzip": ("-d",),
    "wget": ("-O", "-P", "--output-document", "--directory-prefix"),
    "curl": ("-o", "--output", "--output-dir"),
    "adduser": ("-h", "--home"),
    "useradd": ("-d", "--home-dir", "--home"),
}
_BEFORE = frozenset(("sudo", "exec", "time", "command", "env", "then", "do"))
_MAKES_HOME = regex(r"-[a-zA-Z]*m|--create-home$")
_VARIABLE = regex(r"\$(?:\{(\w+)\}|(\w+))")


def written_paths(step: Step, programs: Container[str] | None = None) -> list[Text]:
    """Return the absolute paths a RUN step makes, changes or gives to another owner, with their places.

    Relative ones count from the working directory, unless the commands leave it; what depends on an unknown
    variable is left out. `cp a b` writes to b alone. programs: the commands that are asked for, all if None.
    """
    if step.json_form:
        commands = [[(word.value, word.span) for word in step.words]]
    elif step.words:
        alone = step.heredocs and re.fullmatch(r"\s*<<-?\S+\s*", step.words[0].value)
        commands = list(_commands(step.heredocs[0] if alone else step.words[0]))
    else:
        commands = []
    leaves = any(words and words[0][0] == "cd" for words in commands)
    found = []
    for words in commands:
        for value, span in _targets(words, programs):
            path = _expand(value, step.environment)
            if path is not None and "$" in value and "/" not in path:
                continue  # as likely a user's name or a mode
            if path is not None and not path.startswith("/") and not leaves:
                path = f"{step.workdir}/{path}"
            if path is not None and path.startswith("/"):
                found.append(Text(path_clean(path), span))
    return found


def _expand(value: str, known: Mapping[str, str]) -> str | None:
    for match in _VARIABLE.finditer(value):
        if (match[1] or match[2]) not in known:
            return None
    value = _VARIABLE.sub(lambda match: known[match[1] or match[2]], value)
    return None if "$" in value or "`" in value else value


def _targets(
    words: list[tuple[str, Span]], programs: Container[str] | None
) -> Iterator[tuple[str, Span]]:
    """Yield the words of one command that name what it writes; redirections are words with a leading '>'."""
    plain = []
    for value, span in words:
        if value.startswith(">"):
            if programs is None:
                yield value.lstrip(">"), span
        else:
            plain.append((value, span))
    while plain and (plain[0][0] in _BEFORE or re.match(r"\w+=", plain[0][0])):
        plain.pop(0)
    if not plain:
        return
    name = plain[0][0].rpartition("/")[2]
    if programs is not None and name not in programs:
        return
    operands = [word for word in plain[1:] if not word[0].startswith("-")]
    if name in _ALL:
        yield from (word for word in operands if "/" in word[0] or "$" in word[0])
    elif name in _LAST:
        yield from operands[-1:] if len(operands) > 1 else ()
    elif name == "git" and operands and operands[0][0] == "clone":
        yield from operands[2:3]
    if name == "useradd" and not any(_MAKES_HOME.match(word[0]) for word in plain):
        return
    for flag in _AFTER_FLAG.get(name, ()):
        for index, (value, span) in enumerate(plain[:-1]):
            if value == flag:
                yield plain[index + 1]
            elif value.startswith(flag + "="):
                yield value[len(flag) + 1 :], span


def _commands(script: Text) -> Iterator[list[tuple[str, Span]]]:
    """Yield the words of each simple command of a shell script, with redirections to files."""
    from volint.parse.shellsyntax import parse

    text = script.value
    places = Places(script)
    for command in simple_commands(parse(text)[0]):
        words = [
            (text[start:end].replace('"', "").replace("'", ""), places.span(start, end))
            for start, end in command.words
        ]
        words += [
            (
                ">" + text[item.start : item.end].replace('"', "").replace("'", ""),
                places.span(item.start, item.end),
            )
            for item in command.redirects
            if item.operator.lstrip("0123456789") in (">", ">>", ">|", "&>")
        ]
        yield words


def simple_commands(node: Node) -> Iterator[Simple]:
    """Yield the simple commands of a shell tree, in order."""
    if isinstance(node, Simple):
        yield node
    elif isinstance(node, Sequence):
        for _, child in node.items:
            yield from simple_commands(child)
    elif isinstance(node, Scope):
        for part in node.parts:
            yield from simple_commands(part)
    elif isinstance(node, Choice):
        for test, body in node.branches:
            yield from simple_commands(test)
            yield from simple_commands(body)
    elif isinstance(node, For):
        yield from simple_commands(node.body)
    elif isinstance(node, Case):
        for body in node.bodies:
            yield from simple_commands(body)


class Places:
    """Where stretches of a script stand in its file, where continuation lines were joined too."""

    def __init__(self, script: Text) -> None:
        self.script = script
        self.written = script.span.text()

    def span(self, start: int, end: int) -> Span:
        """Return the place of a stretch of the script's value; all of the script where it is not found."""
        source, first, _ = self.script.span
        if self.written == self.script.value:
            return Span(source, first + start, first + end)
        word = self.script.value[start:end]
        at = -1
        for _ in range(self.script.value.count(word, 0, start) + 1):
            at = self.written.find(word, at + 1)
            if at < 0:
                return self.script.span
        return Span(source, first + at, first + at + len(word))
