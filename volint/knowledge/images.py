"""What is known of container images: where they keep state, and what moves it.

The types of the facts, and what they answer for one tag; `volint.knowledge.entries` reads and finds them.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from volint.knowledge.references import ImageRef, Version, holds, parse_constraint
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HostAccess", "Image", "Move", "Place", "WrongTarget", "within"]


def within(path: str, directory: str) -> bool:
    """Return whether a cleaned path is a directory or lies below it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


class Place(NamedTuple):
    """A path of an image, and what it holds."""

    role: str
    """'data', 'extra', 'config', 'content', 'logs', 'cache', 'temp', 'media', 'certs', 'secrets', 'init', 'volume' or 'html'."""
    path: str
    """Absolute path in the container."""
    volume: bool | None
    """Whether the image declares VOLUME there; None where that is not known."""
    volume_checked: bool
    """Whether that was read in the image's own files."""
    written: bool
    """True for configuration that the image itself writes."""
    optional: bool
    """True for data that is there only in some configurations."""
    when: tuple[str, ...]
    """Conditions on tag and name; empty: always."""


class WrongTarget(NamedTuple):
    """A path where people mount a volume and the image keeps nothing."""

    path: str
    """Absolute path in the container."""
    kind: str
    """'wrong', 'conditional', 'version-dependent', 'parent-of-volume', 'too-narrow', 'hides' or 'not-data'."""
    why: str
    """A clause; empty: the image does not use the path."""
    when: tuple[str, ...]
    """Conditions on tag and name; empty: always."""


class Move(NamedTuple):
    """What puts the data elsewhere."""

    kind: str
    """'env', 'flag', 'arg', 'url', 'command' or 'config'."""
    names: tuple[str, ...]
    """Variables, flags, the word before the argument, schemes; of 'command' the path, then the programs."""
    path: str
    """Which data path it moves, where there are several; else ''."""
    form: str
    """'file' or 'url' where the value is not the directory itself; else ''."""
    below: str
    """The folder of it that holds the data; mostly ''."""
    unless: tuple[str, ...] = ()
    """Flags with which a 'command' does not move it."""


class HostAccess(NamedTuple):
    """A host path that an image is meant to be given."""

    path: str
    """Absolute path on the host."""
    read_only: bool
    """True if it needs no more than to read it."""


class Image(NamedTuple):
    """All facts about one image, as one reference names it."""

    id: str
    """Its name in the knowledge."""
    ref: ImageRef
    """The reference that was looked up."""
    category: str
    """'database', 'cache', 'metrics', 'app', 'models' ..."""
    state: str
    """'yes', 'optional' (only in some configurations, or easily had again) or 'no'."""
    evidence: str
    """'official', 'corpus', 'corpus-1repo', 'unverified' or 'configuration' (the user says so)."""
    writers: str
    """What a second writer does: 'corrupt', 'refuse', 'share', 'safe' or '' (not known)."""
    places: tuple[Place, ...]
    """Its paths, for all versions."""
    moves: tuple[Move, ...]
    """What puts its data elsewhere."""
    elsewhere: tuple[tuple[str, str, tuple[str, ...]], ...]
    """(reason, condition, words): when it keeps no state in the container at all."""
    wrong: tuple[WrongTarget, ...]
    """Targets people mount by mistake."""
    host: tuple[HostAccess, ...]
    """Host paths it is meant to be given."""
    socket: str
    """'manages' or 'views' where it is meant to be given the engine's socket, else ''."""
    clients: frozenset[str]
    """Commands in it that hold no state of their own."""
    scratch: tuple[str, ...]
    """Where it writes besides its data."""
    notes: tuple[str, ...]
    """What else there is to know."""
    sources: tuple[str, ...]
    """Where the facts come from."""
    version: Version | None
    """The version its tag names; None if it names none."""
    file_env: tuple[tuple[str, str], ...]
    """(glob of variable names, pattern of the variable that takes a file)."""
    guessed: bool
    """True if the registry is somebody's own and the name alone says what it is."""
    users: frozenset[str] = frozenset()
    """Names and ids of the user whom its data belongs to; empty where that is not known."""
    unread: Mapping[str, str] = {}
    """Variables that people set for a credential and it does not read, with the one that it reads."""

    @property
    def is_stateful(self) -> bool:
        """True if it keeps state, be it only in some configurations."""
        return self.state != "no"

    @property
    def is_verified(self) -> bool:
        """True if its facts were read in the image's own files, or the user states them."""
        return self.evidence in ("official", "configuration") and not self.guessed

    @property
    def breaks_between_versions(self) -> bool:
        """True if a newer version keeps its data at another path."""
        return any(
            condition[0] in "<>=" for place in self.places_of("data") for condition in place.when
        )

    def places_of(self, *roles: str) -> tuple[Place, ...]:
        """Return its places of some roles, for all versions."""
        return tuple(place for place in self.places if place.role in roles)

    def applies(self, when: tuple[str, ...]) -> bool | None:
        """Return whether conditions hold for this tag and name; None where the tag does not tell."""
        unknown = False
        for condition in when:
            answer = self._applies(condition)
            if answer is False:
                return False
            unknown = unknown or answer is None
        return None if unknown else True

    def _applies(self, condition: str) -> bool | None:
        if condition == "?":
            return None
        if condition.startswith("tag"):
            if self.ref.has_unknown_tag:
                return None
            return (condition.partition("~")[2] in (self.ref.tag or "")) != condition.startswith(
                "tag!"
            )
        if condition.startswith("name"):
            return (condition.partition("~")[2] in self.ref.name) != condition.startswith("name!")
        return None if self.version is None else holds(parse_constraint(condition), self.version)

    def role_of(self, target: str) -> Place | None:
        """Return the deepest place that a path is or lies below, if it may apply to this version."""
        best: Place | None = None
        for place in self.places:
            if (
                within(target, place.path)
                and (best is None or len(place.path) > len(best.path))
                and self.applies(place.when) is not False
            ):
                best = place
        return best

    def writes(self, target: str) -> bool | None:
        """Return whether the image writes at a path; None where nothing is known of the path."""
        place = self.role_of(target)
        if place is None:
            below = [p for p in self.places if within(p.path, target) and p.role != "init"]
            if any(
                p.role in ("data", "extra", "logs", "cache", "temp") or p.written for p in below
            ):
                return True
            return True if any(within(target, path) for path in self.scratch) else None
        return place.written or place.role not in (
            "config",
            "content",
            "init",
            "certs",
            "secrets",
            "html",
        )

    def wrong_target(self, target: str) -> WrongTarget | None:
        """Return what is known of mounting a volume exactly there by mistake.

        None where the target is right for the version, or may be.
        """
        for entry in self.wrong:
            if entry.path == target and self.applies(entry.when) is not False:
                return entry
        return None

    def expects(self, host_path: str) -> HostAccess | None:
        """Return the entry of a host path that this image is meant to be given."""
        for access in self.host:
            if access.path == host_path:
                return access
        return None

    def file_variable(self, name: str) -> str | None:
        """Return the variable that takes a file in place of the named one; None if there is none."""
        if name.endswith("_FILE"):
            return None
        for glob, pattern in self.file_env:
            if fnmatchcase(name, glob):
                return pattern.replace("{}", name)
        return None
