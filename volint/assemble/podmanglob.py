"""The paths that a pattern of podman's `--mount type=glob` matches, as Go's filepath.Glob finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.gopath import has_wildcard, match, path_clean

if TYPE_CHECKING:
    from volint.assemble.runscene import Reader, Scene

__all__ = ["glob"]


def glob(pattern: str, scene: Scene) -> tuple[str, ...] | None:
    """Return the sorted paths that match, relative to the client's directory where the pattern is.

    None where that is not known. Raises `volint.parse.gopath.BadPatternError`.
    """
    match(pattern, "")
    if not pattern:
        return ()
    reader = scene.reader
    if reader is None or not (scene.cwd or pattern.startswith("/")):
        return None
    return _matching(pattern, scene, reader)


def _matching(pattern: str, scene: Scene, reader: Reader) -> tuple[str, ...] | None:
    if not has_wildcard(pattern):
        there = reader.exists(_absolute(pattern, scene))
        return None if there is None else (pattern,) if there else ()
    folder, slash, name = pattern.rpartition("/")
    if slash:
        folder = folder or "/"
    folders = _matching(folder, scene, reader) if has_wildcard(folder) else (folder or ".",)
    if folders is None:
        return None
    found: list[str] = []
    for one in folders:
        place = _absolute(one, scene)
        there = reader.exists(place)
        names = reader.listdir(place) if there else ()
        if there is None:
            return None
        # What is there and has no names is a file, or may not be looked into: Go takes both for empty.
        found += (path_clean(f"{one}/{each}") for each in names or () if match(name, each))
    return tuple(found)


def _absolute(path: str, scene: Scene) -> str:
    return path_clean(path if path.startswith("/") else f"{scene.cwd}/{path}")
