"""A user's own facts, put into the form of the shipped files and checked on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["texts"]

_WORDS = {
    "state": ("yes", "optional", "no"),
    "writers": ("corrupt", "refuse", "share", "safe"),
    "socket": ("manages", "views"),
}
_LISTS = ("names", "data", "volumes", "moved-by", "clients", "scratch")


def texts(
    images: Iterable[Mapping[str, object]],
    secret_files: Iterable[str],
    public_files: Iterable[str],
    model_files: Iterable[str],
    sensitive_paths: Iterable[str],
    harmless_paths: Iterable[str],
) -> dict[str, str]:
    """Return texts for `Knowledge` by the names of the shipped files. Raises ValueError."""
    patterns = [
        f"{head} {' '.join(_globs(globs))}"
        for head, globs in (
            ("secret credentials high", secret_files),
            ("public", public_files),
            ("model weights high", model_files),
        )
        if globs
    ]
    paths = [
        f"{head} {' '.join(_globs(members))} # {why}"
        for head, members, why in (
            (
                "high system",
                sensitive_paths,
                "the configuration says that no container should have it",
            ),
            ("harmless", harmless_paths, "the configuration says so"),
        )
        if members
    ]
    return {
        "images": "\n\n".join(_image(entry, number) for number, entry in enumerate(images)),
        "patterns": "\n".join(patterns),
        "hostpaths": "\n".join(paths),
    }


def _globs(words: Iterable[str]) -> list[str]:
    found = list(words)
    for word in found:
        if not word or word.split() != [word] or word.startswith("#"):
            raise ValueError(
                f"{word!r} is no pattern: it is empty, holds a blank or begins with '#'"
            )
    return found


def _image(entry: Mapping[str, object], number: int) -> str:
    known = ("name", "category", *_LISTS, *_WORDS)
    for key in entry:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(str(key), known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"an image has no key {key!r}{hint}")
    names = _strings(entry, "names")
    if "name" in entry:
        names.insert(0, str(entry["name"]))
    if not names:
        raise ValueError("an image needs a 'name'")
    data = _paths(entry, "data")
    volumes = _paths(entry, "volumes")
    lines = [
        f"[configuration:{number}]",
        "images " + " ".join(_globs(names)),
        "evidence configuration",
        "category " + (str(entry.get("category") or "app").split() or ["app"])[0],
    ]
    state = entry.get("state", "yes" if data else "no")
    for key, value in (
        ("state", state),
        ("writers", entry.get("writers")),
        ("socket", entry.get("socket")),
    ):
        if value is not None:
            if value not in _WORDS[key]:
                raise ValueError(
                    f"{key!r} of image {names[0]!r} is {value!r}, not one of {', '.join(_WORDS[key])}"
                )
            lines.append(f"{key} {value}")
    lines += (f"data {path} {'VOLUME' if path in volumes else 'no-volume'}" for path in data)
    lines += (f"volume {path} VOLUME" for path in volumes if path not in data)
    for name in _globs(_strings(entry, "moved-by")):
        lines.append(f"moved-by {'flag' if name.startswith('-') else 'env'} {name}")
    lines += (f"clients {word}" for word in _globs(_strings(entry, "clients")))
    lines += (f"scratch {path}" for path in _paths(entry, "scratch"))
    return "\n".join(lines)


def _strings(entry: Mapping[str, object], key: str) -> list[str]:
    value = entry.get(key, ())
    if isinstance(value, str):
        return [value]
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{key!r} of an image is a list of strings")
    return list(value)


def _paths(entry: Mapping[str, object], key: str) -> list[str]:
    paths = _globs(_strings(entry, key))
    for path in paths:
        if not path.startswith("/"):
            raise ValueError(f"{path!r} in {key!r} of an image is no absolute path")
    return [path.rstrip("/") or "/" for path in paths]
