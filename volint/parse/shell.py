"""Shell text into the docker and podman commands it runs, wherever in it they stand.

A command is found inside functions, branches, loops, pipelines, substitutions, `sh -c '...'`, behind
`sudo`, `env`, `xargs` and assignments; not in comments, heredocs and the strings of other commands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.shellcommand import ShellCommand, is_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.source import Problem, Source

__all__ = ["ShellCommand", "is_list", "mentions", "parse"]

_QUOTES = r"['\"\\\\]*"
_MENTION = re.compile(
    "|".join(_QUOTES.join(name) for name in ("docker", "podman", "nerdctl"))
    + r"|(?i:docker|podman|nerdctl|(?:container|oci)_?(?:engine|runtime|cli|tool|cmd))"
)


def mentions(text: str, start: int = 0, end: int | None = None) -> bool:
    """Return True if the text may hold a container command at all."""
    return _MENTION.search(text, start, len(text) if end is None else end) is not None


def parse(
    source: Source,
    start: int = 0,
    end: int | None = None,
    *,
    dialect: str = "bash",
    variables: Mapping[str, str] | None = None,
    cwd: str | None = None,
    home: str | None = None,
) -> tuple[list[ShellCommand], list[Problem]]:
    """Return the container commands of source[start:end] in the order they are written in.

    `variables` is the whole environment the script runs in (what it does not hold is unset); without
    it, variables that the script itself does not set are unknown. `cwd` is the directory it is
    started in, `home` what '~' stands for.
    """
    stop = len(source.text) if end is None else end
    if not mentions(source.text, start, stop):
        return [], []
    from volint.parse.shellrun import Script
    from volint.parse.shellstate import Bit, Scalar, State

    known = {}
    for name, value in (("PWD", cwd), ("HOME", home)):
        if value is not None:
            known[name] = Scalar((Bit(value, -1, -1, True),))
    script = Script(source, source.text, State(variables, known), {}, (start, stop))
    return script.run(), []
