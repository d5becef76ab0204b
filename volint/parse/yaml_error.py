"""What a YAML reader raises."""

from __future__ import annotations

__all__ = ["YamlSyntaxError"]


class YamlSyntaxError(Exception):
    """A text is no YAML."""

    def __init__(
        self, message: str, start: int, end: int, help: str, opened: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        """One sentence: what was found where something else was expected."""
        self.start = start
        """Offset of what is wrong."""
        self.end = end
        """Offset after it; may pass the end of the text."""
        self.help = help
        """What to write instead."""
        self.opened = opened
        """Offset of the bracket that is not closed; None if there is none."""
