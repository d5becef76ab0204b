"""Commands that make files and directories, as far as their words say which."""

from __future__ import annotations

import posixpath
from itertools import pairwise
from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.source import Text, Word

__all__ = ["MAKERS", "lines_that_make", "made"]

MAKERS = frozenset(
    (
        "mkdir",
        "touch",
        "cp",
        "mv",
        "install",
        "ln",
        "tee",
        "git",
        "wget",
        "curl",
        "openssl",
        "rsync",
        "tar",
        "unzip",
    )
)
"""The programs that are looked at."""

_VALUED = {
    "mkdir": "mZ",
    "touch": "rtd",
    "install": "mogtS",
    "cp": "tS",
    "mv": "tS",
    "ln": "tS",
}
_OUTPUT = {
    "curl": ("-o", "--output"),
    "wget": ("-O", "-P"),
    "openssl": ("-out", "-keyout"),
    "tar": ("-C",),
    "unzip": ("-d",),
}


_BEFORE = regex(
    r"[ \t]*(?:[-*>][ \t]+|\d+\.[ \t]+)?"
    r"(?:(?:[\"']?[\w.:-]+[\"']?[ \t]*:|Exec\w+[ \t]*=|RUN)[ \t]*(?:[|>][+-]?[ \t]*)?)?"
    r"[\"'`]?[@+!-]*[ \t]*(?:[$%#][ \t]+)?"
)
"""What stands before a command in a list, behind a key, at a prompt, in a recipe."""


def lines_that_make(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the lines that name a maker, without what a list, a key or a prompt puts around.

    Lines that end in a backslash go on in the next.
    """
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        while end < len(text) and text[at:end].rstrip().endswith("\\"):
            following = text.find("\n", end + 1)
            end = len(text) if following < 0 else following
        if any(name in text[at:end] for name in MAKERS):
            start = _BEFORE.match(text, at, end)
            begin = start.end() if start else at
            stop = end
            while stop > begin and text[stop - 1] in " \t\r,":
                stop -= 1
            quote = text[begin - 1 : begin]
            if quote in ("'", '"', "`") and quote and text.find(quote, begin, stop) == stop - 1:
                stop -= 1
            yield begin, stop
        at = end + 1


def made(words: Sequence[Word], cwd: str | None) -> Iterator[Text]:
    """Yield the paths that a command makes, run in a directory (None: not known)."""
    name = words[0].value
    if name in _OUTPUT:
        for flag, word in pairwise(words):
            if flag.value in _OUTPUT[name]:
                yield from _placed(word, cwd)
        return
    if name == "git":
        yield from _clone(words, cwd)
        return
    operands = _operands(words)
    if name in ("mkdir", "touch", "tee") or (
        name == "install" and any(word.value in ("-d", "--directory") for word in words)
    ):
        targets = operands
    else:
        targets = operands[-1:]
    for word in targets:
        yield from _placed(word, cwd)


def _operands(words: Sequence[Word]) -> list[Word]:
    valued = _VALUED.get(words[0].value, "")
    found: list[Word] = []
    at = 1
    while at < len(words):
        text = words[at].value
        if text.startswith("-") and len(text) > 1:
            at += 2 if len(text) == 2 and text[1] in valued else 1
            continue
        found.append(words[at])
        at += 1
    return found


def _clone(words: Sequence[Word], cwd: str | None) -> Iterator[Text]:
    operands = [word for word in _operands(words) if word.value != "clone"]
    if not any(word.value == "clone" for word in words) or not operands:
        return
    if len(operands) > 1 and "/" not in operands[-2].value[-1:]:
        yield from _placed(operands[-1], cwd)
        return
    url = operands[-1]
    start = max(url.value.rstrip("/").rfind("/"), url.value.rfind(":")) + 1
    end = len(url.value.rstrip("/").removesuffix(".git"))
    if start < end and not url.unresolved() and cwd is not None:
        text = url.slice(start, end)
        yield text._replace(value=posixpath.join(cwd, text.value))


def _placed(word: Word, cwd: str | None) -> Iterator[Text]:
    if word.unresolved() or word.tilde or not word.value:
        return
    if word.value.startswith("/"):
        yield word.text()._replace(value=posixpath.normpath(word.value))
    elif cwd is not None and "$" not in cwd:
        yield word.text()._replace(value=posixpath.normpath(posixpath.join(cwd, word.value)))
