"""The slower reader for what libyaml 0.1 refuses and Compose takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["YamlSyntaxError", "events"]


class YamlSyntaxError(Exception):
    """A text is no YAML."""

    def __init__(self, message: str, at: int, end: int, help: str) -> None:
        super().__init__(message)
        self.message = message
        """One sentence: what was found."""
        self.at = at
        """Offset of what is wrong."""
        self.end = end
        """Offset after it."""
        self.help = help
        """What to write instead."""


def events(text: str) -> Callable[[], Any]:
    """Return a function that gives the next event; it raises YamlSyntaxError."""
    stream = YAML(typ="safe", pure=True).parse(text)

    def get_event() -> Any:
        try:
            return next(stream, None)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = mark.index if mark is not None else 0
            raise YamlSyntaxError(str(error.problem or error.context), at, at + 1, "") from None
        except YAMLError as error:
            raise YamlSyntaxError(str(error), 0, 0, "") from None

    return get_event
