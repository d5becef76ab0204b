"""What holds for all files of one set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volint.assemble.compose.interpolate import Interpolator

__all__ = ["Context"]


class Context:
    """What holds for one set of files: the project's own, or those of one `include`."""

    __slots__ = ("base", "env", "included", "interpolator", "loader_directory", "nested")

    def __init__(
        self, base: str, loader_directory: str, env: dict[str, str], interpolator: Interpolator | None,
        included: tuple[str, ...], nested: bool,
    ) -> None:  # fmt: skip
        self.base = base
        """Directory that relative paths are resolved against; relative itself in an include."""
        self.loader_directory = loader_directory
        """Absolute directory that `extends` and `include` are relative to."""
        self.env = env
        """Variables."""
        self.interpolator = interpolator
        """Replaces variables; None to keep them."""
        self.included = included
        """Files on the way here."""
        self.nested = nested
        """True for an include."""
