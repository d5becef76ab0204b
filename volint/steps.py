"""What a run is doing at the moment, told to who wants to know: a progress line, the times of `-v`."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    Step: TypeAlias = Callable[[str, str, int, int], None]
    """Takes note of what begins: the stage, the name of the file or rule, its number from 1, and how many there are.

    Stages are 'discovery', 'reading', 'scripts', 'compose', 'dockerfiles', 'rules' and 'report'.
    """

__all__ = ["Times", "observer"]


class Times:
    """How long each file and each rule took, summed up from the beginning of one step to that of the next."""

    __slots__ = ("_at", "_since", "spent")

    def __init__(self) -> None:
        self.spent: dict[tuple[str, str], float] = {}
        """Seconds by stage and name."""
        self._at: tuple[str, str] | None = None
        self._since = 0.0

    def __call__(self, stage: str, name: str, number: int, total: int) -> None:
        """Take note of a step, as `Step` says."""
        self.stop()
        self._at = (stage, name)
        self._since = perf_counter()

    def stop(self) -> None:
        """End the step under way."""
        if self._at is not None:
            spent = perf_counter() - self._since
            self.spent[self._at] = self.spent.get(self._at, 0.0) + spent
            self._at = None

    def slowest(self, stages: frozenset[str], most: int) -> list[tuple[str, float]]:
        """Return the names that took longest in some stages together, with their seconds."""
        sums: dict[str, float] = {}
        for (stage, name), seconds in self.spent.items():
            if stage in stages and name:
                sums[name] = sums.get(name, 0.0) + seconds
        return sorted(sums.items(), key=lambda row: -row[1])[:most]


def observer(settings: Mapping[str, Any], times: Times | None) -> Step | None:
    """Return what is told of the steps of a run with these settings; None where nobody listens."""
    progress: Step | None = settings.get("progress")
    if times is None or progress is None:
        return times or progress
    first, second = times, progress

    def both(stage: str, name: str, number: int, total: int) -> None:
        first(stage, name, number, total)
        second(stage, name, number, total)

    return both
