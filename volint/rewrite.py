"""Puts changed texts into their files: whole or not at all, and only over what was read.

A file is replaced by a temporary one from its own folder, which takes over mode, owner and extended attributes
(access control lists are some) as far as the system lets it. A symbolic link stays one; its target is replaced.
A file with several names (hard links) parts from the others, which keep what was there, as it does when git checks
it out: writing into it would change snapshots that are made of such links, and could stop halfway.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volint.files import Files
    from volint.fix import Change

__all__ = ["rewrite"]

_MARK = b"\xef\xbb\xbf"
_FLAGS = (
    getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)


def rewrite(change: Change, files: Files) -> str | None:
    """Write one changed file; return None, or a clause that says why it was left as it is.

    Nothing outside of the roots of `files` is written. Raises nothing for what the system refuses.
    """
    path = os.path.realpath(change.source.file or "")
    if not files.is_allowed(path):
        return "it lies outside of the directories that volint was asked to look at; name its own as well"
    new = change.text.encode("utf-8")
    try:
        if change.created:
            return _create(path, new)
        mark = _MARK if change.source.byte_order_mark else b""
        return _replace(path, mark + change.source.text.encode("utf-8"), mark + new)
    except OSError as error:
        return f"the system says '{error.strerror}'; mend that and run volint again"


def _create(path: str, new: bytes) -> str | None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666)
    except FileExistsError:
        return "something of that name has come up meanwhile; run volint again"
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(new)
    except BaseException:
        os.unlink(path)
        raise
    return None


def _replace(path: str, old: bytes, new: bytes) -> str | None:
    status = os.stat(path, follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        return "it is no regular file any more; run volint again"
    if not os.access(path, os.W_OK):
        # Replacing it would need no more than a writable folder.
        return "it is not writable; make it so, or leave it out with --exclude"
    if not _holds(path, old):
        return "it has changed meanwhile; run volint again"
    from tempfile import mkstemp

    folder = os.path.dirname(path)
    try:
        descriptor, temporary = mkstemp(prefix=".volint-", dir=folder)
    except PermissionError:
        return (
            "nothing can be written beside it, and it is replaced whole; make its folder writable"
        )
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(new)
            stream.flush()
            os.fsync(stream.fileno())
        _inherit(path, status, temporary)
        if not _holds(path, old):
            return "it has changed meanwhile; run volint again"
        os.replace(temporary, path)
        temporary = ""
    finally:
        if temporary:
            os.unlink(temporary)
    return None


def _holds(path: str, content: bytes) -> bool:
    """Return whether a file's content is that."""
    descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(len(content) + 1) == content


def _inherit(path: str, status: os.stat_result, heir: str) -> None:
    """Give a new file the owner, extended attributes and mode of another, as far as that is allowed."""
    from contextlib import suppress

    if hasattr(os, "chown"):
        own = os.stat(heir)
        if own.st_gid != status.st_gid:
            with suppress(OSError):
                os.chown(heir, -1, status.st_gid)
        if own.st_uid != status.st_uid:
            with suppress(OSError):
                os.chown(heir, status.st_uid, -1)
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(path):
                with suppress(OSError):
                    os.setxattr(heir, name, os.getxattr(path, name))
    # Last: a change of owner takes the set-user-id bit away.
    os.chmod(heir, stat.S_IMODE(status.st_mode))
