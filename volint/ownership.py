"""Who may write to a directory of an image, as far as its Dockerfile says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.knowledge import within
from volint.lazy import regex
from volint.model import StepKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model import Stage

__all__ = ["base_is_roots", "is_root", "may_be_given", "may_give"]

_ROOT = frozenset(("", "root", "0"))
_GIVES = regex(
    r"\b(?:chown|chmod|chgrp|setfacl|install|useradd|adduser|usermod|umask|fix-permissions)\b[^&|;\n]*"
)
_RUN_AS_ROOT = frozenset(
    ("alpine", "debian", "ubuntu", "python", "node", "golang", "rust", "ruby", "php", "fedora")
)
"""Base images whose user is root."""


def is_root(user: str) -> bool:
    """Return whether a `USER`, `user:` or --user names root; an empty one is taken for it."""
    return user.partition(":")[0] in _ROOT


def base_is_roots(stage: Stage) -> bool:
    """Return whether a stage is based on an image of which it is known that its user is root."""
    return stage.base.value.partition("@")[0].partition(":")[0] in _RUN_AS_ROOT


def may_give(script: str, path: str) -> bool:
    """Return whether a RUN's script may give a directory to another user, or let everybody write to it."""
    for command in _GIVES.findall(script):
        if any(sign in command for sign in "$*{") or "xargs" in script:
            return True
        for word in command.split()[1:]:
            name = word.strip("\"'")
            if within(path, name.rstrip("/") or "/") or (
                not name.startswith(("/", "-"))
                and (name in (".", "..") or name.rstrip("/").rpartition("/")[2] in path.split("/"))
            ):
                return True
    return False


def may_be_given(stages: Sequence[Stage], path: str) -> bool:
    """Return whether anything in some stages may give a directory to another user than root, or makes it as one."""
    for stage in stages:
        for step in stage.steps:
            if step.kind in (StepKind.COPY, StepKind.ADD):
                if "chown" in step.flags or "chmod" in step.flags:
                    return True
            elif step.kind is StepKind.RUN:
                script = "\n".join(text.value for text in (*step.words, *step.heredocs))
                if may_give(script, path) or (not is_root(step.user) and path in script):
                    return True
    return False
