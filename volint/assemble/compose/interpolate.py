"""Variables of a project's values replaced, with the problems that come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.report import container_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.assemble.compose.report import Path, Report
    from volint.parse.yaml import Scalar
    from volint.source import Word

__all__ = ["Interpolator"]


class Interpolator:
    """Replaces variables in scalars."""

    __slots__ = ("env", "older", "report", "symbolic")

    def __init__(
        self, env: Mapping[str, str], report: Report, symbolic: bool, *, older: bool = False
    ) -> None:
        self.env = env
        self.report = report
        self.symbolic = symbolic
        self.older = older
        """True for the grammar of `docker stack`."""

    def word(self, node: Scalar, path: Path) -> Word:
        """Return a scalar's text after interpolation; what Compose refuses is reported."""
        from volint.parse.interpolation import interpolate

        found = interpolate(node.word(), self.env.get, self.symbolic, older=self.older)
        for error in found.errors:
            self.report.refuse(
                "VL615", error.message, error.span, error.help, container=container_of(path)
            )
        return found.word
