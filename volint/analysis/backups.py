"""What a container copies when its command makes a backup."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint.knowledge import image_of, within
from volint.lazy import regex
from volint.model import MountKind
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.model import Container, Mount

__all__ = ["Backup", "backup_of"]

_TOKEN = regex(
    r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|&&|\|\||[;&|()\n]|[^\s;&|()\"']+(?:\"[^\"]*\"|'[^']*'|[^\s;&|()\"'])*"
)
_BREAKS = frozenset(("&&", "||", ";", "&", "|", "(", ")", "\n"))
_PREFIXES = frozenset(("exec", "time", "nice", "ionice", "sudo", "then", "do", "env"))
_ENTRYPOINTS = frozenset(("restic", "borg", "rclone", "rsync"))
_COPIED_BELOW = "/backup/"
"""Where docker-volume-backup is given what it shall save."""


class Backup(NamedTuple):
    """What one container saves, and where to."""

    tool: str
    """'tar', 'rsync', 'restic' ..."""
    sources: tuple[str, ...]
    """Absolute container paths it reads."""
    outputs: tuple[str, ...]
    """Absolute container paths it writes."""

    def reads(self, mount: Mount) -> bool:
        """Return whether a mount is among what is saved, and nothing is written below it."""
        target = mount.target.value
        if any(within(path, target) for path in self.outputs):
            return False
        return any(within(path, target) or within(target, path) for path in self.sources)


def backup_of(container: Container) -> Backup | None:
    """Return what a container saves; None if its command makes no backup that is plain to see."""
    workdir = container.working_dir.value if container.working_dir is not None else "/"
    for words in _commands(container):
        if words[:1] == ["cd"] and len(words) > 1:
            workdir = posixpath.join(workdir, words[1])
            continue
        found = _of_command(words, workdir)
        if found is not None and found.sources:
            if _restores(container, found) or _moves_inside(container, found):
                return None
            return found
    image = image_of(container)
    if image is not None and image.category == "backup" and not container.command:
        sources = tuple(
            mount.target.value
            for mount in container.mounts
            if mount.target.value.startswith(_COPIED_BELOW)
            and mount.kind in (MountKind.VOLUME, MountKind.BIND)
        )
        if sources:
            return Backup(image.ref.name.rpartition("/")[2], sources, ())
    return None


def _restores(container: Container, backup: Backup) -> bool:
    """Return whether a command copies from a directory of the host into a volume."""
    written = [
        mount
        for mount in container.mounts
        if any(within(path, mount.target.value) for path in backup.outputs)
    ]
    return any(mount.kind is MountKind.VOLUME for mount in written) and all(
        mount.kind is MountKind.BIND for mount in container.mounts if backup.reads(mount)
    )


def _moves_inside(container: Container, backup: Backup) -> bool:
    """Return whether `cp` copies to where nothing is mounted: a build's own copy, which goes with the container."""
    return backup.tool == "cp" and not any(
        within(path, mount.target.value) for path in backup.outputs for mount in container.mounts
    )


def _commands(container: Container) -> Iterator[list[str]]:
    """Yield the simple commands a container runs, the words of a shell's script among them."""
    words = [word.value for word in (*(container.entrypoint or ()), *(container.command or ()))]
    image = container.image.value.partition(":")[0].rpartition("/")[2] if container.image else ""
    if container.entrypoint is None and image in _ENTRYPOINTS and image not in words[:1]:
        words.insert(0, image)
    plain: list[str] = []
    for word in words:
        if not any(character.isspace() for character in word.strip()):
            plain.append(word)
            continue
        command: list[str] = []
        for token in _TOKEN.findall(word):
            if token in _BREAKS:
                yield command
                command = []
            else:
                command.append(token.strip("\"'"))
        yield command
    yield plain


def _of_command(words: list[str], workdir: str) -> Backup | None:
    while words and (words[0] in _PREFIXES or "=" in words[0]):
        words = words[1:]
    if not words:
        return None
    tool, rest = words[0].rpartition("/")[2], words[1:]
    if tool in ("tar", "bsdtar"):
        return _tar(rest, workdir)
    operands = [word for word in rest if not word.startswith("-")]
    if tool in ("rsync", "cp") and len(operands) > 1:
        if tool == "cp" and not any(word[:1] == "-" and set(word) & set("aRr") for word in rest):
            return None
        return _made(tool, operands[:-1], operands[-1:], workdir)
    if tool == "restic" and "backup" in operands:
        return _made(
            tool, operands[operands.index("backup") + 1 :], _after(rest, "-r", "--repo"), workdir
        )
    if tool == "borg" and operands[:1] == ["create"]:
        return _made(
            tool, operands[2:], [operands[1].partition("::")[0]] if operands[1:] else [], workdir
        )
    if tool == "rclone" and operands[:1] in (["copy"], ["sync"]) and len(operands) > 2:
        return _made(tool, operands[1:2], operands[2:3], workdir)
    if tool == "zip" and len(operands) > 1:
        return _made(tool, operands[1:], operands[:1], workdir)
    return None


def _after(words: list[str], *flags: str) -> list[str]:
    found = [words[at + 1] for at, word in enumerate(words[:-1]) if word in flags]
    return found + [
        word.partition("=")[2] for word in words if word.partition("=")[0] in flags and "=" in word
    ]


def _tar(words: list[str], workdir: str) -> Backup | None:
    """Read a tar command that creates; None for others."""
    sources: list[str] = []
    outputs: list[str] = []
    creates = "--create" in words
    folder = workdir
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        cluster = word[1:] if word[:1] == "-" and word[:2] != "--" else word if index == 1 else ""
        if cluster and cluster.isalpha() and not word.startswith("/"):
            if set(cluster) & set("xt"):
                return None
            creates = creates or "c" in cluster
            for letter in cluster:
                if letter in "fCXT" and index < len(words):
                    if letter == "f":
                        outputs.append(words[index])
                    elif letter == "C":
                        folder = posixpath.join(folder, words[index])
                    index += 1
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            if name in ("--extract", "--get", "--list"):
                return None
            if name in ("--file", "--directory") and not equals and index < len(words):
                value = words[index]
                index += 1
            if name == "--file":
                outputs.append(value)
            elif name == "--directory":
                folder = posixpath.join(folder, value)
            elif name == "--remove-files":
                return None
        else:
            sources.append(posixpath.join(folder, word))
    return _made("tar", sources, outputs, workdir) if creates else None


def _made(tool: str, sources: list[str], outputs: list[str], workdir: str) -> Backup:
    def absolute(path: str) -> str:
        return posixpath.normpath(posixpath.join(workdir, path.rstrip("*")))

    def is_local(path: str) -> bool:
        return ":" not in path and "$" not in path[:1]

    return Backup(
        tool,
        tuple(
            found
            for path in sources
            if is_local(path) and (found := absolute(path)) not in ("/", "//")
        ),
        tuple(absolute(path) for path in outputs if is_local(path) and path != "-"),
    )
