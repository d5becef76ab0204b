"""Contexts that a build is given under a name: `additional_contexts` of a service, `--build-context` of a line.

Source of the behaviour: BuildKit v0.32, frontend/dockerui/namedcontext.go.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.model import NamedContext
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.model import Stage
    from volint.source import Text

__all__ = ["folders", "named_contexts", "on_named_images"]

_IMAGE = "docker-image://"


def named_contexts(words: Sequence[Text]) -> dict[str, Text]:
    """Return the contexts by name that the values of `--build-context`, `NAME=CONTEXT`, give."""
    found = {}
    for word in words:
        name, equals, _ = word.value.partition("=")
        if equals and name and "$" not in name:
            found[name] = _behind(word, len(name) + 1)
    return found


def folders(contexts: Mapping[str, Text], start: str) -> dict[str, NamedContext]:
    """Return those contexts that are directories of this machine; relative ones begin at `start`."""
    return {
        name: NamedContext(os.path.normpath(os.path.join(start, text.value)))
        for name, text in contexts.items()
        if text.value and not text.unresolved and ":" not in text.value
    }


def on_named_images(stages: tuple[Stage, ...], contexts: Mapping[str, Text]) -> tuple[Stage, ...]:
    """Return stages with the images that named contexts put in the place of what they are built on."""
    images = {
        name: _behind(text, len(_IMAGE))
        for name, text in contexts.items()
        if text.value.startswith(_IMAGE) and not text.unresolved
    }
    if not images:
        return stages
    return tuple(
        stage._replace(base=images[stage.base.value])
        if stage.base_index is None and stage.base.value in images
        else stage
        for stage in stages
    )


def _behind(text: Text, length: int) -> Text:
    """Return a text without its first characters; its place is exact where it stands as it is written."""
    span = text.span
    if span.text().endswith(text.value):
        span = Span(span.source, span.end - len(text.value) + length, span.end)
    return text._replace(value=text.value[length:], span=span)
