"""Who may write to a directory of an image, as far as its Dockerfile says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.analysis.runwrites import written_paths
from volint.assemble.copysources import copy_destination
from volint.knowledge import within
from volint.lazy import regex
from volint.model import StepKind
from volint.parse.gopath import path_clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model import Stage, Step
    from volint.source import Text

__all__ = ["base_is_roots", "is_root", "made_by_root", "may_be_given", "may_give"]

_ROOT = frozenset(("", "root", "0"))
_GIVES = regex(
    r"\b(?:chown|chmod|chgrp|setfacl|install|useradd|adduser|usermod|umask|fix-permissions)\b[^&|;\n]*"
)
_MAKE_USERS = frozenset(("useradd", "adduser", "usermod"))
_RUN_AS_ROOT = frozenset(
    ("alpine", "debian", "ubuntu", "python", "node", "golang", "rust", "ruby", "php", "fedora")
)
"""Base images whose user is root."""
_OTHERS = ("/home", "/var/www", "/tmp", "/var/tmp", "/dev/shm")
"""Directories that base images give to other users, and what is below."""
_MAKES = regex(r"\bmkdir\b")


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
        verb, *words = command.split()
        # What these are given besides paths are names of users, groups and shells.
        makes_user = verb in _MAKE_USERS
        for word in words:
            name = word.rpartition("=")[2].strip("\"'")
            if within(path, name.rstrip("/") or "/") or (
                not name.startswith(("/", "-"))
                and not (makes_user and not within(path, f"/home/{name}"))
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


def made_by_root(stages: Sequence[Stage], path: str) -> tuple[Step, Text] | None:
    """Return the instruction, and the place in it, that makes a directory which then belongs to root.

    `stages` are those that the image is made of, the lowest first. None where the directory may be there already, or
    may be given to another user. BuildKit gives what WORKDIR makes to the user in force, and what COPY makes to root,
    whatever the user.
    """
    if not stages or not base_is_roots(stages[0]) or any(within(path, other) for other in _OTHERS):
        return None
    made: tuple[Step, Text] | None = None
    for stage in stages:
        for step in stage.steps:
            if step.kind in (StepKind.COPY, StepKind.ADD) and step.words:
                target = path_clean(copy_destination(step))
                if "chown" in step.flags or "chmod" in step.flags:
                    if within(path, target) or within(target, path) or "$" in target:
                        return None
                elif target == path and not is_root(step.user):
                    made = made or (step, step.words[-1])
            elif step.kind is StepKind.WORKDIR and step.words:
                word = step.words[0]
                place = word.value if word.value.startswith("/") else f"{step.workdir}/{word.value}"
                if path_clean(place) == path:
                    if not is_root(step.user):
                        return None
                    made = made or (step, word)
            elif step.kind is StepKind.RUN:
                script = "\n".join(text.value for text in (*step.words, *step.heredocs))
                if may_give(script, path) or (not is_root(step.user) and path in script):
                    return None
                if is_root(step.user) and _MAKES.search(script):
                    found = next((one for one in written_paths(step) if one.value == path), None)
                    made = made or (found and (step, found))
    return made
