"""Scripts in the words of a command: what `ssh HOST`, `sh -c` and `concurrently` run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.bits import Bit, build
from volint.parse.derived import Derived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.source import Word

__all__ = ["REMOTE", "RUNNERS", "option_script", "remote_script", "runner_scripts"]

REMOTE = frozenset(("ssh", "autossh"))
"""Programs that have the shell of another host run their words, joined by blanks."""
RUNNERS = frozenset(("concurrently",))
"""Programs that have a shell run each of their words."""

_VALUED = "BbcDEeFIiJLlmOopPQRSWwM"
"""The options of ssh and autossh that take a value."""


def remote_script(words: Sequence[Word]) -> Word | None:
    """Return the script in the words behind `ssh`; None if it only opens a shell."""
    at = 0
    while at < len(words) and re.match(r"-[A-Za-z0-9]", words[at].value):
        letters = words[at].value[1:]
        place = next((i for i, letter in enumerate(letters) if letter in _VALUED), -1)
        at += 2 if place >= 0 and place == len(letters) - 1 else 1
    rest = list(words[at + 1 :])
    if rest and rest[0].value == "--":
        del rest[0]
    bits: list[Bit] = []
    for word in rest:
        if bits:
            bits.append(Bit(" ", bits[-1].end, bits[-1].end, True))
        bits.extend(Derived.of_word(word).bits)
    return build(rest[0].span.source, bits) if bits else None


def option_script(words: Sequence[Word]) -> Word | None:
    """Return the script behind `-c` in the arguments of a shell or of su."""
    for index, word in enumerate(words[:-1]):
        if re.match(r"-[a-z]*c$", word.value) or word.value == "--command":
            return words[index + 1]
        if not word.value.startswith(("-", "+")) and "=" not in word.value:
            if index and words[index - 1].value in ("-o", "-O"):
                continue
            if not any(later.value == "-c" for later in words[index:]):
                return None
    return None


def runner_scripts(words: Sequence[Word]) -> list[Word]:
    """Return the scripts in the words behind `concurrently`."""
    return [word for word in words if " " in word.value and not word.value.startswith("-")]
